// Reads lowering patterns (pattern.ts) into Rules. Relies on spec/isa for syntax, operand roles and legal immediates.
// A mistake in a table throws when the target is first used; test/passes/word holds every table.

import { inRange, operandRange } from "../../spec/isa/encoding.ts";
import { operandRole } from "../../spec/isa/isa.ts";
import {
  matchOperands,
  operandOfNumber,
  parseOperandValue,
  registerNumber,
} from "../../spec/isa/operand-text.ts";
import type {
  Instruction,
  Isa,
  Operand,
  OperandKind,
  OperandRole,
  OperandValues,
} from "../../spec/isa/schema.ts";
import { formsOf } from "../../spec/isa/syntax.ts";
import { bug } from "../source/bug.ts";
import { instructionUse, zeroNumber } from "./instruction-use.ts";
import { parseImmediate } from "./immediate.ts";
import {
  patternOps,
  type DestOperand,
  type Immediate,
  type ImmediateFunctions,
  type Pattern,
  type Rule,
  type RuleText,
  type SourceOperand,
  type TemplateInstruction,
  type TemplateOperand,
} from "./pattern.ts";

/** What names in templates may mean besides the pattern's own. */
export interface PatternTarget {
  readonly isa: Isa;
  readonly functions: ImmediateFunctions;
}

// The names of one rule.
interface Names {
  readonly registers: Map<string, number>;
  readonly constants: Map<string, number>;
  readonly temporaries: Map<string, number>;
}

const RESULTS: readonly string[] = ["d", "e"];

export function parseRule(text: RuleText, target: PatternTarget): Rule {
  const names: Names = { registers: new Map(), constants: new Map(), temporaries: new Map() };
  const branch = text.pattern.startsWith("if ");
  const pattern = parsePattern(branch ? text.pattern.slice(3) : text.pattern, names, target.functions);
  if (pattern.kind !== "op") return bug(`pattern \`${text.pattern}\` is not an operation`);
  const template = text.template.split(";").map((line) => parseTemplate(line.trim(), names, target));
  return {
    text: `${text.pattern} => ${text.template}`,
    branch,
    pattern,
    template,
    registers: names.registers.size,
    constants: names.constants.size,
    temporaries: names.temporaries.size,
  };
}

const PATTERN_TOKEN =
  /\s*(?:(#?[a-z]\w*)(?::(bool))?|(-?(?:0x[0-9a-f]+|\d+)|#\((?:[^()]|\([^()]*\))*\))|([(),]))/y;

interface PatternToken {
  readonly name: string | undefined;
  readonly bool: boolean;
  readonly number: string | undefined;
  readonly symbol: string | undefined;
}

function parsePattern(text: string, names: Names, functions: ImmediateFunctions): Pattern {
  const tokens: PatternToken[] = [];
  PATTERN_TOKEN.lastIndex = 0;
  while (PATTERN_TOKEN.lastIndex < text.length) {
    const match = PATTERN_TOKEN.exec(text) ?? bug(`pattern \`${text}\` cannot be read`);
    tokens.push({ name: match[1], bool: match[2] !== undefined, number: match[3], symbol: match[4] });
  }
  let at = 0;
  const expect = (symbol: string): void => {
    if (tokens[at++]?.symbol !== symbol) bug(`pattern \`${text}\` misses \`${symbol}\``);
  };
  const parse = (): Pattern => {
    const token = tokens[at++] ?? bug(`pattern \`${text}\` ends too early`);
    if (token.number !== undefined) {
      return {
        kind: "literal",
        value: parseImmediate(token.number.replace("#", ""), names.constants, functions),
      };
    }
    if (token.name === undefined) return bug(`pattern \`${text}\`: expected an operation or a name`);
    if (tokens[at]?.symbol !== "(") return leaf(token.name, token.bool, names);
    const { arity } = patternOps[token.name] ?? bug(`pattern \`${text}\`: no operation \`${token.name}\``);
    expect("(");
    const args = [parse()];
    while (args.length < arity) {
      expect(",");
      args.push(parse());
    }
    expect(")");
    return { kind: "op", op: token.name, args };
  };
  const pattern = parse();
  return at === tokens.length ? pattern : bug(`pattern \`${text}\` goes on too long`);
}

function leaf(name: string, bool: boolean, names: Names): Pattern {
  if (name.startsWith("#")) return { kind: "constant", slot: slotOf(name.slice(1), names.constants) };
  return { kind: "register", slot: slotOf(name, names.registers), bool };
}

function slotOf(name: string, table: Map<string, number>): number {
  const slot = table.get(name) ?? table.size;
  table.set(name, slot);
  return slot;
}

function parseTemplate(line: string, names: Names, target: PatternTarget): TemplateInstruction {
  const [, mnemonic = "", rest = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  const { instruction, glued } = instructionFor(mnemonic, target.isa);
  const texts = matchOperands(target.isa, instruction.syntax, rest);
  if (texts === null) return bug(`template \`${line}\` does not fit the syntax of ${mnemonic}`);
  const declared = instruction.operands.filter((operand) => operand.kind.kind !== "target");
  const operands = declared.map((operand) => {
    const known = glued[operand.name];
    if (known !== undefined) return fixedNumber(known);
    const text = texts.get(operand.name)?.text ?? "0";
    return parseOperand(text, operand, { instruction, names, target, line });
  });
  const written = declared.findIndex((o) => isWritten(operandRole(target.isa, instruction, o.name)));
  const use = instructionUse(target.isa, instruction);
  return { instruction, operands, written: written < 0 ? null : written, use };
}

function isWritten(role: OperandRole): boolean {
  return role === "def" || role === "both";
}

// An instruction's own name, or a mnemonic with the operands that are glued to it (`b.lt`).
function instructionFor(
  mnemonic: string,
  isa: Isa,
): { readonly instruction: Instruction; readonly glued: OperandValues } {
  const instruction = isa.findInstruction(mnemonic);
  if (instruction !== null) return { instruction, glued: {} };
  const form = formsOf(isa, mnemonic).find((f) => f.kind === "instruction");
  return form ?? bug(`no instruction \`${mnemonic}\``);
}

function fixedNumber(value: number): TemplateOperand {
  return { kind: "immediate", value: () => BigInt(value), accepts: () => true };
}

interface OperandContext {
  readonly instruction: Instruction;
  readonly names: Names;
  readonly target: PatternTarget;
  readonly line: string;
}

function parseOperand(text: string, operand: Operand, context: OperandContext): TemplateOperand {
  const { instruction, target } = context;
  const { kind } = operand;
  switch (kind.kind) {
    case "register": {
      const register = registerNumber(target.isa.registerClass(kind.class), text);
      if (register !== null && !context.names.registers.has(text)) return { kind: "fixed", register };
      return parseRegister(text, operand, context);
    }
    case "choice":
      return fixedNumber(
        parseOperandValue(target.isa, kind, text) ??
          bug(`template \`${context.line}\`: what is \`${text}\`?`),
      );
    default: {
      const range = operandRange(target.isa, instruction, operand);
      const number = parseImmediate(text, context.names.constants, target.functions);
      return { kind: "immediate", value: encoded(kind, number), accepts: (v) => inRange(range, Number(v)) };
    }
  }
}

// The operand's value: for a number in a code the bits that stand for it.
function encoded(kind: OperandKind, number: Immediate): Immediate {
  if (kind.kind !== "code") return number;
  return (constants) => {
    const value = number(constants);
    const bits = value === null ? null : operandOfNumber(kind, value);
    return bits === null ? null : BigInt(bits);
  };
}

function parseRegister(text: string, operand: Operand, context: OperandContext): TemplateOperand {
  const { instruction, names, target, line } = context;
  const zero = zeroNumber(target.isa, operand);
  switch (operandRole(target.isa, instruction, operand.name)) {
    case "both": {
      const [to = "", from = ""] = text.split("=");
      return { kind: "tied", from: sourceNamed(from, null, context), to: destNamed(to, names, line) };
    }
    case "def":
      return destNamed(text, names, line);
    case "use":
    case "imm":
      return sourceNamed(text, zero, context);
  }
}

function sourceNamed(name: string, zero: number | null, { names, line }: OperandContext): SourceOperand {
  const bound = names.registers.get(name);
  if (bound !== undefined) return { kind: "bound", slot: bound, zero };
  const result = RESULTS.indexOf(name);
  if (result >= 0) return { kind: "result", index: result };
  const index = names.temporaries.get(name);
  if (index === undefined) return bug(`template \`${line}\`: \`${name}\` is read before it is written`);
  return { kind: "temporary", index };
}

function destNamed(name: string, names: Names, line: string): DestOperand {
  if (names.registers.has(name)) bug(`template \`${line}\` writes the pattern's \`${name}\``);
  const result = RESULTS.indexOf(name);
  if (result >= 0) return { kind: "result", index: result };
  if (names.temporaries.has(name)) bug(`template \`${line}\`: \`${name}\` is written twice`);
  return { kind: "temporary", index: slotOf(name, names.temporaries) };
}
