// Arithmetic of the float functions: exact results, rounded once, and what NaNs, infinities and zeros make of them.
// Relies on float-format.ts. Used by float-operations.ts and float-estimates.ts.

import type { Finite, FloatContext, FloatFormat, FloatValue } from "./float-format.ts";
import {
  bitLength,
  defaultNan,
  FORMATS,
  packInfinity,
  packNan,
  packZero,
  roundToFormat,
  unpack,
} from "./float-format.ts";
import { tableError } from "./table-error.ts";

/** Operand bits, the width of the first, and the width of the value. */
export interface Operands {
  readonly args: readonly bigint[];
  readonly width: number;
  readonly valueWidth: number;
}

/** A float function; flags go to the context. */
export type Operation = (operands: Operands, context: FloatContext) => bigint;

/** The format with that width. */
export function formatOf(width: number): FloatFormat {
  if (width !== 16 && width !== 32 && width !== 64) return tableError(`no floats of ${String(width)} bits`);
  return FORMATS[width];
}

/** What an invalid operation gives. */
export function invalid(f: FloatFormat, context: FloatContext): bigint {
  context.raise("invalid");
  return defaultNan(f);
}

/** The NaN that comes of operands of which at least one is a NaN. */
export function nanOf(operands: readonly FloatValue[], f: FloatFormat, context: FloatContext): bigint {
  const nans = operands.filter((v) => v.kind === "nan");
  const signalling = nans.find((v) => v.signalling);
  if (signalling !== undefined) context.raise("invalid");
  const chosen = signalling ?? nans[0];
  return chosen === undefined || context.defaultNan ? defaultNan(f) : packNan(chosen, f);
}

export function isZero(v: FloatValue): boolean {
  return v.kind === "finite" && v.significand === 0n;
}

/** A value that is no NaN. */
export type Numeric = Exclude<FloatValue, { kind: "nan" }>;

/** An operation on numbers. */
export type Numbers = (operands: readonly Numeric[], f: FloatFormat, context: FloatContext) => bigint;

/** Deals with NaN operands, so that `compute` sees none. `prepare` comes first. */
export function arithmetic(
  compute: Numbers,
  prepare: (values: readonly FloatValue[]) => readonly FloatValue[] = (values) => values,
): Operation {
  return ({ args, width }, context) => {
    const f = formatOf(width);
    const values = prepare(args.map((bits) => unpack(bits, f, context)));
    const numbers = values.filter((v) => v.kind !== "nan");
    return numbers.length < values.length ? nanOf(values, f, context) : compute(numbers, f, context);
  };
}

/** The operand at that place, which the function's shape promises. */
export function operand<T>(values: readonly T[], at: number): T {
  return values[at] ?? tableError("float function: an operand is missing");
}

/** The same with the other sign. */
export function negate<T extends FloatValue>(v: T): T {
  return { ...v, negative: !v.negative };
}

/** The rounded sum. */
export function addNumbers(a: Numeric, b: Numeric, f: FloatFormat, context: FloatContext): bigint {
  if (a.kind === "infinity" && b.kind === "infinity" && a.negative !== b.negative) return invalid(f, context);
  if (a.kind === "infinity") return packInfinity(a.negative, f);
  if (b.kind === "infinity") return packInfinity(b.negative, f);
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = (v: Finite): bigint => {
    const units = v.significand << BigInt(v.exponent - exponent);
    return v.negative ? -units : units;
  };
  const sum = scaled(a) + scaled(b);
  if (sum === 0n) {
    // Zeros of one sign keep it; a difference of zero is negative only when rounding down.
    return packZero(a.negative === b.negative ? a.negative : context.rounding === "down", f);
  }
  const significand = sum < 0n ? -sum : sum;
  return roundToFormat({ kind: "finite", negative: sum < 0n, significand, exponent }, f, context);
}

/** The exact product; null for infinity times zero. */
export function product(a: Numeric, b: Numeric): Numeric | null {
  const negative = a.negative !== b.negative;
  if (a.kind === "finite" && b.kind === "finite") {
    const significand = a.significand * b.significand;
    return { kind: "finite", negative, significand, exponent: a.exponent + b.exponent };
  }
  return isZero(a) || isZero(b) ? null : { kind: "infinity", negative };
}

export const multiply: Numbers = (values, f, context) => {
  const exact = product(operand(values, 0), operand(values, 1));
  if (exact === null) return invalid(f, context);
  return exact.kind === "infinity" ? packInfinity(exact.negative, f) : roundToFormat(exact, f, context);
};

// A truncated result with one more bit that says whether anything was cut off: enough to round correctly, if the
// truncated result has at least two bits more than the format.
function withSticky(truncated: bigint, isExact: boolean): bigint {
  return 2n * truncated + (isExact ? 0n : 1n);
}

export const divide: Numbers = (values, f, context) => {
  const [a, b] = [operand(values, 0), operand(values, 1)];
  const negative = a.negative !== b.negative;
  if (a.kind === "infinity") return b.kind === "infinity" ? invalid(f, context) : packInfinity(negative, f);
  if (b.kind === "infinity") return packZero(negative, f);
  if (b.significand === 0n) {
    if (a.significand === 0n) return invalid(f, context);
    context.raise("divideByZero");
    return packInfinity(negative, f);
  }
  const shift = Math.max(0, f.precision + 3 + bitLength(b.significand) - bitLength(a.significand));
  const dividend = a.significand << BigInt(shift);
  const quotient = dividend / b.significand;
  const significand = withSticky(quotient, quotient * b.significand === dividend);
  const exponent = a.exponent - b.exponent - shift - 1;
  return roundToFormat({ kind: "finite", negative, significand, exponent }, f, context);
};

/** The greatest integer whose square is not above `n`. */
function integerRoot(n: bigint): bigint {
  if (n === 0n) return 0n;
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2)); // not below the root; Newton's steps go down from there
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export const squareRoot: Numbers = (values, f, context) => {
  const a = operand(values, 0);
  if (isZero(a)) return packZero(a.negative, f);
  if (a.negative) return invalid(f, context);
  if (a.kind === "infinity") return packInfinity(false, f);
  const wanted = Math.max(0, 2 * (f.precision + 3) - bitLength(a.significand));
  const shift = (a.exponent - wanted) % 2 === 0 ? wanted : wanted + 1;
  const square = a.significand << BigInt(shift);
  const root = integerRoot(square);
  const significand = withSticky(root, root * root === square);
  const exponent = (a.exponent - shift) / 2 - 1;
  return roundToFormat({ kind: "finite", negative: false, significand, exponent }, f, context);
};

// Infinity times zero is invalid even if the addend is a quiet NaN. Of NaN operands the addend comes first.
export const fusedMultiplyAdd: Operation = ({ args, width }, context) => {
  const f = formatOf(width);
  const values = args.map((bits) => unpack(bits, f, context));
  const [a, b, c] = [operand(values, 0), operand(values, 1), operand(values, 2)];
  if (a.kind === "nan" || b.kind === "nan" || (c.kind === "nan" && c.signalling)) {
    return nanOf([c, a, b], f, context);
  }
  const exact = product(a, b);
  if (exact === null) return invalid(f, context);
  return c.kind === "nan" ? nanOf([c], f, context) : addNumbers(exact, c, f, context);
};
