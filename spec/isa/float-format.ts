// Binary floating-point numbers of IEEE 754 taken apart and put together, over BigInt: exact values in between, one
// rounding at the end. Relies on float-rules.ts. float-operations.ts computes with them.
// Guarantees: roundToFormat(unpack(x)) = x without a flag for every finite x that is not flushed.

import type { FloatFlag, FloatRules, FloatWidth, Rounding } from "./float-rules.ts";

/** A format: `precision` counts the bit that is not stored; normal numbers have exponents of minExponent and above. */
export interface FloatFormat {
  readonly width: FloatWidth;
  readonly precision: number;
  readonly bias: number;
  readonly minExponent: number;
}

function format(width: FloatWidth, precision: number): FloatFormat {
  const bias = 2 ** (width - precision - 1) - 1;
  return { width, precision, bias, minExponent: 1 - bias };
}

export const FORMATS: Readonly<Record<FloatWidth, FloatFormat>> = {
  16: format(16, 11),
  32: format(32, 24),
  64: format(64, 53),
};

/** significand * 2^exponent, exactly; zero has a sign too. */
export interface Finite {
  readonly kind: "finite";
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
}

/** `payload` is the fraction without the quiet bit, as it would stand in the 64-bit format. */
export interface Nan {
  readonly kind: "nan";
  readonly negative: boolean;
  readonly signalling: boolean;
  readonly payload: bigint;
}

export type FloatValue = Finite | Nan | { readonly kind: "infinity"; readonly negative: boolean };

/** How one operation rounds, and the flags that it raises. */
export class FloatContext {
  readonly rules: FloatRules;
  readonly rounding: Rounding;
  readonly defaultNan: boolean;
  private readonly flush: boolean;
  private flags: bigint;

  constructor(rules: FloatRules, mode: bigint, flags: bigint) {
    this.rules = rules;
    this.rounding = rules.roundings[Number(mode & 7n)] ?? "nearestEven";
    this.flush = rules.modeWidth === 5 && ((mode >> 3n) & 1n) === 1n;
    this.defaultNan = rules.modeWidth === 3 || ((mode >> 4n) & 1n) === 1n;
    this.flags = flags;
  }

  raise(flag: FloatFlag): void {
    const bit = this.rules.flags[flag];
    if (bit !== undefined) this.flags |= 1n << BigInt(bit);
  }

  /** The accrued flags so far. */
  get accrued(): bigint {
    return this.flags;
  }

  flushes(f: FloatFormat): boolean {
    return this.flush && f.width !== 16;
  }
}

/** The value that `bits` mean; a subnormal operand may be flushed here. */
export function unpack(bits: bigint, f: FloatFormat, context: FloatContext): FloatValue {
  const fractionBits = BigInt(f.precision - 1);
  const negative = bits >> BigInt(f.width - 1) === 1n;
  const fraction = BigInt.asUintN(f.precision - 1, bits);
  const biased = Number(BigInt.asUintN(f.width - f.precision, bits >> fractionBits));
  if (biased === 2 * f.bias + 1) {
    if (fraction === 0n) return { kind: "infinity", negative };
    const signalling = fraction >> (fractionBits - 1n) === 0n;
    const payload = BigInt.asUintN(f.precision - 2, fraction) << BigInt(53 - f.precision);
    return { kind: "nan", negative, signalling, payload };
  }
  const exponent = Math.max(biased, 1) - f.bias - (f.precision - 1);
  if (biased > 0) return { kind: "finite", negative, significand: fraction + (1n << fractionBits), exponent };
  if (fraction === 0n || !context.flushes(f))
    return { kind: "finite", negative, significand: fraction, exponent };
  context.raise("inputDenormal");
  return { kind: "finite", negative, significand: 0n, exponent };
}

function signBit(negative: boolean, f: FloatFormat): bigint {
  return negative ? 1n << BigInt(f.width - 1) : 0n;
}

function infinityBits(f: FloatFormat): bigint {
  return BigInt(2 * f.bias + 1) << BigInt(f.precision - 1);
}

export function packInfinity(negative: boolean, f: FloatFormat): bigint {
  return signBit(negative, f) | infinityBits(f);
}

export function packZero(negative: boolean, f: FloatFormat): bigint {
  return signBit(negative, f);
}

/** A quiet NaN with the sign and as much of the payload as the format holds. */
export function packNan(nan: Nan, f: FloatFormat): bigint {
  const quiet = 1n << BigInt(f.precision - 2);
  return signBit(nan.negative, f) | infinityBits(f) | quiet | (nan.payload >> BigInt(53 - f.precision));
}

export function defaultNan(f: FloatFormat): bigint {
  return packNan({ kind: "nan", negative: false, signalling: false, payload: 0n }, f);
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The value as a multiple of 2^quantum, rounded; the sign only steers the rounding. */
export function roundAt(
  value: Finite,
  quantum: number,
  rounding: Rounding,
): { readonly units: bigint; readonly inexact: boolean } {
  const drop = BigInt(quantum - value.exponent);
  if (drop <= 0n) return { units: value.significand << -drop, inexact: false };
  const units = value.significand >> drop;
  const rest = value.significand - (units << drop);
  const half = 1n << (drop - 1n);
  const away: Readonly<Record<Rounding, boolean>> = {
    nearestEven: rest > half || (rest === half && (units & 1n) === 1n),
    nearestAway: rest >= half,
    towardZero: false,
    up: rest > 0n && !value.negative,
    down: rest > 0n && value.negative,
  };
  return { units: away[rounding] ? units + 1n : units, inexact: rest > 0n };
}

/** The nearest number of the format in the context's direction, with overflow, underflow and inexact. */
export function roundToFormat(value: Finite, f: FloatFormat, context: FloatContext): bigint {
  const { negative, significand, exponent } = value;
  if (significand === 0n) return packZero(negative, f);
  const top = exponent + bitLength(significand) - 1; // 2^top <= |value| < 2^(top + 1)
  if (top < f.minExponent && context.flushes(f)) {
    context.raise("underflow");
    return packZero(negative, f);
  }
  const quantum = Math.max(top, f.minExponent) - (f.precision - 1);
  const { units, inexact } = roundAt(value, quantum, context.rounding);
  // `units` holds the bit that is not stored, so it adds one to the exponent field of a normal number; a carry out
  // of the rounding adds another, and a subnormal number has neither.
  const below = BigInt(quantum - f.minExponent + (f.precision - 1));
  const bits = (below << BigInt(f.precision - 1)) + units;
  if (bits >= infinityBits(f)) return overflowed(negative, f, context);
  if (inexact) {
    context.raise("inexact");
    if (isTiny(value, top, f, context)) context.raise("underflow");
  }
  return signBit(negative, f) | bits;
}

function isTiny(value: Finite, top: number, f: FloatFormat, context: FloatContext): boolean {
  if (context.rules.tininess === "beforeRounding") return top < f.minExponent;
  const { units } = roundAt(value, top - (f.precision - 1), context.rounding);
  const carries = bitLength(units) > f.precision;
  return top + (carries ? 1 : 0) < f.minExponent;
}

function overflowed(negative: boolean, f: FloatFormat, context: FloatContext): bigint {
  context.raise("overflow");
  context.raise("inexact");
  const toInfinity: Readonly<Record<Rounding, boolean>> = {
    nearestEven: true,
    nearestAway: true,
    towardZero: false,
    up: !negative,
    down: negative,
  };
  const greatest = infinityBits(f) - 1n;
  return signBit(negative, f) | (toInfinity[context.rounding] ? infinityBits(f) : greatest);
}
