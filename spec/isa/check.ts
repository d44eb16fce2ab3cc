// Proves an instruction description as a whole. Relies on isa.ts and the checks that reading the tables makes
// (encoding widths and fields). Guarantees, if `isaProblems` is empty: names are unique; no word fits two
// encodings; every field is an operand, stands once in the syntax and is used by the effect; every effect and
// expansion types and keeps rules E1 to E6; every alias expands to instructions that exist.

import { readExpansion } from "./expansion.ts";
import { effectOf, expansionOf, instructionUse } from "./isa.ts";
import type { Encoding, Field, Instruction, Isa } from "./schema.ts";
import { readSyntax } from "./syntax-text.ts";

/** Every mistake in the tables, as sentences; empty for a correct description. */
export function isaProblems(isa: Isa): string[] {
  return [
    ...nameProblems(isa),
    ...overlapProblems(isa),
    ...isa.instructions.flatMap((i) => syntaxProblems(isa, i).map((problem) => `${i.name}: ${problem}`)),
    ...isa.instructions.flatMap((i) => meaningProblems(isa, i).map((problem) => `${i.name}: ${problem}`)),
    ...aliasProblems(isa),
  ];
}

function duplicates(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i);
}

function nameProblems(isa: Isa): string[] {
  const twice = [
    ...duplicates(isa.instructions.map((i) => i.name)),
    ...duplicates(isa.csrs.map((c) => c.name)),
    ...duplicates(isa.traps.map((t) => t.name)),
    ...duplicates(isa.helpers.map((h) => h.name)),
  ];
  return twice.map((name) => `\`${name}\` stands twice`);
}

function overlapProblems(isa: Isa): string[] {
  const problems: string[] = [];
  isa.instructions.forEach((a, i) => {
    for (const b of isa.instructions.slice(i + 1)) {
      if (overlap(a.encoding, b.encoding)) problems.push(`${a.name} and ${b.name} share words`);
    }
    const wide = (a.encoding.match & isa.wide.mask) === isa.wide.match;
    if (wide !== (a.encoding.bits === 32)) problems.push(`${a.name}: low bits do not fit its length`);
  });
  return problems;
}

function overlap(a: Encoding, b: Encoding): boolean {
  const common = (a.mask & b.mask) >>> 0;
  if (((a.match ^ b.match) & common) !== 0) return false;
  return !excludes(a, b) && !excludes(b, a);
}

// True if `b` fixes a field of `a` to a value that `a` leaves to others.
function excludes(a: Encoding, b: Encoding): boolean {
  return a.excluded.some(({ field, value }) => {
    const f = a.fields.find((candidate) => candidate.name === field);
    return f !== undefined && fixedValue(f, b) === value;
  });
}

function fixedValue(field: Field, encoding: Encoding): number | null {
  let value = 0;
  for (const { wordLow, valueLow, bits } of field.pieces) {
    const ones = 2 ** bits - 1;
    if (((encoding.mask >>> wordLow) & ones) !== ones) return null;
    value += ((encoding.match >>> wordLow) & ones) * 2 ** valueLow;
  }
  return value;
}

function syntaxProblems(isa: Isa, instruction: Instruction): string[] {
  const written = instruction.operands.map((o) => o.name);
  const problems = duplicates(written).map((name) => `operand \`${name}\` is written twice`);
  for (const { name, width } of instruction.encoding.fields) {
    if (!written.includes(name)) problems.push(`field \`${name}\` is not in the syntax`);
    const kind = isa.operandKinds[name];
    if (kind?.kind === "choice" && kind.names.length !== 2 ** width)
      problems.push(`\`${name}\` has unnamed values`);
    if (kind?.kind === "register" && isa.registerClass(kind.class).count !== 2 ** width) {
      problems.push(`\`${name}\` has another width than its register class`);
    }
  }
  return problems;
}

function meaningProblems(isa: Isa, instruction: Instruction): string[] {
  try {
    effectOf(isa, instruction);
    const { mentioned } = instructionUse(isa, instruction);
    if (instruction.meaning.kind === "expansion") {
      const names = instruction.operands.map((o) => o.name);
      for (const text of instruction.meaning.alsoFor) readExpansion(isa, text, names);
    }
    const bound = [...(expansionOf(isa, instruction)?.bindings.values() ?? [])];
    const used = (name: string): boolean =>
      mentioned.has(name) || bound.some((b) => b.kind === "operand" && b.name === name);
    return instruction.operands
      .filter((o) => !used(o.name))
      .map((o) => `operand \`${o.name}\` has no effect`);
  } catch (e) {
    return [e instanceof Error ? e.message : String(e)];
  }
}

// Each step of an alias must be readable, whatever a relocation stands for.
function aliasProblems(isa: Isa): string[] {
  return isa.aliases.flatMap((alias) => {
    const own = readSyntax(alias.operands, (name) => Object.hasOwn(isa.operandKinds, name)).flatMap(
      (piece) => (piece.kind === "operand" ? [piece.name] : []),
    );
    return alias.expansion.split(";").flatMap((step) => {
      try {
        readExpansion(isa, step.replaceAll(/%\w+\([^)]*\)/g, "0"), own, alias.inverse);
        return [];
      } catch (e) {
        return [`alias ${alias.name}: ${e instanceof Error ? e.message : String(e)}`];
      }
    });
  });
}
