// The table in which interpreter and regions look up where the code of a guest page is: its frame, and what was
// predecoded of it.
//
// Relies on core/ram.ts. Lives in the Ram. Direct-mapped; an empty place's tag is a page that belongs to the
// neighbouring place, so nothing that looks there matches it. Guarantees: a place is right or empty.

import { PAGE_SHIFT, type Ram } from "../core/ram.ts";

/** Offsets in an entry: the page's guest address (i64), host address of its predecoded code (i32), its frame (i32). */
export const CODE_PAGE = { tag: 0, code: 8, frame: 12, bytes: 16 } as const;
export const CODE_PAGES = 1024;
export const CODE_PAGES_BYTES = CODE_PAGES * CODE_PAGE.bytes;

/** What a page leads to. `code` is 0 if nothing was predecoded. */
export interface CodePage {
  readonly frame: number;
  readonly code: number;
}

export class CodePageTable {
  readonly at: number;
  private readonly ram: Ram;
  // Places that may not be empty, each once.
  private readonly filled = new Set<number>();

  /** `at`: byte offset of CODE_PAGES_BYTES in the Ram. */
  constructor(ram: Ram, at: number) {
    this.ram = ram;
    this.at = at;
    this.empty(0);
  }

  /** Lets code find the page. */
  link(pageNumber: number, { frame, code }: CodePage): void {
    const place = placeOf(pageNumber);
    const at = this.at + place * CODE_PAGE.bytes;
    const { u32, u64 } = this.ram;
    u64[at >>> 3] = BigInt(pageNumber) << BigInt(PAGE_SHIFT);
    u32[(at + CODE_PAGE.code) >>> 2] = code;
    u32[(at + CODE_PAGE.frame) >>> 2] = frame;
    this.filled.add(place);
  }

  /** Forgets what is in the page's place. */
  unlink(pageNumber: number): void {
    this.empty(placeOf(pageNumber));
  }

  /** Forgets all pages that lead to the frame. */
  unlinkFrame(frame: number): void {
    for (const place of this.filled) {
      if (this.ram.u32[(this.at + place * CODE_PAGE.bytes + CODE_PAGE.frame) >>> 2] === frame)
        this.empty(place);
    }
  }

  clear(): void {
    for (const place of this.filled) this.empty(place);
  }

  private empty(place: number): void {
    this.ram.u64[(this.at + place * CODE_PAGE.bytes) >>> 3] = BigInt(place ^ 1) << BigInt(PAGE_SHIFT);
    this.filled.delete(place);
  }
}

/** Number of the page's place. Page numbers may have more than 32 bits; `&` takes the low ones. */
export function placeOf(pageNumber: number): number {
  return pageNumber & (CODE_PAGES - 1);
}
