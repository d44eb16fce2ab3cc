// The tables of one executor in the Ram, in one piece: counters, code pages, dispatch entries, translation tables.
// Relies on core/ram.ts and the files that own the tables. Guarantees: equal sizes give equal distances.

import type { Ram } from "../core/ram.ts";
import { CODE_PAGES_BYTES } from "./code-pages.ts";
import { DISPATCH_ENTRY } from "./dispatcher.ts";
import { ENTRY_SHIFT } from "./tlb.ts";

/** Numbers of entries, powers of two. */
export interface TableSizes {
  /** Of the translation tables; at most 2^20. */
  readonly tlb: number;
  /** The same for accesses with the rights of a user program; 0: they use the tables of all accesses. */
  readonly userTlb: number;
  readonly dispatch: number;
  /** How many regions may live at once. */
  readonly functions: number;
}

/** Where the tables of one executor are: byte offsets in the Ram. */
export interface EngineTables {
  readonly sizes: TableSizes;
  /** An i32 that counts instructions still allowed. */
  readonly remainingAt: number;
  /** An i32: what `remaining` was when translated code was entered. */
  readonly budgetAt: number;
  /** An i32: 1 if the interpreter may stop for regions. */
  readonly regionsAllowedAt: number;
  /** See missed-access.ts. */
  readonly missedAt: number;
  readonly codePagesAt: number;
  readonly dispatchAt: number;
  readonly readTableAt: number;
  readonly writeTableAt: number;
  readonly userReadTableAt: number;
  readonly userWriteTableAt: number;
}

/** User mode never switches address spaces, so entries stay: 64 MiB of reach. */
export const USER_SIZES: TableSizes = { tlb: 1 << 14, userTlb: 0, dispatch: 1 << 14, functions: 8192 };
/** A board has a set for every mode of every hart. */
export const SYSTEM_SIZES: TableSizes = { tlb: 1 << 10, userTlb: 0, dispatch: 1 << 13, functions: 4096 };
/** A mode that has accesses with the rights of a user program. */
export const SYSTEM_SIZES_WITH_USER: TableSizes = { ...SYSTEM_SIZES, userTlb: 1 << 8 };

const COUNTERS_BYTES = 64;

/** Takes room for an executor's tables, zeroed. */
export function allocateTables(ram: Ram, sizes: TableSizes): EngineTables {
  const tlbBytes = sizes.tlb << ENTRY_SHIFT;
  const userTlbBytes = sizes.userTlb << ENTRY_SHIFT;
  const dispatchBytes = sizes.dispatch * DISPATCH_ENTRY.bytes;
  const bytes = COUNTERS_BYTES + CODE_PAGES_BYTES + dispatchBytes + 2 * (tlbBytes + userTlbBytes);
  const at = ram.allocateArea(bytes, 64);
  if (at === null) throw new Error("no room for an executor's tables");
  const codePagesAt = at + COUNTERS_BYTES;
  const dispatchAt = codePagesAt + CODE_PAGES_BYTES;
  const readTableAt = dispatchAt + dispatchBytes;
  const writeTableAt = readTableAt + tlbBytes;
  const userReadTableAt = writeTableAt + tlbBytes;
  const userWriteTableAt = userReadTableAt + userTlbBytes;
  const counters = { remainingAt: at, regionsAllowedAt: at + 4, budgetAt: at + 8, missedAt: at + 16 };
  const own = { codePagesAt, dispatchAt, readTableAt, writeTableAt };
  return { sizes, ...counters, ...own, userReadTableAt, userWriteTableAt };
}
