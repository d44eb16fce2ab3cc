// RV64I: the base integer instructions (unprivileged manual, chapters 2 and 4). Relies on rows.ts.

import { ins, instructions } from "../rows.ts";

// prettier-ignore
export const rv64i = instructions("I", () => [
  //  name     encoding, bit 31 first                                                          operands          effect
  ins("lui",   "upper:20 rd:5 0110111",                                                         "rd, upper",      "rd = sext32(upper << 12)"),
  ins("auipc", "upper:20 rd:5 0010111",                                                         "rd, upper",      "rd = pc + sext32(upper << 12)"),
  ins("jal",   "target[20] target[10:1] target[11] target[19:12] rd:5 1101111",                 "rd, target",     "rd = next; pc = pc + target"),
  ins("jalr",  "imm:12 rs1:5 000 rd:5 1100111",                                                 "rd, imm(rs1)",   "let to = (rs1 + imm) & -2; rd = next; pc = to"),

  ins("beq",   "target[12] target[10:5] rs2:5 rs1:5 000 target[4:1] target[11] 1100011",        "rs1, rs2, target", "if (rs1 == rs2) pc = pc + target"),
  ins("bne",   "target[12] target[10:5] rs2:5 rs1:5 001 target[4:1] target[11] 1100011",        "rs1, rs2, target", "if (rs1 != rs2) pc = pc + target"),
  ins("blt",   "target[12] target[10:5] rs2:5 rs1:5 100 target[4:1] target[11] 1100011",        "rs1, rs2, target", "if (rs1 <s rs2) pc = pc + target"),
  ins("bge",   "target[12] target[10:5] rs2:5 rs1:5 101 target[4:1] target[11] 1100011",        "rs1, rs2, target", "if (rs1 >=s rs2) pc = pc + target"),
  ins("bltu",  "target[12] target[10:5] rs2:5 rs1:5 110 target[4:1] target[11] 1100011",        "rs1, rs2, target", "if (rs1 <u rs2) pc = pc + target"),
  ins("bgeu",  "target[12] target[10:5] rs2:5 rs1:5 111 target[4:1] target[11] 1100011",        "rs1, rs2, target", "if (rs1 >=u rs2) pc = pc + target"),

  ins("lb",    "imm:12 rs1:5 000 rd:5 0000011",                                                 "rd, imm(rs1)",   "rd = sext8(load8(rs1 + imm))"),
  ins("lh",    "imm:12 rs1:5 001 rd:5 0000011",                                                 "rd, imm(rs1)",   "rd = sext16(load16(rs1 + imm))"),
  ins("lw",    "imm:12 rs1:5 010 rd:5 0000011",                                                 "rd, imm(rs1)",   "rd = sext32(load32(rs1 + imm))"),
  ins("ld",    "imm:12 rs1:5 011 rd:5 0000011",                                                 "rd, imm(rs1)",   "rd = load64(rs1 + imm)"),
  ins("lbu",   "imm:12 rs1:5 100 rd:5 0000011",                                                 "rd, imm(rs1)",   "rd = zext8(load8(rs1 + imm))"),
  ins("lhu",   "imm:12 rs1:5 101 rd:5 0000011",                                                 "rd, imm(rs1)",   "rd = zext16(load16(rs1 + imm))"),
  ins("lwu",   "imm:12 rs1:5 110 rd:5 0000011",                                                 "rd, imm(rs1)",   "rd = zext32(load32(rs1 + imm))"),
  ins("sb",    "imm[11:5] rs2:5 rs1:5 000 imm[4:0] 0100011",                                    "rs2, imm(rs1)",  "store8(rs1 + imm, trunc8(rs2))"),
  ins("sh",    "imm[11:5] rs2:5 rs1:5 001 imm[4:0] 0100011",                                    "rs2, imm(rs1)",  "store16(rs1 + imm, trunc16(rs2))"),
  ins("sw",    "imm[11:5] rs2:5 rs1:5 010 imm[4:0] 0100011",                                    "rs2, imm(rs1)",  "store32(rs1 + imm, trunc32(rs2))"),
  ins("sd",    "imm[11:5] rs2:5 rs1:5 011 imm[4:0] 0100011",                                    "rs2, imm(rs1)",  "store64(rs1 + imm, rs2)"),

  ins("addi",  "imm:12 rs1:5 000 rd:5 0010011",                                                 "rd, rs1, imm",   "rd = rs1 + imm"),
  ins("slti",  "imm:12 rs1:5 010 rd:5 0010011",                                                 "rd, rs1, imm",   "rd = zext1(rs1 <s imm)"),
  ins("sltiu", "imm:12 rs1:5 011 rd:5 0010011",                                                 "rd, rs1, imm",   "rd = zext1(rs1 <u imm)"),
  ins("xori",  "imm:12 rs1:5 100 rd:5 0010011",                                                 "rd, rs1, imm",   "rd = rs1 ^ imm"),
  ins("ori",   "imm:12 rs1:5 110 rd:5 0010011",                                                 "rd, rs1, imm",   "rd = rs1 | imm"),
  ins("andi",  "imm:12 rs1:5 111 rd:5 0010011",                                                 "rd, rs1, imm",   "rd = rs1 & imm"),
  ins("slli",  "000000 shamt:6 rs1:5 001 rd:5 0010011",                                         "rd, rs1, shamt", "rd = rs1 << shamt"),
  ins("srli",  "000000 shamt:6 rs1:5 101 rd:5 0010011",                                         "rd, rs1, shamt", "rd = rs1 >>u shamt"),
  ins("srai",  "010000 shamt:6 rs1:5 101 rd:5 0010011",                                         "rd, rs1, shamt", "rd = rs1 >>s shamt"),
  ins("addiw", "imm:12 rs1:5 000 rd:5 0011011",                                                 "rd, rs1, imm",   "rd = sext32(rs1 + imm)"),
  ins("slliw", "0000000 shamt:5 rs1:5 001 rd:5 0011011",                                        "rd, rs1, shamt", "rd = sext32(trunc32(rs1) << shamt)"),
  ins("srliw", "0000000 shamt:5 rs1:5 101 rd:5 0011011",                                        "rd, rs1, shamt", "rd = sext32(trunc32(rs1) >>u shamt)"),
  ins("sraiw", "0100000 shamt:5 rs1:5 101 rd:5 0011011",                                        "rd, rs1, shamt", "rd = sext32(trunc32(rs1) >>s shamt)"),

  ins("add",   "0000000 rs2:5 rs1:5 000 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 + rs2"),
  ins("sub",   "0100000 rs2:5 rs1:5 000 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 - rs2"),
  ins("sll",   "0000000 rs2:5 rs1:5 001 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 << rs2[5:0]"),
  ins("slt",   "0000000 rs2:5 rs1:5 010 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = zext1(rs1 <s rs2)"),
  ins("sltu",  "0000000 rs2:5 rs1:5 011 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = zext1(rs1 <u rs2)"),
  ins("xor",   "0000000 rs2:5 rs1:5 100 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 ^ rs2"),
  ins("srl",   "0000000 rs2:5 rs1:5 101 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 >>u rs2[5:0]"),
  ins("sra",   "0100000 rs2:5 rs1:5 101 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 >>s rs2[5:0]"),
  ins("or",    "0000000 rs2:5 rs1:5 110 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 | rs2"),
  ins("and",   "0000000 rs2:5 rs1:5 111 rd:5 0110011",                                          "rd, rs1, rs2",   "rd = rs1 & rs2"),
  ins("addw",  "0000000 rs2:5 rs1:5 000 rd:5 0111011",                                          "rd, rs1, rs2",   "rd = sext32(rs1 + rs2)"),
  ins("subw",  "0100000 rs2:5 rs1:5 000 rd:5 0111011",                                          "rd, rs1, rs2",   "rd = sext32(rs1 - rs2)"),
  ins("sllw",  "0000000 rs2:5 rs1:5 001 rd:5 0111011",                                          "rd, rs1, rs2",   "rd = sext32(trunc32(rs1) << rs2[4:0])"),
  ins("srlw",  "0000000 rs2:5 rs1:5 101 rd:5 0111011",                                          "rd, rs1, rs2",   "rd = sext32(trunc32(rs1) >>u rs2[4:0])"),
  ins("sraw",  "0100000 rs2:5 rs1:5 101 rd:5 0111011",                                          "rd, rs1, rs2",   "rd = sext32(trunc32(rs1) >>s rs2[4:0])"),

  ins("fence",     "0000 pred:4 succ:4 00000 000 00000 0001111",                                "pred, succ",     "fence(0, pred, succ)"),
  ins("fence.tso", "1000 0011 0011 00000 000 00000 0001111",                                    "",               "fence(8, 3, 3)"),
  ins("ecall",     "000000000000 00000 000 00000 1110011",                                      "",               "trap environmentCall"),
  ins("ebreak",    "000000000001 00000 000 00000 1110011",                                      "",               "trap breakpoint(pc)"),
]);
