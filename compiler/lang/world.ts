// What every evaluator of an intermediate language runs against, and what it answers.
//
// The same World given to the program after any pass must give the same Outcome and the same calls of the World's
// methods in the same order (reference/pancake-language.md, section 9). Local memory is little-endian.

import type { Span } from "../source/span.ts";
import type { Word } from "./machine-word.ts";

export type ForeignArgs = readonly [Word, Word, Word, Word];

/** The environment of a run. Methods are called once per event, in program order. */
export interface World {
  /** `@base`: address of memory[0], a multiple of 8. */
  readonly base: Word;
  /** Local memory; `@top` is `base + memory.length`; its length is a multiple of 8. */
  readonly memory: Uint8Array;
  /** A foreign call; may read and write `memory`. A number ends the program with that exit code. */
  foreignCall(name: string, args: ForeignArgs): number | null;
  /** `bytes` at `address`, zero-extended; null: not an address of shared memory (Error). */
  sharedLoad(bytes: 1 | 2 | 4 | 8, address: Word): Word | null;
  /** False: not an address of shared memory (Error). */
  sharedStore(bytes: 1 | 2 | 4 | 8, address: Word, value: Word): boolean;
}

/**
 * How a run ended. `error` is the semantics' Error (a mistake of the program that static rules cannot see);
 * `timeout` means that the fuel ran out; `exhausted` that the evaluator's own stack did.
 */
export type Outcome =
  | { readonly kind: "returned"; readonly values: readonly Word[] }
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "timeout" }
  | { readonly kind: "exhausted" }
  | { readonly kind: "error"; readonly why: string; readonly span: Span };

/** A program made ready to run. Globals and memory persist from call to call. */
export interface Evaluator {
  /**
   * Calls function `name` with word arguments. `fuel` bounds loop iterations, calls and ticks.
   * The first call must be of the program's entry.
   */
  call(name: string, args: readonly Word[], fuel: number): Outcome;
}
