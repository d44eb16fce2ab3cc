// fw_cfg: entries by key, read byte by byte or copied to memory.
//
// Relies on virtio/guest-memory.ts. Entries are the board's and are not part of the state; nothing can be written to them.

import {
  FW_CFG_DMA_SIGNATURE,
  FW_CFG_FEATURES,
  FW_CFG_KEYS,
  FW_CFG_NAME_BYTES,
  fwCfg,
  fwCfgDmaFields,
} from "../../spec/devices/fw-cfg.ts";
import { fieldMasks, type DeviceSpec } from "../../spec/devices/schema.ts";
import type { BusDevice, DeviceBytes } from "../core/bus.ts";
import type { DeviceOptions } from "./register-table.ts";
import type { GuestMemory } from "./virtio/guest-memory.ts";

const CONTROL = fieldMasks(fwCfgDmaFields);
const COMMAND_BYTES = 16;
/** Zeros behind the end of an entry are written in pieces of this size. */
const PIECE_BYTES = 0x10000;

/** Something for firmware under a name: `etc/boot-fail-wait`. */
export interface FwCfgFile {
  readonly name: string;
  readonly data: Uint8Array;
}

export interface FwCfgOptions extends DeviceOptions {
  readonly memory: GuestMemory;
  /** Numbered in the order of their names. */
  readonly files: readonly FwCfgFile[];
  /** Other entries by key; `cpus` and the like. */
  readonly entries: ReadonlyMap<number, Uint8Array>;
}

interface FwCfgState {
  key: number;
  position: number;
  dmaHigh: number;
}

export class FwCfg implements BusDevice {
  readonly name: string;
  readonly bytes: number;
  readonly spec: DeviceSpec;
  private readonly options: FwCfgOptions;
  private readonly entries: ReadonlyMap<number, Uint8Array>;
  private state: FwCfgState;

  constructor(options: FwCfgOptions) {
    this.name = options.name;
    this.bytes = fwCfg.bytes;
    this.spec = fwCfg;
    this.options = options;
    this.entries = allEntries(options);
    this.state = initialState();
  }

  load(offset: number, bytes: DeviceBytes): bigint {
    if (offset < 0x8) return littleEndian(this.nextBytes(bytes));
    if (offset >= 0x10)
      return littleEndian(ascii(FW_CFG_DMA_SIGNATURE).subarray(offset - 0x10, offset - 0x10 + bytes));
    return 0n;
  }

  store(offset: number, value: bigint, bytes: DeviceBytes): void {
    const swapped = bigEndian(value, bytes);
    if (offset === 0x8 && bytes === 2) this.select(Number(swapped));
    else if (offset === 0x10 && bytes === 8) this.transfer(swapped);
    else if (offset === 0x10 && bytes === 4) this.state.dmaHigh = Number(swapped);
    else if (offset === 0x14 && bytes === 4) this.transfer((BigInt(this.state.dmaHigh) << 32n) | swapped);
    else if (offset >= 0x8) this.options.onUnknown?.(offset, "store");
  }

  reset(): void {
    this.state = initialState();
  }

  saveState(): FwCfgState {
    return { ...this.state };
  }

  restoreState(state: unknown): void {
    this.state = { ...(state as FwCfgState) };
  }

  private select(key: number): void {
    this.state.key = key;
    this.state.position = 0;
  }

  private selected(): Uint8Array {
    return this.entries.get(this.state.key) ?? new Uint8Array(0);
  }

  /** The next bytes of the entry; zeros behind its end. */
  private nextBytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    const entry = this.selected();
    bytes.set(entry.subarray(this.state.position, this.state.position + count));
    this.state.position = Math.min(this.state.position + count, entry.length);
    return bytes;
  }

  /** Does the command at `at`: control, length and address, all big-endian; the control word then tells how it went. */
  private transfer(at: bigint): void {
    this.state.dmaHigh = 0;
    const command = this.options.memory.read(at, COMMAND_BYTES);
    if (command === null) return;
    const view = new DataView(command.buffer, command.byteOffset, COMMAND_BYTES);
    const control = view.getUint32(0);
    if ((control & CONTROL.select) !== 0) this.select(control >>> 16);
    const isDone = this.perform(control, { address: view.getBigUint64(8), length: view.getUint32(4) });
    const answer = new Uint8Array(4);
    new DataView(answer.buffer).setUint32(0, isDone ? 0 : CONTROL.error);
    this.options.memory.write(at, answer);
  }

  private perform(control: number, area: { readonly address: bigint; readonly length: number }): boolean {
    if ((control & CONTROL.read) !== 0) return this.copyOut(area.address, area.length);
    if ((control & CONTROL.write) !== 0) return area.length === 0;
    if ((control & CONTROL.skip) !== 0) {
      this.state.position = Math.min(this.state.position + area.length, this.selected().length);
    }
    return true;
  }

  private copyOut(address: bigint, length: number): boolean {
    for (let done = 0; done < length; done += PIECE_BYTES) {
      const piece = this.nextBytes(Math.min(PIECE_BYTES, length - done));
      if (!this.options.memory.write(address + BigInt(done), piece)) return false;
    }
    return true;
  }
}

function initialState(): FwCfgState {
  return { key: FW_CFG_KEYS.signature, position: 0, dmaHigh: 0 };
}

function allEntries({ files, entries }: FwCfgOptions): ReadonlyMap<number, Uint8Array> {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return new Map([
    ...entries,
    [FW_CFG_KEYS.signature, ascii("QEMU")] as const,
    [FW_CFG_KEYS.id, Uint8Array.of(FW_CFG_FEATURES, 0, 0, 0)] as const,
    [FW_CFG_KEYS.directory, directory(sorted)] as const,
    ...sorted.map(({ data }, index) => [FW_CFG_KEYS.firstFile + index, data] as const),
  ]);
}

function directory(files: readonly FwCfgFile[]): Uint8Array {
  const entryBytes = 8 + FW_CFG_NAME_BYTES;
  const bytes = new Uint8Array(4 + entryBytes * files.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, files.length);
  for (const [index, { name, data }] of files.entries()) {
    const at = 4 + entryBytes * index;
    view.setUint32(at, data.length);
    view.setUint16(at + 4, FW_CFG_KEYS.firstFile + index);
    bytes.set(ascii(name).subarray(0, FW_CFG_NAME_BYTES - 1), at + 8);
  }
  return bytes;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** The value of `bytes` bytes whose order is the other one. */
function bigEndian(value: bigint, bytes: number): bigint {
  let swapped = 0n;
  for (let at = 0; at < bytes; at += 1) swapped = (swapped << 8n) | ((value >> BigInt(8 * at)) & 0xffn);
  return swapped;
}
