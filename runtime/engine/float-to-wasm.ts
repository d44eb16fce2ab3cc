// Float functions as the host's operations, where those give the same bits and change no flag but inexact.
//
// Relies on float-lowering.ts (value nodes), float-library.ts. The host rounds to nearest even and keeps subnormals, so
// code leaves for another mode; for results that are no normal numbers, where flags or NaNs may be due; and for results
// that are rounded while the inexact flag is not set. The reference executor then does that one instruction.

import type { FloatOp, Rounding } from "../../spec/isa/float-rules.ts";
import type { Expr } from "../../spec/isa/effect.ts";
import { emitConstant } from "./arithmetic.ts";
import { constant } from "../../spec/isa/effect-folding.ts";
import { libraryNumber } from "./float-library.ts";
import { codesOf, conversions, type FloatCodes } from "./float-opcodes.ts";
import { isValueNode } from "./float-lowering.ts";
import { typeOf, type Emit, type ExprWriter, type Node } from "./values.ts";
import { I32, I64, OP, type ValueType } from "./wasm-emitter.ts";

type FloatNode = Node<"float">;

/** Bits of a mode that say the rounding; the others ask for what the host does not do. */
const ROUNDING_BITS = 3;

/** True if the float node, taken apart, can be written. */
export function canTranslateFloat(e: FloatNode): boolean {
  const isNumber = (width: number | undefined): boolean => width === 32 || width === 64;
  if (newtonOps.has(e.op) || !isValueNode(e) || !isNumber(e.args[0]?.width)) return false;
  const isIntegral = e.op === "roundToIntegral" || e.op === "roundToIntegralExact" || isToInteger(e.op);
  if (!isIntegral && modeOf(e).rounding !== "nearestEven" && !isUnrounded(e)) return false;
  const fraction = isToInteger(e.op) || isFromInteger(e.op) ? e.args[1] : undefined;
  if (fraction !== undefined && (fraction.kind !== "const" || fraction.value !== 0n)) return false;
  return isNumber(e.valueWidth) || isCompare(e.op);
}

// The rounding that the code is written for, and an expression that is zero if that holds; null: it always does.
interface Mode {
  readonly rounding: Rounding;
  readonly guard: Expr | null;
}

function modeOf(e: FloatNode): Mode {
  const { mode, rules } = e;
  const named = (bits: bigint): Rounding => rules.roundings[Number(bits & 7n)] ?? "nearestEven";
  if (mode.kind === "const" && mode.value >> BigInt(ROUNDING_BITS) === 0n)
    return { rounding: named(mode.value), guard: null };
  if (mode.kind === "concat" && mode.low.kind === "const" && mode.low.width >= ROUNDING_BITS)
    return { rounding: named(mode.low.value), guard: mode.high };
  // Mode 0: nearest even everywhere.
  return { rounding: named(0n), guard: mode };
}

function isCompare(op: FloatOp): boolean {
  return op === "compareQuiet" || op === "compareSignalling";
}

function isToInteger(op: FloatOp): op is "toSigned" | "toUnsigned" {
  return op === "toSigned" || op === "toUnsigned";
}

function isFromInteger(op: FloatOp): op is "fromSigned" | "fromUnsigned" {
  return op === "fromSigned" || op === "fromUnsigned";
}

const selecting: ReadonlySet<FloatOp> = new Set([
  "min", "max", "minNumber", "maxNumber", "compareQuiet", "compareSignalling",
]); // prettier-ignore

// The host has nothing like them.
const newtonOps: ReadonlySet<FloatOp> = new Set([
  "mulExtended", "recipStep", "rsqrtStep", "recipEstimate", "rsqrtEstimate",
]); // prettier-ignore

// Results that no rounding changes.
function isUnrounded(e: FloatNode): boolean {
  if (selecting.has(e.op)) return true;
  return e.op === "toFloat" && e.valueWidth > (e.args[0]?.width ?? 0);
}

// Operations to an integral value by rounding; ties away from zero start from the integer before them.
const roundedBy = {
  nearestEven: "nearest",
  nearestAway: "trunc",
  towardZero: "trunc",
  down: "floor",
  up: "ceil",
} as const satisfies Readonly<Record<Rounding, string>>;

type Arithmetic = "add" | "sub" | "mul" | "div" | "sqrt";

// A result that the host rounds; `zeroIsWrong`: 1 if a zero is none of the exact ones, null if it always is.
interface Rounded {
  readonly compute: Emit;
  readonly zeroIsWrong: Emit | null;
  readonly isExact: (result: Emit) => void;
}

// Operands and result of an operation.
interface Terms {
  readonly a: Emit;
  readonly b: Emit;
  readonly r: Emit;
}

function missing(): never {
  throw new Error("a float function without an operand");
}

/** Writes value nodes of float functions. */
export class FloatWriter {
  private readonly writer: ExprWriter;

  constructor(writer: ExprWriter) {
    this.writer = writer;
  }

  /** Leaves the value as the bits of the format, or leaves translated code. */
  value(e: FloatNode): void {
    switch (e.op) {
      case "add":
      case "sub":
      case "mul":
      case "div":
      case "sqrt":
        this.arithmetic(e, e.op);
        return;
      case "fma":
        this.fused(e);
        return;
      case "min":
      case "minNumber":
        this.extreme(e, "min");
        return;
      case "max":
      case "maxNumber":
        this.extreme(e, "max");
        return;
      case "compareQuiet":
      case "compareSignalling":
        this.compare(e);
        return;
      case "roundToIntegral":
      case "roundToIntegralExact":
        this.toIntegral(e);
        return;
      case "toFloat":
        this.toFloat(e);
        return;
      case "toSigned":
      case "toUnsigned":
        this.toInteger(e, e.op);
        return;
      case "fromSigned":
      case "fromUnsigned":
        this.fromInteger(e, e.op);
        return;
      case "mulExtended":
      case "recipStep":
      case "rsqrtStep":
      case "recipEstimate":
      case "rsqrtEstimate":
        throw new Error(`${e.op} cannot be translated`);
    }
  }

  private arithmetic(e: FloatNode, op: Arithmetic): void {
    const { fn } = this.writer;
    const codes = codesOf(e.valueWidth);
    this.guardMode(e);
    this.operands(e, codes, (args) => {
      const [a = missing, b = missing] = args;
      const compute = (): void => {
        for (const arg of args) arg();
        fn.op(codes[op]);
      };
      // A zero is exact but where a product or quotient was too small.
      const suspects = op === "mul" ? [a, b] : op === "div" ? [a] : [];
      this.result(e, codes, {
        compute,
        zeroIsWrong: suspects.length === 0 ? null : () => this.areNotZero(codes, suspects),
        isExact: (r) => this.isExact(op, codes, { a, b, r }),
      });
    });
  }

  private fused(e: FloatNode): void {
    const { fn } = this.writer;
    const codes = codesOf(e.valueWidth);
    const [value, exact] =
      e.valueWidth === 32 ? (["fma32", "fmaIsExact32"] as const) : (["fma64", "fmaIsExact64"] as const);
    this.guardMode(e);
    this.operands(e, codes, (args) => {
      const call = (name: typeof value | typeof exact): void => {
        for (const arg of args) arg();
        fn.call(libraryNumber(name));
      };
      this.result(e, codes, {
        compute: () => call(value),
        zeroIsWrong: null,
        isExact: () => call(exact),
      });
    });
  }

  // Computes, leaves if the result is neither normal nor a sure zero or was rounded, and leaves its bits on the stack.
  private result(e: FloatNode, codes: FloatCodes, how: Rounded): void {
    const { fn, scratch } = this.writer;
    const [value, bits] = [scratch.take(codes.type), scratch.take(codes.bits)];
    how.compute();
    fn.tee(value);
    fn.op(codes.toBits);
    fn.tee(bits);
    this.exponent(codes);
    // All ones is no number; the smallest normal one may have been rounded up to it.
    fn.i32(2);
    fn.op(OP.i32Sub);
    fn.i32(codes.maxExponent - 3);
    fn.op(OP.i32GtU);
    fn.open(OP.if);
    this.areNotZero(codes, [() => fn.get(value)]);
    how.zeroIsWrong?.();
    if (how.zeroIsWrong !== null) fn.op(OP.i32Or);
    this.leaveIf();
    fn.end();
    this.leaveIfInexact(e, () => how.isExact(() => fn.get(value)));
    fn.get(bits);
    scratch.give(bits);
    scratch.give(value);
  }

  private exponent(codes: FloatCodes): void {
    const { fn } = this.writer;
    const isWide = codes.bits === I64;
    emitConstant(fn, isWide ? 64 : 32, BigInt(codes.fractionBits));
    fn.op(isWide ? OP.i64ShrU : OP.i32ShrU);
    if (isWide) fn.op(OP.i32WrapI64);
    fn.i32(codes.maxExponent);
    fn.op(OP.i32And);
  }

  private areNotZero(codes: FloatCodes, values: readonly Emit[]): void {
    const { fn } = this.writer;
    values.forEach((value, i) => {
      value();
      this.number(codes, 0);
      fn.op(codes.ne);
      if (i > 0) fn.op(OP.i32And);
    });
  }

  private number(codes: FloatCodes, value: number): void {
    if (codes.bits === I64) this.writer.fn.f64(value);
    else this.writer.fn.f32(value);
  }

  // Leaves 1 if the rounded result is the exact one.
  private isExact(op: Arithmetic, codes: FloatCodes, v: Terms): void {
    const { fn } = this.writer;
    if (op === "add" || op === "sub") {
      this.sumIsExact(op, codes, v);
      return;
    }
    const whole = { mul: [v.a, v.b, v.r], div: [v.r, v.b, v.a], sqrt: [v.r, v.r, v.a] } as const;
    const [left, right, product] = whole[op];
    if (codes.bits === I32) {
      // Products of singles are exact as doubles.
      for (const factor of [left, right]) {
        factor();
        fn.op(OP.f64PromoteF32);
      }
      fn.op(OP.f64Mul);
      product();
      fn.op(OP.f64PromoteF32);
      fn.op(OP.f64Eq);
      return;
    }
    left();
    right();
    fn.call(libraryNumber("productError"));
    fn.f64(0);
    fn.op(OP.f64Eq);
    left();
    right();
    fn.op(OP.f64Mul);
    product();
    fn.op(OP.f64Eq);
    fn.op(OP.i32And);
  }

  // Knuth's error of a sum: with part = r - a it is (a - (r - part)) + (b - part); a difference has -b.
  private sumIsExact(op: "add" | "sub", codes: FloatCodes, { a, b, r }: Terms): void {
    const { fn, scratch } = this.writer;
    const part = scratch.take(codes.type);
    r();
    a();
    fn.op(codes.sub);
    fn.set(part);
    a();
    r();
    fn.get(part);
    fn.op(codes.sub);
    fn.op(codes.sub);
    if (op === "add") {
      b();
      fn.get(part);
      fn.op(codes.sub);
      fn.op(codes.add);
    } else {
      b();
      fn.get(part);
      fn.op(codes.add);
      fn.op(codes.sub);
    }
    this.number(codes, 0);
    fn.op(codes.eq);
    scratch.give(part);
  }

  private extreme(e: FloatNode, op: "min" | "max"): void {
    const { fn, scratch } = this.writer;
    const codes = codesOf(e.valueWidth);
    this.guardFlush(e);
    this.operands(e, codes, (args) => {
      const value = scratch.take(codes.type);
      for (const arg of args) arg();
      fn.op(codes[op]);
      fn.set(value);
      this.leaveIfNan(codes, () => fn.get(value));
      fn.get(value);
      fn.op(codes.toBits);
      scratch.give(value);
    });
  }

  // Less, equal and greater as bits 0, 1 and 2.
  private compare(e: FloatNode): void {
    const { fn } = this.writer;
    const codes = codesOf(e.args[0]?.width ?? 0);
    this.guardFlush(e);
    this.operands(e, codes, ([a = missing, b = missing]) => {
      this.leaveIfNan(codes, a);
      this.leaveIfNan(codes, b);
      [codes.lt, codes.eq, codes.gt].forEach((opcode, bit) => {
        a();
        b();
        fn.op(opcode);
        if (bit === 0) return;
        fn.i32(bit);
        fn.op(OP.i32Shl);
        fn.op(OP.i32Or);
      });
    });
  }

  private toIntegral(e: FloatNode): void {
    const { fn, scratch } = this.writer;
    const codes = codesOf(e.valueWidth);
    this.guardMode(e);
    this.operands(e, codes, ([a = missing]) => {
      const value = scratch.take(codes.type);
      this.roundInto(value, codes, e, a);
      this.leaveIfNan(codes, () => fn.get(value));
      if (e.op === "roundToIntegralExact") this.leaveIfInexact(e, () => this.same(codes, a, value));
      fn.get(value);
      fn.op(codes.toBits);
      scratch.give(value);
    });
  }

  private roundInto(value: number, codes: FloatCodes, e: FloatNode, a: Emit): void {
    const { fn } = this.writer;
    const { rounding } = modeOf(e);
    a();
    fn.op(codes[roundedBy[rounding]]);
    fn.set(value);
    if (rounding !== "nearestAway") return;
    // One further if at least a half was cut off; differences and sums of this kind are exact.
    fn.get(value);
    this.number(codes, 1);
    a();
    fn.op(codes.copySign);
    fn.op(codes.add);
    fn.get(value);
    a();
    fn.get(value);
    fn.op(codes.sub);
    fn.op(codes.abs);
    this.number(codes, 0.5);
    fn.op(codes.ge);
    fn.op(OP.select);
    fn.set(value);
  }

  private same(codes: FloatCodes, a: Emit, value: number): void {
    a();
    this.writer.fn.get(value);
    this.writer.fn.op(codes.eq);
  }

  private toFloat(e: FloatNode): void {
    const { fn } = this.writer;
    const [from, to] = [codesOf(e.args[0]?.width ?? 0), codesOf(e.valueWidth)];
    if (from.bits === I32) {
      this.guardFlush(e);
      this.operands(e, from, ([a = missing]) => {
        this.leaveIfNan(from, a);
        a();
        fn.op(OP.f64PromoteF32);
        fn.op(to.toBits);
      });
      return;
    }
    this.guardMode(e);
    this.operands(e, from, ([a = missing]) => {
      const compute = (): void => {
        a();
        fn.op(OP.f32DemoteF64);
      };
      const isExact = (r: Emit): void => {
        r();
        fn.op(OP.f64PromoteF32);
        a();
        fn.op(OP.f64Eq);
      };
      this.result(e, to, { compute, zeroIsWrong: () => this.areNotZero(from, [a]), isExact });
    });
  }

  private toInteger(e: FloatNode, op: "toSigned" | "toUnsigned"): void {
    const { fn, scratch } = this.writer;
    const width = e.valueWidth;
    const codes = codesOf(e.args[0]?.width ?? 0);
    this.guardMode(e);
    this.operands(e, codes, ([a = missing]) => {
      const value = scratch.take(codes.type);
      this.roundInto(value, codes, e, a);
      const [low, high] = op === "toSigned" ? [-(2 ** (width - 1)), 2 ** (width - 1)] : [0, 2 ** width];
      fn.get(value);
      this.number(codes, low);
      fn.op(codes.ge);
      fn.get(value);
      this.number(codes, high);
      fn.op(codes.lt);
      fn.op(OP.i32And);
      fn.op(OP.i32Eqz);
      this.leaveIf();
      this.leaveIfInexact(e, () => this.same(codes, a, value));
      fn.get(value);
      fn.op(conversions[op][codes.name][width === 64 ? 1 : 0]);
      scratch.give(value);
    });
  }

  // Integers that the format holds exactly need no look at mode and flags.
  private fromInteger(e: FloatNode, op: "fromSigned" | "fromUnsigned"): void {
    const { fn, scratch } = this.writer;
    const [source] = e.args;
    if (source === undefined) throw new Error("a conversion of nothing");
    const codes = codesOf(e.valueWidth);
    const type = typeOf(source.width);
    const value = scratch.take(type);
    this.writer.expr(source);
    fn.set(value);
    if (source.width >= codes.precision) {
      this.isLarge(op, { value, type, precision: codes.precision });
      fn.open(OP.if);
      this.guardMode(e);
      this.leaveIfInexact(e, () => fn.i32(0));
      fn.end();
    }
    fn.get(value);
    fn.op(conversions[op][codes.name][type === I64 ? 1 : 0]);
    fn.op(codes.toBits);
    scratch.give(value);
  }

  // 1 if the integer may have more bits than `precision`.
  private isLarge(
    op: "fromSigned" | "fromUnsigned",
    v: { value: number; type: ValueType; precision: number },
  ): void {
    const { fn } = this.writer;
    const width = v.type === I64 ? 64 : 32;
    const limit = 1n << BigInt(v.precision);
    fn.get(v.value);
    if (op === "fromSigned") {
      emitConstant(fn, width, limit);
      fn.op(width === 64 ? OP.i64Add : OP.i32Add);
    }
    emitConstant(fn, width, op === "fromSigned" ? 2n * limit : limit);
    fn.op(width === 64 ? OP.i64GtU : OP.i32GtU);
  }

  // The operands as floats in locals, which live until `use` returns.
  private operands(e: FloatNode, codes: FloatCodes, use: (args: readonly Emit[]) => void): void {
    const { fn, scratch } = this.writer;
    const args = isToInteger(e.op) ? e.args.slice(0, 1) : e.args;
    const locals = args.map((arg) => {
      const local = scratch.take(codes.type);
      this.writer.expr(arg);
      fn.op(codes.fromBits);
      fn.set(local);
      return local;
    });
    use(locals.map((local) => () => fn.get(local)));
    for (const local of locals.reverse()) scratch.give(local);
  }

  private guardMode(e: FloatNode): void {
    const { guard } = modeOf(e);
    if (guard !== null) this.leaveUnlessZero(guard);
  }

  // Only subnormals matter to a function that does not round: the bits above the rounding.
  private guardFlush(e: FloatNode): void {
    const { mode } = e;
    if (mode.kind === "const" || mode.width <= ROUNDING_BITS) return;
    const width = mode.width - ROUNDING_BITS;
    this.leaveUnlessZero({ kind: "extract", width, low: ROUNDING_BITS, arg: mode });
  }

  private leaveUnlessZero(e: Expr): void {
    this.writer.expr({ kind: "compare", width: 1, op: "ne", left: e, right: constant(e.width, 0n) });
    this.leaveIf();
  }

  private leaveIfNan(codes: FloatCodes, value: Emit): void {
    value();
    value();
    this.writer.fn.op(codes.ne);
    this.leaveIf();
  }

  private leaveIfInexact({ flags, rules }: FloatNode, isExact: Emit): void {
    const { fn } = this.writer;
    const bit = rules.flags.inexact;
    if (bit !== undefined) {
      this.writer.expr({ kind: "extract", width: 1, low: bit, arg: flags });
      fn.op(OP.i32Eqz);
      fn.open(OP.if);
      isExact();
      fn.op(OP.i32Eqz);
      this.leaveIf();
      fn.end();
    }
  }

  private leaveIf(): void {
    const { fn } = this.writer;
    fn.open(OP.if);
    this.writer.around.leave();
    fn.end();
  }
}
