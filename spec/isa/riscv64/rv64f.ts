// RV64F: single-precision floating point (unprivileged manual, chapter "F"). Relies on rows.ts and float.ts.

import { input, ins, instructions } from "../rows.ts";
import type { Alias } from "../schema.ts";
import {
  classified,
  compared,
  computed,
  extreme,
  fromIntegers,
  fused,
  signAliases,
  single,
  toIntegers,
  unroundedAliases,
  withSign,
} from "./float.ts";

// prettier-ignore
export const rv64f = instructions("F", () => [
  ins("flw",     "imm:12 rs1:5 010 frd:5 0000111",             "frd, imm(rs1)",  single.write("load32(rs1 + imm)")),
  ins("fsw",     "imm[11:5] frs2:5 rs1:5 010 imm[4:0] 0100111", "frs2, imm(rs1)", "store32(rs1 + imm, trunc32(frs2))"),

  //            name      opcode     signs of product and addend
  fused(single, "fmadd",  "1000011", ["+", "+"]),
  fused(single, "fmsub",  "1000111", ["+", "-"]),
  fused(single, "fnmsub", "1001011", ["-", "+"]),
  fused(single, "fnmadd", "1001111", ["-", "-"]),
  computed(single, "fadd",  "00000", 2),
  computed(single, "fsub",  "00001", 2),
  computed(single, "fmul",  "00010", 2),
  computed(single, "fdiv",  "00011", 2),
  computed(single, "fsqrt", "01011", 1),

  withSign(single, "fsgnj",  "000", "b[31]"),
  withSign(single, "fsgnjn", "001", "!b[31]"),
  withSign(single, "fsgnjx", "010", "a[31] ^ b[31]"),
  extreme(single, "fmin", "000"),
  extreme(single, "fmax", "001"),
  compared(single, "feq", "010", ["fcmp", "r[1]"]),
  compared(single, "flt", "001", ["fcmps", "r[0]"]),
  compared(single, "fle", "000", ["fcmps", "r[0] | r[1]"]),
  classified(single),

  ...toIntegers(single),
  ...fromIntegers(single),
  ins("fmv.x.w", "1110000 00000 frs1:5 000 rd:5 1010011",      "rd, frs1",       "rd = sext32(frs1)"),
  ins("fmv.w.x", "1111000 00000 rs1:5 000 frd:5 1010011",      "frd, rs1",       single.write("rs1")),
]);

// prettier-ignore
export const floatAliases: readonly Alias[] = [
  ...unroundedAliases(rv64f.rows),
  ...signAliases(single),
  input("fmv.x.s", "rd, frs1",         "fmv.x.w rd, frs1"),
  input("fmv.s.x", "frd, rs1",         "fmv.w.x frd, rs1"),
  input("flw",     "frd, symbol, rt",  "auipc rt, %pcrel_hi(symbol); flw frd, %pcrel_lo(@)(rt)"),
  input("fsw",     "frs2, symbol, rt", "auipc rt, %pcrel_hi(symbol); fsw frs2, %pcrel_lo(@)(rt)"),
];
