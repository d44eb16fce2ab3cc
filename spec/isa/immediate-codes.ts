// Codes in which instructions hold numbers: the field's bits to the number they mean and back. Relies on nothing else.
// Part of the meaning of effects (an `imm` node may name a code), so the functions stand here by name and effects stay
// plain data. Guarantees: decode(encode(v)) = v, and encode gives the spelling that assemblers choose.

import { tableError } from "./table-error.ts";

/** A code. Bits are those of the field, values unsigned numbers of `width` bits. */
export interface ImmediateCode {
  readonly width: number;
  /** The value of a field's bits; null for bits that mean none. */
  readonly decode: (bits: number) => bigint | null;
  /** The bits for a value, taken modulo 2^width; null if the code cannot say it. */
  readonly encode: (value: bigint) => number | null;
  /** The numbers that it can say, in words. */
  readonly holds: string;
}

function ones(count: number): bigint {
  return (1n << BigInt(count)) - 1n;
}

// Arm DDI 0487 "DecodeBitMasks": N:immr:imms is a run of ones, rotated inside an element of 2, 4 … 64 bits that is
// repeated. The element's size stands in N and the leading ones of imms.
function decodeLogical(bits: number, width: number): bigint | null {
  const [n, rotation, run] = [bits >> 12, (bits >> 6) & 63, bits & 63];
  const selector = (n << 6) | (~run & 63);
  if (selector < 2) return null;
  const size = 1 << (31 - Math.clz32(selector));
  const [length, right] = [(run & (size - 1)) + 1, rotation & (size - 1)];
  if (size > width || length === size) return null;
  const element = ones(length);
  const rotated = (element >> BigInt(right)) | ((element << BigInt(size - right)) & ones(size));
  let value = 0n;
  for (let at = 0; at < width; at += size) value |= rotated << BigInt(at);
  return value;
}

// The smallest element that repeats, then where its run of ones begins.
function encodeLogical(value: bigint, width: number): number | null {
  let size = width;
  while (size > 2 && (value & ones(size / 2)) === ((value >> BigInt(size / 2)) & ones(size / 2))) size /= 2;
  const element = value & ones(size);
  if (element === 0n || element === ones(size)) return null;
  const length = element.toString(2).replaceAll("0", "").length;
  for (let right = 0; right < size; right += 1) {
    const turned = ((element << BigInt(right)) | (element >> BigInt(size - right))) & ones(size);
    if (turned !== ones(length)) continue;
    const leading = size === 64 ? 0 : ~(2 * size - 1) & 63;
    return ((size === 64 ? 1 : 0) << 12) | (right << 6) | leading | (length - 1);
  }
  return null;
}

function logical(width: number): ImmediateCode {
  return {
    width,
    decode: (bits) => decodeLogical(bits, width),
    encode: (value) => encodeLogical(BigInt.asUintN(width, value), width),
    holds: "equal parts side by side, each a rotated run of ones",
  };
}

// 16 bits and, above them, by how many halfwords they are shifted; `invert`: the complement of that (movn).
function wide(width: number, invert: boolean): ImmediateCode {
  const turn = (value: bigint): bigint => BigInt.asUintN(width, invert ? ~value : value);
  return {
    width,
    decode: (bits) => turn(BigInt(bits & 0xffff) << BigInt(16 * (bits >> 16))),
    encode: (value) => {
      const plain = turn(BigInt.asUintN(width, value));
      for (let half = 0; half < width / 16; half += 1) {
        const part = plain >> BigInt(16 * half);
        if (part <= 0xffffn && part << BigInt(16 * half) === plain) return half * 0x10000 + Number(part);
      }
      return null;
    },
    holds: `16 bits at a multiple of 16, ${invert ? "ones" : "zeros"} elsewhere`,
  };
}

// 12 bits, shifted or not, of a number or of its negative: other spellings of additions (`add x0, x1, #-8`).
function sum(shift: 0 | 12, isNegative: boolean): ImmediateCode {
  const turn = (value: bigint): bigint => BigInt.asUintN(64, isNegative ? -value : value);
  return {
    width: 64,
    decode: (bits) => turn(BigInt(bits) << BigInt(shift)),
    encode: (value) => {
      const bits = turn(value) >> BigInt(shift);
      return bits <= 0xfffn && bits << BigInt(shift) === turn(value) ? Number(bits) : null;
    },
    holds: `${isNegative ? "the negative of " : ""}12 bits${shift === 0 ? "" : " above 12 zeros"}`,
  };
}

// Arm DDI 0487 "VFPExpandImm": a sign, three bits of exponent around zero, four of fraction.
function smallFloat(width: 32 | 64): ImmediateCode {
  const exponentBits = width === 64 ? 11 : 8;
  const fractionBits = width - exponentBits - 1;
  const decode = (bits: number): bigint => {
    const isSmall = (bits >> 6) & 1; // set: the exponent is -3 to 0, else 1 to 4
    const high = isSmall === 1 ? ones(exponentBits - 3) : 1n << BigInt(exponentBits - 3);
    const exponent = (high << 2n) | BigInt((bits >> 4) & 3);
    const fraction = BigInt(bits & 15) << BigInt(fractionBits - 4);
    return (BigInt(bits >> 7) << BigInt(width - 1)) | (exponent << BigInt(fractionBits)) | fraction;
  };
  const all = new Map(Array.from({ length: 256 }, (_, bits) => [decode(bits), bits]));
  return {
    width,
    decode,
    encode: (value) => all.get(BigInt.asUintN(width, value)) ?? null,
    holds: "n/16 * 2^e or its negative, n from 16 to 31, e from -3 to 4",
  };
}

// Right shifts of vector lanes and bits of fractions, 1 to 2^bits: the field counts down from there.
function countdown(bits: number): ImmediateCode {
  const most = 2 ** bits;
  return {
    width: bits + 1,
    decode: (raw) => BigInt(most - raw),
    encode: (value) => (value >= 1n && value <= BigInt(most) ? most - Number(value) : null),
    holds: `from 1 to ${String(most)}`,
  };
}

// Each bit stands for a byte of ones or zeros.
const byteMask: ImmediateCode = {
  width: 64,
  decode: (bits) => {
    let value = 0n;
    for (let i = 0; i < 8; i += 1) if ((bits >> i) & 1) value |= 0xffn << BigInt(8 * i);
    return value;
  },
  encode: (value) => {
    let bits = 0;
    for (let i = 0; i < 8; i += 1) {
      const byte = (BigInt.asUintN(64, value) >> BigInt(8 * i)) & 0xffn;
      if (byte !== 0n && byte !== 0xffn) return null;
      if (byte === 0xffn) bits += 2 ** i;
    }
    return bits;
  },
  holds: "bytes of zeros or ones",
};

const codes = {
  /** Bit masks of `and`, `orr`, `eor`, `ands`: 13 bits, N:immr:imms. */
  logical64: logical(64),
  logical32: logical(32),
  /** What one `movz` or `movn` makes: 18 bits, halfword number and 16 bits. */
  wide64: wide(64, false),
  wide32: wide(32, false),
  inverted64: wide(64, true),
  inverted32: wide(32, true),
  /** Additions of a number that is not the field's: thousands, less, thousands less. */
  sumShifted: sum(12, false),
  sumNegative: sum(0, true),
  sumNegativeShifted: sum(12, true),
  /** Constants of `fmov`: 8 bits for the bits of a double or a single. */
  float64: smallFloat(64),
  float32: smallFloat(32),
  /** Shifts to the right of lanes of 8, 16, 32, 64 bits; bits of fractions in conversions. */
  right8: countdown(3),
  right16: countdown(4),
  right32: countdown(5),
  right64: countdown(6),
  /** 64 bits made of whole bytes: `movi`. */
  byteMask,
};

export type ImmediateCodeName = keyof typeof codes;

/** All codes by name. */
export const immediateCodes: Readonly<Record<ImmediateCodeName, ImmediateCode>> = codes;

/** The value of an immediate operand in a code (null: the operand is the value itself), modulo 2^width. */
export function immediateValue(code: ImmediateCodeName | null, operand: number, width: number): bigint {
  const value = code === null ? BigInt(operand) : immediateCodes[code].decode(operand);
  return value === null
    ? tableError(`code ${String(code)}: no value for ${String(operand)}`)
    : BigInt.asUintN(width, value);
}
