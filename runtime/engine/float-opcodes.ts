// WebAssembly's float operations by format. Relies on wasm-emitter.ts.

import { F32, F64, I32, I64, OP } from "./wasm-emitter.ts";

/** Opcodes and facts of one format. */
export interface FloatCodes {
  readonly name: "f32" | "f64";
  readonly type: typeof F32 | typeof F64;
  /** Type of the bits, and the operations between bits and number. */
  readonly bits: typeof I32 | typeof I64;
  readonly toBits: number;
  readonly fromBits: number;
  /** Bits of a significand with the hidden one, bits below the exponent, and the largest exponent field. */
  readonly precision: number;
  readonly fractionBits: number;
  readonly maxExponent: number;
  readonly add: number;
  readonly sub: number;
  readonly mul: number;
  readonly div: number;
  readonly sqrt: number;
  readonly abs: number;
  readonly copySign: number;
  readonly min: number;
  readonly max: number;
  readonly nearest: number;
  readonly trunc: number;
  readonly floor: number;
  readonly ceil: number;
  readonly eq: number;
  readonly ne: number;
  readonly lt: number;
  readonly gt: number;
  readonly ge: number;
}

// prettier-ignore
const f32: FloatCodes = {
  name: "f32", type: F32, bits: I32, toBits: OP.i32ReinterpretF32, fromBits: OP.f32ReinterpretI32,
  precision: 24, fractionBits: 23, maxExponent: 0xff,
  add: OP.f32Add, sub: OP.f32Sub, mul: OP.f32Mul, div: OP.f32Div, sqrt: OP.f32Sqrt, abs: OP.f32Abs, copySign: OP.f32Copysign, min: OP.f32Min, max: OP.f32Max,
  nearest: OP.f32Nearest, trunc: OP.f32Trunc, floor: OP.f32Floor, ceil: OP.f32Ceil,
  eq: OP.f32Eq, ne: OP.f32Ne, lt: OP.f32Lt, gt: OP.f32Gt, ge: OP.f32Ge,
};

// prettier-ignore
const f64: FloatCodes = {
  name: "f64", type: F64, bits: I64, toBits: OP.i64ReinterpretF64, fromBits: OP.f64ReinterpretI64,
  precision: 53, fractionBits: 52, maxExponent: 0x7ff,
  add: OP.f64Add, sub: OP.f64Sub, mul: OP.f64Mul, div: OP.f64Div, sqrt: OP.f64Sqrt, abs: OP.f64Abs, copySign: OP.f64Copysign, min: OP.f64Min, max: OP.f64Max,
  nearest: OP.f64Nearest, trunc: OP.f64Trunc, floor: OP.f64Floor, ceil: OP.f64Ceil,
  eq: OP.f64Eq, ne: OP.f64Ne, lt: OP.f64Lt, gt: OP.f64Gt, ge: OP.f64Ge,
};

/** The operations on numbers of 32 or 64 bits. */
export function codesOf(width: number): FloatCodes {
  return width === 32 ? f32 : f64;
}

/** Conversions by direction and format, for integers held in i32 and in i64. */
export const conversions = {
  toSigned: {
    f32: [OP.i32TruncF32S, OP.i64TruncF32S],
    f64: [OP.i32TruncF64S, OP.i64TruncF64S],
  },
  toUnsigned: {
    f32: [OP.i32TruncF32U, OP.i64TruncF32U],
    f64: [OP.i32TruncF64U, OP.i64TruncF64U],
  },
  fromSigned: {
    f32: [OP.f32ConvertI32S, OP.f32ConvertI64S],
    f64: [OP.f64ConvertI32S, OP.f64ConvertI64S],
  },
  fromUnsigned: {
    f32: [OP.f32ConvertI32U, OP.f32ConvertI64U],
    f64: [OP.f64ConvertI32U, OP.f64ConvertI64U],
  },
} as const;
