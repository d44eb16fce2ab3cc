// RISC-V relocations (psABI 1.0, "Relocations"): the ones of static linking. Relies on elf-relocation.ts.
// Held by test/oracle/object, which links objects of GNU as and gcc and compares with GNU ld.

import {
  dataPlace as data,
  fieldPlace,
  relocationRule as rule,
  type DataChange,
  type RelocationPlace,
  type RelocationRule,
} from "./elf-relocation.ts";

const low6 = (change: DataChange): RelocationPlace => ({ kind: "low6", change });
const uleb = (change: DataChange): RelocationPlace => ({ kind: "uleb", change });
const whole = (instruction: string): RelocationPlace => fieldPlace(instruction, "target", "whole");
const high = (instruction: string): RelocationPlace => fieldPlace(instruction, "upper", "high20");
const low = (instruction: string, at = 0): RelocationPlace => fieldPlace(instruction, "imm", "low12", at);

/** Numbers by name, for those who make relocations. */
export const R_RISCV = {
  NONE: 0,
  32: 1,
  64: 2,
  BRANCH: 16,
  JAL: 17,
  CALL: 18,
  CALL_PLT: 19,
  GOT_HI20: 20,
  PCREL_HI20: 23,
  PCREL_LO12_I: 24,
  PCREL_LO12_S: 25,
  HI20: 26,
  LO12_I: 27,
  LO12_S: 28,
  ADD8: 33,
  ADD16: 34,
  ADD32: 35,
  ADD64: 36,
  SUB8: 37,
  SUB16: 38,
  SUB32: 39,
  SUB64: 40,
  ALIGN: 43,
  RVC_BRANCH: 44,
  RVC_JUMP: 45,
  RELAX: 51,
  SUB6: 52,
  SET6: 53,
  SET8: 54,
  SET16: 55,
  SET32: 56,
  "32_PCREL": 57,
  PLT32: 59,
  SET_ULEB128: 60,
  SUB_ULEB128: 61,
} as const;

// prettier-ignore
export const riscv64Relocations: readonly RelocationRule[] = [
  rule(R_RISCV.NONE,         "NONE",         "none"),
  rule(R_RISCV[32],          "32",           "absolute",    data(4, "set")),
  rule(R_RISCV[64],          "64",           "absolute",    data(8, "set")),
  rule(R_RISCV.BRANCH,       "BRANCH",       "relative",    whole("beq")),
  rule(R_RISCV.JAL,          "JAL",          "relative",    whole("jal")),
  rule(R_RISCV.CALL,         "CALL",         "relative",    high("auipc"), low("jalr", 4)),
  rule(R_RISCV.CALL_PLT,     "CALL_PLT",     "relative",    high("auipc"), low("jalr", 4)),
  rule(R_RISCV.GOT_HI20,     "GOT_HI20",     "gotRelative", high("auipc")),
  rule(R_RISCV.PCREL_HI20,   "PCREL_HI20",   "relative",    high("auipc")),
  rule(R_RISCV.PCREL_LO12_I, "PCREL_LO12_I", "partner",     low("addi")),
  rule(R_RISCV.PCREL_LO12_S, "PCREL_LO12_S", "partner",     low("sd")),
  rule(R_RISCV.HI20,         "HI20",         "absolute",    high("lui")),
  rule(R_RISCV.LO12_I,       "LO12_I",       "absolute",    low("addi")),
  rule(R_RISCV.LO12_S,       "LO12_S",       "absolute",    low("sd")),
  rule(R_RISCV.ADD8,         "ADD8",         "absolute",    data(1, "add")),
  rule(R_RISCV.ADD16,        "ADD16",        "absolute",    data(2, "add")),
  rule(R_RISCV.ADD32,        "ADD32",        "absolute",    data(4, "add")),
  rule(R_RISCV.ADD64,        "ADD64",        "absolute",    data(8, "add")),
  rule(R_RISCV.SUB8,         "SUB8",         "absolute",    data(1, "subtract")),
  rule(R_RISCV.SUB16,        "SUB16",        "absolute",    data(2, "subtract")),
  rule(R_RISCV.SUB32,        "SUB32",        "absolute",    data(4, "subtract")),
  rule(R_RISCV.SUB64,        "SUB64",        "absolute",    data(8, "subtract")),
  rule(R_RISCV.ALIGN,        "ALIGN",        "none"),
  rule(R_RISCV.RVC_BRANCH,   "RVC_BRANCH",   "relative",    whole("c.beqz")),
  rule(R_RISCV.RVC_JUMP,     "RVC_JUMP",     "relative",    whole("c.j")),
  rule(R_RISCV.RELAX,        "RELAX",        "none"),
  rule(R_RISCV.SUB6,         "SUB6",         "absolute",    low6("subtract")),
  rule(R_RISCV.SET6,         "SET6",         "absolute",    low6("begin")),
  rule(R_RISCV.SET8,         "SET8",         "absolute",    data(1, "begin")),
  rule(R_RISCV.SET16,        "SET16",        "absolute",    data(2, "begin")),
  rule(R_RISCV.SET32,        "SET32",        "absolute",    data(4, "begin")),
  rule(R_RISCV["32_PCREL"],  "32_PCREL",     "relative",    data(4, "setSigned")),
  rule(R_RISCV.PLT32,        "PLT32",        "relative",    data(4, "setSigned")),
  rule(R_RISCV.SET_ULEB128,  "SET_ULEB128",  "absolute",    uleb("begin")),
  rule(R_RISCV.SUB_ULEB128,  "SUB_ULEB128",  "absolute",    uleb("subtract")),
];

/** Relocations that exist and that we do not link, with the reason for the message. */
export const riscv64OtherRelocations: Readonly<Record<number, string>> = {
  3: "RELATIVE (shared objects)",
  4: "COPY (shared objects)",
  5: "JUMP_SLOT (shared objects)",
  7: "TLS_DTPMOD64 (thread-local variables)",
  9: "TLS_DTPREL64 (thread-local variables)",
  11: "TLS_TPREL64 (thread-local variables)",
  21: "TLS_GOT_HI20 (thread-local variables)",
  22: "TLS_GD_HI20 (thread-local variables)",
  29: "TPREL_HI20 (thread-local variables)",
  30: "TPREL_LO12_I (thread-local variables)",
  31: "TPREL_LO12_S (thread-local variables)",
  32: "TPREL_ADD (thread-local variables)",
  41: "GOT32_PCREL (position-independent data)",
  58: "IRELATIVE (functions chosen at run time)",
};
