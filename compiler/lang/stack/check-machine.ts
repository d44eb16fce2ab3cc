// Machine instructions of StackLang and LabLang agree with spec/isa: operands, encodable numbers, memory, the pc.

import { inRange, operandRange } from "../../../spec/isa/encoding.ts";
import type { Isa, Operand } from "../../../spec/isa/schema.ts";
import type { MachineOperand, MemoryKind } from "./ast.ts";
import { machineRoles } from "./machine-roles.ts";

interface MachineParts {
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
}

/** What is wrong with an instruction inside a block, as sentences; empty if nothing is. */
export function machineProblems(
  isa: Isa,
  code: MachineParts & { readonly memory: MemoryKind },
): readonly string[] {
  const found = machineRoles(isa, code.ins);
  if (found === null) return [`no instruction \`${code.ins}\``];
  const { writesPc, accessesMemory } = found.use;
  const problems = operandProblems(isa, code, found.instruction.operands);
  if (writesPc) problems.push(`\`${code.ins}\` writes the pc inside a block`);
  if (accessesMemory && code.memory === null)
    problems.push(`\`${code.ins}\` accesses memory but is not marked`);
  if (!accessesMemory && code.memory !== null)
    problems.push(`\`${code.ins}\` is marked but accesses no memory`);
  return problems;
}

/** What is wrong with a conditional branch. */
export function branchProblems(isa: Isa, code: MachineParts): readonly string[] {
  const found = machineRoles(isa, code.ins);
  if (found === null) return [`no instruction \`${code.ins}\``];
  const { writesPc, writesRegisters, writesFlags, accessesMemory } = found.use;
  const problems = operandProblems(isa, code, found.operands);
  if (!writesPc || writesRegisters || writesFlags || accessesMemory)
    problems.push(`\`${code.ins}\` is no conditional branch`);
  return problems;
}

function operandProblems(isa: Isa, code: MachineParts, declared: readonly Operand[]): string[] {
  if (code.operands.length !== declared.length) {
    const counts = `${String(declared.length)} operands, ${String(code.operands.length)} given`;
    return [`\`${code.ins}\` has ${counts}`];
  }
  const instruction = isa.instruction(code.ins);
  return declared.flatMap((operand, i) => {
    const given = code.operands[i];
    if (given === undefined) return [];
    const wantsRegister = operand.kind.kind === "register";
    if ((given.kind === "register") !== wantsRegister) {
      return [`\`${code.ins}\`: ${operand.name} wants a ${wantsRegister ? "register" : "number"}`];
    }
    const value = given.kind === "register" ? given.register : Number(given.value);
    if (inRange(operandRange(isa, instruction, operand), value)) return [];
    return [`\`${code.ins}\`: ${operand.name} cannot be ${String(value)}`];
  });
}
