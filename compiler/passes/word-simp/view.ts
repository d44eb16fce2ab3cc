// What the identities of word-simp see of a function while it is rewritten, and what they answer.

import type { ArithOp, CompareOp, ShiftOp, Word } from "../../lang/machine-word.ts";
import type { Instr, Value } from "../../lang/word/ast.ts";

/** An operand of a rewritten operation: a value (number) or a word (bigint). */
export type Arg = Value | Word;

/** What computes the same as an operation, cheaper. */
export type Simplified =
  | { readonly kind: "arg"; readonly arg: Arg }
  | { readonly kind: "op"; readonly op: ArithOp | ShiftOp; readonly left: Arg; readonly right: Arg }
  | { readonly kind: "compare"; readonly op: CompareOp; readonly left: Arg; readonly right: Arg }
  /** `(left op right) + constant`. */
  | {
      readonly kind: "opPlus";
      readonly op: ArithOp | ShiftOp;
      readonly left: Arg;
      readonly right: Arg;
      readonly constant: Word;
    };

/** Definitions as rewritten so far. */
export interface View {
  /** The rewritten instruction that defines the value; undefined for parameters and what comes later. */
  definition(value: Value): Instr | undefined;
  /** True if the value had one reader before the rewriting. */
  isReadOnce(value: Value): boolean;
}

export const same = (arg: Arg): Simplified => ({ kind: "arg", arg });
export const operation = (op: ArithOp | ShiftOp, left: Arg, right: Arg): Simplified => ({
  kind: "op",
  op,
  left,
  right,
});

/** The word that an argument is, if it is a constant. */
export function constantOf(arg: Arg, view: View): Word | undefined {
  if (typeof arg === "bigint") return arg;
  const instr = view.definition(arg);
  return instr?.kind === "const" ? instr.value : undefined;
}

/** The operation that computes the argument, if it is that one. */
export function operationOf(
  arg: Arg,
  op: ArithOp | ShiftOp,
  view: View,
): Extract<Instr, { kind: "op" }> | undefined {
  const instr = typeof arg === "number" ? view.definition(arg) : undefined;
  return instr?.kind === "op" && instr.op === op ? instr : undefined;
}

const MAX_DEPTH = 4;

function bitLength(word: Word): number {
  return word === 0n ? 0 : word.toString(2).length;
}

/** How many low bits of the argument can be set; 64 if nothing is known. */
export function maxBits(arg: Arg, view: View, depth = 0): number {
  const constant = constantOf(arg, view);
  if (constant !== undefined) return bitLength(constant);
  const instr = typeof arg === "number" ? view.definition(arg) : undefined;
  if (instr === undefined || depth >= MAX_DEPTH) return 64;
  switch (instr.kind) {
    case "compare":
      return 1;
    case "addCarry":
      return instr.carry === arg ? 1 : 64;
    case "load":
    case "sharedLoad":
      return instr.bytes * 8;
    case "op":
      return operationBits(instr, view, depth + 1);
    case "const":
    case "address":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "sharedStore":
    case "call":
    case "foreignCall":
    case "machine":
      return 64;
  }
}

function operationBits(
  { op, left, right }: Extract<Instr, { kind: "op" }>,
  view: View,
  depth: number,
): number {
  const leftBits = (): number => maxBits(left, view, depth);
  const rightBits = (): number => maxBits(right, view, depth);
  const amount = constantOf(right, view);
  switch (op) {
    case "and":
      return Math.min(leftBits(), rightBits());
    case "or":
    case "xor":
      return Math.max(leftBits(), rightBits());
    case "add":
      return Math.min(64, Math.max(leftBits(), rightBits()) + 1);
    case "mul":
      return Math.min(64, leftBits() + rightBits());
    case "lsr":
      return amount === undefined ? leftBits() : Math.max(0, leftBits() - Number(amount));
    case "lsl":
      return amount === undefined ? 64 : Math.min(64, leftBits() + Number(amount));
    case "asr": {
      const bits = leftBits();
      return bits < 64 ? Math.max(0, bits - Number(amount ?? 0n)) : 64;
    }
    case "sub":
    case "ror":
      return 64;
  }
}
