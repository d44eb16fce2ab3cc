// CFI parallel flash: a byte array that answers loads, and commands that program and erase it.
//
// Relies on spec/devices/cfi-flash.ts. Commands are done at once, so status is always ready. As QEMU's: programming
// replaces bytes (a chip could only clear bits), and blocks are never locked. Pages that differ from the image that the
// flash began with are kept in a map, so memory is bounded by the flash's size.

import {
  cfiFlash,
  FLASH_BANK_BYTES,
  FLASH_COMMANDS,
  FLASH_ID,
  FLASH_SECTOR_BYTES,
  flashQuery,
  flashStatusFields,
} from "../../spec/devices/cfi-flash.ts";
import { fieldMasks, type DeviceSpec } from "../../spec/devices/schema.ts";
import type { BusDevice, DeviceBytes } from "../core/bus.ts";

const PAGE_BYTES = 4096;
const STATUS = fieldMasks(flashStatusFields);
const COMMANDS = FLASH_COMMANDS;

export interface CfiFlashOptions {
  readonly name: string;
  readonly bytes: number;
  /** What it holds at power-on; the rest is zero. */
  readonly image: Uint8Array;
  /** True: programming and erasing fail. */
  readonly isReadOnly: boolean;
}

interface CfiFlashState {
  /** What loads answer: a command, or `readArray`. */
  mode: number;
  /** How many stores of the command have come. */
  cycle: number;
  status: number;
  /** Stores that a buffered write still waits for. */
  remaining: number;
  /** By page number: contents that are not the image's. */
  pages: Map<number, Uint8Array>;
}

interface Store {
  readonly offset: number;
  readonly value: bigint;
  readonly bytes: number;
}

export class CfiFlash implements BusDevice {
  readonly name: string;
  readonly bytes: number;
  readonly spec: DeviceSpec;
  private readonly options: CfiFlashOptions;
  private readonly query: readonly number[];
  private state: CfiFlashState;

  constructor(options: CfiFlashOptions) {
    this.name = options.name;
    this.bytes = options.bytes;
    this.spec = cfiFlash(options.bytes);
    this.options = options;
    this.query = flashQuery(options.bytes);
    this.state = initialState(new Map());
  }

  /** The contents of the pages that the image takes, in whole pages. */
  imagePages(): Uint8Array {
    const { image } = this.options;
    const bytes = new Uint8Array(Math.ceil(image.length / PAGE_BYTES) * PAGE_BYTES);
    bytes.set(image);
    for (const [page, changed] of this.state.pages) {
      if (page * PAGE_BYTES < bytes.length) bytes.set(changed, page * PAGE_BYTES);
    }
    return bytes;
  }

  /** Contents that are not the image's, by page number. */
  changedPages(): ReadonlyMap<number, Uint8Array> {
    return this.state.pages;
  }

  get imageBytes(): number {
    return this.options.image.length;
  }

  /** True: loads give the contents, so harts may execute them. */
  get isArray(): boolean {
    return this.state.mode === COMMANDS.readArray;
  }

  load(offset: number, bytes: DeviceBytes): bigint {
    if (this.state.mode === COMMANDS.readArray) return this.contents(offset, bytes);
    let value = 0n;
    for (let done = 0; done < bytes; done += FLASH_BANK_BYTES) {
      value |= BigInt(this.answer(offset + done)) << BigInt(8 * done);
    }
    return BigInt.asUintN(8 * bytes, value);
  }

  store(offset: number, value: bigint, bytes: DeviceBytes): void {
    for (let done = 0; done < bytes; done += FLASH_BANK_BYTES) {
      const count = Math.min(FLASH_BANK_BYTES, bytes - done);
      const part = BigInt.asUintN(8 * count, value >> BigInt(8 * done));
      this.storeWord({ offset: offset + done, value: part, bytes: count });
    }
  }

  /** Contents stay, as they do without power. */
  reset(): void {
    this.state = initialState(this.state.pages);
  }

  saveState(): CfiFlashState {
    return structuredClone(this.state);
  }

  restoreState(state: unknown): void {
    this.state = structuredClone(state) as CfiFlashState;
  }

  /** All bytes as they are now: for who keeps them in a file. */
  snapshot(): Uint8Array {
    const all = new Uint8Array(this.bytes);
    all.set(this.options.image.subarray(0, this.bytes));
    for (const [page, bytes] of this.state.pages) all.set(bytes, page * PAGE_BYTES);
    return all;
  }

  private contents(offset: number, bytes: number): bigint {
    const page = this.state.pages.get(Math.floor(offset / PAGE_BYTES));
    const source = page ?? this.options.image;
    const start = page === undefined ? offset : offset % PAGE_BYTES;
    let value = 0n;
    for (let at = bytes - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(source[start + at] ?? 0);
    return value;
  }

  /** Both chips answer alike, each in its half. */
  private answer(offset: number): number {
    const index = offset >>> 2;
    const answers: Readonly<Record<number, () => number>> = {
      [COMMANDS.readId]: () => FLASH_ID[index & 0xff] ?? 0,
      [COMMANDS.query]: () => this.query[index] ?? 0,
    };
    const own = answers[this.state.mode]?.() ?? this.state.status;
    return (own | (own << 16)) >>> 0;
  }

  private storeWord(store: Store): void {
    const { state } = this;
    const command = Number(store.value & 0xffn);
    if (state.cycle === 0) this.begin(command);
    else this.continueCommand(command, store);
  }

  private begin(command: number): void {
    const { state } = this;
    const begins: readonly number[] = [
      COMMANDS.program,
      COMMANDS.programAgain,
      COMMANDS.erase,
      COMMANDS.lock,
      COMMANDS.writeBuffer,
    ];
    const shows: readonly number[] = [COMMANDS.readStatus, COMMANDS.readId, COMMANDS.query];
    if (command === COMMANDS.clearStatus) state.status = 0;
    if (begins.includes(command)) {
      state.mode = command;
      state.cycle = 1;
      if (command === COMMANDS.writeBuffer || command === COMMANDS.erase) state.status |= STATUS.ready;
    } else if (shows.includes(command)) {
      state.mode = command;
    } else {
      this.readArray();
    }
  }

  private continueCommand(command: number, store: Store): void {
    const steps: Readonly<Record<number, () => void>> = {
      [COMMANDS.program]: () => this.programOnce(store),
      [COMMANDS.programAgain]: () => this.programOnce(store),
      [COMMANDS.erase]: () => this.confirm(command, [COMMANDS.confirm], () => this.erase(store.offset)),
      [COMMANDS.lock]: () =>
        this.confirm(command, [COMMANDS.confirm, COMMANDS.lockConfirm], () => {
          // Blocks are never locked.
        }),
      [COMMANDS.writeBuffer]: () => this.fillBuffer(command, store),
    };
    steps[this.state.mode]?.();
  }

  private programOnce(store: Store): void {
    this.program(store);
    this.finish();
  }

  private fillBuffer(command: number, store: Store): void {
    const { state } = this;
    if (state.cycle === 1) {
      state.remaining = Number(store.value & 0xffffn);
      state.cycle = 2;
    } else if (state.cycle === 2) {
      this.program(store);
      state.status |= STATUS.ready;
      if (state.remaining === 0) state.cycle = 3;
      else state.remaining -= 1;
    } else {
      this.confirm(command, [COMMANDS.confirm], () => {
        // The bytes are there already.
      });
    }
  }

  /** The last store of a command: does it, or, if it is none of `expected`, gives up and answers as memory again. */
  private confirm(command: number, expected: readonly number[], action: () => void): void {
    if (!expected.includes(command)) {
      this.readArray();
      return;
    }
    action();
    this.finish();
  }

  private finish(): void {
    this.state.cycle = 0;
    this.state.status |= STATUS.ready;
  }

  private readArray(): void {
    this.state.cycle = 0;
    this.state.mode = COMMANDS.readArray;
  }

  private program({ offset, value, bytes }: Store): void {
    if (this.options.isReadOnly) {
      this.state.status |= STATUS.programError;
      return;
    }
    for (let at = 0; at < bytes; at += 1) {
      const page = this.pageForWriting(Math.floor((offset + at) / PAGE_BYTES));
      page[(offset + at) % PAGE_BYTES] = Number((value >> BigInt(8 * at)) & 0xffn);
    }
  }

  private erase(offset: number): void {
    if (this.options.isReadOnly) {
      this.state.status |= STATUS.eraseError;
      return;
    }
    const first = (offset - (offset % FLASH_SECTOR_BYTES)) / PAGE_BYTES;
    for (let page = first; page < first + FLASH_SECTOR_BYTES / PAGE_BYTES; page += 1) {
      this.state.pages.set(page, new Uint8Array(PAGE_BYTES).fill(0xff));
    }
  }

  private pageForWriting(page: number): Uint8Array {
    const known = this.state.pages.get(page);
    if (known !== undefined) return known;
    const fresh = new Uint8Array(PAGE_BYTES);
    fresh.set(this.options.image.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
    this.state.pages.set(page, fresh);
    return fresh;
  }
}

function initialState(pages: Map<number, Uint8Array>): CfiFlashState {
  return { mode: COMMANDS.readArray, cycle: 0, status: STATUS.ready, remaining: 0, pages };
}
