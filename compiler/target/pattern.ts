// Lowering patterns as text: what instruction selection knows about a target, one rule a line. Read by pattern-parse.ts.
//
//   rule("add(x, #c)", "addi d, x, c")
//   rule("and(x, #c)", "slli t, x, 64 - ones(c); srli d, t, 64 - ones(c)")
//   rule("if ne(and(x, #c), 0)", "slli t, x, 63 - log2(c); blt t, zero, target")
//
// Left: a tree of generic operations (names below). `x` binds a register, `x:bool` one that holds 0 or 1, `#c` a
// constant (as a signed number), a number or `#(64 - c)` that constant. The same name twice means the same thing twice.
// Right: instructions in the syntax of spec/isa. `d` (and `e`) are the results, names bound on the left are operands,
// other names are temporaries. `d=x` stands where an operand is both read and written: it starts as `x` and becomes
// `d`. Immediates are expressions of bound constants; a rule applies only if every one of them is a legal value of its
// operand according to spec/isa, so no range is typed here. A constant 0 takes the zero register where the operand has
// one. Instructions of one rule stay together as far as flags go: nothing that writes flags comes between them.

import type { Instruction } from "../../spec/isa/schema.ts";
import type { InstructionUse } from "./instruction-use.ts";

/** Generic operations in patterns, with how many arguments they have. `commutes`: both orders are tried. */
export const patternOps: Readonly<Record<string, { readonly arity: number; readonly commutes?: true }>> = {
  add: { arity: 2, commutes: true },
  sub: { arity: 2 },
  mul: { arity: 2, commutes: true },
  and: { arity: 2, commutes: true },
  or: { arity: 2, commutes: true },
  xor: { arity: 2, commutes: true },
  lsl: { arity: 2 },
  lsr: { arity: 2 },
  asr: { arity: 2 },
  ror: { arity: 2 },
  // Signed less and not less, unsigned lower and not lower.
  eq: { arity: 2, commutes: true },
  ne: { arity: 2, commutes: true },
  lt: { arity: 2 },
  ge: { arity: 2 },
  ltu: { arity: 2 },
  geu: { arity: 2 },
  addcarry: { arity: 3 },
  // The bytes of the value's 16, 32, 64 bits from a bit on (a multiple of 8) in reverse order, zero-extended.
  swap16: { arity: 2 },
  swap32: { arity: 2 },
  swap64: { arity: 2 },
  // Address and offset; stores: and the value.
  load8: { arity: 2 },
  load16: { arity: 2 },
  load32: { arity: 2 },
  load64: { arity: 2 },
  store8: { arity: 3 },
  store16: { arity: 3 },
  store32: { arity: 3 },
  store64: { arity: 3 },
};

/** A rule as a target's table says it. `needs`: an extension of the target, lower case; null: always there. */
export interface RuleText {
  readonly pattern: string;
  readonly template: string;
  readonly needs: string | null;
}

/** One rule of the base instruction set. */
export function rule(pattern: string, template: string): RuleText {
  return { pattern, template, needs: null };
}

/** Rules that need an extension. */
export function rulesOf(needs: string, rules: readonly RuleText[]): readonly RuleText[] {
  return rules.map((r) => ({ ...r, needs }));
}

/** Functions that immediates may use; null: the rule does not apply. */
export type ImmediateFunctions = Readonly<Record<string, (...args: readonly bigint[]) => bigint | null>>;

/** Left side. Registers and constants are numbered by their first occurrence. */
export type Pattern =
  | { readonly kind: "op"; readonly op: string; readonly args: readonly Pattern[] }
  | { readonly kind: "register"; readonly slot: number; readonly bool: boolean }
  | { readonly kind: "constant"; readonly slot: number }
  /** A constant that earlier ones determine. */
  | { readonly kind: "literal"; readonly value: Immediate };

/** An immediate's value from the bound constants; null: the rule does not apply. */
export type Immediate = (constants: readonly bigint[]) => bigint | null;

export type TemplateOperand =
  | SourceOperand
  | DestOperand
  | { readonly kind: "tied"; readonly from: SourceOperand; readonly to: DestOperand }
  | { readonly kind: "fixed"; readonly register: number }
  | { readonly kind: "immediate"; readonly value: Immediate; readonly accepts: (value: bigint) => boolean };

/** What a template reads. */
export type SourceOperand =
  /** A register that the pattern bound; `zero`: the number that stands for a constant 0 there, null if none does. */
  { readonly kind: "bound"; readonly slot: number; readonly zero: number | null } | DestOperand;

/** What a template writes. */
export type DestOperand =
  /** Result 0 (`d`) or 1 (`e`). */
  | { readonly kind: "result"; readonly index: number }
  | { readonly kind: "temporary"; readonly index: number };

export interface TemplateInstruction {
  readonly instruction: Instruction;
  /** In spec/isa's order; a branch's target is left out. */
  readonly operands: readonly TemplateOperand[];
  /** Position of the operand that is written; null if none is. */
  readonly written: number | null;
  readonly use: InstructionUse;
}

/** A rule ready to be matched. */
export interface Rule {
  readonly text: string;
  /** True for patterns that begin with `if`: the last instruction is a conditional branch. */
  readonly branch: boolean;
  readonly pattern: Extract<Pattern, { kind: "op" }>;
  readonly template: readonly TemplateInstruction[];
  readonly registers: number;
  readonly constants: number;
  readonly temporaries: number;
}
