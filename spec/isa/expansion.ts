// Reads an instruction written with another's operands in it: `addi rd, rd, imm` or `jalr x0, 0(x1)`.
// Used for compressed instructions and for aliases. Relies on operand-text.ts.
// Guarantees: every operand of the base instruction is bound to an own operand or to a value it can take.

import type { Binding, Bindings } from "./effect-substitute.ts";
import { matchOperands, parseOperandValue } from "./operand-text.ts";
import type { Instruction, Isa, OperandValues } from "./schema.ts";
import { tableError } from "./table-error.ts";

/** An instruction and what stands for each of its operands. */
export interface Expansion {
  readonly base: Instruction;
  readonly bindings: Bindings;
}

/** Reads one instruction's text, in which the names `own` stand for operands of the expanding form. */
export function readExpansion(isa: Isa, text: string, own: readonly string[]): Expansion {
  const [, name = "", rest = ""] = /^\s*(\S+)\s*(.*)$/.exec(text) ?? [];
  const base = isa.instruction(name);
  const texts = matchOperands(isa, base.syntax, rest);
  if (texts === null) return tableError(`expansion \`${text}\` does not fit the syntax of ${name}`);
  const bindings = new Map<string, Binding>();
  for (const operand of base.operands) {
    const written = texts.get(operand.name)?.text;
    // Only a suffix that is not written is missing: it is the first choice.
    if (written === undefined) bindings.set(operand.name, { kind: "fixed", value: 0 });
    else bindings.set(operand.name, readBinding(isa, { operand, written, own, text }));
  }
  return { base, bindings };
}

interface Written {
  readonly operand: Instruction["operands"][number];
  readonly written: string;
  readonly own: readonly string[];
  readonly text: string;
}

function readBinding(isa: Isa, { operand, written, own, text }: Written): Binding {
  if (own.includes(written)) return { kind: "operand", name: written };
  const value = parseOperandValue(isa, operand.kind, written);
  return value === null ? tableError(`expansion \`${text}\`: \`${written}\``) : { kind: "fixed", value };
}

/** The base instruction's operand values for values of the expanding form. */
export function instantiate(expansion: Expansion, own: OperandValues): OperandValues {
  const values: Record<string, number> = {};
  for (const [name, binding] of expansion.bindings) {
    values[name] = binding.kind === "fixed" ? binding.value : (own[binding.name] ?? 0);
  }
  return values;
}

/** The expanding form's own operand values, if the base's values are an instance of the expansion; else null. */
export function ownValues(expansion: Expansion, values: OperandValues): OperandValues | null {
  const own: Record<string, number> = {};
  for (const [name, binding] of expansion.bindings) {
    const value = values[name];
    if (value === undefined) return null;
    if (binding.kind === "fixed") {
      if (binding.value !== value) return null;
    } else if ((own[binding.name] ?? value) === value) own[binding.name] = value;
    else return null;
  }
  return own;
}
