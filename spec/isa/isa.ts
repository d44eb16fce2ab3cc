// Builds an Isa from its tables, and answers what an instruction means. Relies on the readers of the three columns.
// Every column is read on first use (encoding and syntax of a row together), because reading all of them costs more
// than most programs that load the tables need. test/isa reads every one.

import type { Effect } from "./effect.ts";
import { elaborateEffect } from "./effect-check.ts";
import { effectProblems, operandUse, roleOf } from "./effect-rules.ts";
import type { OperandUse } from "./effect-rules.ts";
import { substituteEffect } from "./effect-substitute.ts";
import { readEncoding } from "./encoding-text.ts";
import { readExpansion } from "./expansion.ts";
import type { Expansion } from "./expansion.ts";
import type {
  Field,
  Instruction,
  InstructionForm,
  InstructionRow,
  Isa,
  IsaTables,
  Operand,
  OperandRole,
  OperandValues,
} from "./schema.ts";
import { readSyntax } from "./syntax-text.ts";
import { tableError } from "./table-error.ts";

/** Describes the tables. A row that is wrong throws a TableError when it is first used; check.ts proves the whole. */
export function defineIsa(tables: IsaTables): Isa {
  let rows: RowTable | null = null;
  const table = (): RowTable => (rows ??= readTable(tables));
  let forms: ReadonlyMap<string, readonly InstructionForm[]> | null = null;
  const classes = new Map(tables.classes.map((c) => [c.name, c]));
  return {
    ...tables,
    get instructions() {
      return table().all;
    },
    instruction: (name) =>
      table().byName.get(name) ?? tableError(`no instruction \`${name}\` in ${tables.name}`),
    findInstruction: (name) => table().byName.get(name) ?? null,
    formsNamed: (name) => formsNamed((forms ??= formsByMnemonic(table().all)), name),
    mnemonics: () => table().all.flatMap((i) => i.spellings().map(([glue]) => i.mnemonic + glue)),
    registerClass: (name) =>
      classes.get(name) ?? tableError(`no register class \`${name}\` in ${tables.name}`),
  };
}

/** All rows as instructions. */
interface RowTable {
  readonly all: readonly RowInstruction[];
  readonly byName: ReadonlyMap<string, RowInstruction>;
}

function readTable(tables: IsaTables): RowTable {
  const all: RowInstruction[] = [];
  for (const group of tables.groups) {
    for (const row of group.rows)
      all.push(new RowInstruction(row, group.name, { tables, number: all.length }));
  }
  return { all, byName: new Map(all.map((i) => [i.name, i])) };
}

// Forms by mnemonic as text spells it: `b.` under `b.eq`, `b.ne` and so on.
function formsByMnemonic(all: readonly RowInstruction[]): ReadonlyMap<string, readonly InstructionForm[]> {
  const forms = new Map<string, InstructionForm[]>();
  for (const instruction of all) {
    for (const [glue, glued] of instruction.spellings()) {
      const spelled = instruction.mnemonic + glue;
      const list = forms.get(spelled);
      if (list === undefined) forms.set(spelled, [{ instruction, glued }]);
      else list.push({ instruction, glued });
    }
  }
  return forms;
}

// `ldr:w` means those forms of `ldr` whose names go on with `:w`, and then end or have another colon.
function formsNamed(
  forms: ReadonlyMap<string, readonly InstructionForm[]>,
  name: string,
): readonly InstructionForm[] {
  const colon = name.indexOf(":");
  if (colon < 0) return forms.get(name) ?? [];
  const rest = name.slice(colon);
  return (forms.get(name.slice(0, colon)) ?? []).filter(({ instruction }) =>
    `${instruction.name.slice(instruction.mnemonic.length)}:`.startsWith(`${rest}:`),
  );
}

/** What a row says beyond its encoding. */
type Columns = Pick<Instruction, "operands" | "syntax">;

const plainSpelling = [["", {}]] as const;

// An instruction whose columns are read when somebody first asks for one; a decoder looks at all encodings and at little
// else, so these are read by themselves.
class RowInstruction implements Instruction {
  readonly name: string;
  readonly mnemonic: string;
  readonly group: string;
  readonly number: number;
  readonly meaning: Instruction["meaning"];
  private readonly row: InstructionRow;
  private readonly tables: IsaTables;
  private ownEncoding: ReturnType<typeof readEncoding> | null = null;
  private columns: Columns | null = null;

  constructor(row: InstructionRow, group: string, at: { tables: IsaTables; number: number }) {
    [this.mnemonic = row.name] = row.name.split(":", 1);
    this.name = row.name;
    this.group = group;
    this.number = at.number;
    this.meaning = row.meaning;
    this.row = row;
    this.tables = at.tables;
  }

  get encoding(): Instruction["encoding"] {
    return this.readEncoding();
  }

  get operands(): Instruction["operands"] {
    return this.read().operands;
  }

  get syntax(): Instruction["syntax"] {
    return this.read().syntax;
  }

  /** What may be glued to the mnemonic, and the operand values that it means. Does not read the columns. */
  spellings(): readonly (readonly [string, OperandValues])[] {
    if (!this.row.operands.startsWith("{")) return plainSpelling;
    const name = /^\{([a-z]\w*)\}/.exec(this.row.operands)?.[1];
    const kind = name === undefined ? undefined : this.tables.operandKinds[name];
    if (name === undefined || kind?.kind !== "choice") return plainSpelling;
    const names = kind.names.map((text, value) => [text, value] as const);
    return [...names, ...Object.entries(kind.aliases)].map(([text, value]) => [text, { [name]: value }]);
  }

  private read(): Columns {
    const encoding = this.readEncoding();
    return (this.columns ??= ofRow(this.row, () => readColumns(this.row, encoding, this.tables)));
  }

  private readEncoding(): ReturnType<typeof readEncoding> {
    return (this.ownEncoding ??= ofRow(this.row, () => readEncoding(this.row.encoding)));
  }
}

// Names the row in what is wrong with it.
function ofRow<T>(row: InstructionRow, read: () => T): T {
  try {
    return read();
  } catch (e) {
    return tableError(`${row.name}: ${e instanceof Error ? e.message : String(e)}`);
  }
}

function readColumns(
  row: InstructionRow,
  encoding: ReturnType<typeof readEncoding>,
  tables: IsaTables,
): Columns {
  const fields = new Map(encoding.fields.map((f) => [f.name, f]));
  const followers = encoding.following;
  const isOperand = (name: string): boolean => fields.has(name) || followers.some((f) => f.name === name);
  const syntax = readSyntax(row.operands, isOperand);
  const operands: Operand[] = [];
  for (const piece of syntax) {
    const field = piece.kind === "operand" ? fields.get(piece.name) : undefined;
    if (field !== undefined) operands.push(readOperand(field.name, field, null, tables));
  }
  for (const { name, after, plus } of followers) {
    const field = fields.get(after);
    if (field !== undefined) operands.push(readOperand(name, field, { operand: after, plus }, tables));
  }
  return { operands, syntax };
}

function readOperand(name: string, field: Field, after: Operand["after"], tables: IsaTables): Operand {
  const kind = tables.operandKinds[name];
  if (kind === undefined) return tableError(`field \`${name}\` has no operand kind`);
  return { name, kind, field, after };
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
