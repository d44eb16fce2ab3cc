// Algebraic identities of the word operations: what computes the same, cheaper. Constants end up on the right.
//
// Each function answers null if it knows nothing better. Shifts by 64 and more are Error and stay as they are.

import { arith, negateCompare, toWord, type ArithOp, type Word } from "../../lang/machine-word.ts";
import type { Instr } from "../../lang/word/ast.ts";
import { simplifyCondition } from "./conditions.ts";
import {
  constantOf,
  maxBits,
  operation,
  operationOf,
  same,
  type Arg,
  type Simplified,
  type View,
} from "./view.ts";

type Operation = Extract<Instr, { kind: "op" }>;

const ALL_ONES: Word = (1n << 64n) - 1n;
const commutative: ReadonlySet<string> = new Set(["add", "mul", "and", "or", "xor"]);

function maskOf(bits: number): Word {
  return bits >= 64 ? ALL_ONES : (1n << BigInt(bits)) - 1n;
}

/** A better form of an operation. */
export function simplifyOperation({ op, left, right }: Operation, view: View): Simplified | null {
  const a = constantOf(left, view);
  const b = constantOf(right, view);
  if (a !== undefined && b === undefined && commutative.has(op)) return operation(op, right, a);
  switch (op) {
    case "lsl":
    case "lsr":
    case "asr":
    case "ror":
      if (a === 0n) return same(0n);
      return b === undefined || b >= 64n ? null : constantShift(op, left, Number(b), view);
    case "sub":
      return simplifySub(left, right, b, view);
    case "add":
    case "mul":
    case "and":
    case "or":
    case "xor":
      if (b === undefined) return sameOperands(op, left, right) ?? constantOutwards(op, left, right, view);
      return (
        simpleConstant(op, left, b) ??
        nested(op, left, b, view) ??
        byBits(op, left, b, view) ??
        distributed(op, left, b, view)
      );
  }
}

function sameOperands(op: ArithOp, left: Arg, right: Arg): Simplified | null {
  if (left !== right) return null;
  if (op === "and" || op === "or") return same(left);
  return op === "xor" ? same(0n) : null;
}

function simplifySub(left: Arg, right: Arg, b: Word | undefined, view: View): Simplified | null {
  if (b !== undefined) return operation("add", left, toWord(-b));
  if (left === right) return same(0n);
  const sum = operationOf(left, "add", view);
  if (sum?.left === right) return same(sum.right);
  return sum?.right === right ? same(sum.left) : null;
}

// x op c where c alone decides.
function simpleConstant(op: ArithOp, left: Arg, constant: Word): Simplified | null {
  switch (op) {
    case "add":
    case "xor":
      return constant === 0n ? same(left) : null;
    case "or":
      if (constant === 0n) return same(left);
      return constant === ALL_ONES ? same(ALL_ONES) : null;
    case "and":
      if (constant === 0n) return same(0n);
      return constant === ALL_ONES ? same(left) : null;
    case "mul": {
      if (constant === 0n) return same(0n);
      const exponent = constant.toString(2).length - 1;
      if (constant !== 1n << BigInt(exponent)) return null;
      return exponent === 0 ? same(left) : operation("lsl", left, BigInt(exponent));
    }
    case "sub":
      return null;
  }
}

// (x op c1) op c2

function nested(op: ArithOp, left: Arg, constant: Word, view: View): Simplified | null {
  const inner = operationOf(left, op, view);
  const first = inner === undefined ? undefined : constantOf(inner.right, view);
  if (inner !== undefined && first !== undefined)
    return operation(op, inner.left, arith[op](first, constant));
  return op === "xor" && constant === 1n ? negatedTest(left, view) : null;
}

// !test, where a test is 0 or 1
function negatedTest(left: Arg, view: View): Simplified | null {
  const test = typeof left === "number" ? view.definition(left) : undefined;
  if (test?.kind !== "compare") return null;
  return { kind: "compare", op: negateCompare[test.op], left: test.left, right: test.right };
}

/** A constant that most targets take as an immediate or an offset. */
function isSmall(word: Word): boolean {
  const signed = BigInt.asIntN(64, word);
  return signed >= -2048n && signed < 2048n;
}

// The small constant of a sum that only this operation reads.
function addedConstant(arg: Arg, view: View): { readonly left: Arg; readonly constant: Word } | null {
  if (typeof arg === "bigint" || !view.isReadOnce(arg)) return null;
  const sum = operationOf(arg, "add", view);
  const constant = sum === undefined ? undefined : constantOf(sum.right, view);
  return sum === undefined || constant === undefined || !isSmall(constant)
    ? null
    : { left: sum.left, constant };
}

// (x + c) + y is (x + y) + c: constants move towards addresses, where they become offsets.
function constantOutwards(op: ArithOp, left: Arg, right: Arg, view: View): Simplified | null {
  if (op !== "add") return null;
  const first = addedConstant(left, view);
  if (first !== null) return { kind: "opPlus", op, left: first.left, right, constant: first.constant };
  const second = addedConstant(right, view);
  return second === null ? null : { kind: "opPlus", op, left, right: second.left, constant: second.constant };
}

// (x + c1) << c2 is (x << c2) + (c1 << c2), and so for products.
function distributed(op: ArithOp | "lsl", left: Arg, constant: Word, view: View): Simplified | null {
  if (op !== "lsl" && op !== "mul") return null;
  const sum = addedConstant(left, view);
  if (sum === null) return null;
  const scaled = op === "lsl" ? sum.constant << constant : sum.constant * constant;
  if (!isSmall(toWord(scaled))) return null;
  return { kind: "opPlus", op, left: sum.left, right: constant, constant: toWord(scaled) };
}

// x & c where x is known to have few bits, or c cuts off what was put there.

function byBits(op: ArithOp, left: Arg, constant: Word, view: View): Simplified | null {
  if (op !== "and") return null;
  const possible = maskOf(maxBits(left, view));
  if ((possible & ~constant) === 0n) return same(left);
  if ((possible & constant) === 0n) return same(0n);
  const union = operationOf(left, "or", view);
  const added = union === undefined ? undefined : constantOf(union.right, view);
  if (union === undefined || added === undefined || (added & constant) !== 0n) return null;
  return operation("and", union.left, constant);
}

type ConstantShift = "lsl" | "lsr" | "asr" | "ror";

function constantShift(op: ConstantShift, left: Arg, amount: number, view: View): Simplified | null {
  if (amount === 0) return same(left);
  if (op === "lsr" && maxBits(left, view) <= amount) return same(0n);
  if (op === "asr" && maxBits(left, view) < 64) return operation("lsr", left, BigInt(amount));
  const twice = operationOf(left, op, view);
  const first = twice === undefined ? undefined : constantOf(twice.right, view);
  if (twice !== undefined && first !== undefined && first < 64n) {
    return shiftTwice(op, twice.left, Number(first) + amount);
  }
  if (op === "lsl") {
    return thereAndBack(op, left, amount, view) ?? distributed(op, left, BigInt(amount), view);
  }
  return op === "lsr" ? thereAndBack(op, left, amount, view) : null;
}

function shiftTwice(op: ConstantShift, value: Arg, total: number): Simplified {
  if (op === "ror") return operation("ror", value, BigInt(total % 64));
  if (op === "asr") return operation("asr", value, BigInt(Math.min(63, total)));
  return total >= 64 ? same(0n) : operation(op, value, BigInt(total));
}

// (x << n) >>> n keeps the low bits, (x >>> n) << n the high ones.

function thereAndBack(op: "lsl" | "lsr", left: Arg, amount: number, view: View): Simplified | null {
  const back = operationOf(left, op === "lsl" ? "lsr" : "lsl", view);
  if (back === undefined || constantOf(back.right, view) !== BigInt(amount)) return null;
  const low = maskOf(op === "lsl" ? amount : 64 - amount);
  return operation("and", back.left, op === "lsl" ? ALL_ONES ^ low : low);
}

/** A better form of a comparison whose truth value is wanted. */
export function simplifyCompare(instr: Extract<Instr, { kind: "compare" }>, view: View): Simplified | null {
  const condition = simplifyCondition(instr, view);
  if (typeof condition === "boolean") return same(condition ? 1n : 0n);
  const { op, left, right } = condition;
  if (right === 0n && op === "notEqual" && maxBits(left, view) <= 1) return same(left);
  if (right === 1n && op === "equal" && maxBits(left, view) <= 1) return same(left);
  if (op === instr.op && left === instr.left && right === instr.right) return null;
  return { kind: "compare", op, left, right };
}

/** A value whose low `bytes` are those of `value`, for stores that write no more; null: none that is better. */
export function narrowStored(value: Arg, bytes: number, view: View): Arg | null {
  const masked = operationOf(value, "and", view);
  const mask = masked === undefined ? undefined : constantOf(masked.right, view);
  if (masked === undefined || mask === undefined) return null;
  const written = maskOf(bytes * 8);
  return (mask & written) === written ? masked.left : null;
}
