// Conditions over flags as comparisons: what a test of flags says about the operands that the flags came from.
//
// Relies on effect.ts. Each rule is an identity of the effect language, so nothing here depends on an ISA: the sign of a
// difference and its overflow are a signed comparison, "no borrow and not equal" is an unsigned one, and so on.

import type { CompareOp, Expr } from "../../spec/isa/effect.ts";
import { constant, isConstant } from "../../spec/isa/effect-folding.ts";
import type { Node } from "./values.ts";

/** `e`, whose children are folded already, in its simplest form. */
export function foldCondition(e: Expr): Expr {
  if (e.kind === "compare") return foldEquality(e);
  if (e.width !== 1) return e;
  if (e.kind === "unary" && (e.op === "not" || e.op === "neg"))
    return e.op === "not" ? inverse(e.arg) : e.arg;
  if (e.kind === "binary") return foldBits(e);
  return e.kind === "extract" && e.arg.kind === "const" ? constant(1, e.arg.value >> BigInt(e.low)) : e;
}

// a - b == 0 is a == b.
function foldEquality(e: Node<"compare">): Expr {
  const { left, op, right } = e;
  if ((op !== "eq" && op !== "ne") || !isConstant(right, 0n)) return e;
  if (left.kind === "binary" && left.op === "sub") return { ...e, left: left.left, right: left.right };
  return e;
}

function foldBits(e: Node<"binary">): Expr {
  const { left, right, op } = e;
  if (op === "xor") {
    if (isConstant(right, 1n)) return inverse(left);
    if (isConstant(left, 1n)) return inverse(right);
    return signedLess(left, right) ?? signedLess(right, left) ?? e;
  }
  if (op === "or") return weaker(left, right) ?? weaker(right, left) ?? e;
  return op === "and" ? (stronger(left, right) ?? stronger(right, left) ?? e) : e;
}

const inverses: Readonly<Record<CompareOp, { readonly op: CompareOp; readonly swap: boolean }>> = {
  eq: { op: "ne", swap: false },
  ne: { op: "eq", swap: false },
  ltu: { op: "leu", swap: true },
  lts: { op: "les", swap: true },
  leu: { op: "ltu", swap: true },
  les: { op: "lts", swap: true },
};

function inverse(e: Expr): Expr {
  if (e.kind === "const") return constant(1, 1n - e.value);
  if (e.kind !== "compare") return { kind: "compare", width: 1, op: "eq", left: e, right: constant(1, 0n) };
  const { op, swap } = inverses[e.op];
  return swap ? { ...e, op, left: e.right, right: e.left } : { ...e, op };
}

// The value whose top bit `e` is; null if it is none.
function topOf(e: Expr): Expr | null {
  return e.kind === "extract" && e.width === 1 && e.low === e.arg.width - 1 ? e.arg : null;
}

// sign(a - b) ^ sign((a ^ b) & (a ^ (a - b))) is a <s b.
function signedLess(sign: Expr, overflow: Expr): Expr | null {
  const [difference, both] = [topOf(sign), topOf(overflow)];
  if (difference?.kind !== "binary" || difference.op !== "sub") return null;
  if (both?.kind !== "binary" || both.op !== "and") return null;
  const { left: a, right: b } = difference;
  const isXor = (e: Expr, x: Expr, y: Expr): boolean =>
    e.kind === "binary" && e.op === "xor" && isSame(e.left, x) && isSame(e.right, y);
  if (!isXor(both.left, a, b) || !isXor(both.right, a, difference)) return null;
  return { kind: "compare", width: 1, op: "lts", left: a, right: b };
}

// a < b or a == b is a <= b.
function weaker(less: Expr, equal: Expr): Expr | null {
  if (less.kind !== "compare" || equal.kind !== "compare" || equal.op !== "eq") return null;
  if (less.op !== "lts" && less.op !== "ltu") return null;
  return sameOperands(less, equal) ? { ...less, op: less.op === "lts" ? "les" : "leu" } : null;
}

// a <= b and a != b is a < b.
function stronger(atMost: Expr, different: Expr): Expr | null {
  if (atMost.kind !== "compare" || different.kind !== "compare" || different.op !== "ne") return null;
  if (atMost.op !== "les" && atMost.op !== "leu") return null;
  return sameOperands(atMost, different) ? { ...atMost, op: atMost.op === "les" ? "lts" : "ltu" } : null;
}

function sameOperands(a: Node<"compare">, b: Node<"compare">): boolean {
  return (
    (isSame(a.left, b.left) && isSame(a.right, b.right)) ||
    (isSame(a.left, b.right) && isSame(a.right, b.left))
  );
}

// Equal expressions of the few kinds that conditions are made of.
function isSame(a: Expr, b: Expr): boolean {
  if (a.width !== b.width) return false;
  if (a.kind === "const") return b.kind === "const" && a.value === b.value;
  if (a.kind === "local") return b.kind === "local" && a.name === b.name;
  if (a.kind === "unary") return b.kind === "unary" && a.op === b.op && isSame(a.arg, b.arg);
  if (a.kind === "extend") return b.kind === "extend" && a.signed === b.signed && isSame(a.arg, b.arg);
  if (a.kind === "extract") return b.kind === "extract" && a.low === b.low && isSame(a.arg, b.arg);
  if (a.kind !== "binary" || b.kind !== "binary") return false;
  return a.op === b.op && isSame(a.left, b.left) && isSame(a.right, b.right);
}
