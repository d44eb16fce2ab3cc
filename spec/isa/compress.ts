// Short encodings: the 16-bit form of an instruction with given operands, from the expansions in the tables.
// Relies on isa.ts and encoding.ts. Guarantees: the short form has the same effect (it expands to the instruction
// asked for, or to one with the same effect that the table names in `alsoFor`).

import { encodeInstruction } from "./encoding.ts";
import type { Expansion } from "./expansion.ts";
import { ownValues, readExpansion } from "./expansion.ts";
import { expansionOf, instructionUse } from "./isa.ts";
import type { Instruction, Isa, OperandValues } from "./schema.ts";

/** A short instruction and its own operand values. */
export interface ShortForm {
  readonly instruction: Instruction;
  readonly values: OperandValues;
}

interface Candidate {
  readonly short: Instruction;
  readonly expansion: Expansion;
}

const indexes = new WeakMap<Isa, ReadonlyMap<Instruction, readonly Candidate[]>>();

function candidatesOf(isa: Isa): ReadonlyMap<Instruction, readonly Candidate[]> {
  const known = indexes.get(isa);
  if (known !== undefined) return known;
  const index = new Map<Instruction, Candidate[]>();
  for (const short of isa.instructions) {
    const own = expansionOf(isa, short);
    if (own === null || short.meaning.kind !== "expansion") continue;
    const names = short.operands.map((o) => o.name);
    const others = short.meaning.alsoFor.map((text) => readExpansion(isa, text, names));
    for (const expansion of [own, ...others]) {
      index.set(expansion.base, [...(index.get(expansion.base) ?? []), { short, expansion }]);
    }
  }
  indexes.set(isa, index);
  return index;
}

// Quick refusal: a fixed operand (the zero register, sp, 0) has another value.
function differs(expansion: Expansion, values: OperandValues): boolean {
  for (const [name, binding] of expansion.bindings) {
    if (binding.kind === "fixed" && binding.value !== values[name]) return true;
  }
  return false;
}

// A short form that writes the zero register is a hint: it does nothing here but may mean something to others.
function isHint(isa: Isa, short: Instruction, values: OperandValues): boolean {
  return short.operands.some(({ name, kind }) => {
    if (kind.kind !== "register" || !instructionUse(isa, short).written.has(name)) return false;
    const { special } = isa.registerClass(kind.class);
    return special?.file === null && special.index === values[name];
  });
}

/** The first short form that can hold these operands, null if there is none. A branch's distance stays. */
export function shortForm(isa: Isa, instruction: Instruction, values: OperandValues): ShortForm | null {
  for (const { short, expansion } of candidatesOf(isa).get(instruction) ?? []) {
    if (differs(expansion, values)) continue;
    const own = ownValues(expansion, values);
    if (own === null || !encodeInstruction(isa, short, own).ok || isHint(isa, short, own)) continue;
    return { instruction: short, values: own };
  }
  return null;
}
