// What executors ask of memory beyond accesses: where pages are in the Ram, so that they can reach them directly.
//
// Relies on memory.ts, code-marks.ts. Implemented by a user program's address space (address-space.ts) and by a hart's
// view of a board (virtual-memory.ts). What an implementation knows of a page is the same for all executors, and
// executors remember nothing that it does not know: so they agree even if the guest changes tables behind its back.

import type { CodeMarks } from "./code-marks.ts";
import type { AccessKind, Memory, MemoryFault } from "./memory.ts";
import type { Ram } from "./ram.ts";

/** Permission bits of pages and regions. */
export const READ = 1;
export const WRITE = 2;
export const EXECUTE = 4;

/** The permission that an access needs. */
export const PERMISSION: Readonly<Record<AccessKind, number>> = { load: READ, store: WRITE, fetch: EXECUTE };

/** A page of 4 KiB that is in the Ram. */
export interface MappedPage {
  /** Byte offset of its frame. */
  readonly frame: number;
  /** Accesses that may go to the frame at once, until observers hear that the page has changed. */
  readonly permissions: number;
}

/** Somebody who remembers pages. Page numbers are addresses divided by 4096. */
export interface PageObserver {
  /** What is known of the page is wrong now; null: of all pages. */
  pagesChanged(pageNumber: number | null): void;
}

export interface PagedMemory extends Memory {
  readonly ram: Ram;
  /** Marks of remembered code in the frames; all views of one physical memory share them. */
  readonly code: CodeMarks;
  /**
   * False: pages change only where the program says so, which is rare. True: all that is known of pages is forgotten
   * now and then, so remembered code must ask whether it is still where it was.
   */
  readonly isForgetful: boolean;
  /**
   * The page for an access of that kind to so many bytes in it, with all that such an access does to find the page; also
   * a fault if it is not in the Ram. `permissions` is 0 if no other access may rely on it.
   */
  pageFor(address: bigint, access: AccessKind, bytes: number): MappedPage | MemoryFault;
  /** What is known of the page of `address`, without any effect; null: nothing, or it is not in the Ram. */
  knownPage(address: bigint): MappedPage | null;
  observe(observer: PageObserver): void;
}
