// What the closures of WordLang's evaluator share; see eval.ts.

import type { Isa } from "../../../spec/isa/schema.ts";
import { bug } from "../../source/bug.ts";
import type { Code, Frame, Machine } from "../eval/machine.ts";
import type { Word } from "../machine-word.ts";
import type { Value } from "./ast.ts";

/** Added to the base of local memory: where evaluators put the globals. */
export const GLOBALS_OFFSET = 1n << 62n;
/** What a caller finds in result words that a short `return` leaves out; no program may depend on it. */
export const UNSPECIFIED: Word = 0xbad0_bad1_bad2_bad3n;

/** What compiling a function's instructions looks at. */
export interface EvalContext {
  readonly machine: Machine;
  readonly isa: Isa | null;
  /** Condition flags by the name of their file. */
  readonly flags: Map<string, bigint>;
  readonly codes: ReadonlyMap<string, Code>;
  /** Where a value lives in the frame: parameters first. */
  readonly slot: (value: Value) => number;
}

/** The word in a slot. */
export function read(frame: Frame, slot: number): bigint {
  return frame[slot] ?? bug("a value is read before it is defined");
}
