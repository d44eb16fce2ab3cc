// Arm64's choices in floating point, and pieces of effects that scalar and vector forms share (Arm DDI 0487, A1.5 and
// the pseudocode functions FPUnpack, FPRound, FPProcessNaNs, J1). Relies on nothing.
//
// fpcr holds the mode (DN 25, FZ 24, RMode 23..22; half precision is always IEEE's, AHP is not there), the low byte of
// fpsr the accrued flags. An effect reads fpsr once as `status`, and writes it once.

import type { FloatRules } from "../float-rules.ts";

export const floatRules: FloatRules = {
  flags: { invalid: 0, divideByZero: 1, overflow: 2, underflow: 3, inexact: 4, inputDenormal: 7 },
  flagsWidth: 8,
  // The numbers of RMode; the last one is only in instructions.
  roundings: ["nearestEven", "up", "down", "towardZero", "nearestAway"],
  modeWidth: 5,
  tininess: "beforeRounding",
  signallingInMinNumber: "nan",
  nanToInteger: "zero",
};

/** A float format: its letter is that of the registers' views, `ftype` its bits in scalar encodings. */
export interface Format {
  readonly bits: 16 | 32 | 64;
  readonly letter: "h" | "s" | "d";
  readonly ftype: string;
  /** `fadd`, `fadd:s`; with a form `fmov:imm`, `fmov:s:imm`. */
  readonly name: (mnemonic: string, form?: string) => string;
  readonly signBit: string;
}

function named(infix: string): Format["name"] {
  return (mnemonic, form) => mnemonic + infix + (form === undefined ? "" : `:${form}`);
}

// prettier-ignore
export const double: Format = { bits: 64, letter: "d", ftype: "01", name: named(""), signBit: "0x8000000000000000" };
export const single: Format = {
  bits: 32,
  letter: "s",
  ftype: "00",
  name: named(":s"),
  signBit: "0x80000000",
};
export const half: Format = { bits: 16, letter: "h", ftype: "11", name: named(":h"), signBit: "0x8000" };

/** The mode with the rounding that fpcr asks for. */
export const DYNAMIC = "concat(fpcr[25:24], zext2to3(fpcr[23:22]))";

/** The mode with one of `floatRules.roundings` by its number. */
export function directed(rounding: number): string {
  return `concat(fpcr[25:24], trunc3(${String(rounding)}))`;
}

/** Roundings that mnemonics name by a letter. */
export const letters = [
  { letter: "n", rounding: 0 },
  { letter: "p", rounding: 1 },
  { letter: "m", rounding: 2 },
  { letter: "z", rounding: 3 },
  { letter: "a", rounding: 4 },
] as const;

/** The accrued flags before the instruction. */
export const FLAGS = "status[7:0]";
export const READ_STATUS = "let status = fpsr";

/** fpsr with the flags that stand above the `bits` of value of `result`. */
export function newStatus(result: string, bits: number): string {
  return `concat(status[31:8], ${flagsOf(result, bits)})`;
}

/** The flags above the `bits` of value of `result`. */
export function flagsOf(result: string, bits: number): string {
  return `${result}[${String(bits + 7)}:${String(bits)}]`;
}

export function valueOf(result: string, bits: number): string {
  return `${result}[${String(bits - 1)}:0]`;
}

/** One operation: `call` is a float function of FLAGS, `write` takes the value of `bits`. */
export function accruing(call: string, bits: number, write: (value: string) => string): string {
  return `${READ_STATUS}; let r = ${call}; ${write(valueOf("r", bits))}; fpsr = ${newStatus("r", bits)}`;
}

/** Bits of the relation that comparisons give. */
export const LESS = "[0]";
export const EQUAL = "[1]";
export const GREATER = "[2]";
export const UNORDERED = "[3]";
