// Rules for comparisons. Constants go to the right, except for 0 < x and 0 >= x, which need no constant at all.

import type { Exp } from "../../lang/crep/ast.ts";
import { compare, negateCompare, toWord, type CompareOp, type Word } from "../../lang/machine-word.ts";
import type { Span } from "../../source/span.ts";
import { ALL_ONES, constant, maxOf, sameAtom } from "./node.ts";

type Compare = Extract<Exp, { readonly kind: "compare" }>;

const MAX_SIGNED: Word = (1n << 63n) - 1n;

/** The comparison that holds exactly if `e` does not. */
export function negated(e: Compare): Exp {
  return makeCompare(negateCompare[e.op], e.left, e.right, e.span);
}

export function makeCompare(op: CompareOp, left: Exp, right: Exp, span: Span): Exp {
  if (left.kind === "const" && right.kind === "const")
    return truth(compare[op](left.value, right.value), span);
  if (sameAtom(left, right)) return truth(compare[op](0n, 0n), span);
  if (left.kind === "const") return constantLeft(op, left.value, right, span);
  if (right.kind === "const") return constantRight(op, left, right.value, span);
  return { kind: "compare", op, left, right, span };
}

function truth(holds: boolean, span: Span): Exp {
  return constant(holds ? 1n : 0n, span);
}

function constantLeft(op: CompareOp, value: Word, right: Exp, span: Span): Exp {
  const plain = (to: CompareOp, bound: bigint): Exp => makeCompare(to, right, constant(bound, span), span);
  switch (op) {
    case "equal":
    case "notEqual":
      return plain(op, value);
    // value < x is x >= value + 1, unless nothing is greater than value.
    case "less":
    case "notLess":
      if (value === MAX_SIGNED) return truth(op === "notLess", span);
      if (value === 0n) return { kind: "compare", op, left: constant(0n, span), right, span };
      return plain(op === "less" ? "notLess" : "less", value + 1n);
    case "lower":
    case "notLower":
      if (value === ALL_ONES) return truth(op === "notLower", span);
      return plain(op === "lower" ? "notLower" : "lower", value + 1n);
  }
}

function constantRight(op: CompareOp, left: Exp, value: Word, span: Span): Exp {
  const known = decidedByBound(op, maxOf(left), value);
  if (known !== null) return truth(known, span);
  switch (op) {
    case "equal":
    case "notEqual":
      return equality(op, left, value, span);
    case "lower":
    case "notLower":
      if (value === 1n) {
        return makeCompare(op === "lower" ? "equal" : "notEqual", left, constant(0n, span), span);
      }
      break;
    case "less":
    case "notLess":
      break;
  }
  return { kind: "compare", op, left, right: constant(value, span), span };
}

/** The answer if it follows from 0 <= left <= bound (unsigned). */
function decidedByBound(op: CompareOp, bound: Word, value: Word): boolean | null {
  switch (op) {
    case "equal":
    case "notEqual":
      return value > bound ? op === "notEqual" : null;
    case "lower":
    case "notLower":
      if (value > bound) return op === "lower";
      return value === 0n ? op === "notLower" : null;
    case "less":
    case "notLess": {
      if (bound > MAX_SIGNED) return null;
      const signed = BigInt.asIntN(64, value);
      if (signed > bound) return op === "less";
      return signed <= 0n ? op === "notLess" : null;
    }
  }
}

function equality(op: "equal" | "notEqual", left: Exp, value: Word, span: Span): Exp {
  // The value is 0 or 1: the comparison is it or its negation.
  if (maxOf(left) === 1n) {
    const same = (value === 1n) === (op === "equal");
    if (same) return left;
    if (left.kind === "compare") return negated(left);
  }
  if (left.kind === "op") {
    const [a, b] = left.args;
    if (left.args.length === 2 && a !== undefined && b !== undefined) {
      if (left.op === "add" && b.kind === "const") {
        return makeCompare(op, a, constant(toWord(value - b.value), span), span);
      }
      if (value === 0n && (left.op === "sub" || left.op === "xor")) return makeCompare(op, a, b, span);
    }
  }
  return { kind: "compare", op, left, right: constant(value, span), span };
}
