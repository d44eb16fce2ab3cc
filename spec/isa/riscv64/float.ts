// RISC-V's choices in floating point (unprivileged manual, chapter "F", 21.2 to 21.7), and how F and D write their
// effects: what both have, over a format. Relies on rows.ts.
//
// A single stands in the low half of a register below 32 ones ("NaN boxing"); any other contents read as a NaN.

import type { FloatRules } from "../float-rules.ts";
import { alias, input, ins } from "../rows.ts";
import type { Alias, InstructionRow } from "../schema.ts";

/** `rm` and `frm` hold a rounding, `fflags` the accrued flags. */
export const floatRules: FloatRules = {
  flags: { invalid: 4, divideByZero: 3, overflow: 2, underflow: 1, inexact: 0 },
  flagsWidth: 5,
  roundings: ["nearestEven", "towardZero", "down", "up", "nearestAway"],
  modeWidth: 3,
  tininess: "afterRounding",
  signallingInMinNumber: "number",
  nanToInteger: "greatest",
};

/** One format: its bits in the encoding, its letter, how a register is read as a value and written with one. */
export interface Format {
  readonly letter: "s" | "d";
  readonly fmt: string;
  readonly bits: 32 | 64;
  /** The bits below the sign. */
  readonly magnitude: string;
  readonly signBit: string;
  read(register: string): string;
  write(value: string): string;
}

export const single: Format = {
  letter: "s",
  fmt: "00",
  bits: 32,
  magnitude: "[30:0]",
  signBit: "0x80000000",
  read: (register) => `(${register}[63:32] == -1 ? ${register}[31:0] : 0x7fc00000)`,
  write: (value) => `frd = zext32(${value}) | 0xffffffff00000000`,
};

export const double: Format = {
  letter: "d",
  fmt: "01",
  bits: 64,
  magnitude: "[62:0]",
  signBit: "0x8000000000000000",
  read: (register) => register,
  write: (value) => `frd = ${value}`,
};

const WITH_ROUNDING = "let mode = rm == 7 ? frm : rm; if (mode >u 4) trap illegalInstruction; ";
/** Roundings 5 and 6 are no instructions. */
const LEGAL = "; rm != 5, rm != 6";

/** Puts the flags of `r`, a result above whose `bits` they stand, into fflags. */
function accrue(bits: number): string {
  return `fflags = r[${String(bits + 4)}:${String(bits)}]`;
}

function low(bits: number): string {
  return `r[${String(bits - 1)}:0]`;
}

/** A row whose result is rounded: `call` is a float function of `mode` that gives a value of the format. */
export function rounded(
  f: Format,
  row: { name: string; encoding: string; operands: string; call: string },
): InstructionRow {
  const effect = `${WITH_ROUNDING}let r = ${row.call}; ${f.write(low(f.bits))}; ${accrue(f.bits)}`;
  return ins(row.name, row.encoding + LEGAL, `${row.operands}, rm`, effect);
}

/** Operations on one or two registers: `fadd.s frd, frs1, frs2, rm`. */
function computed(f: Format, name: string, funct5: string, arity: 1 | 2): InstructionRow {
  const second = arity === 2 ? "frs2:5" : "00000";
  const args = arity === 2 ? `${f.read("frs1")}, ${f.read("frs2")}` : f.read("frs1");
  const encoding = `${funct5} ${f.fmt} ${second} frs1:5 rm:3 frd:5 1010011`;
  const operands = arity === 2 ? "frd, frs1, frs2" : "frd, frs1";
  const call = `${name}${String(f.bits)}(${args}, mode, fflags)`;
  return rounded(f, { name: `${name}.${f.letter}`, encoding, operands, call });
}

/** Fused multiply-add with the signs of the product and of the addend. */
function fused(
  f: Format,
  name: string,
  opcode: string,
  signs: readonly ["+" | "-", "+" | "-"],
): InstructionRow {
  const signed = (value: string, sign: string): string => (sign === "-" ? `${value} ^ ${f.signBit}` : value);
  const [factor, addend] = [signed(f.read("frs1"), signs[0]), signed(f.read("frs3"), signs[1])];
  const call = `fma${String(f.bits)}(${factor}, ${f.read("frs2")}, ${addend}, mode, fflags)`;
  const encoding = `frs3:5 ${f.fmt} frs2:5 frs1:5 rm:3 frd:5 ${opcode}`;
  return rounded(f, { name: `${name}.${f.letter}`, encoding, operands: "frd, frs1, frs2, frs3", call });
}

function two(f: Format, funct5: string, funct3: string, rd: string): string {
  return `${funct5} ${f.fmt} frs2:5 frs1:5 ${funct3} ${rd}:5 1010011`;
}

/** A copy of frs1 with another sign; `sign` is made of the signs of `a` and `b`. */
function withSign(f: Format, name: string, funct3: string, sign: string): InstructionRow {
  const effect =
    `let a = ${f.read("frs1")}; let b = ${f.read("frs2")}; ` + f.write(`concat(${sign}, a${f.magnitude})`);
  return ins(`${name}.${f.letter}`, two(f, "00100", funct3, "frd"), "frd, frs1, frs2", effect);
}

/** The lesser or the greater number. */
function extreme(f: Format, name: string, funct3: string): InstructionRow {
  const call = `${name}num${String(f.bits)}(${f.read("frs1")}, ${f.read("frs2")}, 0, fflags)`;
  const effect = `let r = ${call}; ${f.write(low(f.bits))}; ${accrue(f.bits)}`;
  return ins(`${name}.${f.letter}`, two(f, "00101", funct3, "frd"), "frd, frs1, frs2", effect);
}

/** A comparison: `relation` picks from the four bits of fcmp (quiet) or fcmps (signalling). */
function compared(f: Format, name: string, funct3: string, row: [string, string]): InstructionRow {
  const [compare, relation] = row;
  const call = `${compare}${String(f.bits)}(${f.read("frs1")}, ${f.read("frs2")}, 0, fflags)`;
  const effect = `let r = ${call}; rd = zext1(${relation}); ${accrue(4)}`;
  return ins(`${name}.${f.letter}`, two(f, "10100", funct3, "rd"), "rd, frs1, frs2", effect);
}

/** fclass: ten bits of which one is set, from the fields of the format. */
function classified(f: Format): InstructionRow {
  const [exponent, fraction, quiet] =
    f.bits === 32 ? ["[30:23]", "[22:0]", "[22]"] : ["[62:52]", "[51:0]", "[51]"];
  const sign = `a[${String(f.bits - 1)}]`;
  const classes = [
    `special && a${quiet}`,
    `special && a${fraction} != 0 && !a${quiet}`,
    `!${sign} && special && a${fraction} == 0`,
    `!${sign} && !special && !small`,
    `!${sign} && small && a${fraction} != 0`,
    `!${sign} && small && a${fraction} == 0`,
    `${sign} && small && a${fraction} == 0`,
    `${sign} && small && a${fraction} != 0`,
    `${sign} && !special && !small`,
    `${sign} && special && a${fraction} == 0`,
  ];
  const mask = classes.reduceRight((below, bit) => (below === "" ? bit : `concat(${bit}, ${below})`), "");
  const effect =
    `let a = ${f.read("frs1")}; let special = a${exponent} == -1; let small = a${exponent} == 0; ` +
    `rd = zext10(${mask})`;
  return ins(`fclass.${f.letter}`, `11100 ${f.fmt} 00000 frs1:5 001 rd:5 1010011`, "rd, frs1", effect);
}

/** Integers that conversions name: letter, bits 24..20 of the encoding, width, sign. */
const integers = [
  { name: "w", code: "00000", bits: 32, sign: "s" },
  { name: "wu", code: "00001", bits: 32, sign: "u" },
  { name: "l", code: "00010", bits: 64, sign: "s" },
  { name: "lu", code: "00011", bits: 64, sign: "u" },
] as const;

/** `fcvt.w.s` and its relatives: to an integer; 32-bit ones are sign-extended whatever their sign. */
function toIntegers(f: Format): InstructionRow[] {
  return integers.map(({ name, code, bits, sign }) => {
    const call = `f${String(f.bits)}to${sign}${String(bits)}(${f.read("frs1")}, mode, fflags)`;
    const effect = `${WITH_ROUNDING}let r = ${call}; rd = sext${String(bits)}(r); ${accrue(bits)}`;
    const encoding = `11000 ${f.fmt} ${code} frs1:5 rm:3 rd:5 1010011${LEGAL}`;
    return ins(`fcvt.${name}.${f.letter}`, encoding, "rd, frs1, rm", effect);
  });
}

/** `fcvt.s.w` and its relatives: from an integer. */
function fromIntegers(f: Format): InstructionRow[] {
  return integers.map(({ name, code, bits, sign }) => {
    const argument = bits === 32 ? "trunc32(rs1)" : "rs1";
    const call = `${sign}${String(bits)}tof${String(f.bits)}(${argument}, mode, fflags)`;
    const effect = `${WITH_ROUNDING}let r = ${call}; ${f.write(low(f.bits))}; ${accrue(f.bits)}`;
    const encoding = `11010 ${f.fmt} ${code} rs1:5 rm:3 frd:5 1010011${LEGAL}`;
    return ins(`fcvt.${f.letter}.${name}`, encoding, "frd, rs1, rm", effect);
  });
}

/** Computations on registers that F and D have alike. */
// prettier-ignore
export function arithmetic(f: Format): InstructionRow[] {
  const [a, b] = [`a[${String(f.bits - 1)}]`, `b[${String(f.bits - 1)}]`];
  return [
    //       name      opcode     signs of product and addend
    fused(f, "fmadd",  "1000011", ["+", "+"]),
    fused(f, "fmsub",  "1000111", ["+", "-"]),
    fused(f, "fnmsub", "1001011", ["-", "+"]),
    fused(f, "fnmadd", "1001111", ["-", "-"]),
    computed(f, "fadd",  "00000", 2),
    computed(f, "fsub",  "00001", 2),
    computed(f, "fmul",  "00010", 2),
    computed(f, "fdiv",  "00011", 2),
    computed(f, "fsqrt", "01011", 1),
    withSign(f, "fsgnj",  "000", b),
    withSign(f, "fsgnjn", "001", `!${b}`),
    withSign(f, "fsgnjx", "010", `${a} ^ ${b}`),
    extreme(f, "fmin", "000"),
    extreme(f, "fmax", "001"),
    compared(f, "feq", "010", ["fcmp", "r[1]"]),
    compared(f, "flt", "001", ["fcmps", "r[0]"]),
    compared(f, "fle", "000", ["fcmps", "r[0] | r[1]"]),
    classified(f),
  ];
}

/** Conversions to and from integers. */
export function integerConversions(f: Format): InstructionRow[] {
  return [...toIntegers(f), ...fromIntegers(f)];
}

/**
 * The spellings without a rounding: the dynamic one, but to nearest for conversions that are exact, as binutils does.
 */
export function unroundedAliases(rows: readonly InstructionRow[]): Alias[] {
  const isExact = (name: string): boolean => ["fcvt.d.s", "fcvt.d.w", "fcvt.d.wu"].includes(name);
  return rows
    .filter((row) => row.operands.endsWith(", rm"))
    .map(({ name, operands }) => {
      const others = operands.slice(0, -", rm".length);
      return alias(name, others, `${name} ${others}, ${isExact(name) ? "rne" : "dyn"}`);
    });
}

/** Copies, changes of sign and comparisons the other way round. */
export function signAliases({ letter }: Format): Alias[] {
  const one = (name: string, base: string): Alias =>
    alias(`${name}.${letter}`, "frd, frs1", `${base}.${letter} frd, frs1, frs1`);
  const swapped = (name: string, base: string): Alias =>
    input(`${name}.${letter}`, "rd, frs2, frs1", `${base}.${letter} rd, frs1, frs2`);
  return [
    one("fmv", "fsgnj"),
    one("fneg", "fsgnjn"),
    one("fabs", "fsgnjx"),
    swapped("fgt", "flt"),
    swapped("fge", "fle"),
  ];
}
