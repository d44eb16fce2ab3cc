// What every executor is: something that runs one hart until it traps or a number of instructions is done.
// Relies on spec/isa's traps. Executors of one ISA agree bit for bit on state, pc and retired count at every stop.

import type { Trap } from "../../spec/isa/effect-eval.ts";

/**
 * Why an executor stopped. limit: that many instructions are done. trap: the instruction at pc raised `trap`;
 * it has not retired and changed no register. `word` holds its bits, null if they could not be fetched. attention: the
 * instruction that just retired raised the context's attention; who reacts to it lowers it again.
 */
export type Stop =
  | { readonly kind: "limit" }
  | { readonly kind: "attention" }
  | { readonly kind: "trap"; readonly trap: Trap; readonly word: number | null };

/** reference: the slow, obvious one; fast: the one for users. Both give the same states. */
export type ExecutorName = "reference" | "fast";

export interface Executor {
  /** Retires at most `limit` instructions (a whole number, 1 to 2^53), counting them in the hart. */
  run(limit: number): Stop;
}
