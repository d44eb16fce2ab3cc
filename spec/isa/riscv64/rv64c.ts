// RV64C: the 16-bit forms of integer instructions (unprivileged manual, chapter 26). Relies on rows.ts.
// Each says which instruction it stands for, and after `|` others with the same effect; only addresses of the following instruction differ (two bytes on).
// c.mv stands for addi, as the assembler's `mv` does, where the manual says add: the effect is the same.
// Hint encodings (a destination of zero, a shift by zero) are ordinary rows here, because they do nothing by themselves.

import { instructions, short } from "../rows.ts";

// prettier-ignore
export const rv64c = instructions("C", () => [
  //    name          encoding, bit 15 first                                                                       operands          stands for
  short("c.addi4spn", "000 uimm[5:4] uimm[9:6] uimm[2] uimm[3] rd':3 00; uimm != 0",                                "rd', sp, uimm",  "addi rd', sp, uimm"),
  short("c.lw",       "010 uimm[5:3] rs1':3 uimm[2] uimm[6] rd':3 00",                                              "rd', uimm(rs1')", "lw rd', uimm(rs1')"),
  short("c.ld",       "011 uimm[5:3] rs1':3 uimm[7:6] rd':3 00",                                                    "rd', uimm(rs1')", "ld rd', uimm(rs1')"),
  short("c.sw",       "110 uimm[5:3] rs1':3 uimm[2] uimm[6] rs2':3 00",                                             "rs2', uimm(rs1')", "sw rs2', uimm(rs1')"),
  short("c.sd",       "111 uimm[5:3] rs1':3 uimm[7:6] rs2':3 00",                                                   "rs2', uimm(rs1')", "sd rs2', uimm(rs1')"),

  short("c.nop",      "000 imm[5] 00000 imm[4:0] 01",                                                               "imm",            "addi zero, zero, imm"),
  short("c.addi",     "000 imm[5] rd:5 imm[4:0] 01; rd != 0",                                                       "rd, imm",        "addi rd, rd, imm"),
  short("c.addiw",    "001 imm[5] rd:5 imm[4:0] 01; rd != 0",                                                       "rd, imm",        "addiw rd, rd, imm"),
  short("c.li",       "010 imm[5] rd:5 imm[4:0] 01",                                                                "rd, imm",        "addi rd, zero, imm"),
  short("c.addi16sp", "011 imm[9] 00010 imm[4] imm[6] imm[8:7] imm[5] 01; imm != 0",                                "sp, imm",        "addi sp, sp, imm"),
  short("c.lui",      "011 cupper[5] rd:5 cupper[4:0] 01; rd != 2, cupper != 0",                                    "rd, cupper",     "lui rd, cupper"),
  short("c.srli",     "100 shamt[5] 00 rd':3 shamt[4:0] 01",                                                        "rd', shamt",     "srli rd', rd', shamt"),
  short("c.srai",     "100 shamt[5] 01 rd':3 shamt[4:0] 01",                                                        "rd', shamt",     "srai rd', rd', shamt"),
  short("c.andi",     "100 imm[5] 10 rd':3 imm[4:0] 01",                                                            "rd', imm",       "andi rd', rd', imm"),
  short("c.sub",      "100 0 11 rd':3 00 rs2':3 01",                                                                "rd', rs2'",      "sub rd', rd', rs2'"),
  short("c.xor",      "100 0 11 rd':3 01 rs2':3 01",                                                                "rd', rs2'",      "xor rd', rd', rs2' | xor rd', rs2', rd'"),
  short("c.or",       "100 0 11 rd':3 10 rs2':3 01",                                                                "rd', rs2'",      "or rd', rd', rs2' | or rd', rs2', rd'"),
  short("c.and",      "100 0 11 rd':3 11 rs2':3 01",                                                                "rd', rs2'",      "and rd', rd', rs2' | and rd', rs2', rd'"),
  short("c.subw",     "100 1 11 rd':3 00 rs2':3 01",                                                                "rd', rs2'",      "subw rd', rd', rs2'"),
  short("c.addw",     "100 1 11 rd':3 01 rs2':3 01",                                                                "rd', rs2'",      "addw rd', rd', rs2' | addw rd', rs2', rd'"),
  short("c.j",        "101 target[11] target[4] target[9:8] target[10] target[6] target[7] target[3:1] target[5] 01", "target",       "jal zero, target"),
  short("c.beqz",     "110 target[8] target[4:3] rs1':3 target[7:6] target[2:1] target[5] 01",                      "rs1', target",   "beq rs1', zero, target | beq zero, rs1', target"),
  short("c.bnez",     "111 target[8] target[4:3] rs1':3 target[7:6] target[2:1] target[5] 01",                      "rs1', target",   "bne rs1', zero, target | bne zero, rs1', target"),

  short("c.slli",     "000 shamt[5] rd:5 shamt[4:0] 10",                                                            "rd, shamt",      "slli rd, rd, shamt"),
  short("c.lwsp",     "010 uimm[5] rd:5 uimm[4:2] uimm[7:6] 10; rd != 0",                                           "rd, uimm(sp)",   "lw rd, uimm(sp)"),
  short("c.ldsp",     "011 uimm[5] rd:5 uimm[4:3] uimm[8:6] 10; rd != 0",                                           "rd, uimm(sp)",   "ld rd, uimm(sp)"),
  short("c.jr",       "1000 rs1:5 00000 10; rs1 != 0",                                                              "rs1",            "jalr zero, 0(rs1)"),
  short("c.mv",       "1000 rd:5 rs2:5 10; rs2 != 0",                                                               "rd, rs2",        "addi rd, rs2, 0 | add rd, zero, rs2"),
  short("c.ebreak",   "1001 00000 00000 10",                                                                        "",               "ebreak"),
  short("c.jalr",     "1001 rs1:5 00000 10; rs1 != 0",                                                              "rs1",            "jalr ra, 0(rs1)"),
  short("c.add",      "1001 rd:5 rs2:5 10; rs2 != 0",                                                               "rd, rs2",        "add rd, rd, rs2 | add rd, rs2, rd"),
  short("c.swsp",     "110 uimm[5:2] uimm[7:6] rs2:5 10",                                                           "rs2, uimm(sp)",  "sw rs2, uimm(sp)"),
  short("c.sdsp",     "111 uimm[5:3] uimm[8:6] rs2:5 10",                                                           "rs2, uimm(sp)",  "sd rs2, uimm(sp)"),
]);
