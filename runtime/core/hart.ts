// One hart's registers as plain data in the Ram: pc, retired count, reservation and every register file of the ISA.
//
// Relies on ram.ts and the register files of spec/isa. Guarantees: nothing about a hart lives anywhere else, so a copy
// of `area` is a copy of the hart; translated code finds each value at `HART` offsets plus `fileAt`.

import type { RegisterFile } from "../../spec/isa/schema.ts";
import type { Ram } from "./ram.ts";

/** Byte offsets inside a hart's area. */
export const HART = {
  pc: 0,
  /** Instructions retired since the machine started. */
  retired: 8,
  /** Reservation of load-reserved: address, contents seen, and size in bytes (0: none). */
  reservedAddress: 16,
  reservedValue: 24,
  reservedBytes: 32,
  /** The upper half of contents of 16 bytes. */
  reservedValueHigh: 40,
  registers: 64,
} as const;

/** Bytes behind the state, not part of it: room to throw results into, and as much that stays zero. */
const SPARE_BYTES = 32;

/** Where a register file starts in the hart's area, and the bytes from one register to the next. */
export interface FilePlace {
  readonly at: number;
  readonly stride: number;
  readonly file: RegisterFile;
}

export class Hart {
  readonly ram: Ram;
  /** Byte offset of the area in the Ram. */
  readonly base: number;
  readonly sizeBytes: number;
  /** Offset of an entry that nobody reads, and of one that nobody writes: for registers that ignore writes. */
  readonly sinkAt: number;
  readonly zeroAt: number;
  readonly places: ReadonlyMap<string, FilePlace>;

  /** Takes a zeroed area from `ram` for the given files. */
  constructor(ram: Ram, files: readonly RegisterFile[]) {
    const places = new Map<string, FilePlace>();
    let at: number = HART.registers;
    for (const file of files) {
      const stride = file.width > 64 ? 16 : 8;
      at = Math.ceil(at / stride) * stride;
      places.set(file.name, { at, stride, file });
      at += stride * file.count;
    }
    at = Math.ceil(at / 16) * 16;
    const base = ram.allocateArea(at + SPARE_BYTES, 64);
    if (base === null) throw new Error("no room for a hart's registers");
    this.ram = ram;
    this.base = base;
    this.sizeBytes = at;
    this.sinkAt = at;
    this.zeroAt = at + SPARE_BYTES / 2;
    this.places = places;
  }

  get pc(): bigint {
    return this.word(HART.pc);
  }
  set pc(value: bigint) {
    this.setWord(HART.pc, value);
  }

  get retired(): bigint {
    return this.word(HART.retired);
  }
  set retired(value: bigint) {
    this.setWord(HART.retired, value);
  }

  /** Unsigned contents of a register; the file must exist. */
  read(file: string, index: number): bigint {
    const place = this.place(file);
    const low = this.word(place.at + index * place.stride);
    return place.stride === 8 ? low : low | (this.word(place.at + index * place.stride + 8) << 64n);
  }

  /** Writes a register; `value` is cut to the file's width. */
  write(file: string, index: number, value: bigint): void {
    const place = this.place(file);
    const cut = BigInt.asUintN(place.file.width, value);
    this.setWord(place.at + index * place.stride, cut);
    if (place.stride === 16) this.setWord(place.at + index * place.stride + 8, cut >> 64n);
  }

  /** Remembers what load-reserved saw. */
  reserve(address: bigint, value: bigint, bytes: number): void {
    this.setWord(HART.reservedAddress, address);
    this.setWord(HART.reservedValue, value);
    this.setWord(HART.reservedValueHigh, value >> 64n);
    this.setWord(HART.reservedBytes, BigInt(bytes));
  }

  /** True if the reservation covers exactly this access and memory still holds what was seen. */
  reservationHolds(address: bigint, value: bigint, bytes: number): boolean {
    return (
      this.word(HART.reservedBytes) === BigInt(bytes) &&
      this.word(HART.reservedAddress) === address &&
      (this.word(HART.reservedValue) | (this.word(HART.reservedValueHigh) << 64n)) === value
    );
  }

  /** True if there is one, whatever memory holds now. */
  get hasReservation(): boolean {
    return this.word(HART.reservedBytes) !== 0n;
  }

  dropReservation(): void {
    this.setWord(HART.reservedBytes, 0n);
  }

  /** The whole state as bytes: for snapshots and hashes. */
  copyArea(): Uint8Array {
    return this.ram.u8.slice(this.base, this.base + this.sizeBytes);
  }

  restoreArea(bytes: Uint8Array): void {
    this.ram.u8.set(bytes, this.base);
  }

  private place(file: string): FilePlace {
    const place = this.places.get(file);
    if (place === undefined) throw new Error(`no register file ${file}`);
    return place;
  }

  private word(offset: number): bigint {
    return this.ram.u64[(this.base + offset) / 8] ?? 0n;
  }

  private setWord(offset: number, value: bigint): void {
    this.ram.u64[(this.base + offset) / 8] = value;
  }
}
