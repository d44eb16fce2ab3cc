// How machine instructions use their operands, in order, as the back end's passes and checks ask: from spec/isa.
//
// Guarantees: one answer object an instruction name; a branch's target operand is left out, as in the languages.

import { instructionUse } from "../../../spec/isa/isa.ts";
import { roleOf } from "../../../spec/isa/effect-rules.ts";
import type { Instruction, Isa, Operand, OperandRole } from "../../../spec/isa/schema.ts";
import { instructionUse as doingOf, zeroNumber, type InstructionUse } from "../../target/instruction-use.ts";

export interface MachineRoles {
  readonly instruction: Instruction;
  /** The operands that an instruction of Word, Stack or Lab lists. */
  readonly operands: readonly Operand[];
  /** The role of each of `operands`. */
  readonly roles: readonly OperandRole[];
  /** The number that reads as zero and is written in vain in each of `operands`; null where there is none. */
  readonly zeros: readonly (number | null)[];
  /** True if the instruction has a target operand (left out of `operands`). */
  readonly branches: boolean;
  readonly use: InstructionUse;
}

const known = new WeakMap<Isa, Map<string, MachineRoles | null>>();

/** Null if `isa` has no instruction `ins`. */
export function machineRoles(isa: Isa, ins: string): MachineRoles | null {
  const table = known.get(isa) ?? new Map<string, MachineRoles | null>();
  known.set(isa, table);
  const found = table.get(ins);
  if (found !== undefined) return found;
  const instruction = isa.findInstruction(ins);
  const answer = instruction === null ? null : describe(isa, instruction);
  table.set(ins, answer);
  return answer;
}

function describe(isa: Isa, instruction: Instruction): MachineRoles {
  const use = instructionUse(isa, instruction);
  const operands = instruction.operands.filter((o) => o.kind.kind !== "target");
  return {
    instruction,
    operands,
    roles: operands.map((o) => roleOf(o.name, use)),
    zeros: operands.map((o) => zeroNumber(isa, o)),
    branches: operands.length < instruction.operands.length,
    use: doingOf(isa, instruction),
  };
}
