// How operators of the effect language are written in WebAssembly. Relies on wasm-emitter.ts.
//
// Values of up to 32 bits are i32, of up to 64 bits i64; bits above the width are zero. Operators here get operands of
// one width on the stack or as a way to emit them again, and leave a value that is cut to the width.

import type { BinaryOp, CompareOp, UnaryOp } from "../../spec/isa/effect.ts";
import { typeOf } from "./values.ts";
import { I32, I64, OP, type FunctionWriter, type ValueType } from "./wasm-emitter.ts";

/** True for widths that fill their type, so that nothing must be cut off. */
export function fillsType(width: number): boolean {
  return width === 32 || width === 64;
}

/** A constant of that width. */
export function emitConstant(fn: FunctionWriter, width: number, value: bigint): void {
  if (width <= 32) fn.i32(Number(value));
  else fn.i64(value);
}

/** Clears the bits above `width`. */
export function emitCut(fn: FunctionWriter, width: number): void {
  if (fillsType(width)) return;
  emitConstant(fn, width, (1n << BigInt(width)) - 1n);
  fn.op(width <= 32 ? OP.i32And : OP.i64And);
}

/** Turns the unsigned value of `width` bits on the stack into the same bits read as a signed value of the type. */
export function emitSignExtend(fn: FunctionWriter, width: number): void {
  if (fillsType(width)) return;
  if (width === 8) fn.op(OP.i32Extend8S);
  else if (width === 16) fn.op(OP.i32Extend16S);
  else {
    const [type, shift] = width <= 32 ? [I32, 32 - width] : [I64, 64 - width];
    const [left, right] = type === I32 ? [OP.i32Shl, OP.i32ShrS] : [OP.i64Shl, OP.i64ShrS];
    emitConstant(fn, width, BigInt(shift));
    fn.op(left);
    emitConstant(fn, width, BigInt(shift));
    fn.op(right);
  }
}

// Opcode for [i32, i64], whether operands are signed, and whether the result may have bits above the width.
interface Simple {
  readonly opcodes: readonly [number, number];
  readonly signed: boolean;
  readonly cut: boolean;
}

const plain = (i32: number, i64: number): Simple => ({ opcodes: [i32, i64], signed: false, cut: false });
const cut = (i32: number, i64: number): Simple => ({ opcodes: [i32, i64], signed: false, cut: true });
const signedLeft = (i32: number, i64: number): Simple => ({ opcodes: [i32, i64], signed: true, cut: true });

/** Operators that are one instruction. For shifts only the left operand is extended. */
const simple: Partial<Readonly<Record<BinaryOp, Simple>>> = {
  add: cut(OP.i32Add, OP.i64Add),
  sub: cut(OP.i32Sub, OP.i64Sub),
  mul: cut(OP.i32Mul, OP.i64Mul),
  and: plain(OP.i32And, OP.i64And),
  or: plain(OP.i32Or, OP.i64Or),
  xor: plain(OP.i32Xor, OP.i64Xor),
  shl: cut(OP.i32Shl, OP.i64Shl),
  shru: plain(OP.i32ShrU, OP.i64ShrU),
  shrs: signedLeft(OP.i32ShrS, OP.i64ShrS),
};

/** True for operators whose second operand is a shift amount. */
export function isShift(op: BinaryOp): boolean {
  return op === "shl" || op === "shru" || op === "shrs" || op === "ror";
}

/** A one-instruction operator on operands that `left` and `right` emit; false if the operator is not of that kind. */
export function emitSimple(fn: FunctionWriter, op: BinaryOp, operands: Operands): boolean {
  const { width } = operands;
  const found = op === "ror" && fillsType(width) ? plain(OP.i32Rotr, OP.i64Rotr) : simple[op];
  if (found === undefined) return false;
  operands.left();
  if (found.signed) emitSignExtend(fn, width);
  operands.right();
  fn.op(found.opcodes[width <= 32 ? 0 : 1]);
  if (found.cut) emitCut(fn, width);
  return true;
}

/** Two operands of `width` bits; each may be emitted any number of times. */
export interface Operands {
  readonly width: number;
  readonly left: () => void;
  readonly right: () => void;
}

const compares: Readonly<Record<CompareOp, Simple>> = {
  eq: plain(OP.i32Eq, OP.i64Eq),
  ne: plain(OP.i32Ne, OP.i64Ne),
  ltu: plain(OP.i32LtU, OP.i64LtU),
  lts: signedLeft(OP.i32LtS, OP.i64LtS),
  leu: plain(OP.i32LeU, OP.i64LeU),
  les: signedLeft(OP.i32LeS, OP.i64LeS),
};

/** A comparison; leaves 0 or 1 as i32. */
export function emitCompare(fn: FunctionWriter, op: CompareOp, operands: Operands): void {
  const { opcodes, signed } = compares[op];
  const { width } = operands;
  operands.left();
  if (signed) emitSignExtend(fn, width);
  operands.right();
  if (signed) emitSignExtend(fn, width);
  fn.op(opcodes[width <= 32 ? 0 : 1]);
}

/**
 * Division and remainder as the effect language defines them: no host trap for any operands.
 * `knownNonZero`: the divisor is a constant other than 0 and -1.
 */
export function emitDivision(fn: FunctionWriter, op: DivisionOp, operands: DivisionOperands): void {
  const { width, knownNonZero } = operands;
  const isSigned = op === "divs" || op === "rems";
  const side = (emit: () => void) => (): void => {
    emit();
    if (isSigned) emitSignExtend(fn, width);
  };
  const [left, right] = [side(operands.left), side(operands.right)];
  const [zero, minusOne] = [0n, -1n];
  const divide = (): void => {
    left();
    right();
    fn.op(divisions[op][width <= 32 ? 0 : 1]);
  };
  const guarded = (divisor: bigint, instead: () => void, otherwise: () => void): void => {
    right();
    emitConstant(fn, width, divisor);
    fn.op(width <= 32 ? OP.i32Eq : OP.i64Eq);
    fn.open(OP.if, typeOf(width));
    instead();
    fn.op(OP.else);
    otherwise();
    fn.end();
  };
  const negated = (): void => {
    emitConstant(fn, width, zero);
    left();
    fn.op(width <= 32 ? OP.i32Sub : OP.i64Sub);
  };
  // A remainder by -1 does not trap in WebAssembly, a quotient may.
  const nonZero = op === "divs" && !knownNonZero ? (): void => guarded(minusOne, negated, divide) : divide;
  const byZero = op === "divu" || op === "divs" ? (): void => emitConstant(fn, width, zero) : left;
  if (knownNonZero) divide();
  else guarded(zero, byZero, nonZero);
  if (isSigned) emitCut(fn, width);
}

export type DivisionOp = "divu" | "divs" | "remu" | "rems";

export interface DivisionOperands extends Operands {
  readonly knownNonZero: boolean;
}

const divisions: Readonly<Record<DivisionOp, readonly [number, number]>> = {
  divu: [OP.i32DivU, OP.i64DivU],
  divs: [OP.i32DivS, OP.i64DivS],
  remu: [OP.i32RemU, OP.i64RemU],
  rems: [OP.i32RemS, OP.i64RemS],
};

/** True if `op` divides. */
export function isDivision(op: BinaryOp): op is DivisionOp {
  return op in divisions;
}

/** Temporary locals of a function, taken and given back in nested order. */
export interface Scratch {
  take(type: ValueType): number;
  give(local: number): void;
}

/**
 * High half of a 64-bit product from 32-bit parts (`mulhuu`), corrected for signed operands:
 * high(signed a * b) = high(unsigned a * b) - (a < 0 ? b : 0), and the same for b.
 */
export function emitHighProduct(
  fn: FunctionWriter,
  op: "mulhss" | "mulhuu" | "mulhsu",
  work: HighProduct,
): void {
  const { left, right, scratch } = work;
  const middle = scratch.take(I64);
  const part = (emit: () => void, high: boolean): void => {
    emit();
    fn.i64(high ? 32n : 0xffff_ffffn);
    fn.op(high ? OP.i64ShrU : OP.i64And);
  };
  const product = (highLeft: boolean, highRight: boolean): void => {
    part(left, highLeft);
    part(right, highRight);
    fn.op(OP.i64Mul);
  };
  const getMiddle = (): void => fn.get(middle);
  // middle = high(left) * low(right) + high32(low * low)
  product(true, false);
  product(false, false);
  fn.i64(32n);
  fn.op(OP.i64ShrU);
  fn.op(OP.i64Add);
  fn.set(middle);
  // high * high + high32(middle) + high32(low * high + low32(middle))
  product(true, true);
  part(getMiddle, true);
  fn.op(OP.i64Add);
  product(false, true);
  part(getMiddle, false);
  fn.op(OP.i64Add);
  fn.i64(32n);
  fn.op(OP.i64ShrU);
  fn.op(OP.i64Add);
  if (op !== "mulhuu") emitSignCorrection(fn, left, right);
  if (op === "mulhss") emitSignCorrection(fn, right, left);
  scratch.give(middle);
}

export interface HighProduct {
  readonly left: () => void;
  readonly right: () => void;
  readonly scratch: Scratch;
}

function emitSignCorrection(fn: FunctionWriter, sign: () => void, other: () => void): void {
  sign();
  fn.i64(63n);
  fn.op(OP.i64ShrS);
  other();
  fn.op(OP.i64And);
  fn.op(OP.i64Sub);
}

const counts: Readonly<Record<"clz" | "ctz" | "popcount", readonly [number, number]>> = {
  clz: [OP.i32Clz, OP.i64Clz],
  ctz: [OP.i32Ctz, OP.i64Ctz],
  popcount: [OP.i32Popcnt, OP.i64Popcnt],
};

/** A one-operand operator on what `arg` emits. */
export function emitUnary(
  fn: FunctionWriter,
  op: UnaryOp,
  operand: { width: number; arg: () => void },
): void {
  const { width, arg } = operand;
  const wide = width > 32 ? 1 : 0;
  switch (op) {
    case "not":
      arg();
      emitConstant(fn, width, (1n << BigInt(width)) - 1n);
      fn.op(wide === 1 ? OP.i64Xor : OP.i32Xor);
      return;
    case "neg":
      emitConstant(fn, width, 0n);
      arg();
      fn.op(wide === 1 ? OP.i64Sub : OP.i32Sub);
      emitCut(fn, width);
      return;
    case "clz":
    case "popcount":
      arg();
      fn.op(counts[op][wide]);
      if (op === "clz" && !fillsType(width)) {
        emitConstant(fn, width, BigInt((wide === 1 ? 64 : 32) - width));
        fn.op(wide === 1 ? OP.i64Sub : OP.i32Sub);
      }
      return;
    case "ctz":
      // A bit above the width stops the count for zero.
      arg();
      if (!fillsType(width)) {
        emitConstant(fn, width, 1n << BigInt(width));
        fn.op(wide === 1 ? OP.i64Or : OP.i32Or);
      }
      fn.op(counts.ctz[wide]);
      return;
    case "reverseBytes":
      emitReverseBytes(fn, width, arg);
  }
}

// Each byte moved to its mirrored place; rare enough that eight shifts do.
function emitReverseBytes(fn: FunctionWriter, width: number, arg: () => void): void {
  const wide = width > 32;
  const opcode = (name: "Shl" | "ShrU" | "And" | "Or"): number =>
    wide ? OP[`i64${name}`] : OP[`i32${name}`];
  for (let bit = 0; bit < width; bit += 8) {
    arg();
    if (bit > 0) {
      emitConstant(fn, width, BigInt(bit));
      fn.op(opcode("ShrU"));
    }
    emitConstant(fn, width, 0xffn);
    fn.op(opcode("And"));
    emitConstant(fn, width, BigInt(width - 8 - bit));
    fn.op(opcode("Shl"));
    if (bit > 0) fn.op(opcode("Or"));
  }
}
