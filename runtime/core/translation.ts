// What a hart's translation of addresses looks like to memory and executors. Relies on memory.ts.
// Each ISA has one implementation (runtime/isa), which walks the guest's tables and checks protection.

import type { AccessKind, MemoryFault } from "./memory.ts";

/** Where a page of 4 KiB leads. */
export interface Translation {
  /** Address of the physical page, a multiple of 4096. */
  readonly physical: bigint;
  /**
   * READ, WRITE, EXECUTE of paged-memory.ts: what is allowed anywhere in the page until the next flush with no further
   * walk. 0: this access alone is allowed, and nothing may be remembered (protection changes inside of the page).
   */
  readonly permissions: number;
  /**
   * How many pages the mapping has that this one is part of (a power of two; default 1): they are flushed together.
   * A mapping that several addresses mean in other ways, e.g. by ignored bits, needs a flush of everything.
   */
  readonly pages?: number;
}

/** Walks tables for one hart in the mode that it is in now. */
export interface Translator {
  /**
   * The page of virtual `address` for an access of `bytes` bytes, all in that page, with the side effects of a walk
   * (accessed and dirty flags). `permissions` holds the access's own or is 0; it holds WRITE only if a store needs no
   * further walk.
   */
  translate(address: bigint, access: AccessKind, bytes: number): Translation | MemoryFault;
}
