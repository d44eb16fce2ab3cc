// Reads an instruction written with another's operands in it: `addi rd, rd, imm`, `jalr x0, 0(x1)` or
// `ubfm xd, xn, #-shift & 63, #63 - shift`. Used for compressed instructions and for aliases.
// Relies on operand-text.ts, operand-arithmetic.ts. Guarantees: every operand of the base instruction is bound to an own
// operand of the same kind, to a value that it can take, or to an expression of own operands.

import { parseEffect, parseEffectExpression } from "./effect-parse.ts";
import type { Binding, Bindings } from "./effect-substitute.ts";
import type { RawExpr, RawStmt } from "./effect-syntax.ts";
import { isRegisterName, matchOperands, parseOperandValue, registerNumber } from "./operand-text.ts";
import { computeInverse, computeOperand } from "./operand-arithmetic.ts";
import type { Instruction, InstructionForm, Isa, Operand, OperandKind, OperandValues } from "./schema.ts";
import { tableError } from "./table-error.ts";

/** An instruction and what stands for each of its operands. */
export interface Expansion {
  readonly base: Instruction;
  readonly bindings: Bindings;
  /** Gives the own operands that only expressions mention; null if there are none. */
  readonly inverse: readonly RawStmt[] | null;
}

/** Reads one instruction's text, in which the names `own` stand for operands of the expanding form. */
export function readExpansion(
  isa: Isa,
  text: string,
  own: readonly string[],
  inverse: string | null = null,
): Expansion {
  const [, name = "", rest = ""] = /^\s*(\S+)\s*(.*)$/.exec(text) ?? [];
  // `tbz wt, …` stands for `tbz` on x registers, but only if there is no form on w registers.
  for (const anyWidth of [false, true]) {
    for (const form of isa.formsNamed(name)) {
      const bindings = bindAll(form, rest, { isa, own, anyWidth });
      if (bindings === null) continue;
      return { base: form.instruction, bindings, inverse: inverse === null ? null : parseEffect(inverse) };
    }
  }
  return tableError(`expansion \`${text}\` fits no form of ${name}`);
}

/** What names in an expansion's text may mean. */
interface OwnNames {
  readonly isa: Isa;
  readonly own: readonly string[];
  /** True if a register may be written by its number in a class of another width. */
  readonly anyWidth: boolean;
}

function bindAll(form: InstructionForm, text: string, names: OwnNames): Bindings | null {
  const { instruction, glued } = form;
  const texts = matchOperands(names.isa, instruction.syntax, text);
  if (texts === null) return null;
  const bindings = new Map<string, Binding>();
  for (const operand of instruction.operands) {
    const written = texts.get(operand.name)?.text;
    // Only a suffix is not written there.
    const binding: Binding | null =
      written === undefined
        ? { kind: "fixed", value: glued[operand.name] ?? 0 }
        : readBinding(operand, written, names);
    if (binding === null) return null;
    bindings.set(operand.name, binding);
  }
  return bindings;
}

function readBinding(operand: Operand, written: string, names: OwnNames): Binding | null {
  const { isa, own } = names;
  if (own.includes(written)) {
    const kind = isa.operandKinds[written];
    return kind !== undefined && agree(kind, operand.kind, names) ? { kind: "operand", name: written } : null;
  }
  const value = parseOperandValue(isa, operand.kind, written);
  if (value !== null) return { kind: "fixed", value };
  if (operand.kind.kind === "register" || isRegisterName(isa, written)) return null;
  const computed = parseExpression(written);
  return computed !== null && mentions(computed, own) ? { kind: "computed", value: computed } : null;
}

// Registers agree if the base's class has each of the own class's under the same name and width.
function agree(own: OperandKind, base: OperandKind, { isa, anyWidth }: OwnNames): boolean {
  if (own.kind !== "register" || base.kind !== "register")
    return own.kind !== "register" && base.kind !== "register";
  if (own.class === base.class) return true;
  const [a, b] = [isa.registerClass(own.class), isa.registerClass(base.class)];
  if (a.file !== b.file) return false;
  if (a.width !== b.width) return anyWidth;
  return a.names.every((name, i) => registerNumber(b, name) === i + a.first);
}

function parseExpression(text: string): RawExpr | null {
  try {
    return parseEffectExpression(text);
  } catch {
    return null;
  }
}

function mentions(e: RawExpr, own: readonly string[]): boolean {
  switch (e.kind) {
    case "name":
      return own.includes(e.name);
    case "prefix":
      return mentions(e.arg, own);
    case "infix":
      return mentions(e.left, own) || mentions(e.right, own);
    default:
      return false;
  }
}

/** The base instruction's operand values for values of the expanding form. */
export function instantiate(expansion: Expansion, own: OperandValues): OperandValues {
  const values: Record<string, number> = {};
  for (const [name, binding] of expansion.bindings) {
    if (binding.kind === "fixed") values[name] = binding.value;
    else
      values[name] =
        binding.kind === "computed" ? computeOperand(binding.value, own) : (own[binding.name] ?? 0);
  }
  return values;
}

/** The expanding form's own operand values, if the base's values are an instance of the expansion; else null. */
export function ownValues(expansion: Expansion, values: OperandValues): OperandValues | null {
  const own: Record<string, number> = {};
  for (const [name, binding] of expansion.bindings) {
    const value = values[name];
    if (value === undefined) return null;
    if (binding.kind === "fixed") {
      if (binding.value !== value) return null;
    } else if (binding.kind === "operand") {
      if ((own[binding.name] ?? value) !== value) return null;
      own[binding.name] = value;
    }
  }
  if (expansion.inverse === null) return own;
  const hidden = computeInverse(expansion.inverse, values);
  return hidden === null ? null : { ...own, ...hidden };
}
