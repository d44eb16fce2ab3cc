// Instructions as assembly text, both ways, with aliases. Relies on operand-text.ts and expansion.ts.
// Guarantees: parseInstruction(printInstruction(i, values)) = (i, values) for operands without symbols.
// The assembler of the compiler reads symbols and expressions itself and uses `formsOf` and `matchOperands`.

import { encodeInstruction, withFollowing } from "./encoding.ts";
import type { Expansion } from "./expansion.ts";
import { instantiate, ownValues, readExpansion } from "./expansion.ts";
import {
  marksOf,
  marksOfSyntax,
  matchOperandTexts,
  parseOperandValue,
  printOperand,
} from "./operand-text.ts";
import type { Alias, Instruction, Isa, OperandValues, SyntaxPiece } from "./schema.ts";
import { listByEnds, readSyntax } from "./syntax-text.ts";

/** Something that a mnemonic may mean: an instruction with values for glued operands, or an alias. */
export type Form =
  | {
      readonly kind: "instruction";
      readonly instruction: Instruction;
      readonly syntax: readonly SyntaxPiece[];
      readonly glued: OperandValues;
    }
  | { readonly kind: "alias"; readonly alias: Alias; readonly syntax: readonly SyntaxPiece[] };

/** An alias that stands for one instruction, ready to be recognised. */
interface PrintAlias {
  readonly name: string;
  readonly syntax: readonly SyntaxPiece[];
  readonly expansion: Expansion;
}

// Aliases by what finds them. Their columns are read when one of them is asked for: there are hundreds.
interface AliasIndex {
  readonly byName: ReadonlyMap<string, readonly Alias[]>;
  /** Those that are printed, by the mnemonic that they stand for. */
  readonly byBase: ReadonlyMap<string, readonly Alias[]>;
  readonly printed: Map<Instruction, readonly PrintAlias[]>;
}

const indexes = new WeakMap<Isa, AliasIndex>();

function indexOf(isa: Isa): AliasIndex {
  const known = indexes.get(isa);
  if (known !== undefined) return known;
  const byName = new Map<string, Alias[]>();
  const byBase = new Map<string, Alias[]>();
  const add = (map: Map<string, Alias[]>, key: string, alias: Alias): void => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [alias]);
    else list.push(alias);
  };
  for (const alias of isa.aliases) {
    add(byName, alias.name, alias);
    if (alias.print) add(byBase, /^[^\s:]+/.exec(alias.expansion)?.[0] ?? "", alias);
  }
  const index = { byName, byBase, printed: new Map<Instruction, readonly PrintAlias[]>() };
  indexes.set(isa, index);
  return index;
}

const aliasSyntaxes = new WeakMap<Alias, readonly SyntaxPiece[]>();

function syntaxOf(isa: Isa, alias: Alias): readonly SyntaxPiece[] {
  const known = aliasSyntaxes.get(alias);
  if (known !== undefined) return known;
  const syntax = readSyntax(alias.operands, (name) => Object.hasOwn(isa.operandKinds, name));
  aliasSyntaxes.set(alias, syntax);
  return syntax;
}

// The aliases that may stand for an instruction, in the order of the table.
function printAliasesOf(isa: Isa, instruction: Instruction): readonly PrintAlias[] {
  const { byBase, printed } = indexOf(isa);
  const known = printed.get(instruction);
  if (known !== undefined) return known;
  const list = spellingsOf(instruction)
    .flatMap((mnemonic) => byBase.get(mnemonic) ?? [])
    .flatMap((alias): PrintAlias[] => {
      const syntax = syntaxOf(isa, alias);
      const expansion = aliasExpansion(isa, alias, syntax);
      return expansion.base === instruction ? [{ name: alias.name, syntax, expansion }] : [];
    });
  printed.set(instruction, list);
  return list;
}

function spellingsOf({ mnemonic, operands, syntax }: Instruction): readonly string[] {
  const suffix = syntax.find((piece) => piece.kind === "operand" && piece.suffix);
  const kind = suffix?.kind === "operand" ? operands.find((o) => o.name === suffix.name)?.kind : undefined;
  return kind?.kind === "choice" ? kind.names.map((glue) => mnemonic + glue) : [mnemonic];
}

const endsSyntaxes = new WeakMap<Instruction, readonly SyntaxPiece[] | null>();

// The syntax of an instruction with a list of registers that names the list's ends, else null.
function endsSyntaxOf(instruction: Instruction): readonly SyntaxPiece[] | null {
  const known = endsSyntaxes.get(instruction);
  if (known !== undefined) return known;
  const syntax = listByEnds(instruction.syntax);
  endsSyntaxes.set(instruction, syntax);
  return syntax;
}

// What a mnemonic may mean, and by the marks of an operand list those whose syntax has them.
interface MnemonicForms {
  readonly all: readonly Form[];
  readonly byMarks: ReadonlyMap<string, readonly Form[]>;
}

const forms = new WeakMap<Isa, Map<string, MnemonicForms>>();
const none: MnemonicForms = { all: [], byMarks: new Map() };

function mnemonicForms(isa: Isa, mnemonic: string): MnemonicForms {
  const known = forms.get(isa)?.get(mnemonic);
  if (known !== undefined) return known;
  const all = makeForms(isa, mnemonic);
  // Words that a text has wrong are not kept.
  if (all.length === 0) return none;
  const byMarks = new Map<string, Form[]>();
  for (const form of all) {
    for (const marks of new Set(marksOfSyntax(form.syntax))) {
      const like = byMarks.get(marks);
      if (like === undefined) byMarks.set(marks, [form]);
      else like.push(form);
    }
  }
  const made = { all, byMarks };
  const ofIsa = forms.get(isa) ?? new Map<string, MnemonicForms>();
  forms.set(isa, ofIsa.set(mnemonic, made));
  return made;
}

function makeForms(isa: Isa, mnemonic: string): Form[] {
  const own = isa.formsNamed(mnemonic).flatMap(({ instruction, glued }): Form[] => {
    const byEnds = endsSyntaxOf(instruction);
    const syntaxes = byEnds === null ? [instruction.syntax] : [instruction.syntax, byEnds];
    return syntaxes.map((syntax) => ({ kind: "instruction", instruction, syntax, glued }));
  });
  const aliases = (indexOf(isa).byName.get(mnemonic) ?? []).map((alias): Form => ({
    kind: "alias",
    alias,
    syntax: syntaxOf(isa, alias),
  }));
  return [...own, ...aliases];
}

/** What `mnemonic` may mean, instructions before aliases; empty for an unknown one. */
export function formsOf(isa: Isa, mnemonic: string): readonly Form[] {
  return mnemonicForms(isa, mnemonic).all;
}

/** Those forms of `mnemonic` that have an operand list's commas, brackets and braces; no other form fits it. */
export function formsLike(isa: Isa, mnemonic: string, operands: string): readonly Form[] {
  return mnemonicForms(isa, mnemonic).byMarks.get(marksOf(operands)) ?? [];
}

/** Every mnemonic and alias that text may use. */
export function allMnemonics(isa: Isa): readonly string[] {
  return [...new Set([...isa.mnemonics(), ...indexOf(isa).byName.keys()])];
}

/** How to print. */
export interface PrintStyle {
  /** Between operands: `, ` for people, `,` as objdump does. */
  readonly comma: string;
  /** Between mnemonic and operands. */
  readonly gap: string;
  /** Text of a target from its distance in bytes from the instruction or its page; null prints the distance. */
  readonly target: ((distance: number, unit: number) => string) | null;
}

/** The style of listings that people read. */
export const READABLE: PrintStyle = { comma: ", ", gap: " ", target: null };

/** Canonical text: the instruction's own mnemonic, no aliases. */
export function printInstruction(
  isa: Isa,
  instruction: Instruction,
  values: OperandValues,
  style: PrintStyle = READABLE,
): string {
  const syntax = hasLongList(instruction, values) ? endsSyntaxOf(instruction) : null;
  return printForm(isa, { name: instruction.mnemonic, syntax: syntax ?? instruction.syntax }, values, style);
}

// Three registers or more, and not from the last one on to the first: objdump prints such lists by their ends.
function hasLongList({ operands }: Instruction, values: OperandValues): boolean {
  const followers = operands.filter((o) => o.after !== null);
  const [start, end] = [followers[0]?.after?.operand ?? "", followers.at(-1)?.name ?? ""];
  return followers.length > 1 && (values[end] ?? 0) > (values[start] ?? 0);
}

/** As `printInstruction`, through the first alias that fits. */
export function printWithAliases(
  isa: Isa,
  instruction: Instruction,
  values: OperandValues,
  style: PrintStyle = READABLE,
): string {
  for (const alias of printAliasesOf(isa, instruction)) {
    const own = ownValues(alias.expansion, values);
    if (own !== null) return printForm(isa, alias, own, style);
  }
  return printInstruction(isa, instruction, values, style);
}

function printForm(
  isa: Isa,
  form: { readonly name: string; readonly syntax: readonly SyntaxPiece[] },
  values: OperandValues,
  style: PrintStyle,
): string {
  let [mnemonic, rest] = [form.name, ""];
  form.syntax.forEach((piece, i) => {
    if (piece.optional && isLeftOut(form.syntax, i, values)) return;
    const text =
      piece.kind === "text" ? piece.text : printValue(isa, piece.name, values[piece.name] ?? 0, style);
    if (piece.kind === "operand" && piece.suffix) mnemonic += text;
    else rest += text === "," ? style.comma : text;
  });
  return rest === "" ? mnemonic : mnemonic + style.gap + rest;
}

// True if all operands of the optional run around piece `at` are 0.
function isLeftOut(syntax: readonly SyntaxPiece[], at: number, values: OperandValues): boolean {
  let [first, end] = [at, at];
  while (syntax[first - 1]?.optional === true) first -= 1;
  while (syntax[end]?.optional === true) end += 1;
  return syntax.slice(first, end).every((p) => p.kind === "text" || values[p.name] === 0);
}

function printValue(isa: Isa, name: string, value: number, style: PrintStyle): string {
  const kind = isa.operandKinds[name];
  if (kind === undefined) return String(value);
  if (kind.kind !== "target") return printOperand(isa, kind, value);
  if (style.target !== null) return style.target(value, kind.unit);
  return value < 0 ? `.${String(value)}` : `.+${String(value)}`;
}

/** An instruction and its operand values. */
export interface InstructionInstance {
  readonly instruction: Instruction;
  readonly values: OperandValues;
}

/**
 * Reads one instruction without symbols, null if nothing has that form. Branch targets are `.+8` or a distance.
 * Aliases of one instruction are understood. The first form that can hold the operands is meant; if none can, the
 * first that has the syntax (encodeInstruction says what does not fit).
 */
export function parseInstruction(isa: Isa, text: string): InstructionInstance | null {
  const [, mnemonic = "", rest = ""] = /^\s*(\S+)\s*(.*)$/.exec(text) ?? [];
  let first: InstructionInstance | null = null;
  for (const form of formsLike(isa, mnemonic, rest)) {
    const found = parseAs(isa, form, rest);
    if (found === null) continue;
    if (encodeInstruction(isa, found.instruction, found.values).ok) return found;
    first ??= found;
  }
  return first;
}

function parseAs(isa: Isa, form: Form, rest: string): InstructionInstance | null {
  const values = parseForm(isa, form.syntax, rest);
  if (values === null) return null;
  if (form.kind === "instruction") {
    const { instruction, glued } = form;
    return { instruction, values: { ...glued, ...withFollowing(isa, instruction, values), ...values } };
  }
  const expansion = singleExpansion(isa, form);
  return expansion === null ? null : { instruction: expansion.base, values: instantiate(expansion, values) };
}

/** The expansion of an alias that is one instruction without relocations, else null. */
export function singleExpansion(isa: Isa, form: Extract<Form, { kind: "alias" }>): Expansion | null {
  const { alias, syntax } = form;
  return /[;%]/.test(alias.expansion) ? null : aliasExpansion(isa, alias, syntax);
}

const aliasExpansions = new WeakMap<Alias, Expansion>();

function aliasExpansion(isa: Isa, alias: Alias, syntax: readonly SyntaxPiece[]): Expansion {
  const known = aliasExpansions.get(alias);
  if (known !== undefined) return known;
  const expansion = readExpansion(isa, alias.expansion, operandNames(syntax), alias.inverse);
  aliasExpansions.set(alias, expansion);
  return expansion;
}

function operandNames(syntax: readonly SyntaxPiece[]): string[] {
  return syntax.flatMap((p) => (p.kind === "operand" ? [p.name] : []));
}

function parseForm(isa: Isa, syntax: readonly SyntaxPiece[], rest: string): Record<string, number> | null {
  const texts = matchOperandTexts(isa, syntax, rest);
  if (texts === null) return null;
  const values: Record<string, number> = {};
  for (const [name, written] of texts) {
    const kind = isa.operandKinds[name];
    if (kind === undefined) return null;
    const value = parseOperandValue(
      isa,
      kind,
      kind.kind === "target" ? written.replace(/^\.\+?/, "") : written,
    );
    if (value === null) return null;
    values[name] = value;
  }
  return values;
}
