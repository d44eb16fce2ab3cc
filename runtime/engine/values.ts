// How values of the effect language stand in WebAssembly, and what writers of expressions share.
//
// Relies on wasm-emitter.ts. Up to 32 bits: one i32; up to 64: one i64; up to 128: a pair of i64 (low half, the rest).
// Bits above the width are zero.

import type { Expr, RegisterRef } from "../../spec/isa/effect.ts";
import type { Scratch } from "./arithmetic.ts";
import type { Surroundings } from "./effect-to-wasm.ts";
import { I32, I64, type FunctionWriter, type ValueType } from "./wasm-emitter.ts";

/** Emits code that leaves one value on the stack; may be called any number of times. */
export type Emit = () => void;

/** One kind of expression. */
export type Node<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** Which 64 bits of a register or value. */
export type Half = "low" | "high";

/** Ways to emit the halves of a value as i64. */
export interface Pair {
  readonly low: Emit;
  readonly high: Emit;
}

/** WebAssembly locals of a named value; `high` is null for up to 64 bits. */
export interface NamedValue {
  readonly low: number;
  readonly high: number | null;
}

/** What the parts of the effect writer ask of each other. */
export interface ExprWriter {
  readonly around: Surroundings;
  readonly fn: FunctionWriter;
  readonly scratch: Scratch;
  /** Leaves a value of at most 64 bits on the stack, in the type of its width. */
  expr(e: Expr): void;
  /** The same, zero-extended to i64. */
  wide(e: Expr): void;
  /** Gives `use` the halves of a value of any width. */
  pair(e: Expr, use: (pair: Pair) => void): void;
  /** Locals for a name of the current instruction. */
  named(name: string, width: number): NamedValue;
}

/** The widest value that is not a pair. */
export const NARROW = 64;

/** Type that holds (the low half of) values of `width` bits. */
export function typeOf(width: number): ValueType {
  return width <= 32 ? I32 : I64;
}

/** Width of the register file behind `ref`: what the register's storage holds. */
export function fileWidth(around: Surroundings, ref: RegisterRef): number {
  const place = around.hart.places.get(ref.class.file);
  if (place === undefined) throw new Error(`no register file ${ref.class.file}`);
  return place.file.width;
}
