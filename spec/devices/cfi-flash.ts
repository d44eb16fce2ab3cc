// CFI parallel flash with Intel's command set: two 16-bit chips side by side, as on QEMU's virt boards. Relies on
// schema.ts.
//
// The window is memory until a command is stored; so there are no registers, but commands, status bits and the answer to
// the common flash interface's query.

import { field, type DeviceSpec } from "./schema.ts";

/** Bytes that one store reaches: both chips. */
export const FLASH_BANK_BYTES = 4;
/** Bytes that are erased together, in both chips. */
export const FLASH_SECTOR_BYTES = 0x40000;
/** Bytes that one buffered write may have, in both chips. */
export const FLASH_BUFFER_BYTES = 0x1000;

/** Low byte of a store: what it asks for. */
export const FLASH_COMMANDS = {
  program: 0x10,
  programAgain: 0x40,
  erase: 0x20,
  clearStatus: 0x50,
  lock: 0x60,
  readStatus: 0x70,
  readId: 0x90,
  query: 0x98,
  writeBuffer: 0xe8,
  confirm: 0xd0,
  lockConfirm: 0x01,
  readArray: 0xff,
} as const;

export const flashStatusFields = { programError: field(4), eraseError: field(5), ready: field(7) };

/** Manufacturer and device. */
export const FLASH_ID: readonly number[] = [0x89, 0x18];

/** The chip's description for a flash of `bytes`; index: word of the query. */
export function flashQuery(bytes: number): readonly number[] {
  const table = new Array<number>(0x52).fill(0);
  const put = (at: number, values: readonly number[]): void => {
    for (const [index, value] of values.entries()) table[at + index] = value;
  };
  const letters = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0));
  const sectors = bytes / FLASH_SECTOR_BYTES - 1;
  const chipSector = FLASH_SECTOR_BYTES / 2;
  put(0x10, letters("QRY"));
  // Command set 1 (Intel), whose table is at 0x31.
  put(0x13, [0x01, 0x00, 0x31, 0x00]);
  // Supply voltages, then typical times as powers of two, then how much longer they may be.
  put(0x1b, [0x45, 0x55, 0x00, 0x00]);
  put(0x1f, [0x07, 0x07, 0x0a, 0x00]);
  put(0x23, [0x04, 0x04, 0x04, 0x00]);
  // Size of a chip and of its buffer as powers of two; its bus is 16 bits wide.
  put(0x27, [31 - Math.clz32(bytes / 2), 0x02, 0x00, 31 - Math.clz32(FLASH_BUFFER_BYTES / 2), 0x00]);
  // One region of sectors alike.
  put(0x2c, [1, sectors & 0xff, sectors >>> 8, (chipSector >>> 8) & 0xff, chipSector >>> 16]);
  put(0x31, letters("PRI10"));
  put(0x3f, [0x01]);
  return table;
}

/** A flash of `bytes`. */
export function cfiFlash(bytes: number): DeviceSpec {
  return {
    name: "cfi-flash",
    doc: "Memory that keeps its contents; stores are commands.",
    source: "JEDEC JESD68.01, Common Flash Interface; Intel StrataFlash J3 data sheet, command set",
    bytes,
    accesses: [1, 2, 4, 8],
    compatible: ["cfi-flash"],
    registers: [],
  };
}
