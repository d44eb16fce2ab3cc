// Which form of a mnemonic a statement means: the first into which all of its operands fit. If there is none, the first
// whose registers are of the right class, then the first with registers where it has registers: their misfits are what
// messages speak of. Relies on spec/isa for forms and ranges.

import { followingValue, operandFits, operandForNumber } from "../../../spec/isa/encoding.ts";
import { instantiate } from "../../../spec/isa/expansion.ts";
import {
  isRegisterName,
  matchOperands,
  matchOperandTexts,
  operandOfNumber,
  parseOperandValue,
  registerNumber,
  type WrittenOperand,
} from "../../../spec/isa/operand-text.ts";
import type { Instruction, Isa, Operand, OperandKind } from "../../../spec/isa/schema.ts";
import { singleExpansion, type Form } from "../../../spec/isa/syntax.ts";
import type { AssemblerTarget } from "./assembler-target.ts";
import { evaluateExpression, parseExpression, type NameResolver, type SymbolScope } from "./expression.ts";

/** A form and the texts of its operands. */
export interface Fit {
  readonly form: Form;
  readonly texts: ReadonlyMap<string, WrittenOperand>;
}

interface Choice {
  readonly target: AssemblerTarget;
  readonly scope: SymbolScope;
}

/** A form into whose syntax the operands fit. */
interface Candidate {
  readonly form: Form;
  readonly texts: ReadonlyMap<string, string>;
}

/** The one of `forms` that `operands` mean; null if no syntax fits them. */
export function findFit(
  forms: readonly Form[],
  operands: string,
  target: AssemblerTarget,
  scope: SymbolScope,
): Fit | null {
  const { isa } = target;
  const found = findForm(forms, operands, { target, scope });
  const texts = found === null ? null : matchOperands(isa, found.syntax, operands);
  return found === null || texts === null ? null : { form: found, texts };
}

function findForm(forms: readonly Form[], operands: string, choice: Choice): Form | null {
  const { isa } = choice.target;
  const start = /^\w*/.exec(operands)?.[0] ?? "";
  const begun = forms.filter((form) => mayBegin(form, start, isa));
  const [first, ...others] = candidatesOf(begun, operands, isa).filter((c) => fitsClasses(c, choice));
  if (first === undefined) {
    return candidatesOf(forms, operands, isa).find((c) => hasRegisters(c, choice))?.form ?? null;
  }
  // Values are looked at only where they decide.
  if (others.length === 0) return first.form;
  return ([first, ...others].find((c) => fitsValues(c, choice)) ?? first).form;
}

function candidatesOf(forms: readonly Form[], operands: string, isa: Isa): Candidate[] {
  const candidates: Candidate[] = [];
  for (const form of forms) {
    const texts = matchOperandTexts(isa, form.syntax, operands);
    if (texts !== null) candidates.push({ form, texts });
  }
  return candidates;
}

// False if the form's first operand is a register of a class that has none with that name: seen before its pattern is
// tried, this rules out most forms.
function mayBegin({ syntax }: Form, start: string, isa: Isa): boolean {
  const [first] = syntax;
  if (first?.kind !== "operand" || first.suffix) return true;
  const kind = isa.operandKinds[first.name];
  return kind?.kind !== "register" || registerNumber(isa.registerClass(kind.class), start) !== null;
}

function everyOperand(
  { texts }: Candidate,
  isa: Isa,
  test: (kind: OperandKind, text: string) => boolean,
): boolean {
  for (const [name, text] of texts) {
    const kind = isa.operandKinds[name];
    if (kind === undefined || !test(kind, text)) return false;
  }
  return true;
}

function hasRegisters(candidate: Candidate, { target: { isa } }: Choice): boolean {
  return everyOperand(candidate, isa, (kind, text) => {
    if (kind.kind === "register") return isRegisterName(isa, text);
    // `4(a0)` is not an address that `la` could take.
    if (kind.kind === "symbol" && /^[^%(]*\([^()]*\)$/.test(text)) return false;
    return kind.kind === "csr" || !isRegisterName(isa, text);
  });
}

function fitsClasses(candidate: Candidate, choice: Choice): boolean {
  const { isa } = choice.target;
  const named = (kind: OperandKind, text: string): boolean =>
    (kind.kind !== "register" && kind.kind !== "choice") || parseOperandValue(isa, kind, text) !== null;
  return everyOperand(candidate, isa, named) && hasRegisters(candidate, choice);
}

function fitsValues(candidate: Candidate, choice: Choice): boolean {
  const { form, texts } = candidate;
  if (form.kind === "alias") return fitsAlias(candidate, choice);
  const fits = form.instruction.operands.every((operand) => {
    const text = texts.get(operand.name);
    return text === undefined || fitsOperand(form.instruction, operand, text, choice);
  });
  return fits && fitsList(form.instruction, texts, choice.target.isa);
}

// Whether registers of a list follow each other: of lists named by their ends only this tells how long they are.
function fitsList(instruction: Instruction, texts: Candidate["texts"], isa: Isa): boolean {
  const valueOf = ({ name, kind }: Operand): number | null =>
    parseOperandValue(isa, kind, texts.get(name) ?? "");
  return instruction.operands.every((operand) => {
    const { after } = operand;
    const start = instruction.operands.find((o) => o.name === after?.operand);
    const [first, own] = start === undefined ? [null, null] : [valueOf(start), valueOf(operand)];
    return (
      own === null || first === null || own === followingValue(isa, operand, { [start?.name ?? ""]: first })
    );
  });
}

function fitsOperand(instruction: Instruction, operand: Operand, text: string, choice: Choice): boolean {
  const { isa } = choice.target;
  const { kind } = operand.kind;
  if (kind === "target") return true;
  if (kind !== "immediate" && kind !== "code") {
    const value = parseOperandValue(isa, operand.kind, text);
    return value !== null && operandFits(isa, instruction, operand, value);
  }
  const use = choice.target.operatorUse.exec(text);
  if (use !== null) return choice.target.operators[use[1] ?? ""]?.operand === operand.name;
  const value = knownValue(text, choice.scope);
  return value !== null && operandForNumber(isa, instruction, operand, value) !== null;
}

// An alias of one instruction whose operands are all known fits if they fit that instruction.
function fitsAlias({ form, texts }: Candidate, { target: { isa }, scope }: Choice): boolean {
  const expansion = form.kind === "alias" ? singleExpansion(isa, form) : null;
  if (expansion === null) return true;
  const own: Record<string, number> = {};
  let isKnown = true;
  for (const [name, text] of texts) {
    const kind = isa.operandKinds[name];
    if (kind === undefined) return false;
    const value = knownOperand(isa, kind, text, scope);
    if (value === "unknown") isKnown = false;
    else if (value === null) return false;
    else own[name] = value;
  }
  if (!isKnown) return true;
  const values = instantiate(expansion, own);
  return expansion.base.operands.every((o) => operandFits(isa, expansion.base, o, values[o.name] ?? 0));
}

// Null: the operand cannot be said so.
function knownOperand(
  isa: Isa,
  kind: OperandKind,
  text: string,
  scope: SymbolScope,
): number | "unknown" | null {
  if (kind.kind === "target" || kind.kind === "symbol") return "unknown";
  if (kind.kind !== "immediate" && kind.kind !== "code")
    return parseOperandValue(isa, kind, text) ?? "unknown";
  const value = knownValue(text, scope);
  if (value !== null) return operandOfNumber(kind, value);
  return kind.kind === "code" ? null : "unknown";
}

/** Labels that are only looked at. */
const noLabels: NameResolver = { here: () => ".", numeric: (label) => `${String(label)}f` };

/** The number that an expression is already known to be; null for anything else. Leaves no trace. */
function knownValue(text: string, scope: SymbolScope): bigint | null {
  const parsed = parseExpression({ text, start: 0 }, noLabels);
  const value = parsed.ok ? evaluateExpression(parsed.value, scope) : parsed;
  return value.ok && value.value.plus === null && value.value.minus === null ? value.value.addend : null;
}
