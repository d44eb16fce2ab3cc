// Reads lowering patterns (pattern.ts) into Rules. Relies on spec/isa for syntax, operand roles and legal immediates.
// A mistake in a table throws when the target is first used; test/passes/word holds every table.

import { inRange, operandRange } from "../../spec/isa/encoding.ts";
import { operandRole } from "../../spec/isa/isa.ts";
import { matchOperands, registerNumber } from "../../spec/isa/operand-text.ts";
import type { Instruction, Isa, Operand } from "../../spec/isa/schema.ts";
import { bug } from "../source/bug.ts";
import { instructionUse } from "./instruction-use.ts";
import { parseImmediate } from "./immediate.ts";
import {
  patternOps,
  type ImmediateFunctions,
  type Pattern,
  type Rule,
  type RuleText,
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

const PATTERN_TOKEN = /\s*(?:(#?[a-z]\w*)(?::(bool))?|(-?(?:0x[0-9a-f]+|\d+)|#\([^()]*\))|([(),]))/y;

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
  const instruction = target.isa.instruction(mnemonic);
  const texts = matchOperands(target.isa, instruction.syntax, rest);
  if (texts === null) return bug(`template \`${line}\` does not fit the syntax of ${mnemonic}`);
  const declared = instruction.operands.filter((operand) => operand.kind.kind !== "target");
  const operands = declared.map((operand) =>
    parseOperand(texts.get(operand.name)?.text ?? "", operand, { instruction, names, target, line }),
  );
  const written = declared.findIndex((o) => operandRole(target.isa, instruction, o.name) === "def");
  const { accessesMemory } = instructionUse(target.isa, instruction);
  return { instruction, operands, written: written < 0 ? null : written, accessesMemory };
}

interface OperandContext {
  readonly instruction: Instruction;
  readonly names: Names;
  readonly target: PatternTarget;
  readonly line: string;
}

function parseOperand(text: string, operand: Operand, context: OperandContext): TemplateOperand {
  const { instruction, names, target, line } = context;
  if (operand.kind.kind !== "register") {
    const range = operandRange(target.isa, instruction, operand);
    const value = parseImmediate(text, names.constants, target.functions);
    return { kind: "immediate", value, accepts: (v) => inRange(range, Number(v)) };
  }
  const bound = names.registers.get(text);
  const isDef = operandRole(target.isa, instruction, operand.name) === "def";
  if (bound !== undefined) {
    return isDef
      ? bug(`template \`${line}\` writes the pattern's \`${text}\``)
      : { kind: "bound", slot: bound };
  }
  const register = registerNumber(target.isa.registerClass(operand.kind.class), text);
  if (register !== null) return { kind: "fixed", register };
  const result = RESULTS.indexOf(text);
  if (result >= 0) return { kind: "result", index: result };
  const known = names.temporaries.get(text);
  if ((known === undefined) !== isDef)
    bug(`template \`${line}\`: \`${text}\` must be written once, then read`);
  return { kind: "temporary", index: slotOf(text, names.temporaries) };
}
