// Cheaper conditions with the same truth: constants to the right, tests of tests, tests of sums.

import {
  compare,
  negateCompare,
  toSigned,
  toWord,
  type CompareOp,
  type Word,
} from "../../lang/machine-word.ts";
import { constantOf, maxBits, operationOf, type Arg, type View } from "./view.ts";

export interface Condition {
  readonly op: CompareOp;
  readonly left: Arg;
  readonly right: Arg;
}

const MAX_SIGNED: Word = (1n << 63n) - 1n;
const MIN_SIGNED: Word = 1n << 63n;
const MAX_UNSIGNED: Word = (1n << 64n) - 1n;
/** Each step makes the condition smaller or moves a constant; more than this never helps. */
const MAX_STEPS = 8;

/** The condition after all identities; a truth value if it is known. */
export function simplifyCondition(start: Condition, view: View): Condition | boolean {
  let condition = start;
  for (let i = 0; i < MAX_STEPS; i++) {
    const next = step(condition, view);
    if (next === null || typeof next === "boolean") return next ?? condition;
    condition = next;
  }
  return condition;
}

function step(condition: Condition, view: View): Condition | boolean | null {
  const { op, left, right } = condition;
  const a = constantOf(left, view);
  const b = constantOf(right, view);
  if (a !== undefined && b !== undefined) return compare[op](a, b);
  if (left === right) return op === "equal" || op === "notLess" || op === "notLower";
  if (a !== undefined) return constantLeft(op, a, right);
  if (b === undefined) return null;
  return constantRight(op, left, b, view);
}

// c op y with the constant on the right: c < y is y >= c + 1, unless that overflows.
function constantLeft(op: CompareOp, constant: Word, right: Arg): Condition | boolean {
  switch (op) {
    case "equal":
    case "notEqual":
      return { op, left: right, right: constant };
    case "less":
      return constant === MAX_SIGNED ? false : { op: "notLess", left: right, right: toWord(constant + 1n) };
    case "notLess":
      return constant === MAX_SIGNED ? true : { op: "less", left: right, right: toWord(constant + 1n) };
    case "lower":
      return constant === MAX_UNSIGNED ? false : { op: "notLower", left: right, right: constant + 1n };
    case "notLower":
      return constant === MAX_UNSIGNED ? true : { op: "lower", left: right, right: constant + 1n };
  }
}

function constantRight(op: CompareOp, left: Arg, constant: Word, view: View): Condition | boolean | null {
  const bits = maxBits(left, view);
  switch (op) {
    case "less":
    case "notLess":
      if (constant === MIN_SIGNED) return op === "notLess";
      // A number without a sign bit compares with a negative one, or as an unsigned one.
      if (bits < 64) {
        if (toSigned(constant) <= 0n) return op === "notLess";
        return { op: op === "less" ? "lower" : "notLower", left, right: constant };
      }
      return null;
    case "lower":
    case "notLower":
      if (constant === 0n || constant >> BigInt(bits) !== 0n) return (op === "lower") === (constant !== 0n);
      return constant === 1n ? { op: op === "lower" ? "equal" : "notEqual", left, right: 0n } : null;
    case "equal":
    case "notEqual":
      if (constant >> BigInt(bits) !== 0n) return op === "notEqual";
      return equality(op, left, constant, view);
  }
}

function equality(op: "equal" | "notEqual", left: Arg, constant: Word, view: View): Condition | null {
  const test = typeof left === "number" ? view.definition(left) : undefined;
  if (test?.kind === "compare" && constant <= 1n) {
    const holds = (op === "equal") === (constant === 1n);
    return { op: holds ? test.op : negateCompare[test.op], left: test.left, right: test.right };
  }
  // A sum that is needed for something else may as well be compared.
  const sum = isReadElsewhere(left, view) ? undefined : operationOf(left, "add", view);
  const addend = sum === undefined ? undefined : constantOf(sum.right, view);
  if (sum !== undefined && addend !== undefined)
    return { op, left: sum.left, right: toWord(constant - addend) };
  const mixed = operationOf(left, "xor", view);
  if (mixed !== undefined) {
    const mask = constantOf(mixed.right, view);
    if (mask !== undefined) return { op, left: mixed.left, right: mask ^ constant };
    if (constant === 0n) return { op, left: mixed.left, right: mixed.right };
  }
  const difference = operationOf(left, "sub", view);
  if (difference === undefined || constant !== 0n) return null;
  return { op, left: difference.left, right: difference.right };
}

function isReadElsewhere(arg: Arg, view: View): boolean {
  return typeof arg === "number" && !view.isReadOnce(arg);
}
