// The table that translated code looks pages up in: guest page to host offset, separate for loads and stores.
//
// Relies on core/ram.ts and core/address-space.ts. Lives in the Ram. An entry is 16 bytes: tag (the page's guest
// address), host offset of the page. Entry number: low bits of the page number. An entry is right or empty: pages that
// hold remembered code have no store entry, so every store to them is seen. An empty entry's tag is a page that belongs
// to the neighbouring entry, so no access that looks here can match it.

import { EXECUTE, READ, WRITE, type AddressSpace, type Page } from "../core/address-space.ts";
import { PAGE_SHIFT, type Ram } from "../core/ram.ts";

export const ENTRY_SHIFT = 4;
/** Offset of the host address inside an entry. */
export const ENTRY_HOST = 8;

/** Where the tables are; `entries` is a power of two, at most 2^20 (so that the low word holds an empty tag). */
export interface TlbPlace {
  readonly readTable: number;
  readonly writeTable: number;
  readonly entries: number;
}

export class Tlb implements TlbPlace {
  readonly readTable: number;
  readonly writeTable: number;
  readonly entries: number;
  private readonly ram: Ram;

  /** Takes room for `entries` (a power of two) twice from `ram`. */
  constructor(ram: Ram, entries: number) {
    const bytes = entries << ENTRY_SHIFT;
    const at = ram.allocateArea(2 * bytes, 64);
    if (at === null) throw new Error("no room for translation tables");
    this.ram = ram;
    this.entries = entries;
    this.readTable = at;
    this.writeTable = at + bytes;
    this.emptyFirst();
  }

  clear(): void {
    this.ram.u32.fill(0, this.readTable >> 2, (this.writeTable + (this.entries << ENTRY_SHIFT)) >> 2);
    this.emptyFirst();
  }

  /** Remembers the page at `address` for the accesses that it permits without a look at it. */
  fill(address: bigint, page: Page): void {
    const number = address >> BigInt(PAGE_SHIFT);
    const tag = number << BigInt(PAGE_SHIFT);
    const entry = this.entryOf(Number(BigInt.asUintN(32, number)));
    if ((page.permissions & READ) !== 0) this.put(this.readTable + entry, tag, page.frame);
    if ((page.permissions & WRITE) !== 0 && page.codeLines === null)
      this.put(this.writeTable + entry, tag, page.frame);
  }

  /** Forgets whatever is in the page's place. */
  forget(pageNumber: number): void {
    const entry = this.entryOf(pageNumber);
    const nobody = ((entry >> ENTRY_SHIFT) ^ 1) << PAGE_SHIFT;
    const { u32 } = this.ram;
    for (const at of [this.readTable + entry, this.writeTable + entry]) {
      u32[at >> 2] = nobody;
      u32[(at >> 2) + 1] = 0;
    }
  }

  // Zero is the address of page 0, which belongs to entry 0: everywhere else it is an empty entry's tag.
  private emptyFirst(): void {
    this.forget(0);
  }

  private entryOf(pageNumber: number): number {
    return (pageNumber & (this.entries - 1)) << ENTRY_SHIFT;
  }

  private put(entry: number, tag: bigint, host: number): void {
    this.ram.u64[entry >> 3] = tag;
    this.ram.u32[(entry + ENTRY_HOST) >> 2] = host;
  }
}

/** Brings the page of `address` into the table if it is mapped. */
export function refill(tlb: Tlb, memory: AddressSpace, address: bigint): void {
  const page = memory.touchedPages().get(Number(address >> BigInt(PAGE_SHIFT)));
  if (page !== undefined && page.permissions !== EXECUTE) tlb.fill(address, page);
}
