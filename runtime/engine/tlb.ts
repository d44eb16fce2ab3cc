// The table that translated code looks pages up in: guest page to host offset, separate for loads and stores.
//
// Relies on core/ram.ts and core/paged-memory.ts. Lives in the Ram. An entry is 16 bytes: tag (the page's guest
// address), host offset of the page. Entry number: low bits of the page number. An entry is right or empty: pages that
// hold remembered code have no store entry, so every store to them is seen. An empty entry's tag is a page that belongs
// to the neighbouring entry, so no access that looks here can match it.

import { READ, WRITE, type MappedPage, type PagedMemory, type PageObserver } from "../core/paged-memory.ts";
import { PAGE_SHIFT, type Ram } from "../core/ram.ts";
import type { EngineTables } from "./engine-tables.ts";

export const ENTRY_SHIFT = 4;
/** Offset of the host address inside an entry. */
export const ENTRY_HOST = 8;

/** Where the tables are; `entries` is a power of two, at most 2^20 (so that the low word holds an empty tag). */
export interface TlbPlace {
  readonly readTable: number;
  readonly writeTable: number;
  readonly entries: number;
}

/** The translation tables of one executor by the rights that accesses have. */
export interface TlbPlaces {
  readonly own: TlbPlace;
  /** Of a user program (`Access.asUser`). */
  readonly user: TlbPlace;
}

/** The translation tables among an executor's tables. */
export function tlbPlaces(tables: EngineTables): TlbPlaces {
  const { readTableAt, writeTableAt, userReadTableAt, userWriteTableAt, sizes } = tables;
  const own = { readTable: readTableAt, writeTable: writeTableAt, entries: sizes.tlb };
  if (sizes.userTlb === 0) return { own, user: own };
  return { own, user: { readTable: userReadTableAt, writeTable: userWriteTableAt, entries: sizes.userTlb } };
}

export class Tlb implements TlbPlace, PageObserver {
  readonly readTable: number;
  readonly writeTable: number;
  readonly entries: number;
  private readonly ram: Ram;
  // Entries that may hold a page, each once: emptying the table costs as much as filling it did.
  private readonly filled: number[] = [];
  private readonly isFilled: Uint8Array;

  constructor(ram: Ram, { readTable, writeTable, entries }: TlbPlace) {
    this.ram = ram;
    this.entries = entries;
    this.readTable = readTable;
    this.writeTable = writeTable;
    this.isFilled = new Uint8Array(entries);
    // Zero is the address of page 0, which belongs to entry 0: everywhere else it is an empty entry's tag.
    this.forget(0);
  }

  clear(): void {
    for (const number of this.filled) {
      this.forget(number);
      this.isFilled[number] = 0;
    }
    this.filled.length = 0;
  }

  pagesChanged(pageNumber: number | null): void {
    if (pageNumber === null) this.clear();
    else this.forget(pageNumber);
  }

  /** Remembers the page at `address` for the accesses that it permits without a look at it. */
  fill(address: bigint, { frame, permissions }: MappedPage, isCode: boolean): void {
    const number = address >> BigInt(PAGE_SHIFT);
    const tag = number << BigInt(PAGE_SHIFT);
    const entry = this.entryOf(Number(BigInt.asUintN(32, number)));
    const index = entry >>> ENTRY_SHIFT;
    if (this.isFilled[index] === 0) {
      this.isFilled[index] = 1;
      this.filled.push(index);
    }
    if ((permissions & READ) !== 0) this.put(this.readTable + entry, tag, frame);
    if ((permissions & WRITE) !== 0 && !isCode) this.put(this.writeTable + entry, tag, frame);
  }

  /** Forgets whatever is in the page's place. */
  forget(pageNumber: number): void {
    const entry = this.entryOf(pageNumber);
    this.empty(this.readTable + entry);
    this.empty(this.writeTable + entry);
  }

  /** Forgets that pages which lead to the frame may be stored to. */
  forgetStores(frame: number): void {
    const { u32 } = this.ram;
    for (const number of this.filled) {
      const entry = this.writeTable + (number << ENTRY_SHIFT);
      if (u32[(entry + ENTRY_HOST) >>> 2] === frame) this.empty(entry);
    }
  }

  private entryOf(pageNumber: number): number {
    return (pageNumber & (this.entries - 1)) << ENTRY_SHIFT;
  }

  // The tag of a page that belongs to the neighbouring entry.
  private empty(entry: number): void {
    const { u32 } = this.ram;
    const index = ((entry - this.readTable) >>> ENTRY_SHIFT) & (this.entries - 1);
    u32[entry >>> 2] = (index ^ 1) << PAGE_SHIFT;
    u32[(entry >>> 2) + 1] = 0;
  }

  private put(entry: number, tag: bigint, host: number): void {
    this.ram.u64[entry >>> 3] = tag;
    this.ram.u32[(entry + ENTRY_HOST) >>> 2] = host;
  }
}

/** Brings the page of `address` into the table if it is in the Ram. */
export function refill(tlb: Tlb, memory: PagedMemory, address: bigint): void {
  const page = memory.knownPage(address);
  if (page !== null) tlb.fill(address, page, memory.code.has(page.frame));
}
