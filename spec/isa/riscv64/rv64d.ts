// RV64D: double-precision floating point, and the compressed loads and stores of doubles (unprivileged manual,
// chapters "D" and "C"). Relies on rows.ts and float.ts.

import { input, ins, instructions, short } from "../rows.ts";
import type { Alias } from "../schema.ts";
import {
  arithmetic,
  double,
  integerConversions,
  rounded,
  signAliases,
  single,
  unroundedAliases,
} from "./float.ts";

// prettier-ignore
export const rv64d = instructions("D", () => [
  ins("fld",     "imm:12 rs1:5 011 frd:5 0000111",             "frd, imm(rs1)",  double.write("load64(rs1 + imm)")),
  ins("fsd",     "imm[11:5] frs2:5 rs1:5 011 imm[4:0] 0100111", "frs2, imm(rs1)", "store64(rs1 + imm, frs2)"),
  ...arithmetic(double),
  rounded(single, { name: "fcvt.s.d", encoding: "01000 00 00001 frs1:5 rm:3 frd:5 1010011", operands: "frd, frs1",
    call: "f64tof32(frs1, mode, fflags)" }),
  rounded(double, { name: "fcvt.d.s", encoding: "01000 01 00000 frs1:5 rm:3 frd:5 1010011", operands: "frd, frs1",
    call: `f32tof64(${single.read("frs1")}, mode, fflags)` }),
  ...integerConversions(double),
  ins("fmv.x.d", "1110001 00000 frs1:5 000 rd:5 1010011",      "rd, frs1",       "rd = frs1"),
  ins("fmv.d.x", "1111001 00000 rs1:5 000 frd:5 1010011",      "frd, rs1",       double.write("rs1")),
]);

// prettier-ignore
export const rv64cd = instructions("Zcd", () => [
  short("c.fld",   "001 uimm[5:3] rs1':3 uimm[7:6] frd':3 00",     "frd', uimm(rs1')",  "fld frd', uimm(rs1')"),
  short("c.fsd",   "101 uimm[5:3] rs1':3 uimm[7:6] frs2':3 00",    "frs2', uimm(rs1')", "fsd frs2', uimm(rs1')"),
  short("c.fldsp", "001 uimm[5] frd:5 uimm[4:3] uimm[8:6] 10",     "frd, uimm(sp)",     "fld frd, uimm(sp)"),
  short("c.fsdsp", "101 uimm[5:3] uimm[8:6] frs2:5 10",            "frs2, uimm(sp)",    "fsd frs2, uimm(sp)"),
]);

// prettier-ignore
export const doubleAliases: readonly Alias[] = [
  ...unroundedAliases(rv64d.rows),
  ...signAliases(double),
  input("fld", "frd, symbol, rt",  "auipc rt, %pcrel_hi(symbol); fld frd, %pcrel_lo(@)(rt)"),
  input("fsd", "frs2, symbol, rt", "auipc rt, %pcrel_hi(symbol); fsd frs2, %pcrel_lo(@)(rt)"),
];
