// RV64 constants in as few instructions as we know how, from lui, addi, addiw, shifts, and Zba/Zbs where they help.
//
// Search: small numbers directly, 32-bit ones by lui and addiw, others by building a shorter number and then shifting
// it left and adding the low 12 bits, shifting zeros in from above, zero-extending 32 bits, or setting one bit.

import type { ConstantStep } from "../target.ts";

type Steps = readonly ConstantStep[];
type Has = (extension: string) => boolean;

const ZERO = 0;
const fits12 = (value: bigint): boolean => value >= -2048n && value < 2048n;
const fits32 = (value: bigint): boolean => BigInt.asIntN(32, value) === value;
const low12 = (value: bigint): bigint => BigInt.asIntN(12, value);

type Operand = ConstantStep["operands"][number];
const previous: Operand = { kind: "previous" };
const zero: Operand = { kind: "fixed", register: ZERO };
const imm = (value: bigint): Operand => ({ kind: "imm", value });
const step = (ins: string, ...operands: readonly Operand[]): ConstantStep => ({ ins, operands });

/** Steps that build `value` (any integer; its low 64 bits count). */
export function riscv64Constant(value: bigint, has: Has): Steps {
  return build(BigInt.asIntN(64, value), has, 0);
}

function build(value: bigint, has: Has, depth: number): Steps {
  if (fits12(value)) return [step("addi", zero, imm(value))];
  if (fits32(value)) return build32(value);
  let best = bySingleBit(value, has);
  const consider = (other: Steps | null): void => {
    if (other !== null && (best === null || other.length < best.length)) best = other;
  };
  // Every candidate makes the rest of the number shorter by 12 bits or by its leading zeros, so depth is bounded.
  if (depth < 6) {
    consider(byShiftLeft(value, has, depth));
    consider(byShiftRight(value, has, depth));
    consider(byZeroExtend(value, has, depth));
  }
  return best ?? byShiftLeft(value, has, depth);
}

function build32(value: bigint): Steps {
  const low = low12(value);
  const upper = BigInt.asUintN(20, (value - low) >> 12n);
  const first = step("lui", imm(upper));
  return low === 0n ? [first] : [first, step("addiw", previous, imm(low))];
}

function bySingleBit(value: bigint, has: Has): Steps | null {
  const bits = BigInt.asUintN(64, value).toString(2);
  if (!has("zbs") || bits.lastIndexOf("1") !== 0) return null;
  return [step("bseti", zero, imm(BigInt(bits.length - 1)))];
}

// value = (rest << shift) + low
function byShiftLeft(value: bigint, has: Has, depth: number): Steps {
  const low = low12(value);
  let rest = BigInt.asIntN(64, value - low);
  let shift = 0n;
  while (rest !== 0n && (rest & 1n) === 0n) {
    rest >>= 1n;
    shift += 1n;
  }
  const steps = [...build(rest, has, depth + 1), step("slli", previous, imm(shift))];
  return low === 0n ? steps : [...steps, step("addi", previous, imm(low))];
}

// value = rest >> leading zeros, where the bits shifted out are ones (or zeros): both are tried.
function byShiftRight(value: bigint, has: Has, depth: number): Steps | null {
  if (value < 0n) return null;
  const leading = BigInt(64 - value.toString(2).length);
  const shifted = BigInt.asIntN(64, value << leading);
  const filled = shifted | ((1n << leading) - 1n);
  const [a, b] = [build(filled, has, depth + 1), build(shifted, has, depth + 1)];
  return [...(a.length <= b.length ? a : b), step("srli", previous, imm(leading))];
}

function byZeroExtend(value: bigint, has: Has, depth: number): Steps | null {
  if (!has("zba") || BigInt.asUintN(32, value) !== value) return null;
  return [...build(BigInt.asIntN(32, value), has, depth + 1), step("add.uw", previous, zero)];
}
