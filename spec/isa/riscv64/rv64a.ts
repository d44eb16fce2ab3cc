// RV64A: load-reserved, store-conditional and atomic memory operations (unprivileged manual, chapter 13).
// Relies on rows.ts. All of them demand natural alignment, which is part of these accesses in the effect language.

import { ins, instructions } from "../rows.ts";
import type { InstructionRow } from "../schema.ts";

// One operation on words: `update` computes the new contents from `old` and the register's value `b`.
function word(name: string, funct5: string, update: string): InstructionRow {
  const effect = `let b = trunc32(rs2); rd = sext32(atomic32(rs1, old -> ${update}, order[1], order[0]))`;
  return ins(name, `${funct5} order:2 rs2:5 rs1:5 010 rd:5 0101111`, "{order} rd, rs2, (rs1)", effect);
}

// The same on doublewords.
function double(name: string, funct5: string, update: string): InstructionRow {
  const effect = `let b = rs2; rd = atomic64(rs1, old -> ${update}, order[1], order[0])`;
  return ins(name, `${funct5} order:2 rs2:5 rs1:5 011 rd:5 0101111`, "{order} rd, rs2, (rs1)", effect);
}

// prettier-ignore
export const rv64a = instructions("A", () => [
  ins("lr.w", "00010 order:2 00000 rs1:5 010 rd:5 0101111", "{order} rd, (rs1)",      "rd = sext32(reserve32(rs1, order[1], order[0]))"),
  ins("lr.d", "00010 order:2 00000 rs1:5 011 rd:5 0101111", "{order} rd, (rs1)",      "rd = reserve64(rs1, order[1], order[0])"),
  ins("sc.w", "00011 order:2 rs2:5 rs1:5 010 rd:5 0101111", "{order} rd, rs2, (rs1)", "rd = zext1(!conditional32(rs1, trunc32(rs2), order[1], order[0]))"),
  ins("sc.d", "00011 order:2 rs2:5 rs1:5 011 rd:5 0101111", "{order} rd, rs2, (rs1)", "rd = zext1(!conditional64(rs1, rs2, order[1], order[0]))"),

  //     name          funct5   new contents
  word("amoswap.w",   "00001", "b"),
  word("amoadd.w",    "00000", "old + b"),
  word("amoxor.w",    "00100", "old ^ b"),
  word("amoand.w",    "01100", "old & b"),
  word("amoor.w",     "01000", "old | b"),
  word("amomin.w",    "10000", "old <s b ? old : b"),
  word("amomax.w",    "10100", "old >s b ? old : b"),
  word("amominu.w",   "11000", "old <u b ? old : b"),
  word("amomaxu.w",   "11100", "old >u b ? old : b"),
  double("amoswap.d", "00001", "b"),
  double("amoadd.d",  "00000", "old + b"),
  double("amoxor.d",  "00100", "old ^ b"),
  double("amoand.d",  "01100", "old & b"),
  double("amoor.d",   "01000", "old | b"),
  double("amomin.d",  "10000", "old <s b ? old : b"),
  double("amomax.d",  "10100", "old >s b ? old : b"),
  double("amominu.d", "11000", "old <u b ? old : b"),
  double("amomaxu.d", "11100", "old >u b ? old : b"),
]);
