// Machine instructions in the text forms of Word, Stack and Lab: the syntax of spec/isa behind the instruction's own
// name (`ldr:reg:scaled`), with operands as each language writes them. A branch stands without its target.
//
// Guarantees: what is printed reads back the same. Numbers are decimal; what has a name or a code is written as in
// assembly. A part that may be left out is, if its operands are 0.

import { operandOfNumber, parseOperandValue, printOperand } from "../../spec/isa/operand-text.ts";
import type { Instruction, Isa, Operand, OperandKind, SyntaxPiece } from "../../spec/isa/schema.ts";
import { formsOf } from "../../spec/isa/syntax.ts";
import type { TextReader } from "./text-reader.ts";

/** A number among operands. */
interface NumberOperand {
  readonly kind: "imm";
  readonly value: bigint;
}

/** An operand as a language has it: a number, or something of its own. */
type AnyOperand = NumberOperand | { readonly kind: "register" | "value" | "tied" | "fixed" };

/** How a language writes its registers; `index` is the operand's position among all of the instruction's. */
type OperandText<T> = (operand: T, declared: Operand, index: number) => string;

/** The instruction and its operands. */
export function instructionText<T extends AnyOperand>(
  isa: Isa,
  code: { readonly ins: string; readonly operands: readonly T[] },
  textOf: OperandText<Exclude<T, NumberOperand>>,
): string {
  const instruction = isa.instruction(code.ins);
  const texts = operandTexts(isa, code.operands, instruction.operands, textOf);
  const isZero = (name: string): boolean => {
    const operand = code.operands[indexOf(instruction, name)];
    return operand?.kind === "imm" && operand.value === 0n;
  };
  const shown = instruction.syntax.filter(
    (piece, i) => !piece.optional || !runOf(instruction.syntax, i).every(isZero),
  );
  let [name, rest] = [instruction.name, ""];
  for (const piece of shown) {
    if (piece.kind === "text") rest += piece.text === "," ? ", " : piece.text;
    else if (piece.suffix) name += texts[indexOf(instruction, piece.name)] ?? "";
    else rest += texts[indexOf(instruction, piece.name)] ?? "";
  }
  return `${name} ${rest}`.trimEnd();
}

/** A branch: its name, and its operands but for the target in a row. */
export function branchText<T extends AnyOperand>(
  isa: Isa,
  code: { readonly ins: string; readonly operands: readonly T[] },
  textOf: OperandText<Exclude<T, NumberOperand>>,
): string {
  const instruction = isa.instruction(code.ins);
  const declared = instruction.operands.filter((o) => o.kind.kind !== "target");
  const texts = operandTexts(isa, code.operands, declared, textOf);
  const glued = declared.findIndex((o) => isGlued(instruction, o.name));
  const name = glued < 0 ? instruction.name : instruction.name + (texts[glued] ?? "");
  return `${name} ${texts.filter((_, i) => i !== glued).join(", ")}`.trimEnd();
}

function operandTexts<T extends AnyOperand>(
  isa: Isa,
  operands: readonly T[],
  declared: readonly Operand[],
  textOf: OperandText<Exclude<T, NumberOperand>>,
): readonly string[] {
  return declared.map((d, i) => {
    const operand = operands[i];
    if (operand === undefined) return "";
    if (operand.kind !== "imm") return textOf(operand as Exclude<T, NumberOperand>, d, i);
    return numberText(isa, d.kind, operand.value);
  });
}

function numberText(isa: Isa, kind: OperandKind, value: bigint): string {
  const isNamed = kind.kind === "choice" || kind.kind === "letters" || kind.kind === "code";
  return isNamed ? printOperand(isa, kind, Number(value)) : String(value);
}

function indexOf(instruction: Instruction, name: string): number {
  return instruction.operands.findIndex((o) => o.name === name);
}

function isGlued({ syntax }: Instruction, name: string): boolean {
  return syntax.some((p) => p.kind === "operand" && p.suffix && p.name === name);
}

// The operands of the run of optional pieces around position `at`.
function runOf(syntax: readonly SyntaxPiece[], at: number): readonly string[] {
  let [start, end] = [at, at];
  while (syntax[start - 1]?.optional === true) start -= 1;
  while (syntax[end + 1]?.optional === true) end += 1;
  return syntax.slice(start, end + 1).flatMap((p) => (p.kind === "operand" ? [p.name] : []));
}

/** What a language reads by itself: an operand that is a register. */
export interface OperandReader<T> {
  readonly isa: Isa;
  readonly register: (declared: Operand) => T;
}

/** An instruction with its operands. */
export function parseInstructionText<T>(
  r: TextReader,
  reader: OperandReader<T>,
): { readonly ins: string; readonly operands: readonly (T | NumberOperand)[] } {
  const { instruction, glued } = parseMnemonic(r, reader.isa);
  const operands: (T | NumberOperand)[] = [];
  let skipping = false;
  instruction.syntax.forEach((piece, i) => {
    const before = instruction.syntax[i - 1];
    if (piece.optional && before?.optional !== true) skipping = !isNext(r, piece);
    if (!piece.optional) skipping = false;
    if (piece.kind === "text") {
      if (!skipping) expectText(r, piece.text);
      return;
    }
    const declared = instruction.operands[operands.length];
    if (declared === undefined) return;
    if (piece.suffix) operands.push(imm(glued ?? 0n));
    else operands.push(skipping ? imm(0n) : parseOperand(r, declared, reader));
  });
  return { ins: instruction.name, operands };
}

/** A branch as `branchText` writes it. */
export function parseBranchText<T>(
  r: TextReader,
  reader: OperandReader<T>,
): { readonly ins: string; readonly operands: readonly (T | NumberOperand)[] } {
  const { instruction, glued } = parseMnemonic(r, reader.isa);
  const operands: (T | NumberOperand)[] = [];
  let isFirst = true;
  for (const declared of instruction.operands) {
    if (declared.kind.kind === "target") continue;
    if (isGlued(instruction, declared.name)) {
      operands.push(imm(glued ?? 0n));
      continue;
    }
    if (!isFirst) r.expect(",");
    isFirst = false;
    operands.push(parseOperand(r, declared, reader));
  }
  return { ins: instruction.name, operands };
}

function imm(value: bigint): NumberOperand {
  return { kind: "imm", value };
}

// Names have parts behind dots and colons; an operand may be glued to the last one (`b.lt`).
function parseMnemonic(
  r: TextReader,
  isa: Isa,
): { readonly instruction: Instruction; readonly glued: bigint | null } {
  const token = r.peek();
  let ins = r.name();
  for (;;) {
    if (r.accept(".")) ins += `.${r.name()}`;
    else if (r.accept(":")) ins += `:${r.name()}`;
    else break;
  }
  const instruction = isa.findInstruction(ins);
  if (instruction !== null) return { instruction, glued: null };
  const form = formsOf(isa, ins).find((f) => f.kind === "instruction");
  if (form?.kind !== "instruction") return r.fail(`no instruction \`${ins}\` in ${isa.name}`, token);
  const [glued = 0] = Object.values(form.glued);
  return { instruction: form.instruction, glued: BigInt(glued) };
}

function isNext(r: TextReader, piece: SyntaxPiece): boolean {
  if (piece.kind !== "text") return true;
  const [first = ""] = textTokens(piece.text);
  return r.peek().text === first;
}

function expectText(r: TextReader, text: string): void {
  for (const token of textTokens(text)) r.expect(token);
}

// Words stay together, other characters are tokens of their own.
function textTokens(text: string): readonly string[] {
  return text.match(/[A-Za-z_][\w']*|[^\s\w]/g) ?? [];
}

function parseOperand<T>(r: TextReader, declared: Operand, reader: OperandReader<T>): T | NumberOperand {
  const { kind } = declared;
  switch (kind.kind) {
    case "register":
      return reader.register(declared);
    case "choice":
    case "letters": {
      const token = r.peek();
      const value = parseOperandValue(reader.isa, kind, r.next().text);
      return value === null ? r.fail(`\`${token.text}\` cannot stand here`, token) : imm(BigInt(value));
    }
    case "code": {
      const token = r.peek();
      const bits = operandOfNumber(kind, r.word());
      return bits === null ? r.fail(`\`${token.text}\` cannot be encoded`, token) : imm(BigInt(bits));
    }
    case "immediate":
    case "target":
    case "csr":
    case "symbol":
      return imm(BigInt.asIntN(64, r.word()));
  }
}
