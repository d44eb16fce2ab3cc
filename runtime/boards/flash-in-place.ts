// Flash that harts can execute: while it shows its contents, they are ROM pages of the board; while it answers commands,
// loads go to the device.
//
// Relies on devices/cfi-flash.ts. Only the pages of the bank's image are ever ROM: the rest is empty, or holds
// variables, and is read through the device.

import type { BusDevice, DeviceBytes } from "../core/bus.ts";
import { PAGE_BYTES } from "../core/ram.ts";
import type { CfiFlash } from "../devices/cfi-flash.ts";

/** Who maps contents as ROM. */
export interface RomWindows {
  /** Whole pages. */
  map(start: bigint, contents: Uint8Array, name: string): void;
  unmap(start: bigint, bytes: number): void;
}

export class FlashInPlace implements BusDevice {
  readonly name: string;
  readonly bytes: number;
  private readonly flash: CfiFlash;
  private readonly start: bigint;
  private readonly rom: RomWindows;
  /** Whole pages that the image takes. */
  private readonly romBytes: number;
  private isMapped = false;

  constructor(flash: CfiFlash, start: bigint, rom: RomWindows) {
    this.name = flash.name;
    this.bytes = flash.bytes;
    this.flash = flash;
    this.start = start;
    this.rom = rom;
    this.romBytes = Math.ceil(flash.imageBytes / PAGE_BYTES) * PAGE_BYTES;
    this.update();
  }

  load(offset: number, bytes: DeviceBytes): bigint {
    return this.flash.load(offset, bytes);
  }

  store(offset: number, value: bigint, bytes: DeviceBytes): void {
    this.flash.store(offset, value, bytes);
    this.update();
  }

  reset(): void {
    this.flash.reset();
    this.isMapped = false;
    this.update();
  }

  saveState(): unknown {
    return this.flash.saveState();
  }

  // Memory was put back already, its ROM pages included.
  restoreState(state: unknown): void {
    this.flash.restoreState(state);
    this.isMapped = this.flash.isArray;
  }

  /** Contents that are not the image's, by page number. */
  changedPages(): ReadonlyMap<number, Uint8Array> {
    return this.flash.changedPages();
  }

  private update(): void {
    if (this.romBytes === 0 || this.isMapped === this.flash.isArray) return;
    this.isMapped = this.flash.isArray;
    if (this.isMapped) this.rom.map(this.start, this.flash.imagePages(), this.name);
    else this.rom.unmap(this.start, this.romBytes);
  }
}
