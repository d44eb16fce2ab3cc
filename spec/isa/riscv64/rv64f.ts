// RV64F: single-precision floating point (unprivileged manual, chapter "F"). Relies on rows.ts and float.ts.

import { input, ins, instructions } from "../rows.ts";
import type { Alias } from "../schema.ts";
import { arithmetic, integerConversions, signAliases, single, unroundedAliases } from "./float.ts";

// prettier-ignore
export const rv64f = instructions("F", () => [
  ins("flw",     "imm:12 rs1:5 010 frd:5 0000111",             "frd, imm(rs1)",  single.write("load32(rs1 + imm)")),
  ins("fsw",     "imm[11:5] frs2:5 rs1:5 010 imm[4:0] 0100111", "frs2, imm(rs1)", "store32(rs1 + imm, trunc32(frs2))"),
  ...arithmetic(single),
  ...integerConversions(single),
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
