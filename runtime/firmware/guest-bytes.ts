// Bytes at addresses of a hart, through its translation, for what answers calls of the guest. Relies on isa/system.ts.
// Devices are asked like RAM: an address that means one was the guest's own choice.

import type { Memory } from "../core/memory.ts";
import { PAGE_BYTES } from "../core/ram.ts";
import type { SystemHart } from "../isa/system.ts";

const PAGE = BigInt(PAGE_BYTES);

/** As many of `length` bytes at `address` as there are without a gap. */
export function readHartBytes(
  hart: SystemHart,
  memory: Memory,
  address: bigint,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const isDone = eachByte(hart, address, length, (physical, i) => {
    const value = memory.load(physical, 1);
    if (typeof value !== "bigint") return false;
    bytes[i] = Number(value);
    return true;
  });
  return isDone === length ? bytes : bytes.slice(0, isDone);
}

/** False if there is no memory that can be written at one of the addresses; those before it are written then. */
export function writeHartBytes(
  hart: SystemHart,
  memory: Memory,
  address: bigint,
  bytes: Uint8Array,
): boolean {
  const store = (physical: bigint, i: number): boolean =>
    memory.store(physical, BigInt(bytes[i] ?? 0), 1) === null;
  return eachByte(hart, address, bytes.length, store) === bytes.length;
}

// How many bytes `visit` said yes to, translating once a page.
function eachByte(
  hart: SystemHart,
  address: bigint,
  length: number,
  visit: (physical: bigint, index: number) => boolean,
): number {
  let physical: bigint | null = null;
  for (let i = 0; i < length; i += 1) {
    const at = BigInt.asUintN(64, address + BigInt(i));
    physical = physical === null || at % PAGE === 0n ? hart.inspector.physicalAddress(at) : physical + 1n;
    if (physical === null || !visit(physical, i)) return i;
  }
  return length;
}
