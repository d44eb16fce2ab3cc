// The spelling that StackLang and LabLang share: machine instructions in the syntax of spec/isa, labels `b0`,
// registers by their ABI names, places as `@globals`.

import { printOperand } from "../../../spec/isa/operand-text.ts";
import type { Isa, Operand } from "../../../spec/isa/schema.ts";
import type { Label, MachineOperand, MemoryKind, Place, Register } from "./ast.ts";

export const placeText: Readonly<Record<Place, string>> = {
  heapBase: "@base",
  heapTop: "@top",
  globals: "@globals",
  stackLimit: "@stacklimit",
};

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
  const { syntax, operands } = isa.instruction(instr.ins);
  let next = 0;
  const parts = syntax.map((piece) => {
    if (piece.kind === "text") return piece.text === "," ? ", " : piece.text;
    const at = next++;
    return operandText(isa, instr.operands[at], operands[at]);
  });
  const memory = instr.memory === null ? "" : ` : ${instr.memory}`;
  return `${`${instr.ins} ${parts.join("")}`.trimEnd()}${memory}`;
}

/** `bne a0, zero`: without the target operand. */
export function printBranch(isa: Isa, branch: MachineParts): string {
  const declared = isa.instruction(branch.ins).operands.filter((o) => o.kind.kind !== "target");
  const operands = branch.operands.map((o, i) => operandText(isa, o, declared[i]));
  return `${branch.ins} ${operands.join(", ")}`;
}

function operandText(isa: Isa, given: MachineOperand | undefined, declared: Operand | undefined): string {
  if (given?.kind !== "register") return String(given?.value ?? "");
  return declared === undefined
    ? printRegister(isa, given.register)
    : printOperand(isa, declared.kind, given.register);
}

/** `a0 = @globals + 8`. */
export function printAddress(
  isa: Isa,
  a: { readonly dest: Register; readonly place: Place; readonly offset: bigint },
): string {
  const offset = a.offset === 0n ? "" : ` + ${String(a.offset)}`;
  return `${printRegister(isa, a.dest)} = ${placeText[a.place]}${offset}`;
}
