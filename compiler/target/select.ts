// The instruction selector: matches a target's rules against generic WordLang and makes machine instructions.
// Knows no target. Who walks the program and what is needed where is passes/word-select.ts.
//
// Maximal munch: of the rules whose root operation fits, the one that covers most operations is tried first, then the
// one with fewer instructions, then the earlier one in the table. A rule applies if its tree matches, the operations
// that it covers may be moved to the root, and spec/isa accepts every immediate.

import type { MachineOperand, MemoryKind, Value } from "../lang/word/ast.ts";
import { bug } from "../source/bug.ts";
import type { InstructionUse } from "./instruction-use.ts";
import { parseRule } from "./pattern-parse.ts";
import {
  patternOps,
  type Pattern,
  type Rule,
  type RuleText,
  type TemplateInstruction,
  type TemplateOperand,
} from "./pattern.ts";
import type { Target } from "./target.ts";

/** An argument of an operation: a value, or a number that stands in the instruction itself (an offset). */
export type NodeArg =
  { readonly kind: "value"; readonly value: Value } | { readonly kind: "number"; readonly value: bigint };

/** An operation to select for; `op` as in patternOps. */
export interface SelectNode {
  readonly op: string;
  readonly args: readonly NodeArg[];
}

/** What the selector asks about values. */
export interface SelectView {
  /** The constant that the value is, as a signed number; null for any other value. */
  constantOf(value: Value): bigint | null;
  /** The operation that defines `value`, if a rule for one of its users may compute it instead; else null. */
  coverable(value: Value): SelectNode | null;
  /** True if others read the value too, so that covering it does not save its computation. */
  isShared(value: Value): boolean;
  /** True if the value is known to be computed on its own, whatever this rule covers. */
  isNeeded(value: Value): boolean;
  /** True if the value is known to be 0 or 1. */
  isBool(value: Value): boolean;
}

/** A rule that applies, with what its names stand for. */
export interface Selection {
  readonly rule: Rule;
  readonly registers: readonly Value[];
  readonly constants: readonly bigint[];
  /** Values whose definitions the rule covers: they are not computed on their own. */
  readonly covered: readonly Value[];
}

/** The rules of a target that its extensions allow, by root operation, best first. */
export class RuleSet {
  private readonly target: Target;
  private readonly has: (extension: string) => boolean;
  private readonly byKey = new Map<string, readonly Rule[]>();

  constructor(target: Target, has: (extension: string) => boolean) {
    this.target = target;
    this.has = has;
  }

  /** The rules for `op` (`branch`: for the branch that is taken if the comparison `op` holds). */
  rulesFor(op: string, branch: boolean): readonly Rule[] {
    const key = ruleKey(op, branch);
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const rules = parsedRules(this.target, key)
      .filter(({ needs }) => needs === null || this.has(needs))
      .map(({ rule }) => rule)
      .sort((a, b) => sizeOf(b.pattern) - sizeOf(a.pattern) || a.template.length - b.template.length);
    this.byKey.set(key, rules);
    return rules;
  }
}

interface ParsedRule {
  readonly rule: Rule;
  readonly needs: string | null;
}

interface TargetRules {
  readonly texts: ReadonlyMap<string, readonly RuleText[]>;
  readonly parsed: Map<string, readonly ParsedRule[]>;
}

// Parsing a target's whole table takes longer than a small program's selection: a root operation's rules are parsed
// when it is first met.
const rulesOfTargets = new WeakMap<Target, TargetRules>();

function parsedRules(target: Target, key: string): readonly ParsedRule[] {
  let rules = rulesOfTargets.get(target);
  if (rules === undefined) {
    rules = { texts: byRoot(target.rules), parsed: new Map() };
    rulesOfTargets.set(target, rules);
  }
  let parsed = rules.parsed.get(key);
  if (parsed === undefined) {
    const texts = rules.texts.get(key) ?? [];
    parsed = texts.map((text) => ({ rule: parseRule(text, target), needs: text.needs }));
    rules.parsed.set(key, parsed);
  }
  return parsed;
}

// By the key of each pattern's text, which is what stands before its first parenthesis: `if` of a branch and the
// root operation.
function byRoot(texts: readonly RuleText[]): ReadonlyMap<string, readonly RuleText[]> {
  const lists = new Map<string, RuleText[]>();
  for (const text of texts) {
    const key = text.pattern.slice(0, text.pattern.indexOf("("));
    const list = lists.get(key);
    if (list === undefined) lists.set(key, [text]);
    else list.push(text);
  }
  return lists;
}

function ruleKey(op: string, branch: boolean): string {
  return branch ? `if ${op}` : op;
}

// Covered operations count most; a constant that becomes an immediate saves making it.
function sizeOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case "op":
      return pattern.args.reduce((sum, arg) => sum + sizeOf(arg), 10);
    case "constant":
    case "literal":
      return 1;
    case "register":
      return 0;
  }
}

/** The best rule for `node` (a branch: taken if the comparison holds), null if none applies. */
export function selectRule(
  rules: RuleSet,
  node: SelectNode,
  branch: boolean,
  view: SelectView,
): Selection | null {
  let idle: Selection | null = null;
  for (const rule of rules.rulesFor(node.op, branch)) {
    if (idle !== null && rule.template.length > idle.rule.template.length) continue;
    const match = new Matcher(view);
    if (!match.operation(rule.pattern, node)) continue;
    const { registers, constants, covered } = match;
    // A single instruction is never worse; longer rules must not compute again what is there anyway.
    if (rule.template.length > 1 && covered.some((value) => view.isShared(value))) continue;
    if (!immediatesFit(rule, constants)) continue;
    const selection: Selection = { rule, registers, constants, covered };
    // Covering what is computed all the same only keeps its operands alive: rather take what covers less.
    if (covered.length === 0 || !covered.every((value) => view.isNeeded(value))) return selection;
    idle ??= selection;
  }
  return idle;
}

function immediatesFit(rule: Rule, constants: readonly bigint[]): boolean {
  return rule.template.every(({ operands }) =>
    operands.every((operand) => {
      if (operand.kind !== "immediate") return true;
      const value = operand.value(constants);
      return value !== null && operand.accepts(value);
    }),
  );
}

// Binds names while it walks; a failed order of a commutative operation is taken back.
class Matcher {
  readonly registers: Value[] = [];
  readonly constants: bigint[] = [];
  covered: Value[] = [];
  private readonly view: SelectView;

  constructor(view: SelectView) {
    this.view = view;
  }

  operation(pattern: Extract<Pattern, { kind: "op" }>, node: SelectNode): boolean {
    if (pattern.op !== node.op || pattern.args.length !== node.args.length) return false;
    const [first, second, ...rest] = node.args;
    const saved = { registers: [...this.registers], constants: [...this.constants], covered: this.covered };
    if (this.args(pattern.args, node.args)) return true;
    if (patternOps[pattern.op]?.commutes !== true || first === undefined || second === undefined)
      return false;
    this.registers.splice(0, Infinity, ...saved.registers);
    this.constants.splice(0, Infinity, ...saved.constants);
    this.covered = saved.covered;
    return this.args(pattern.args, [second, first, ...rest]);
  }

  private args(patterns: readonly Pattern[], args: readonly NodeArg[]): boolean {
    return patterns.every((pattern, i) => {
      const arg = args[i];
      return arg !== undefined && this.arg(pattern, arg);
    });
  }

  private arg(pattern: Pattern, arg: NodeArg): boolean {
    switch (pattern.kind) {
      case "register":
        return arg.kind === "value" && this.register(pattern, arg.value);
      case "constant": {
        const value = this.constant(arg);
        const known = this.constants[pattern.slot];
        if (value === null || (known !== undefined && known !== value)) return false;
        this.constants[pattern.slot] = value;
        return true;
      }
      case "literal":
        return this.constant(arg) === pattern.value(this.constants);
      case "op": {
        const inner = arg.kind === "value" ? this.view.coverable(arg.value) : null;
        if (inner === null || arg.kind !== "value") return false;
        this.covered = [...this.covered, arg.value];
        return this.operation(pattern, inner);
      }
    }
  }

  private register(pattern: Extract<Pattern, { kind: "register" }>, value: Value): boolean {
    const known = this.registers[pattern.slot];
    if (known !== undefined) return known === value;
    if (pattern.bool && !this.view.isBool(value)) return false;
    this.registers[pattern.slot] = value;
    return true;
  }

  private constant(arg: NodeArg): bigint | null {
    return arg.kind === "number" ? arg.value : this.view.constantOf(arg.value);
  }
}

/** What instantiating a selection needs. */
export interface EmitContext {
  /** The operand for a register that the pattern bound; `zero` (if not null) may stand for the constant 0. */
  readonly operandOf: (value: Value, zero: number | null) => MachineOperand;
  readonly results: readonly Value[];
  readonly fresh: () => Value;
  readonly memory: MemoryKind;
}

/** A machine instruction or, last of a branch rule, the branch. */
export interface Emitted {
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
  readonly memory: MemoryKind;
  /** The value that it defines; null: none. */
  readonly dest: Value | null;
  readonly use: InstructionUse;
}

/** The instructions of a selection, in order. */
export function emitSelection(selection: Selection, context: EmitContext): Emitted[] {
  const temporaries = Array.from({ length: selection.rule.temporaries }, () => context.fresh());
  return selection.rule.template.map((line) => emitLine(line, selection, context, temporaries));
}

function emitLine(
  line: TemplateInstruction,
  selection: Selection,
  context: EmitContext,
  temporaries: readonly Value[],
): Emitted {
  const result = (index: number): Value => context.results[index] ?? bug("a result is missing");
  const temporary = (index: number): Value => temporaries[index] ?? bug("a temporary is missing");
  const value = (operand: TemplateOperand): MachineOperand => {
    switch (operand.kind) {
      case "bound": {
        const bound = selection.registers[operand.slot] ?? bug("a register is not bound");
        return context.operandOf(bound, operand.zero);
      }
      case "result":
        return { kind: "value", value: result(operand.index) };
      case "temporary":
        return { kind: "value", value: temporary(operand.index) };
      case "tied": {
        const from = value(operand.from);
        const { kind, index } = operand.to;
        if (from.kind !== "value") return bug("a tied operand has no value");
        return {
          kind: "tied",
          value: kind === "result" ? result(index) : temporary(index),
          from: from.value,
        };
      }
      case "fixed":
        return { kind: "fixed", register: operand.register };
      case "immediate":
        return {
          kind: "imm",
          value: operand.value(selection.constants) ?? bug("an immediate does not apply"),
        };
    }
  };
  const operands = line.operands.map(value);
  const written = line.written === null ? undefined : operands[line.written];
  return {
    ins: line.instruction.name,
    operands,
    memory: line.use.accessesMemory ? context.memory : null,
    dest: written?.kind === "value" || written?.kind === "tied" ? written.value : null,
    use: line.use,
  };
}
