// The float functions of effects (float-rules.ts), over BigInt: compute exactly, round once. Normative and slow.
// Relies on float-format.ts, float-arithmetic.ts, float-estimates.ts. Guarantees: total, and nothing of the host's floating point is used.

import type { Numbers, Numeric, Operation } from "./float-arithmetic.ts";
import {
  addNumbers,
  arithmetic,
  divide,
  formatOf,
  fusedMultiplyAdd,
  multiply,
  nanOf,
  negate,
  operand,
  squareRoot,
} from "./float-arithmetic.ts";
import { estimates } from "./float-estimates.ts";
import type { Finite, FloatFormat } from "./float-format.ts";
import { FloatContext, packInfinity, roundAt, roundToFormat, unpack } from "./float-format.ts";
import type { FloatOp, FloatRules } from "./float-rules.ts";

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

/** a < b, a = b, a > b as -1, 0, 1. Zeros are equal. */
function order(a: Numeric, b: Numeric): number {
  if (a.kind === "infinity" || b.kind === "infinity") {
    const rank = (v: Numeric): number => (v.kind === "finite" ? 0 : v.negative ? -1 : 1);
    return Math.sign(rank(a) - rank(b));
  }
  const exponent = Math.min(a.exponent, b.exponent);
  const scaled = (v: Finite): bigint =>
    (v.negative ? -v.significand : v.significand) << BigInt(v.exponent - exponent);
  const difference = scaled(a) - scaled(b);
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
  ...estimates,
};
