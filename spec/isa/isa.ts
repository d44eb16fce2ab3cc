// Builds an Isa from its tables, and answers what an instruction means. Relies on the readers of the three columns.
// Encodings and syntax are read at once; effects and expansions on first use, because typing all of them costs
// more than most programs that load the tables need (test/isa types every one).

import type { Effect } from "./effect.ts";
import { elaborateEffect } from "./effect-check.ts";
import { effectProblems, operandUse, roleOf } from "./effect-rules.ts";
import type { OperandUse } from "./effect-rules.ts";
import { substituteEffect } from "./effect-substitute.ts";
import { readEncoding } from "./encoding-text.ts";
import { readExpansion } from "./expansion.ts";
import type { Expansion } from "./expansion.ts";
import type { Field, Instruction, InstructionRow, Isa, IsaTables, Operand, OperandRole } from "./schema.ts";
import { readSyntax } from "./syntax-text.ts";
import { tableError } from "./table-error.ts";

/** Reads the tables. Throws a TableError for a row that is wrong by itself; check.ts proves the whole. */
export function defineIsa(tables: IsaTables): Isa {
  const all: Instruction[] = [];
  for (const group of tables.groups) {
    for (const row of group.rows) all.push(readRow(row, group.name, { tables, number: all.length }));
  }
  const byName = new Map(all.map((i) => [i.name, i]));
  const named = byBeginning(all);
  const classes = new Map(tables.classes.map((c) => [c.name, c]));
  return {
    ...tables,
    instructions: all,
    instruction: (name) => byName.get(name) ?? tableError(`no instruction \`${name}\` in ${tables.name}`),
    findInstruction: (name) => byName.get(name) ?? null,
    instructionsNamed: (name) => named.get(name) ?? [],
    registerClass: (name) =>
      classes.get(name) ?? tableError(`no register class \`${name}\` in ${tables.name}`),
  };
}

// `ldr:w:post` is found under `ldr`, `ldr:w` and its whole name.
function byBeginning(all: readonly Instruction[]): ReadonlyMap<string, readonly Instruction[]> {
  const named = new Map<string, Instruction[]>();
  for (const instruction of all) {
    const { name } = instruction;
    for (let end = name.indexOf(":"); ; end = name.indexOf(":", end + 1)) {
      const beginning = end < 0 ? name : name.slice(0, end);
      const list = named.get(beginning);
      if (list === undefined) named.set(beginning, [instruction]);
      else list.push(instruction);
      if (end < 0) break;
    }
  }
  return named;
}

function readRow(row: InstructionRow, group: string, at: { tables: IsaTables; number: number }): Instruction {
  try {
    const encoding = readEncoding(row.encoding);
    const fields = new Map(encoding.fields.map((f) => [f.name, f]));
    const syntax = readSyntax(row.operands, (name) => fields.has(name));
    const operands: Operand[] = [];
    for (const piece of syntax) {
      const field = piece.kind === "operand" ? fields.get(piece.name) : undefined;
      if (field !== undefined) operands.push(readOperand(field, at.tables));
    }
    const { name, meaning } = row;
    const [mnemonic = name] = name.split(":", 1);
    return { name, mnemonic, group, number: at.number, encoding, operands, syntax, meaning };
  } catch (e) {
    return tableError(`${row.name}: ${e instanceof Error ? e.message : String(e)}`);
  }
}

function readOperand(field: Field, tables: IsaTables): Operand {
  const kind = tables.operandKinds[field.name];
  if (kind === undefined) return tableError(`field \`${field.name}\` has no operand kind`);
  return { name: field.name, kind, field };
}

const effects = new WeakMap<Instruction, Effect>();
const expansions = new WeakMap<Instruction, Expansion>();
const uses = new WeakMap<Instruction, OperandUse>();

/** The typed effect over this instruction's own operands; for an expansion, the base's effect with them put in. */
export function effectOf(isa: Isa, instruction: Instruction): Effect {
  const known = effects.get(instruction);
  if (known !== undefined) return known;
  const effect = buildEffect(isa, instruction);
  effects.set(instruction, effect);
  return effect;
}

function buildEffect(isa: Isa, instruction: Instruction): Effect {
  const expansion = expansionOf(isa, instruction);
  if (expansion !== null) return substituteEffect(effectOf(isa, expansion.base), expansion.bindings);
  try {
    const effect = elaborateEffect(instruction.meaning.text, { isa, operands: instruction.operands });
    const [problem] = effectProblems(effect, isa);
    return problem === undefined ? effect : tableError(problem);
  } catch (e) {
    return tableError(`${instruction.name}: effect: ${e instanceof Error ? e.message : String(e)}`);
  }
}

/** The instruction that a compressed form stands for and its operands; null if it has an effect of its own. */
export function expansionOf(isa: Isa, instruction: Instruction): Expansion | null {
  if (instruction.meaning.kind === "effect") return null;
  const known = expansions.get(instruction);
  if (known !== undefined) return known;
  const names = instruction.operands.map((o) => o.name);
  const expansion = readExpansion(isa, instruction.meaning.text, names);
  expansions.set(instruction, expansion);
  return expansion;
}

/** How the instruction uses the operand with that name. */
export function operandRole(isa: Isa, instruction: Instruction, name: string): OperandRole {
  return roleOf(name, instructionUse(isa, instruction));
}

/** How the instruction uses all of its operands. */
export function instructionUse(isa: Isa, instruction: Instruction): OperandUse {
  const known = uses.get(instruction);
  if (known !== undefined) return known;
  const use = operandUse(effectOf(isa, instruction));
  uses.set(instruction, use);
  return use;
}
