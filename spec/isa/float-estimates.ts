// Arm's operations for Newton's method: estimates of eight bits, and the steps that double them (Arm DDI 0487, J1
// FPRecipEstimate, FPRSqrtEstimate, FPRecipStepFused, FPRSqrtStepFused, FPMulX). Relies on float-arithmetic.ts.
// Infinity times zero is no mistake here: the steps take it for one, so that the method ends at infinity or zero.

import type { Numbers, Numeric, Operation } from "./float-arithmetic.ts";
import { addNumbers, arithmetic, invalid, isZero, negate, operand, product } from "./float-arithmetic.ts";
import type { Finite } from "./float-format.ts";
import { bitLength, packInfinity, packZero, roundToFormat } from "./float-format.ts";

function power(negative: boolean, significand: bigint, exponent: number): Finite {
  return { kind: "finite", negative, significand, exponent };
}

const mulExtended: Numbers = (values, f, context) => {
  const [a, b] = [operand(values, 0), operand(values, 1)];
  const exact = product(a, b) ?? power(a.negative !== b.negative, 1n, 1);
  return exact.kind === "infinity" ? packInfinity(exact.negative, f) : roundToFormat(exact, f, context);
};

// (constant - a * b) / 2^halvings, rounded once; a NaN of `a` changes its sign too.
function step(constant: bigint, halvings: number): Operation {
  const compute: Numbers = (values, f, context) => {
    const halved = <T extends Numeric>(v: T): T =>
      v.kind === "finite" ? { ...v, exponent: v.exponent - halvings } : v;
    const start = halved(power(false, constant, 0));
    const exact = product(operand(values, 0), operand(values, 1));
    return exact === null ? roundToFormat(start, f, context) : addNumbers(start, halved(exact), f, context);
  };
  return arithmetic(compute, (values) => values.map((v, i) => (i === 0 ? negate(v) : v)));
}

// The leading `count` bits of a number that is not zero, and the exponent of the first of them.
function leading(a: Finite, count: number): { readonly bits: bigint; readonly top: number } {
  const length = bitLength(a.significand);
  const bits = (a.significand << BigInt(count)) >> BigInt(length);
  return { bits, top: a.exponent + length - 1 };
}

const recipEstimate: Numbers = (values, f, context) => {
  const a = operand(values, 0);
  if (a.kind === "infinity") return packZero(a.negative, f);
  if (isZero(a)) {
    context.raise("divideByZero");
    return packInfinity(a.negative, f);
  }
  const { bits, top } = leading(a, 9);
  const estimate = ((1n << 19n) / (2n * bits + 1n) + 1n) / 2n;
  return roundToFormat(power(a.negative, estimate, -9 - top), f, context);
};

const rsqrtEstimate: Numbers = (values, f, context) => {
  const a = operand(values, 0);
  if (isZero(a)) {
    context.raise("divideByZero");
    return packInfinity(a.negative, f);
  }
  if (a.negative) return invalid(f, context);
  if (a.kind === "infinity") return packZero(false, f);
  // An odd exponent is halved after the number was doubled.
  const isOdd = leading(a, 1).top % 2 !== 0;
  const { bits, top } = leading(a, isOdd ? 9 : 8);
  const middle = isOdd ? (bits | 1n) * 2n : 2n * bits + 1n;
  let root = 512n;
  while (middle * (root + 1n) * (root + 1n) < 1n << 28n) root += 1n;
  const estimate = (root + 1n) / 2n;
  return roundToFormat(power(false, estimate, Math.floor((-1 - top) / 2) - 8), f, context);
};

export const estimates = {
  mulExtended: arithmetic(mulExtended),
  recipStep: step(2n, 0),
  rsqrtStep: step(3n, 1),
  recipEstimate: arithmetic(recipEstimate),
  rsqrtEstimate: arithmetic(rsqrtEstimate),
} as const satisfies Readonly<Record<string, Operation>>;
