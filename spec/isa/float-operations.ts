// The float functions of effects (float-rules.ts), over BigInt: compute exactly, round once. Normative and slow.
// Relies on float-format.ts. Guarantees: total, and nothing of the host's floating point is used.

import type { Finite, FloatFormat, FloatValue } from "./float-format.ts";
import {
  bitLength,
  defaultNan,
  FloatContext,
  FORMATS,
  packInfinity,
  packNan,
  packZero,
  roundAt,
  roundToFormat,
  unpack,
} from "./float-format.ts";
import type { FloatOp, FloatRules } from "./float-rules.ts";
import { tableError } from "./table-error.ts";

/** Which function: `width` is the width of its first operand. */
export interface FloatCall {
  readonly op: FloatOp;
  readonly width: number;
  readonly valueWidth: number;
  readonly rules: FloatRules;
}

/** concat(new flags, value) of a float function; all values are unsigned and of the widths that the call says. */
export function evaluateFloat(
  call: FloatCall,
  args: readonly bigint[],
  state: { readonly mode: bigint; readonly flags: bigint },
): bigint {
  const context = new FloatContext(call.rules, state.mode, state.flags);
  const value = operations[call.op]({ args, width: call.width, valueWidth: call.valueWidth }, context);
  return (context.accrued << BigInt(call.valueWidth)) | value;
}

interface Operands {
  readonly args: readonly bigint[];
  readonly width: number;
  readonly valueWidth: number;
}

type Operation = (operands: Operands, context: FloatContext) => bigint;

function formatOf(width: number): FloatFormat {
  if (width !== 16 && width !== 32 && width !== 64) return tableError(`no floats of ${String(width)} bits`);
  return FORMATS[width];
}

function invalid(f: FloatFormat, context: FloatContext): bigint {
  context.raise("invalid");
  return defaultNan(f);
}

/** The NaN that comes of operands of which at least one is a NaN. */
function nanOf(operands: readonly FloatValue[], f: FloatFormat, context: FloatContext): bigint {
  const nans = operands.filter((v) => v.kind === "nan");
  const signalling = nans.find((v) => v.signalling);
  if (signalling !== undefined) context.raise("invalid");
  const chosen = signalling ?? nans[0];
  return chosen === undefined || context.defaultNan ? defaultNan(f) : packNan(chosen, f);
}

function isZero(v: FloatValue): boolean {
  return v.kind === "finite" && v.significand === 0n;
}

// An operation on numbers: NaN operands are dealt with here, `compute` sees none.
type Numbers = (
  operands: readonly Exclude<FloatValue, { kind: "nan" }>[],
  f: FloatFormat,
  context: FloatContext,
) => bigint;

function arithmetic(compute: Numbers): Operation {
  return ({ args, width }, context) => {
    const f = formatOf(width);
    const values = args.map((bits) => unpack(bits, f, context));
    const numbers = values.filter((v) => v.kind !== "nan");
    return numbers.length < values.length ? nanOf(values, f, context) : compute(numbers, f, context);
  };
}

type Numeric = Exclude<FloatValue, { kind: "nan" }>;

function operand<T>(values: readonly T[], at: number): T {
  return values[at] ?? tableError("float function: an operand is missing");
}

function negate<T extends FloatValue>(v: T): T {
  return { ...v, negative: !v.negative };
}

function addNumbers(a: Numeric, b: Numeric, f: FloatFormat, context: FloatContext): bigint {
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
function product(a: Numeric, b: Numeric): Numeric | null {
  const negative = a.negative !== b.negative;
  if (a.kind === "finite" && b.kind === "finite") {
    const significand = a.significand * b.significand;
    return { kind: "finite", negative, significand, exponent: a.exponent + b.exponent };
  }
  return isZero(a) || isZero(b) ? null : { kind: "infinity", negative };
}

const multiply: Numbers = ([...values], f, context) => {
  const exact = product(operand(values, 0), operand(values, 1));
  if (exact === null) return invalid(f, context);
  return exact.kind === "infinity" ? packInfinity(exact.negative, f) : roundToFormat(exact, f, context);
};

// A truncated result with one more bit that says whether anything was cut off: enough to round correctly, if the
// truncated result has at least two bits more than the format.
function withSticky(truncated: bigint, isExact: boolean): bigint {
  return 2n * truncated + (isExact ? 0n : 1n);
}

const divide: Numbers = (values, f, context) => {
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

const squareRoot: Numbers = (values, f, context) => {
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
const fusedMultiplyAdd: Operation = ({ args, width }, context) => {
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

/** a < b, a = b, a > b as -1, 0, 1. Zeros are equal. */
function order(a: Numeric, b: Numeric): -1 | 0 | 1 {
  const key = (v: Numeric): bigint | null =>
    v.kind === "infinity" ? null : v.negative ? -v.significand : v.significand;
  const [x, y] = [key(a), key(b)];
  if (x === null && y === null && a.negative === b.negative) return 0;
  if (x === null) return a.negative ? -1 : 1;
  if (y === null) return b.negative ? 1 : -1;
  if (a.kind !== "finite" || b.kind !== "finite") return 0; // both have keys
  const exponent = Math.min(a.exponent, b.exponent);
  const difference = (x << BigInt(a.exponent - exponent)) - (y << BigInt(b.exponent - exponent));
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function pack(v: Numeric, f: FloatFormat, context: FloatContext): bigint {
  return v.kind === "infinity" ? packInfinity(v.negative, f) : roundToFormat(v, f, context);
}

// `sign`: -1 picks the lesser, 1 the greater.
function extreme(sign: -1 | 1): Numbers {
  return (values, f, context) => {
    const [a, b] = [operand(values, 0), operand(values, 1)];
    const which = order(a, b);
    if (which === 0) return pack(a.negative === (sign === -1) ? a : b, f, context);
    return pack(which === sign ? a : b, f, context);
  };
}

// As above, but one NaN among the operands gives way to the number.
function extremeNumber(sign: -1 | 1): Operation {
  return ({ args, width }, context) => {
    const f = formatOf(width);
    const values = args.map((bits) => unpack(bits, f, context));
    const numbers = values.filter((v) => v.kind !== "nan");
    if (numbers.length === 2) return extreme(sign)(numbers, f, context);
    const isSignalling = values.some((v) => v.kind === "nan" && v.signalling);
    const [only] = numbers;
    if (only === undefined || (isSignalling && context.rules.signallingInMinNumber === "nan"))
      return nanOf(values, f, context);
    if (isSignalling) context.raise("invalid");
    return pack(only, f, context);
  };
}

function compare(isSignalling: boolean): Operation {
  return ({ args, width }, context) => {
    const f = formatOf(width);
    const [a, b] = [unpack(operand(args, 0), f, context), unpack(operand(args, 1), f, context)];
    if (a.kind !== "nan" && b.kind !== "nan") return 1n << BigInt(order(a, b) + 1);
    const signals = [a, b].some((v) => v.kind === "nan" && v.signalling);
    if (isSignalling || signals) context.raise("invalid");
    return 8n;
  };
}

function roundToIntegral(isExact: boolean): Operation {
  return arithmetic((values, f, context) => {
    const a = operand(values, 0);
    if (a.kind === "infinity" || a.exponent >= 0) return pack(a, f, context);
    const { units, inexact } = roundAt(a, 0, context.rounding);
    if (inexact && isExact) context.raise("inexact");
    return roundToFormat({ ...a, significand: units, exponent: 0 }, f, context);
  });
}

const toFloat: Operation = ({ args, width, valueWidth }, context) => {
  const to = formatOf(valueWidth);
  const a = unpack(operand(args, 0), formatOf(width), context);
  return a.kind === "nan" ? nanOf([a], to, context) : pack(a, to, context);
};

function toInteger(isSigned: boolean): Operation {
  return ({ args, width, valueWidth }, context) => {
    const least = isSigned ? -(1n << BigInt(valueWidth - 1)) : 0n;
    const greatest = (1n << BigInt(isSigned ? valueWidth - 1 : valueWidth)) - 1n;
    const saturated = (value: bigint): bigint => {
      context.raise("invalid");
      return BigInt.asUintN(valueWidth, value);
    };
    const a = unpack(operand(args, 0), formatOf(width), context);
    if (a.kind === "nan") return saturated(context.rules.nanToInteger === "greatest" ? greatest : 0n);
    if (a.kind === "infinity") return saturated(a.negative ? least : greatest);
    const scaled = { ...a, exponent: a.exponent + Number(args[1] ?? 0n) };
    const { units, inexact } = roundAt(scaled, 0, context.rounding);
    const value = a.negative ? -units : units;
    if (value < least) return saturated(least);
    if (value > greatest) return saturated(greatest);
    if (inexact) context.raise("inexact");
    return BigInt.asUintN(valueWidth, value);
  };
}

function fromInteger(isSigned: boolean): Operation {
  return ({ args, width, valueWidth }, context) => {
    const bits = operand(args, 0);
    const value = isSigned ? BigInt.asIntN(width, bits) : bits;
    const [negative, significand] = [value < 0n, value < 0n ? -value : value];
    const exponent = -Number(args[1] ?? 0n);
    return roundToFormat({ kind: "finite", negative, significand, exponent }, formatOf(valueWidth), context);
  };
}

const operations: Readonly<Record<FloatOp, Operation>> = {
  add: arithmetic((v, f, context) => addNumbers(operand(v, 0), operand(v, 1), f, context)),
  sub: arithmetic((v, f, context) => addNumbers(operand(v, 0), negate(operand(v, 1)), f, context)),
  mul: arithmetic(multiply),
  div: arithmetic(divide),
  sqrt: arithmetic(squareRoot),
  fma: fusedMultiplyAdd,
  min: arithmetic(extreme(-1)),
  max: arithmetic(extreme(1)),
  minNumber: extremeNumber(-1),
  maxNumber: extremeNumber(1),
  compareQuiet: compare(false),
  compareSignalling: compare(true),
  roundToIntegral: roundToIntegral(false),
  roundToIntegralExact: roundToIntegral(true),
  toFloat,
  toSigned: toInteger(true),
  toUnsigned: toInteger(false),
  fromSigned: fromInteger(true),
  fromUnsigned: fromInteger(false),
};
