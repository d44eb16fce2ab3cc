// What each field name of an RV64 encoding means. Relies on nothing; every table of this folder uses these names.

import type { OperandKind } from "../schema.ts";

const register: OperandKind = { kind: "register", class: "x" };
const compressed: OperandKind = { kind: "register", class: "xc" };
const float: OperandKind = { kind: "register", class: "f" };
const compressedFloat: OperandKind = { kind: "register", class: "fc" };
const signed: OperandKind = { kind: "immediate", signed: true, wrapBits: null, radix: 10 };
const unsigned: OperandKind = { kind: "immediate", signed: false, wrapBits: null, radix: 10 };
const hex: OperandKind = { kind: "immediate", signed: false, wrapBits: null, radix: 16 };

export const operandKinds: Readonly<Record<string, OperandKind>> = {
  rd: register,
  rs1: register,
  rs2: register,
  "rd'": compressed,
  "rs1'": compressed,
  "rs2'": compressed,
  frd: float,
  frs1: float,
  frs2: float,
  frs3: float,
  "frd'": compressedFloat,
  "frs2'": compressedFloat,
  /** Rounding of one instruction; 7 takes the one of `frm`. Encodings leave 5 and 6 out. */
  rm: {
    kind: "choice",
    names: ["rne", "rtz", "rdn", "rup", "rmm", "reserved5", "reserved6", "dyn"],
    aliases: {},
  },
  /** Scratch register of an alias. */
  rt: register,
  imm: signed,
  uimm: unsigned,
  zimm: unsigned,
  shamt: hex,
  /** Bits 31..12 of a constant. */
  upper: hex,
  /** The six bits of c.lui, sign-extended to `upper`. */
  cupper: { kind: "immediate", signed: true, wrapBits: 20, radix: 16 },
  target: { kind: "target", unit: 1 },
  symbol: { kind: "symbol" },
  csr: { kind: "csr", first: 0 },
  /** Predecessor and successor sets of fence: device input, output, memory reads, writes. */
  pred: { kind: "letters", letters: "iorw" },
  succ: { kind: "letters", letters: "iorw" },
  /** Bit 1 acquire, bit 0 release. */
  order: { kind: "choice", names: ["", ".rl", ".aq", ".aqrl"], aliases: {} },
};
