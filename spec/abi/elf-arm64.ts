// AArch64 relocations (ELF for the Arm 64-bit Architecture, "Relocation"): the ones of static linking.
// Relies on elf-relocation.ts. Held by test/oracle/object, which links objects of GNU as and gcc and compares with GNU ld.

import {
  dataPlace as data,
  fieldPlace,
  relocationRule as rule,
  type FieldPart,
  type RelocationPlace,
  type RelocationRule,
} from "./elf-relocation.ts";

const whole = (instruction: string): RelocationPlace => fieldPlace(instruction, "target", "whole");
const page = (part: FieldPart): RelocationPlace => fieldPlace("adrp", "page", part);
const low = (instruction: string): RelocationPlace => fieldPlace(instruction, "imm", "low12");
const half = (number: 0 | 1 | 2 | 3, checked: boolean): RelocationPlace =>
  fieldPlace("movz", "imm", { from: 16 * number, checked });

/** Numbers by name, for those who make relocations. */
export const R_AARCH64 = {
  NONE: 0,
  ABS64: 257,
  ABS32: 258,
  ABS16: 259,
  PREL64: 260,
  PREL32: 261,
  PREL16: 262,
  MOVW_UABS_G0: 263,
  MOVW_UABS_G0_NC: 264,
  MOVW_UABS_G1: 265,
  MOVW_UABS_G1_NC: 266,
  MOVW_UABS_G2: 267,
  MOVW_UABS_G2_NC: 268,
  MOVW_UABS_G3: 269,
  LD_PREL_LO19: 273,
  ADR_PREL_LO21: 274,
  ADR_PREL_PG_HI21: 275,
  ADR_PREL_PG_HI21_NC: 276,
  ADD_ABS_LO12_NC: 277,
  LDST8_ABS_LO12_NC: 278,
  TSTBR14: 279,
  CONDBR19: 280,
  JUMP26: 282,
  CALL26: 283,
  LDST16_ABS_LO12_NC: 284,
  LDST32_ABS_LO12_NC: 285,
  LDST64_ABS_LO12_NC: 286,
  LDST128_ABS_LO12_NC: 299,
  GOT_LD_PREL19: 309,
  ADR_GOT_PAGE: 311,
  LD64_GOT_LO12_NC: 312,
  LD64_GOTPAGE_LO15: 313,
  PLT32: 314,
  GOTPCREL32: 315,
} as const;

// prettier-ignore
export const arm64Relocations: readonly RelocationRule[] = [
  rule(R_AARCH64.NONE,                "NONE",                "none"),
  rule(R_AARCH64.ABS64,               "ABS64",               "absolute",        data(8)),
  rule(R_AARCH64.ABS32,               "ABS32",               "absolute",        data(4)),
  rule(R_AARCH64.ABS16,               "ABS16",               "absolute",        data(2)),
  rule(R_AARCH64.PREL64,              "PREL64",              "relative",        data(8, "setSigned")),
  rule(R_AARCH64.PREL32,              "PREL32",              "relative",        data(4, "setSigned")),
  rule(R_AARCH64.PREL16,              "PREL16",              "relative",        data(2, "setSigned")),
  rule(R_AARCH64.PLT32,               "PLT32",               "relative",        data(4, "setSigned")),
  rule(R_AARCH64.MOVW_UABS_G0,        "MOVW_UABS_G0",        "absolute",        half(0, true)),
  rule(R_AARCH64.MOVW_UABS_G0_NC,     "MOVW_UABS_G0_NC",     "absolute",        half(0, false)),
  rule(R_AARCH64.MOVW_UABS_G1,        "MOVW_UABS_G1",        "absolute",        half(1, true)),
  rule(R_AARCH64.MOVW_UABS_G1_NC,     "MOVW_UABS_G1_NC",     "absolute",        half(1, false)),
  rule(R_AARCH64.MOVW_UABS_G2,        "MOVW_UABS_G2",        "absolute",        half(2, true)),
  rule(R_AARCH64.MOVW_UABS_G2_NC,     "MOVW_UABS_G2_NC",     "absolute",        half(2, false)),
  rule(R_AARCH64.MOVW_UABS_G3,        "MOVW_UABS_G3",        "absolute",        half(3, false)),
  rule(R_AARCH64.LD_PREL_LO19,        "LD_PREL_LO19",        "relative",        whole("ldr:literal")),
  rule(R_AARCH64.ADR_PREL_LO21,       "ADR_PREL_LO21",       "relative",        whole("adr")),
  rule(R_AARCH64.ADR_PREL_PG_HI21,    "ADR_PREL_PG_HI21",    "pageRelative",    page("whole")),
  rule(R_AARCH64.ADR_PREL_PG_HI21_NC, "ADR_PREL_PG_HI21_NC", "pageRelative",    page("wrapped")),
  rule(R_AARCH64.ADD_ABS_LO12_NC,     "ADD_ABS_LO12_NC",     "absolute",        low("add:imm")),
  rule(R_AARCH64.LDST8_ABS_LO12_NC,   "LDST8_ABS_LO12_NC",   "absolute",        low("ldrb")),
  rule(R_AARCH64.LDST16_ABS_LO12_NC,  "LDST16_ABS_LO12_NC",  "absolute",        low("ldrh")),
  rule(R_AARCH64.LDST32_ABS_LO12_NC,  "LDST32_ABS_LO12_NC",  "absolute",        low("ldr:w")),
  rule(R_AARCH64.LDST64_ABS_LO12_NC,  "LDST64_ABS_LO12_NC",  "absolute",        low("ldr")),
  rule(R_AARCH64.LDST128_ABS_LO12_NC, "LDST128_ABS_LO12_NC", "absolute",        low("ldr:q")),
  rule(R_AARCH64.TSTBR14,             "TSTBR14",             "branch",          whole("tbz")),
  rule(R_AARCH64.CONDBR19,            "CONDBR19",            "branch",          whole("cbz")),
  rule(R_AARCH64.JUMP26,              "JUMP26",              "branch",          whole("b")),
  rule(R_AARCH64.CALL26,              "CALL26",              "branch",          whole("bl")),
  rule(R_AARCH64.GOT_LD_PREL19,       "GOT_LD_PREL19",       "gotRelative",     whole("ldr:literal")),
  rule(R_AARCH64.ADR_GOT_PAGE,        "ADR_GOT_PAGE",        "gotPageRelative", page("whole")),
  rule(R_AARCH64.LD64_GOT_LO12_NC,    "LD64_GOT_LO12_NC",    "got",             low("ldr")),
  rule(R_AARCH64.LD64_GOTPAGE_LO15,   "LD64_GOTPAGE_LO15",   "gotOffset",       fieldPlace("ldr", "imm", { from: 0, checked: true })),
  rule(R_AARCH64.GOTPCREL32,          "GOTPCREL32",          "gotRelative",     data(4, "setSigned")),
];

/** The relocation of an access's offset by the low 12 bits of an address, by log2 of the access's bytes. */
export const lowOfAccess: readonly number[] = [
  R_AARCH64.LDST8_ABS_LO12_NC,
  R_AARCH64.LDST16_ABS_LO12_NC,
  R_AARCH64.LDST32_ABS_LO12_NC,
  R_AARCH64.LDST64_ABS_LO12_NC,
  R_AARCH64.LDST128_ABS_LO12_NC,
];

const tls = (name: string): string => `${name} (thread-local variables)`;

/** Relocations that exist and that we do not link, with the reason for the message. */
export const arm64OtherRelocations: Readonly<Record<number, string>> = {
  270: "MOVW_SABS_G0 (signed constants of an address)",
  271: "MOVW_SABS_G1 (signed constants of an address)",
  272: "MOVW_SABS_G2 (signed constants of an address)",
  307: "GOTREL64 (distances from the table of addresses)",
  308: "GOTREL32 (distances from the table of addresses)",
  513: tls("TLSGD_ADR_PAGE21"),
  514: tls("TLSGD_ADD_LO12_NC"),
  541: tls("TLSIE_ADR_GOTTPREL_PAGE21"),
  542: tls("TLSIE_LD64_GOTTPREL_LO12_NC"),
  549: tls("TLSLE_ADD_TPREL_HI12"),
  550: tls("TLSLE_ADD_TPREL_LO12"),
  551: tls("TLSLE_ADD_TPREL_LO12_NC"),
  562: tls("TLSDESC_ADR_PAGE21"),
  563: tls("TLSDESC_LD64_LO12"),
  564: tls("TLSDESC_ADD_LO12"),
  569: tls("TLSDESC_CALL"),
  1024: "COPY (shared objects)",
  1025: "GLOB_DAT (shared objects)",
  1026: "JUMP_SLOT (shared objects)",
  1027: "RELATIVE (shared objects)",
  1032: "IRELATIVE (functions chosen at run time)",
};
