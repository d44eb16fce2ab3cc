// Arm64 constants in as few instructions as we know how: movz, movn, bit masks, and movk for the halfwords that differ.
//
// Search: one instruction in every way there is; two from a mask with one halfword put right; else movz or movn for
// most of the number and movk for each halfword that is left. None of them writes flags.

import { immediateCodes, type ImmediateCodeName } from "../../../spec/isa/immediate-codes.ts";
import type { ConstantStep } from "../target.ts";

type Steps = readonly ConstantStep[];
type Operand = ConstantStep["operands"][number];

const HALVES = [0, 1, 2, 3] as const;
const HALF = 0xffffn;
const ZERO: Operand = { kind: "fixed", register: 31 };

const imm = (value: number | bigint): Operand => ({ kind: "imm", value: BigInt(value) });
const step = (ins: string, ...operands: readonly Operand[]): ConstantStep => ({ ins, operands });

/** Steps that build `value` (any integer; its low 64 bits count). */
export function arm64Constant(value: bigint): Steps {
  const word = BigInt.asUintN(64, value);
  const single = bySingle(word);
  if (single !== null) return [single];
  const byHalves = byMoves(word);
  return byHalves.length === 2 ? byHalves : (byMask(word) ?? byHalves);
}

function half(word: bigint, position: number): bigint {
  return (word >> BigInt(16 * position)) & HALF;
}

function withHalf(word: bigint, position: number, part: bigint): bigint {
  const shift = BigInt(16 * position);
  return (word & ~(HALF << shift)) | (part << shift);
}

// A move wide, or a mask; what writes a w register clears the upper half.
function bySingle(word: bigint): ConstantStep | null {
  const wide = (ins: string, code: ImmediateCodeName): ConstantStep | null => {
    const { width, encode } = immediateCodes[code];
    const bits = word >> BigInt(width) === 0n ? encode(word) : null;
    return bits === null ? null : step(ins, imm(bits & 0xffff), imm(16 * (bits >> 16)));
  };
  const mask = (ins: string, code: ImmediateCodeName): ConstantStep | null => {
    const { width, encode } = immediateCodes[code];
    const bits = word >> BigInt(width) === 0n ? encode(word) : null;
    return bits === null ? null : step(ins, ZERO, imm(bits));
  };
  return (
    wide("movz", "wide64") ??
    wide("movn", "inverted64") ??
    wide("movn:w", "inverted32") ??
    mask("orr:imm", "logical64") ??
    mask("orr:w:imm", "logical32")
  );
}

function keep(word: bigint, position: number): ConstantStep {
  return step("movk", imm(half(word, position)), imm(16 * position));
}

// Zeros or ones for all halfwords that are, movk for the others.
function byMoves(word: bigint): Steps {
  const count = (part: bigint): number => HALVES.filter((h) => half(word, h) === part).length;
  const isInverted = count(HALF) > count(0n);
  const filler = isInverted ? HALF : 0n;
  const [first = 0, ...rest] = HALVES.filter((h) => half(word, h) !== filler);
  const part = half(word, first);
  const start = isInverted
    ? step("movn", imm(part ^ HALF), imm(16 * first))
    : step("movz", imm(part), imm(16 * first));
  return [start, ...rest.map((h) => keep(word, h))];
}

// A mask that differs in one halfword: the candidates for it are those beside it, zeros and ones.
function byMask(word: bigint): Steps | null {
  for (const position of HALVES) {
    for (const part of new Set([...HALVES.map((h) => half(word, h)), 0n, HALF])) {
      const bits = immediateCodes.logical64.encode(withHalf(word, position, part));
      if (bits !== null) return [step("orr:imm", ZERO, imm(bits)), keep(word, position)];
    }
  }
  return null;
}
