// The spelling that StackLang and LabLang share: machine instructions in the syntax of spec/isa, labels `b0`,
// registers by their ABI names, places as `@globals`.

import { printOperand } from "../../../spec/isa/operand-text.ts";
import type { Isa, Operand } from "../../../spec/isa/schema.ts";
import { branchText, instructionText } from "../machine-text.ts";
import type { Label, MachineOperand, MemoryKind, Place, Register } from "./ast.ts";

export const placeText: Readonly<Record<Place, string>> = {
  heapBase: "@base",
  heapTop: "@top",
  globals: "@globals",
  stackLimit: "@stacklimit",
};

type RegisterOperand = Extract<MachineOperand, { kind: "register" }>;

/** What is printed of a machine instruction or branch. */
export interface MachineParts {
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
}

export function printLabel(label: Label): string {
  return `b${String(label)}`;
}

/** The general registers of every target are its first class. */
export function printRegister(isa: Isa, register: Register): string {
  const [general] = isa.classes;
  return general?.names[register - general.first] ?? `register${String(register)}`;
}

/** `ld a0, 8(a1) : local`: the kind of access stands behind a colon. */
export function printMachine(isa: Isa, instr: MachineParts & { readonly memory: MemoryKind }): string {
  const memory = instr.memory === null ? "" : ` : ${instr.memory}`;
  return instructionText(isa, instr, registerText(isa)) + memory;
}

/** `bne a0, zero`: without the target operand. */
export function printBranch(isa: Isa, branch: MachineParts): string {
  return branchText(isa, branch, registerText(isa));
}

function registerText(isa: Isa): (given: RegisterOperand, declared: Operand) => string {
  return ({ register }, { kind }) => printOperand(isa, kind, register);
}

/** `a0 = @globals + 8`. */
export function printAddress(
  isa: Isa,
  a: { readonly dest: Register; readonly place: Place; readonly offset: bigint },
): string {
  const offset = a.offset === 0n ? "" : ` + ${String(a.offset)}`;
  return `${printRegister(isa, a.dest)} = ${placeText[a.place]}${offset}`;
}
