// Other ways to write RV64 instructions (RISC-V assembly programmer's manual, "pseudoinstructions").
// Relies on rows.ts. Several instructions are separated by `;`, `@` is the address of the first of them.
// `alias` rows are printed by the disassembler (among those of one instruction the first that fits), `input` rows
// are only read. `li` with a wide constant is the assembler's own work (compiler/target/assembler).

import { alias, input } from "../rows.ts";
import type { Alias } from "../schema.ts";
import { doubleAliases } from "./rv64d.ts";
import { floatAliases } from "./rv64f.ts";

// prettier-ignore
const moves: readonly Alias[] = [
  alias("nop",    "",                 "addi zero, zero, 0"),
  alias("li",     "rd, imm",          "addi rd, zero, imm"),
  alias("mv",     "rd, rs1",          "addi rd, rs1, 0"),
  alias("not",    "rd, rs1",          "xori rd, rs1, -1"),
  alias("neg",    "rd, rs2",          "sub rd, zero, rs2"),
  alias("negw",   "rd, rs2",          "subw rd, zero, rs2"),
  alias("sext.w", "rd, rs1",          "addiw rd, rs1, 0"),
  alias("zext.b", "rd, rs1",          "andi rd, rs1, 255"),
  alias("zext.w", "rd, rs1",          "add.uw rd, rs1, zero"),
  input("zext.w", "rd, rs1",          "slli rd, rs1, 32; srli rd, rd, 32"),
  input("zext.h", "rd, rs1",          "slli rd, rs1, 48; srli rd, rd, 48"),
  input("sext.h", "rd, rs1",          "slli rd, rs1, 48; srai rd, rd, 48"),
  input("sext.b", "rd, rs1",          "slli rd, rs1, 56; srai rd, rd, 56"),
  alias("seqz",   "rd, rs1",          "sltiu rd, rs1, 1"),
  alias("snez",   "rd, rs2",          "sltu rd, zero, rs2"),
  alias("sltz",   "rd, rs1",          "slt rd, rs1, zero"),
  alias("sgtz",   "rd, rs2",          "slt rd, zero, rs2"),
  input("sgt",    "rd, rs2, rs1",     "slt rd, rs1, rs2"),
  input("sgtu",   "rd, rs2, rs1",     "sltu rd, rs1, rs2"),
];

// prettier-ignore
const jumps: readonly Alias[] = [
  alias("j",      "target",           "jal zero, target"),
  alias("jal",    "target",           "jal ra, target"),
  alias("ret",    "",                 "jalr zero, 0(ra)"),
  alias("jr",     "rs1",              "jalr zero, 0(rs1)"),
  alias("jr",     "imm(rs1)",         "jalr zero, imm(rs1)"),
  alias("jalr",   "rs1",              "jalr ra, 0(rs1)"),
  alias("jalr",   "imm(rs1)",         "jalr ra, imm(rs1)"),
  input("jalr",   "rd, rs1, imm",     "jalr rd, imm(rs1)"),
  input("jalr",   "rd, rs1",          "jalr rd, 0(rs1)"),
  alias("beqz",   "rs1, target",      "beq rs1, zero, target"),
  alias("bnez",   "rs1, target",      "bne rs1, zero, target"),
  alias("bltz",   "rs1, target",      "blt rs1, zero, target"),
  alias("bgez",   "rs1, target",      "bge rs1, zero, target"),
  alias("blez",   "rs2, target",      "bge zero, rs2, target"),
  alias("bgtz",   "rs2, target",      "blt zero, rs2, target"),
  input("bgt",    "rs2, rs1, target", "blt rs1, rs2, target"),
  input("ble",    "rs2, rs1, target", "bge rs1, rs2, target"),
  input("bgtu",   "rs2, rs1, target", "bltu rs1, rs2, target"),
  input("bleu",   "rs2, rs1, target", "bgeu rs1, rs2, target"),
  input("call",   "symbol",           "auipc ra, %call(symbol); jalr ra, 0(ra)"),
  input("call",   "rd, symbol",       "auipc rd, %call(symbol); jalr rd, 0(rd)"),
  input("tail",   "symbol",           "auipc t1, %call(symbol); jalr zero, 0(t1)"),
  input("jump",   "symbol, rt",       "auipc rt, %call(symbol); jalr zero, 0(rt)"),
];

// prettier-ignore
const memory: readonly Alias[] = [
  input("la",     "rd, symbol",       "auipc rd, %pcrel_hi(symbol); addi rd, rd, %pcrel_lo(@)"),
  input("lla",    "rd, symbol",       "auipc rd, %pcrel_hi(symbol); addi rd, rd, %pcrel_lo(@)"),
  input("lb",     "rd, symbol",       "auipc rd, %pcrel_hi(symbol); lb rd, %pcrel_lo(@)(rd)"),
  input("lbu",    "rd, symbol",       "auipc rd, %pcrel_hi(symbol); lbu rd, %pcrel_lo(@)(rd)"),
  input("lh",     "rd, symbol",       "auipc rd, %pcrel_hi(symbol); lh rd, %pcrel_lo(@)(rd)"),
  input("lhu",    "rd, symbol",       "auipc rd, %pcrel_hi(symbol); lhu rd, %pcrel_lo(@)(rd)"),
  input("lw",     "rd, symbol",       "auipc rd, %pcrel_hi(symbol); lw rd, %pcrel_lo(@)(rd)"),
  input("lwu",    "rd, symbol",       "auipc rd, %pcrel_hi(symbol); lwu rd, %pcrel_lo(@)(rd)"),
  input("ld",     "rd, symbol",       "auipc rd, %pcrel_hi(symbol); ld rd, %pcrel_lo(@)(rd)"),
  input("sb",     "rs2, symbol, rt",  "auipc rt, %pcrel_hi(symbol); sb rs2, %pcrel_lo(@)(rt)"),
  input("sh",     "rs2, symbol, rt",  "auipc rt, %pcrel_hi(symbol); sh rs2, %pcrel_lo(@)(rt)"),
  input("sw",     "rs2, symbol, rt",  "auipc rt, %pcrel_hi(symbol); sw rs2, %pcrel_lo(@)(rt)"),
  input("sd",     "rs2, symbol, rt",  "auipc rt, %pcrel_hi(symbol); sd rs2, %pcrel_lo(@)(rt)"),
];

// An immediate where the last operand could be a register.
// prettier-ignore
const immediates: readonly Alias[] = [
  input("add",    "rd, rs1, imm",     "addi rd, rs1, imm"),
  input("addw",   "rd, rs1, imm",     "addiw rd, rs1, imm"),
  input("and",    "rd, rs1, imm",     "andi rd, rs1, imm"),
  input("or",     "rd, rs1, imm",     "ori rd, rs1, imm"),
  input("xor",    "rd, rs1, imm",     "xori rd, rs1, imm"),
  input("slt",    "rd, rs1, imm",     "slti rd, rs1, imm"),
  input("sltu",   "rd, rs1, imm",     "sltiu rd, rs1, imm"),
  input("sll",    "rd, rs1, shamt",   "slli rd, rs1, shamt"),
  input("srl",    "rd, rs1, shamt",   "srli rd, rs1, shamt"),
  input("sra",    "rd, rs1, shamt",   "srai rd, rs1, shamt"),
  input("sllw",   "rd, rs1, shamt",   "slliw rd, rs1, shamt"),
  input("srlw",   "rd, rs1, shamt",   "srliw rd, rs1, shamt"),
  input("sraw",   "rd, rs1, shamt",   "sraiw rd, rs1, shamt"),
  input("ror",    "rd, rs1, shamt",   "rori rd, rs1, shamt"),
  input("rorw",   "rd, rs1, shamt",   "roriw rd, rs1, shamt"),
  input("bclr",   "rd, rs1, shamt",   "bclri rd, rs1, shamt"),
  input("bext",   "rd, rs1, shamt",   "bexti rd, rs1, shamt"),
  input("binv",   "rd, rs1, shamt",   "binvi rd, rs1, shamt"),
  input("bset",   "rd, rs1, shamt",   "bseti rd, rs1, shamt"),
];

// prettier-ignore
const system: readonly Alias[] = [
  alias("rdcycle",    "rd",           "csrrs rd, cycle, zero"),
  alias("rdtime",     "rd",           "csrrs rd, time, zero"),
  alias("rdinstret",  "rd",           "csrrs rd, instret, zero"),
  alias("unimp",      "",             "csrrw zero, cycle, zero"),
  alias("frflags",    "rd",           "csrrs rd, fflags, zero"),
  alias("fsflags",    "rs1",          "csrrw zero, fflags, rs1"),
  alias("fsflags",    "rd, rs1",      "csrrw rd, fflags, rs1"),
  alias("fsflagsi",   "rd, zimm",     "csrrwi rd, fflags, zimm"),
  input("fsflagsi",   "zimm",         "csrrwi zero, fflags, zimm"),
  alias("frrm",       "rd",           "csrrs rd, frm, zero"),
  alias("fsrm",       "rs1",          "csrrw zero, frm, rs1"),
  alias("fsrm",       "rd, rs1",      "csrrw rd, frm, rs1"),
  alias("fsrmi",      "rd, zimm",     "csrrwi rd, frm, zimm"),
  input("fsrmi",      "zimm",         "csrrwi zero, frm, zimm"),
  alias("frcsr",      "rd",           "csrrs rd, fcsr, zero"),
  alias("fscsr",      "rs1",          "csrrw zero, fcsr, rs1"),
  alias("fscsr",      "rd, rs1",      "csrrw rd, fcsr, rs1"),
  input("frsr",       "rd",           "csrrs rd, fcsr, zero"),
  input("fssr",       "rs1",          "csrrw zero, fcsr, rs1"),
  input("fssr",       "rd, rs1",      "csrrw rd, fcsr, rs1"),
  alias("csrr",       "rd, csr",      "csrrs rd, csr, zero"),
  alias("csrw",       "csr, rs1",     "csrrw zero, csr, rs1"),
  alias("csrs",       "csr, rs1",     "csrrs zero, csr, rs1"),
  alias("csrc",       "csr, rs1",     "csrrc zero, csr, rs1"),
  alias("csrwi",      "csr, zimm",    "csrrwi zero, csr, zimm"),
  alias("csrsi",      "csr, zimm",    "csrrsi zero, csr, zimm"),
  alias("csrci",      "csr, zimm",    "csrrci zero, csr, zimm"),
  input("csrw",       "csr, zimm",    "csrrwi zero, csr, zimm"),
  input("csrs",       "csr, zimm",    "csrrsi zero, csr, zimm"),
  input("csrc",       "csr, zimm",    "csrrci zero, csr, zimm"),
  input("csrrw",      "rd, csr, zimm", "csrrwi rd, csr, zimm"),
  input("csrrs",      "rd, csr, zimm", "csrrsi rd, csr, zimm"),
  input("csrrc",      "rd, csr, zimm", "csrrci rd, csr, zimm"),
  alias("fence",      "",             "fence iorw, iorw"),
  alias("pause",      "",             "fence w, 0"),
  alias("sfence.vma", "",             "sfence.vma zero, zero"),
  alias("sfence.vma", "rs1",          "sfence.vma rs1, zero"),
  input("c.nop",      "",             "c.nop 0"),
];

export const aliases: readonly Alias[] = [
  ...moves,
  ...jumps,
  ...memory,
  ...immediates,
  ...system,
  ...floatAliases,
  ...doubleAliases,
];
