// Simplifications of one node whose operands are simplified already. Relies on spec/isa's evaluator for constants.
// Guarantees: the result means the same; accesses are neither dropped nor repeated.

import { evaluateBinary, evaluateCompare } from "./effect-eval.ts";
import type { Expr } from "./effect.ts";
import { forEachExpr, isAccess } from "./effect.ts";

type Node<K extends Expr["kind"]> = Extract<Expr, { readonly kind: K }>;

/** A constant of that width. */
export function constant(width: number, value: bigint): Expr {
  return { kind: "const", width, value: BigInt.asUintN(width, value) };
}

/** True for the constant `value`. */
export function isConstant(e: Expr, value: bigint): boolean {
  return e.kind === "const" && e.value === value;
}

const zeroIsNeutralRight: ReadonlySet<string> = new Set([
  "add",
  "sub",
  "or",
  "xor",
  "shl",
  "shru",
  "shrs",
  "ror",
]);
const zeroIsNeutralLeft: ReadonlySet<string> = new Set(["add", "or", "xor"]);

/** True if evaluating `e` touches anything outside of the effect. */
export function hasAccess(e: Expr): boolean {
  let found = false;
  forEachExpr(e, (node) => (found ||= isAccess(node)));
  return found;
}

/** Two constants, or a neutral operand. */
export function foldBinary(e: Node<"binary">): Expr {
  const { left, right, op, width } = e;
  if (left.kind === "const" && right.kind === "const") {
    return constant(width, evaluateBinary(op, left.value, right.value, width));
  }
  if (isConstant(right, 0n) && zeroIsNeutralRight.has(op)) return left;
  if (isConstant(left, 0n) && zeroIsNeutralLeft.has(op)) return right;
  const ones = BigInt.asUintN(width, -1n);
  if (op === "and" && isConstant(right, 0n) && !hasAccess(left)) return right;
  if (op === "and" && isConstant(left, 0n) && !hasAccess(right)) return left;
  if (op === "xor" && isSameLocal(left, right)) return constant(width, 0n);
  if (op === "and" && isConstant(right, ones)) return left;
  return op === "and" && isConstant(left, ones) ? right : e;
}

function isSameLocal(a: Expr, b: Expr): boolean {
  return a.kind === "local" && b.kind === "local" && a.name === b.name;
}

/** Two constants, or zero, which is at most anything. */
export function foldCompare(e: Node<"compare">): Expr {
  const { left, right, op } = e;
  if (op === "leu" && isConstant(left, 0n) && !hasAccess(right)) return constant(1, 1n);
  if (left.kind !== "const" || right.kind !== "const") return e;
  return constant(1, evaluateCompare(op, left.value, right.value, left.width) ? 1n : 0n);
}

/** A constant. */
export function foldExtend(e: Node<"extend">): Expr {
  const { arg, signed, width } = e;
  if (arg.kind !== "const") return e;
  return constant(width, signed ? BigInt.asIntN(arg.width, arg.value) : arg.value);
}

/** Bits of a constant, of the part that was just extended, of one half of two, or of everything. */
export function foldExtract(e: Node<"extract">): Expr {
  const { arg, low, width } = e;
  if (arg.kind === "const") return constant(width, arg.value >> BigInt(low));
  if (low === 0 && width === arg.width) return arg;
  if (arg.kind === "extract") return foldExtract({ ...e, arg: arg.arg, low: low + arg.low });
  if (arg.kind === "concat" && low + width <= arg.low.width && !hasAccess(arg.high)) {
    return foldExtract({ ...e, arg: arg.low });
  }
  if (arg.kind === "concat" && low >= arg.low.width && !hasAccess(arg.low)) {
    return foldExtract({ ...e, arg: arg.high, low: low - arg.low.width });
  }
  if (arg.kind === "extend" && low + width <= arg.arg.width) return foldExtract({ ...e, arg: arg.arg });
  return e;
}

/** Two constants, or neighbouring bits of one name. */
export function foldConcat(e: Node<"concat">): Expr {
  const { high, low, width } = e;
  if (high.kind === "extract" && low.kind === "extract" && isSameLocal(high.arg, low.arg)) {
    if (high.low === low.low + low.width) return foldExtract({ ...low, width });
  }
  if (high.kind !== "const" || low.kind !== "const") return e;
  return constant(width, (high.value << BigInt(low.width)) | low.value);
}
