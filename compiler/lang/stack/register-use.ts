// Which registers instructions of StackLang read and write: the one place that knows, for checks and passes.
//
// A call reads its arguments' registers and writes its results'; what it spoils besides is `convention.callerSaved`.
// A number that an operand takes for zero is no register: nobody reads or writes it. Flags: rules of check-flags.ts.

import { bug } from "../../source/bug.ts";
import type { Convention } from "../../target/convention.ts";
import type { Instr, MachineOperand, Register, Terminator } from "./ast.ts";
import { machineRoles } from "./machine-roles.ts";

interface MachineLike {
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
}

/** Calls `read` and `write` for the registers of one machine instruction, in operand order. */
export function forEachMachineRegister(
  code: MachineLike,
  convention: Convention,
  { read, write }: { readonly read: (r: Register) => void; readonly write: (r: Register) => void },
): void {
  const found = machineRoles(convention.isa, code.ins) ?? bug(`no instruction \`${code.ins}\``);
  code.operands.forEach((operand, i) => {
    if (operand.kind !== "register" || operand.register === found.zeros[i]) return;
    const role = found.roles[i];
    if (role !== "def") read(operand.register);
    if (role === "def" || role === "both") write(operand.register);
  });
}

const nothing = (): void => undefined;

export function forEachRead(instr: Instr, convention: Convention, visit: (r: Register) => void): void {
  switch (instr.kind) {
    case "machine":
      forEachMachineRegister(instr, convention, { read: visit, write: nothing });
      return;
    case "slotStore":
    case "transferStore":
      visit(instr.source);
      return;
    case "call":
      convention.words.slice(0, instr.argWords).forEach(visit);
      return;
    case "foreignCall":
      convention.foreignWords.forEach(visit);
      return;
    case "address":
    case "slotLoad":
    case "transferLoad":
  }
}

export function forEachWrite(instr: Instr, convention: Convention, visit: (r: Register) => void): void {
  switch (instr.kind) {
    case "machine":
      forEachMachineRegister(instr, convention, { read: nothing, write: visit });
      return;
    case "address":
    case "slotLoad":
    case "transferLoad":
      visit(instr.dest);
      return;
    case "call":
      convention.words.slice(0, instr.resultWords).forEach(visit);
      return;
    case "slotStore":
    case "transferStore":
    case "foreignCall":
  }
}

/** What a terminator reads, results left out: how many of them a `return` gives is not said any more. */
export function forEachEndRead(end: Terminator, convention: Convention, visit: (r: Register) => void): void {
  if (end.kind === "machineBranch") forEachMachineRegister(end, convention, { read: visit, write: nothing });
  if (end.kind === "tailCall") convention.words.slice(0, end.argWords).forEach(visit);
}

/** The blocks that a terminator may go on with. */
export function endTargets(end: Terminator): readonly number[] {
  if (end.kind === "jump") return [end.to];
  return end.kind === "machineBranch" ? [end.then, end.else] : [];
}
