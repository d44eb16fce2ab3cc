// Arm64 for the assembler (ELF for the Arm 64-bit Architecture, binutils' spelling). Relies on spec/abi and spec/isa.

import { lowOfAccess, R_AARCH64 } from "../../../spec/abi/elf-arm64.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { registerNumber } from "../../../spec/isa/operand-text.ts";
import type { Instruction, Operand } from "../../../spec/isa/schema.ts";
import { bug } from "../../source/bug.ts";
import { arm64Format } from "../../object/machine/arm64.ts";
import type { AssemblerTarget, RelocationOperator } from "./assembler-target.ts";

// By the mnemonic, or by log2 of the bytes that an access scales its offset by.
function lowRelocation(operand: Operand, instruction: Instruction): number | null {
  if (instruction.mnemonic === "add") return R_AARCH64.ADD_ABS_LO12_NC;
  return isAccess(instruction) ? (lowOfAccess[operand.field.low] ?? null) : null;
}

// True for the accesses that have a scaled offset.
function isAccess({ mnemonic }: Instruction): boolean {
  return /^(?:ldr|str)/.test(mnemonic);
}

const low12: RelocationOperator = {
  operand: "imm",
  place: "the immediate of `add`, a load or a store",
  ofNumber: null,
  relocation: lowRelocation,
  sets: {},
};

function pageOperator(relocation: number): RelocationOperator {
  return {
    operand: "page",
    place: "the address of `adrp`",
    ofNumber: null,
    relocation: () => relocation,
    sets: {},
  };
}

// 16 bits of an address, for `movz` and `movk`.
function wideOperator(relocation: number, shift: number): RelocationOperator {
  return {
    operand: "imm",
    place: "the constant of `movz` or `movk`",
    ofNumber: null,
    relocation: (_, { mnemonic }) => (mnemonic === "movz" || mnemonic === "movk" ? relocation : null),
    sets: { shift },
  };
}

const nearRelocations: Readonly<Record<string, number>> = {
  b: R_AARCH64.JUMP26,
  bl: R_AARCH64.CALL26,
  "b.": R_AARCH64.CONDBR19,
  cbz: R_AARCH64.CONDBR19,
  cbnz: R_AARCH64.CONDBR19,
  tbz: R_AARCH64.TSTBR14,
  tbnz: R_AARCH64.TSTBR14,
  adr: R_AARCH64.ADR_PREL_LO21,
  adrp: R_AARCH64.ADR_PREL_PG_HI21,
  ldr: R_AARCH64.LD_PREL_LO19,
  ldrsw: R_AARCH64.LD_PREL_LO19,
};

function isRegisterOf(name: string, register: string): boolean {
  return registerNumber(arm64.registerClass(name), register) !== null;
}

export const arm64Target: AssemblerTarget = {
  isa: arm64,
  machine: "arm64",
  hash: "number",
  operatorUse: /^#?\s*(:\w+:)\s*(.*)$/s,
  operators: {
    ":lo12:": low12,
    ":pg_hi21:": pageOperator(R_AARCH64.ADR_PREL_PG_HI21),
    ":pg_hi21_nc:": pageOperator(R_AARCH64.ADR_PREL_PG_HI21_NC),
    ":got:": pageOperator(R_AARCH64.ADR_GOT_PAGE),
    ":got_lo12:": {
      ...low12,
      place: "the offset of `ldr` to an x register",
      relocation: ({ field }, instruction) =>
        isAccess(instruction) && field.low === 3 ? R_AARCH64.LD64_GOT_LO12_NC : null,
    },
    ":abs_g0:": wideOperator(R_AARCH64.MOVW_UABS_G0, 0),
    ":abs_g0_nc:": wideOperator(R_AARCH64.MOVW_UABS_G0_NC, 0),
    ":abs_g1:": wideOperator(R_AARCH64.MOVW_UABS_G1, 16),
    ":abs_g1_nc:": wideOperator(R_AARCH64.MOVW_UABS_G1_NC, 16),
    ":abs_g2:": wideOperator(R_AARCH64.MOVW_UABS_G2, 32),
    ":abs_g2_nc:": wideOperator(R_AARCH64.MOVW_UABS_G2_NC, 32),
    ":abs_g3:": wideOperator(R_AARCH64.MOVW_UABS_G3, 48),
  },
  addressHelp: "take a part of it: `:lo12:symbol`, or load it with `ldr x0, =symbol`",
  directives: {
    ".xword": { kind: "data", bytes: 8 },
    ".inst": { kind: "code", bytes: 4 },
    ".ltorg": { kind: "pool" },
    ".pool": { kind: "pool" },
    // All instructions that we know are allowed.
    ".arch": { kind: "ignored" },
    ".arch_extension": { kind: "ignored" },
    ".cpu": { kind: "ignored" },
    // A remark for dynamic linkers.
    ".variant_pcs": { kind: "ignored" },
  },
  branchRelocation: ({ mnemonic }) =>
    nearRelocations[mnemonic] ?? bug(`assembler: ${mnemonic} has no relocation`),
  dataRelocations: {
    1: { absolute: null, difference: null, relative: null },
    2: { absolute: R_AARCH64.ABS16, difference: null, relative: R_AARCH64.PREL16 },
    4: { absolute: R_AARCH64.ABS32, difference: null, relative: R_AARCH64.PREL32 },
    8: { absolute: R_AARCH64.ABS64, difference: null, relative: R_AARCH64.PREL64 },
  },
  // GNU as does not lengthen branches either.
  negatedBranch: () => null,
  farJump: { name: "b", values: {} },
  constant: null,
  literal: {
    name: "ldr",
    bytes: (register) => (isRegisterOf("x", register) ? 8 : isRegisterOf("w", register) ? 4 : null),
  },
  get padding() {
    return arm64Format.padding;
  },
  hiddenLabel: ".L0 ",
  flags: () => 0,
};
