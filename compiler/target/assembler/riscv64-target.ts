// RV64 for the assembler (psABI "Relocations", binutils' choice among them). Relies on spec/abi, spec/isa and the
// RV64 convention for branches.

import { EF_RISCV } from "../../../spec/abi/elf.ts";
import { R_RISCV } from "../../../spec/abi/elf-riscv64.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Operand } from "../../../spec/isa/schema.ts";
import { riscv64Convention } from "../riscv64/convention.ts";
import { riscv64Format } from "../../object/machine/riscv64.ts";
import type { AssemblerTarget, RelocationOperator } from "./assembler-target.ts";
import { loadConstant } from "./load-constant.ts";

function high20(value: bigint): number {
  return Number(BigInt.asUintN(20, (value + 0x800n) >> 12n));
}

function low12(value: bigint): number {
  return Number(BigInt.asIntN(12, value));
}

// A store's immediate stands in two pieces; its relocations have their own numbers.
function isSplit(operand: Operand): boolean {
  return operand.field.pieces.length > 1;
}

function upperOperator(relocation: number, ofNumber: RelocationOperator["ofNumber"]): RelocationOperator {
  return {
    operand: "upper",
    place: "the constant of `lui` or `auipc`",
    ofNumber,
    relocation: () => relocation,
    sets: {},
  };
}

function lowOperator(
  plain: number,
  split: number,
  ofNumber: RelocationOperator["ofNumber"],
): RelocationOperator {
  const relocation = (operand: Operand): number => (isSplit(operand) ? split : plain);
  return {
    operand: "imm",
    place: "the immediate of `addi`, a load, a store or `jalr`",
    ofNumber,
    relocation,
    sets: {},
  };
}

// By the bits of the branch's distance.
const branchRelocations: Readonly<Record<number, number>> = {
  21: R_RISCV.JAL,
  13: R_RISCV.BRANCH,
  12: R_RISCV.RVC_JUMP,
  9: R_RISCV.RVC_BRANCH,
};

export const riscv64Target: AssemblerTarget = {
  isa: riscv64,
  machine: "riscv64",
  hash: "comment",
  operatorUse: /^(%\w+)\s*\((.*)\)$/s,
  operators: {
    "%hi": upperOperator(R_RISCV.HI20, high20),
    "%lo": lowOperator(R_RISCV.LO12_I, R_RISCV.LO12_S, low12),
    "%pcrel_hi": upperOperator(R_RISCV.PCREL_HI20, null),
    "%pcrel_lo": lowOperator(R_RISCV.PCREL_LO12_I, R_RISCV.PCREL_LO12_S, null),
    "%got_pcrel_hi": upperOperator(R_RISCV.GOT_HI20, null),
    /** Not GNU's: the pair of `call`, whose second instruction the linker fills in too. */
    "%call": upperOperator(R_RISCV.CALL_PLT, null),
  },
  addressHelp: "take a part of it: `%lo(symbol)`, or load it with `la`",
  directives: { ".option": { kind: "option" }, ".attribute": { kind: "ignored" } },
  branchRelocation: (instruction) => {
    const target = instruction.operands.find((o) => o.kind.kind === "target");
    return branchRelocations[target?.field.width ?? 0] ?? R_RISCV.NONE;
  },
  dataRelocations: {
    1: { absolute: null, difference: { add: R_RISCV.ADD8, subtract: R_RISCV.SUB8 }, relative: null },
    2: { absolute: null, difference: { add: R_RISCV.ADD16, subtract: R_RISCV.SUB16 }, relative: null },
    4: { absolute: R_RISCV[32], difference: { add: R_RISCV.ADD32, subtract: R_RISCV.SUB32 }, relative: null },
    8: { absolute: R_RISCV[64], difference: { add: R_RISCV.ADD64, subtract: R_RISCV.SUB64 }, relative: null },
  },
  negatedBranch: (ins) => riscv64Convention.negated({ ins, operands: [] })?.ins ?? null,
  farJump: { name: "jal", values: { rd: 0 } },
  constant: { name: "li", load: loadConstant },
  literal: null,
  get padding() {
    return riscv64Format.padding;
  },
  hiddenLabel: ".L0 ",
  flags: (short) => (short ? EF_RISCV.RVC : 0),
};
