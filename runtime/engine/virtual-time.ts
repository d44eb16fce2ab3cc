// Virtual time in translated code: the board's clock keeps the time at which the hart would have retired nothing yet, and
// every instruction since takes the same time. Relies on core/clock.ts and on boards/board-clock.ts.

import { BOARD_NS_PER_INSTRUCTION } from "../core/clock.ts";
import { HART, type Hart } from "../core/hart.ts";
import { OP, type FunctionWriter } from "./wasm-emitter.ts";

/** Where the parts of the time are: byte offsets in the Ram. */
export interface TimePlaces {
  readonly hart: Hart;
  /** An i64: `BoardClock.at`. */
  readonly clockAt: number;
  /** See EngineTables. */
  readonly budgetAt: number;
}

/**
 * Leaves the nanoseconds on the stack as i64. `remaining`: the local with what is left of the budget; `before`: how many
 * instructions that it does not count yet were retired, below zero if it counts the present one already.
 */
export function emitTime(
  fn: FunctionWriter,
  { hart, clockAt, budgetAt }: TimePlaces,
  now: { readonly remaining: number; readonly before: number },
): void {
  fn.i32(0);
  fn.memory(OP.i64Load, clockAt);
  // The hart's own count is that of when translated code was entered.
  fn.i32(0);
  fn.memory(OP.i64Load, hart.base + HART.retired);
  fn.i32(0);
  fn.memory(OP.i32Load, budgetAt);
  fn.get(now.remaining);
  fn.op(OP.i32Sub);
  fn.i32(now.before);
  fn.op(OP.i32Add);
  fn.op(OP.i64ExtendI32S);
  fn.op(OP.i64Add);
  fn.i64(BOARD_NS_PER_INSTRUCTION);
  fn.op(OP.i64Mul);
  fn.op(OP.i64Add);
}
