// 64-bit words: the one representation of them in the compiler.
//
// A word is a bigint in 0 .. 2^64-1. Every function takes and returns words in that range. Shift amounts
// of 64 and more have no meaning in Pancake (Error); callers check before they ask.

export type Word = bigint;

export const WORD_BITS = 64;
export const WORD_BYTES = 8;
const MASK = (1n << 64n) - 1n;

/** Reduces any integer modulo 2^64. */
export function toWord(value: bigint): Word {
  return value & MASK;
}

/** The two's complement reading of a word. */
export function toSigned(word: Word): bigint {
  return BigInt.asIntN(64, word);
}

export type ShiftOp = "lsl" | "lsr" | "asr" | "ror";
export type ArithOp = "add" | "sub" | "mul" | "and" | "or" | "xor";
/** Lower = unsigned less-than, less = signed less-than (upstream's names). */
export type CompareOp = "equal" | "notEqual" | "less" | "notLess" | "lower" | "notLower";

export const arith: Readonly<Record<ArithOp, (a: Word, b: Word) => Word>> = {
  add: (a, b) => (a + b) & MASK,
  sub: (a, b) => (a - b) & MASK,
  mul: (a, b) => (a * b) & MASK,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

export const compare: Readonly<Record<CompareOp, (a: Word, b: Word) => boolean>> = {
  equal: (a, b) => a === b,
  notEqual: (a, b) => a !== b,
  less: (a, b) => toSigned(a) < toSigned(b),
  notLess: (a, b) => toSigned(a) >= toSigned(b),
  lower: (a, b) => a < b,
  notLower: (a, b) => a >= b,
};

/** `amount` is 0 .. 63. */
export const shift: Readonly<Record<ShiftOp, (value: Word, amount: number) => Word>> = {
  lsl: (v, n) => (v << BigInt(n)) & MASK,
  lsr: (v, n) => v >> BigInt(n),
  asr: (v, n) => toWord(toSigned(v) >> BigInt(n)),
  ror: (v, n) => (n === 0 ? v : ((v >> BigInt(n)) | (v << BigInt(64 - n))) & MASK),
};

export const negateCompare: Readonly<Record<CompareOp, CompareOp>> = {
  equal: "notEqual",
  notEqual: "equal",
  less: "notLess",
  notLess: "less",
  lower: "notLower",
  notLower: "lower",
};

/** `sum` and carry-out of `left + right + (carryIn ≠ 0)`. */
export function addWithCarry(
  left: Word,
  right: Word,
  carryIn: Word,
): { readonly sum: Word; readonly carry: Word } {
  const total = left + right + (carryIn === 0n ? 0n : 1n);
  return { sum: total & MASK, carry: total >> 64n };
}
