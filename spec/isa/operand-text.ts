// The text of a single operand, and taking an operand list apart by a syntax. Relies on schema.ts.
// Guarantees: what `printOperand` writes, `parseOperandValue` reads back as the same value.

import { parseFloat, printFloat } from "./float-text.ts";
import { immediateCodes } from "./immediate-codes.ts";
import type { Isa, OperandKind, RegisterClass, SyntaxPiece } from "./schema.ts";

/** A syntax as a pattern: alone, and with the places of what it finds, which takes longer. */
interface Pattern {
  readonly plain: RegExp;
  readonly placed: RegExp;
  /** The operands that its groups are. */
  readonly names: readonly string[];
}

const patterns = new WeakMap<readonly SyntaxPiece[], Pattern>();

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

// Blanks are free, and `#` before a number may be left out.
function characterPattern(character: string): string {
  if (character === " ") return "\\s*";
  return character === "#" ? "#?" : escape(character);
}

// A fixed register in a syntax (`imm(sp)`) may be written by any of its names.
function textPattern(isa: Isa, text: string): string {
  for (const c of isa.classes) {
    const number = registerNumber(c, text);
    if (number === null) continue;
    const others = Object.entries(c.aliases).filter(([, n]) => n === number);
    const spellings = [...others.map(([name]) => name), c.names[number - c.first] ?? text];
    return `(?:${spellings.map(escape).join("|")})`;
  }
  return Array.from(text, characterPattern).join("\\s*");
}

function patternOf(isa: Isa, syntax: readonly SyntaxPiece[]): Pattern {
  const known = patterns.get(syntax);
  if (known !== undefined) return known;
  const parts: string[] = [];
  const visible = syntax.filter((piece) => piece.kind === "text" || !piece.suffix);
  visible.forEach((piece, i) => {
    const [before, after] = [visible[i - 1], visible[i + 1]];
    const opens = piece.optional && before?.optional !== true ? "(?:" : "";
    const closes = piece.optional && after?.optional !== true ? ")?" : "";
    parts.push(opens + piecePattern(isa, piece, before, after) + closes);
  });
  const source = `^\\s*${parts.join("\\s*")}\\s*$`;
  const names = visible.flatMap((piece) => (piece.kind === "operand" ? [piece.name] : []));
  const pattern = { plain: new RegExp(source), placed: new RegExp(source, "d"), names };
  patterns.set(syntax, pattern);
  return pattern;
}

function piecePattern(
  isa: Isa,
  piece: SyntaxPiece,
  before: SyntaxPiece | undefined,
  after: SyntaxPiece | undefined,
): string {
  // `0(a0)` is another way to write the address of an atomic access, `(a0)`.
  if (piece.kind === "text" && piece.text === "(" && before?.kind === "text") return "(?:0\\s*)?\\(";
  if (piece.kind === "text") return textPattern(isa, piece.text);
  // `(a0)` is short for `0(a0)`; the last parenthesis is the base's, so an offset may contain others.
  if (after?.kind === "text" && after.text.startsWith("(")) return "([^,[\\]{}]*)";
  return before?.kind === "text" && before.text.endsWith("(") ? "([^,()]+)" : "([^,[\\]{}]+)";
}

/** The text of an operand in an operand list, and where it starts there. */
export interface WrittenOperand {
  readonly text: string;
  readonly at: number;
}

/** Takes an operand list apart (operands glued to the mnemonic excepted); null if the syntax does not fit. */
export function matchOperands(
  isa: Isa,
  syntax: readonly SyntaxPiece[],
  text: string,
): Map<string, WrittenOperand> | null {
  const { placed, names } = patternOf(isa, syntax);
  const match = placed.exec(text);
  if (match === null) return null;
  const values = new Map<string, WrittenOperand>();
  let group = 0;
  for (const name of names) {
    group += 1;
    const written = match[group] ?? "";
    const at = (match.indices?.[group]?.[0] ?? 0) + written.length - written.trimStart().length;
    values.set(name, { text: operandText(written), at });
  }
  return values;
}

/** The texts that `matchOperands` finds, without their places. */
export function matchOperandTexts(
  isa: Isa,
  syntax: readonly SyntaxPiece[],
  text: string,
): Map<string, string> | null {
  const { plain, names } = patternOf(isa, syntax);
  const match = plain.exec(text);
  if (match === null) return null;
  const values = new Map<string, string>();
  for (const name of names) values.set(name, operandText(match[values.size + 1]));
  return values;
}

// An offset that is left out is zero.
function operandText(written: string | undefined): string {
  const text = written?.trim() ?? "";
  return text === "" ? "0" : text;
}

const notMarks = /[^,[\]{}]+/g;

/** The commas, brackets and braces of an operand list: no operand holds one, so they tell syntaxes apart. */
export function marksOf(operands: string): string {
  return operands.replaceAll(notMarks, "");
}

/** What `marksOf` may give for an operand list of this syntax, by which optional parts are written. */
export function marksOfSyntax(syntax: readonly SyntaxPiece[]): readonly string[] {
  let before = [""];
  let run = [""];
  let isOptional = false;
  for (const piece of syntax) {
    if (piece.optional !== isOptional) {
      before = isOptional ? [...before, ...run] : run;
      run = before;
      isOptional = piece.optional;
    }
    const marks = piece.kind === "text" ? marksOf(piece.text) : "";
    run = run.map((text) => text + marks);
  }
  return isOptional ? [...before, ...run] : run;
}

const registerNumbers = new WeakMap<RegisterClass, ReadonlyMap<string, number>>();

/** The number of a register by any of its names, null if the class has no such register. */
export function registerNumber(c: RegisterClass, name: string): number | null {
  let numbers = registerNumbers.get(c);
  if (numbers === undefined) {
    const own = c.names.map((n, i): [string, number] => [n, i + c.first]);
    numbers = new Map([...Object.entries(c.aliases), ...own]);
    registerNumbers.set(c, numbers);
  }
  return numbers.get(name) ?? null;
}

const integer = /^(-?)(0x[0-9a-f]+|0b[01]+|[0-9]+)$/i;

/** A decimal, hexadecimal or binary integer; null for anything else. */
function parseInteger(text: string): bigint | null {
  const match = integer.exec(text);
  if (match?.[2] === undefined) return null;
  return match[1] === "-" ? -BigInt(match[2]) : BigInt(match[2]);
}

const registerNames = new WeakMap<Isa, ReadonlySet<string>>();

/** True if `text` names a register of any class. */
export function isRegisterName(isa: Isa, text: string): boolean {
  let names = registerNames.get(isa);
  if (names === undefined) {
    names = new Set(isa.classes.flatMap((c) => [...c.names, ...Object.keys(c.aliases)]));
    registerNames.set(isa, names);
  }
  return names.has(text);
}

/** The operand that stands for the number `value`: itself, or its bits in a code; null if the code cannot say it. */
export function operandOfNumber(kind: OperandKind, value: bigint): number | null {
  if (kind.kind !== "code") return Number(value);
  const { width, encode } = immediateCodes[kind.code];
  const fits = value < 1n << BigInt(width) && value >= -(1n << BigInt(width - 1));
  return fits ? encode(value) : null;
}

/** The operand's value in an operand's text if it can be known without symbols; its range is not checked here. */
export function parseOperandValue(isa: Isa, kind: OperandKind, text: string): number | null {
  switch (kind.kind) {
    case "register":
      return registerNumber(isa.registerClass(kind.class), text);
    case "choice": {
      const at = kind.names.indexOf(text);
      if (at >= 0) return at;
      return Object.hasOwn(kind.aliases, text) ? (kind.aliases[text] ?? null) : null;
    }
    case "letters":
      return parseLetters(kind.letters, text);
    case "csr":
      return isa.csrs.find((c) => c.name === text)?.number ?? isa.unnamedCsrs.parse(text);
    case "immediate":
    case "code":
    case "target":
    case "symbol": {
      const isFloat = kind.kind === "code" && kind.radix === "float";
      const value = isFloat ? parseFloat(text, immediateCodes[kind.code].width) : parseInteger(text);
      return value === null ? null : operandOfNumber(kind, value);
    }
  }
}

function parseLetters(letters: string, text: string): number | null {
  if (text === "0") return 0;
  let value = 0;
  for (const letter of text) {
    const at = letters.indexOf(letter);
    if (at < 0) return null;
    value |= 1 << (letters.length - 1 - at);
  }
  return value;
}

function printLetters(letters: string, value: number): string {
  const kept = Array.from(letters).filter((_, i) => (value >> (letters.length - 1 - i)) & 1);
  return kept.length === 0 ? "0" : kept.join("");
}

function printImmediate(kind: Extract<OperandKind, { kind: "immediate" }>, value: number): string {
  const shown = kind.wrapBits !== null && value < 0 ? value + 2 ** kind.wrapBits : value;
  if (kind.radix === 10) return String(shown);
  return shown < 0 ? `-0x${(-shown).toString(16)}` : `0x${shown.toString(16)}`;
}

/** The text of an operand's value. A `target` prints its distance; who knows the address prints that instead. */
export function printOperand(isa: Isa, kind: OperandKind, value: number): string {
  switch (kind.kind) {
    case "register": {
      const c = isa.registerClass(kind.class);
      return c.names[value - c.first] ?? `${c.name}${String(value)}`;
    }
    case "choice":
      return kind.names[value] ?? String(value);
    case "letters":
      return printLetters(kind.letters, value);
    case "csr":
      return isa.csrs.find((c) => c.number === value)?.name ?? isa.unnamedCsrs.print(value);
    case "code": {
      const { width, decode } = immediateCodes[kind.code];
      const shown = decode(value) ?? 0n;
      if (kind.radix === "float") return printFloat(shown, width);
      return kind.radix === 16 ? `0x${shown.toString(16)}` : String(shown);
    }
    case "immediate":
      return printImmediate(kind, value);
    case "target":
    case "symbol":
      return String(value);
  }
}
