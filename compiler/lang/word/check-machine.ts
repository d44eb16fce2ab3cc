// Rules W7, W9 and W10 of check.ts: machine instructions agree with spec/isa.

import { inRange, operandRange } from "../../../spec/isa/encoding.ts";
import { operandRole } from "../../../spec/isa/isa.ts";
import type { Instruction, Isa, Operand } from "../../../spec/isa/schema.ts";
import { instructionUse } from "../../target/instruction-use.ts";
import { FlagOrder, UNWRITTEN_FLAGS } from "../flag-order.ts";
import { violate, type Report } from "../violation.ts";
import type { Block, Instr, MachineOperand, Terminator } from "./ast.ts";

type Machine = Extract<Instr, { kind: "machine" }>;
type MachineBranch = Extract<Terminator, { kind: "machineBranch" }>;

export function checkMachine(instr: Machine, isa: Isa | null, report: Report): void {
  if (isa === null) {
    violate(report, "W7", `machine instruction \`${instr.ins}\` without an isa`, instr.span);
    return;
  }
  const instruction = isa.findInstruction(instr.ins);
  if (instruction === null) {
    violate(report, "W9", `no instruction \`${instr.ins}\``, instr.span);
    return;
  }
  checkOperands(instr, instruction, { isa, report, declared: instruction.operands });
  const use = instructionUse(isa, instruction);
  if (use.writesPc) violate(report, "W9", `\`${instr.ins}\` writes the pc inside a block`, instr.span);
  if (use.accessesMemory !== (instr.memory !== null)) {
    const what = use.accessesMemory
      ? "accesses memory but is not marked"
      : "is marked but accesses no memory";
    violate(report, "W9", `\`${instr.ins}\` ${what}`, instr.span);
  }
}

export function checkMachineBranch(end: MachineBranch, isa: Isa | null, report: Report): void {
  if (isa === null) {
    violate(report, "W7", `machine branch \`${end.ins}\` without an isa`, end.span);
    return;
  }
  const instruction = isa.findInstruction(end.ins);
  if (instruction === null) {
    violate(report, "W9", `no instruction \`${end.ins}\``, end.span);
    return;
  }
  const declared = instruction.operands.filter((o) => o.kind.kind !== "target");
  checkOperands(end, instruction, { isa, report, declared });
  const use = instructionUse(isa, instruction);
  if (!use.writesPc || use.writesRegisters || use.writesFlags || use.accessesMemory) {
    violate(report, "W9", `\`${end.ins}\` is not a conditional branch`, end.span);
  }
}

/** W10. */
export function checkFlags({ body, end }: Block, isa: Isa, report: Report): void {
  const flags = new FlagOrder();
  for (const code of [...body, end]) {
    if (code.kind === "call" || code.kind === "foreignCall") flags.forget();
    if (code.kind !== "machine" && code.kind !== "machineBranch") continue;
    const instruction = isa.findInstruction(code.ins);
    if (instruction !== null && !flags.accepts(instructionUse(isa, instruction)))
      violate(report, "W10", `\`${code.ins}\`: ${UNWRITTEN_FLAGS}`, code.span);
  }
}

interface OperandContext {
  readonly isa: Isa;
  readonly report: Report;
  readonly declared: readonly Operand[];
}

function checkOperands(
  use: Machine | MachineBranch,
  instruction: Instruction,
  context: OperandContext,
): void {
  const { isa, report, declared } = context;
  if (use.operands.length !== declared.length) {
    const counts = `${String(declared.length)} operands, ${String(use.operands.length)} given`;
    violate(report, "W9", `\`${use.ins}\` has ${counts}`, use.span);
    return;
  }
  declared.forEach((operand, i) => {
    const given = use.operands[i];
    const problem = given === undefined ? null : operandProblem(given, operand, { isa, instruction });
    if (problem !== null) violate(report, "W9", `\`${use.ins}\`: ${operand.name} ${problem}`, use.span);
  });
}

function operandProblem(
  given: MachineOperand,
  operand: Operand,
  { isa, instruction }: { readonly isa: Isa; readonly instruction: Instruction },
): string | null {
  const wantsRegister = operand.kind.kind === "register";
  if ((given.kind !== "imm") !== wantsRegister) return wantsRegister ? "wants a register" : "wants a number";
  const isBoth = operandRole(isa, instruction, operand.name) === "both";
  if (isBoth !== (given.kind === "tied")) return isBoth ? "is both read and written" : "cannot be tied";
  if (given.kind === "value" || given.kind === "tied") return null;
  const value = given.kind === "fixed" ? given.register : Number(given.value);
  return inRange(operandRange(isa, instruction, operand), value) ? null : `cannot be ${String(value)}`;
}
