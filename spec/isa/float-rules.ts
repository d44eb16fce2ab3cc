// What IEEE 754 leaves to an architecture, as data of its Isa, and the float functions that effects may call.
// Relies on nothing. The meaning of the functions is float-operations.ts; effect.ts says how they stand in effects.
//
// A float function takes its operands, a mode and the accrued exception flags, and gives one value: the new flags
// above the result. Nothing but data flows, so flags thread through an effect like any other value:
//   let r = fadd64(a, b, mode, fflags); rd = r[63:0]; fflags = r[68:64]

/** Rounding of a result that a format cannot hold; `nearestAway` rounds ties away from zero. */
export type Rounding = "nearestEven" | "nearestAway" | "towardZero" | "up" | "down";

/** The exceptions of IEEE 754, and `inputDenormal` for an operand that was flushed to zero. */
export type FloatFlag = "invalid" | "divideByZero" | "overflow" | "underflow" | "inexact" | "inputDenormal";

/** The choices of one architecture. NaNs that no operand gives are positive, quiet and without payload everywhere. */
export interface FloatRules {
  /** Bit of each flag in the accrued flags; a flag without a bit cannot be raised. */
  readonly flags: Readonly<Partial<Record<FloatFlag, number>>>;
  readonly flagsWidth: number;
  /** What bits 2..0 of a mode mean, by their value; others are "nearestEven", effects trap on them first. */
  readonly roundings: readonly Rounding[];
  /**
   * 3: a mode is a rounding, every NaN result is the default NaN and nothing is flushed.
   * 5: bit 3 set flushes subnormal operands and results to zero (16-bit formats excepted); bit 4 set makes every NaN
   * result the default NaN, else the first signalling, then the first quiet NaN operand is the result, made quiet;
   * the addend of fma is the first.
   */
  readonly modeWidth: 3 | 5;
  /** Whether a result counts as tiny by its exact value or after rounding with an unbounded exponent. */
  readonly tininess: "beforeRounding" | "afterRounding";
  /** `minNumber` and `maxNumber` of a signalling NaN and a number: the number, or a NaN. Invalid is raised anyway. */
  readonly signallingInMinNumber: "number" | "nan";
  /** The integer that a NaN is converted to: the greatest one, or zero. */
  readonly nanToInteger: "greatest" | "zero";
}

/**
 * add, sub, mul, div, sqrt; fma(a, b, c) = a*b + c rounded once.
 * min, max: a NaN operand makes a NaN; minNumber, maxNumber: the other operand. -0 is less than +0 in all four.
 * compareQuiet, compareSignalling: 4 bits of which one is set: less 0, equal 1, greater 2, unordered 3. The first
 * raises invalid for signalling NaNs, the second for every NaN.
 * roundToIntegral, and with the inexact flag roundToIntegralExact.
 * toFloat: another format. toSigned, toUnsigned: saturating, invalid if out of range. fromSigned, fromUnsigned.
 * mulExtended: a product where infinity times zero is 2. recipStep: 2 - a*b, rsqrtStep: (3 - a*b) / 2, rounded once;
 * recipEstimate, rsqrtEstimate: eight bits of 1/a and of 1/sqrt(a) (float-estimates.ts).
 * Conversions from and to integers may have a second operand of 7 bits: that many bits of the integer are a fraction.
 */
// prettier-ignore
export type FloatOp =
  "add" | "sub" | "mul" | "div" | "sqrt" | "fma"
  | "min" | "max" | "minNumber" | "maxNumber"
  | "compareQuiet" | "compareSignalling"
  | "roundToIntegral" | "roundToIntegralExact"
  | "toFloat" | "toSigned" | "toUnsigned" | "fromSigned" | "fromUnsigned"
  | "mulExtended" | "recipStep" | "rsqrtStep" | "recipEstimate" | "rsqrtEstimate";

/** The shape of a float function: operand widths without mode and flags, and the width of the result without flags. */
export interface FloatFunction {
  readonly op: FloatOp;
  readonly params: readonly number[];
  /** How many of the last parameters may be left out. */
  readonly optional: number;
  readonly valueWidth: number;
}

/** Widths of the binary formats of IEEE 754. */
export type FloatWidth = 16 | 32 | 64;

// `fadd64` is "fadd" on 64 bits: operation and number of operands.
const functions: Readonly<Record<string, readonly [FloatOp, number]>> = {
  fadd: ["add", 2],
  fsub: ["sub", 2],
  fmul: ["mul", 2],
  fdiv: ["div", 2],
  fsqrt: ["sqrt", 1],
  fma: ["fma", 3],
  fmin: ["min", 2],
  fmax: ["max", 2],
  fminnum: ["minNumber", 2],
  fmaxnum: ["maxNumber", 2],
  fcmp: ["compareQuiet", 2],
  fcmps: ["compareSignalling", 2],
  frint: ["roundToIntegral", 1],
  frintx: ["roundToIntegralExact", 1],
  fmulx: ["mulExtended", 2],
  frecps: ["recipStep", 2],
  frsqrts: ["rsqrtStep", 2],
  frecpe: ["recipEstimate", 1],
  frsqrte: ["rsqrtEstimate", 1],
};
const COMPARISON_WIDTH = 4;
const FRACTION_WIDTH = 7;
const simpleName = /^(f[a-z]+)(16|32|64)$/;
// `f64tos32`: a double to a signed integer of 32 bits; u is unsigned.
const conversionName = /^([fsu])(16|32|64)to([fsu])(16|32|64)$/;
const conversions: Readonly<Record<string, FloatOp>> = {
  ff: "toFloat",
  fs: "toSigned",
  fu: "toUnsigned",
  sf: "fromSigned",
  uf: "fromUnsigned",
};

/** The float function with that name in effects, null if there is none. */
export function floatFunction(name: string): FloatFunction | null {
  const conversion = conversionName.exec(name);
  if (conversion !== null) {
    const [, source = "", from = "", target = "", to = ""] = conversion;
    const op = conversions[source + target];
    if (op === undefined) return null;
    const fraction = op === "toFloat" ? [] : [FRACTION_WIDTH];
    return { op, params: [Number(from), ...fraction], optional: fraction.length, valueWidth: Number(to) };
  }
  const [, verb = "", bits = ""] = simpleName.exec(name) ?? [];
  const known = Object.hasOwn(functions, verb) ? functions[verb] : undefined;
  if (known === undefined) return null;
  const [op, count] = known;
  const width = Number(bits);
  const valueWidth = op === "compareQuiet" || op === "compareSignalling" ? COMPARISON_WIDTH : width;
  return { op, params: Array.from({ length: count }, () => width), optional: 0, valueWidth };
}
