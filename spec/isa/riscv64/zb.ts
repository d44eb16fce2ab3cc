// Zba, Zbb, Zbs: address generation, basic bit manipulation, single bits (unprivileged manual, chapter 28; RV64).
// Relies on rows.ts.

import { ins, instructions } from "../rows.ts";

// prettier-ignore
export const zba = instructions("Zba", () => [
  //  name         encoding, bit 31 first                    operands          effect
  ins("add.uw",    "0000100 rs2:5 rs1:5 000 rd:5 0111011",   "rd, rs1, rs2",   "rd = rs2 + zext32(rs1)"),
  ins("sh1add",    "0010000 rs2:5 rs1:5 010 rd:5 0110011",   "rd, rs1, rs2",   "rd = rs2 + (rs1 << 1)"),
  ins("sh2add",    "0010000 rs2:5 rs1:5 100 rd:5 0110011",   "rd, rs1, rs2",   "rd = rs2 + (rs1 << 2)"),
  ins("sh3add",    "0010000 rs2:5 rs1:5 110 rd:5 0110011",   "rd, rs1, rs2",   "rd = rs2 + (rs1 << 3)"),
  ins("sh1add.uw", "0010000 rs2:5 rs1:5 010 rd:5 0111011",   "rd, rs1, rs2",   "rd = rs2 + (zext32(rs1) << 1)"),
  ins("sh2add.uw", "0010000 rs2:5 rs1:5 100 rd:5 0111011",   "rd, rs1, rs2",   "rd = rs2 + (zext32(rs1) << 2)"),
  ins("sh3add.uw", "0010000 rs2:5 rs1:5 110 rd:5 0111011",   "rd, rs1, rs2",   "rd = rs2 + (zext32(rs1) << 3)"),
  ins("slli.uw",   "000010 shamt:6 rs1:5 001 rd:5 0011011",  "rd, rs1, shamt", "rd = zext32(rs1) << shamt"),
]);

// prettier-ignore
export const zbb = instructions("Zbb", () => [
  ins("andn",   "0100000 rs2:5 rs1:5 111 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 & ~rs2"),
  ins("orn",    "0100000 rs2:5 rs1:5 110 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 | ~rs2"),
  ins("xnor",   "0100000 rs2:5 rs1:5 100 rd:5 0110011",  "rd, rs1, rs2",   "rd = ~(rs1 ^ rs2)"),
  ins("clz",    "011000000000 rs1:5 001 rd:5 0010011",   "rd, rs1",        "rd = clz(rs1)"),
  ins("clzw",   "011000000000 rs1:5 001 rd:5 0011011",   "rd, rs1",        "rd = zext32(clz(trunc32(rs1)))"),
  ins("ctz",    "011000000001 rs1:5 001 rd:5 0010011",   "rd, rs1",        "rd = ctz(rs1)"),
  ins("ctzw",   "011000000001 rs1:5 001 rd:5 0011011",   "rd, rs1",        "rd = zext32(ctz(trunc32(rs1)))"),
  ins("cpop",   "011000000010 rs1:5 001 rd:5 0010011",   "rd, rs1",        "rd = popcount(rs1)"),
  ins("cpopw",  "011000000010 rs1:5 001 rd:5 0011011",   "rd, rs1",        "rd = zext32(popcount(trunc32(rs1)))"),
  ins("max",    "0000101 rs2:5 rs1:5 110 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 >s rs2 ? rs1 : rs2"),
  ins("maxu",   "0000101 rs2:5 rs1:5 111 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 >u rs2 ? rs1 : rs2"),
  ins("min",    "0000101 rs2:5 rs1:5 100 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 <s rs2 ? rs1 : rs2"),
  ins("minu",   "0000101 rs2:5 rs1:5 101 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 <u rs2 ? rs1 : rs2"),
  ins("sext.b", "011000000100 rs1:5 001 rd:5 0010011",   "rd, rs1",        "rd = sext8(rs1)"),
  ins("sext.h", "011000000101 rs1:5 001 rd:5 0010011",   "rd, rs1",        "rd = sext16(rs1)"),
  ins("zext.h", "0000100 00000 rs1:5 100 rd:5 0111011",  "rd, rs1",        "rd = zext16(rs1)"),
  ins("rol",    "0110000 rs2:5 rs1:5 001 rd:5 0110011",  "rd, rs1, rs2",   "rd = ror(rs1, -rs2[5:0])"),
  ins("rolw",   "0110000 rs2:5 rs1:5 001 rd:5 0111011",  "rd, rs1, rs2",   "rd = sext32(ror(trunc32(rs1), -rs2[4:0]))"),
  ins("ror",    "0110000 rs2:5 rs1:5 101 rd:5 0110011",  "rd, rs1, rs2",   "rd = ror(rs1, rs2[5:0])"),
  ins("rori",   "011000 shamt:6 rs1:5 101 rd:5 0010011", "rd, rs1, shamt", "rd = ror(rs1, shamt)"),
  ins("roriw",  "0110000 shamt:5 rs1:5 101 rd:5 0011011", "rd, rs1, shamt", "rd = sext32(ror(trunc32(rs1), shamt))"),
  ins("rorw",   "0110000 rs2:5 rs1:5 101 rd:5 0111011",  "rd, rs1, rs2",   "rd = sext32(ror(trunc32(rs1), rs2[4:0]))"),
  // Each byte becomes all ones if any of its bits is set: gather every byte's bits in its lowest, then spread it.
  ins("orc.b",  "001010000111 rs1:5 101 rd:5 0010011",   "rd, rs1",
    "let a = rs1 | ((rs1 >>u 4) & 0x0f0f0f0f0f0f0f0f); let b = a | ((a >>u 2) & 0x3f3f3f3f3f3f3f3f); " +
    "let c = b | ((b >>u 1) & 0x7f7f7f7f7f7f7f7f); rd = (c & 0x0101010101010101) * 255"),
  ins("rev8",   "011010111000 rs1:5 101 rd:5 0010011",   "rd, rs1",        "rd = reverseBytes(rs1)"),
]);

// prettier-ignore
export const zbs = instructions("Zbs", () => [
  ins("bclr",  "0100100 rs2:5 rs1:5 001 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 & ~(1 << rs2[5:0])"),
  ins("bclri", "010010 shamt:6 rs1:5 001 rd:5 0010011", "rd, rs1, shamt", "rd = rs1 & ~(1 << shamt)"),
  ins("bext",  "0100100 rs2:5 rs1:5 101 rd:5 0110011",  "rd, rs1, rs2",   "rd = (rs1 >>u rs2[5:0]) & 1"),
  ins("bexti", "010010 shamt:6 rs1:5 101 rd:5 0010011", "rd, rs1, shamt", "rd = (rs1 >>u shamt) & 1"),
  ins("binv",  "0110100 rs2:5 rs1:5 001 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 ^ (1 << rs2[5:0])"),
  ins("binvi", "011010 shamt:6 rs1:5 001 rd:5 0010011", "rd, rs1, shamt", "rd = rs1 ^ (1 << shamt)"),
  ins("bset",  "0010100 rs2:5 rs1:5 001 rd:5 0110011",  "rd, rs1, rs2",   "rd = rs1 | (1 << rs2[5:0])"),
  ins("bseti", "001010 shamt:6 rs1:5 001 rd:5 0010011", "rd, rs1, shamt", "rd = rs1 | (1 << shamt)"),
]);
