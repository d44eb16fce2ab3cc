// RV64M: multiplication and division (unprivileged manual, chapter 12). Relies on rows.ts.
// A quotient by zero is all ones; the effect language's own remainder by zero is the dividend, as RISC-V wants.

import { ins, instructions } from "../rows.ts";

// prettier-ignore
export const rv64m = instructions("M", () => [
  //  name      encoding, bit 31 first                    operands        effect
  ins("mul",    "0000001 rs2:5 rs1:5 000 rd:5 0110011",   "rd, rs1, rs2", "rd = rs1 * rs2"),
  ins("mulh",   "0000001 rs2:5 rs1:5 001 rd:5 0110011",   "rd, rs1, rs2", "rd = mulhss(rs1, rs2)"),
  ins("mulhsu", "0000001 rs2:5 rs1:5 010 rd:5 0110011",   "rd, rs1, rs2", "rd = mulhsu(rs1, rs2)"),
  ins("mulhu",  "0000001 rs2:5 rs1:5 011 rd:5 0110011",   "rd, rs1, rs2", "rd = mulhuu(rs1, rs2)"),
  ins("div",    "0000001 rs2:5 rs1:5 100 rd:5 0110011",   "rd, rs1, rs2", "rd = rs2 == 0 ? -1 : rs1 /s rs2"),
  ins("divu",   "0000001 rs2:5 rs1:5 101 rd:5 0110011",   "rd, rs1, rs2", "rd = rs2 == 0 ? -1 : rs1 /u rs2"),
  ins("rem",    "0000001 rs2:5 rs1:5 110 rd:5 0110011",   "rd, rs1, rs2", "rd = rs1 %s rs2"),
  ins("remu",   "0000001 rs2:5 rs1:5 111 rd:5 0110011",   "rd, rs1, rs2", "rd = rs1 %u rs2"),
  ins("mulw",   "0000001 rs2:5 rs1:5 000 rd:5 0111011",   "rd, rs1, rs2", "rd = sext32(rs1 * rs2)"),
  ins("divw",   "0000001 rs2:5 rs1:5 100 rd:5 0111011",   "rd, rs1, rs2", "let d = trunc32(rs2); rd = sext32(d == 0 ? -1 : trunc32(rs1) /s d)"),
  ins("divuw",  "0000001 rs2:5 rs1:5 101 rd:5 0111011",   "rd, rs1, rs2", "let d = trunc32(rs2); rd = sext32(d == 0 ? -1 : trunc32(rs1) /u d)"),
  ins("remw",   "0000001 rs2:5 rs1:5 110 rd:5 0111011",   "rd, rs1, rs2", "rd = sext32(trunc32(rs1) %s trunc32(rs2))"),
  ins("remuw",  "0000001 rs2:5 rs1:5 111 rd:5 0111011",   "rd, rs1, rs2", "rd = sext32(trunc32(rs1) %u trunc32(rs2))"),
]);
