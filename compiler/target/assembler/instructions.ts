// One instruction statement to items: finding the form that fits, reading operands, aliases, short forms.
// Relies on spec/isa for forms and ranges. Guarantees: an item whose operands fit, or a diagnostic that says which
// operand does not and what would.

import { diagnose } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import { nearest } from "../../source/near-miss.ts";
import { shortForm } from "../../../spec/isa/compress.ts";
import { followingValue, operandFits, operandRange } from "../../../spec/isa/encoding.ts";
import { immediateCodes } from "../../../spec/isa/immediate-codes.ts";
import { instantiate, ownValues } from "../../../spec/isa/expansion.ts";
import {
  isRegisterName,
  matchOperands,
  operandOfNumber,
  parseOperandValue,
} from "../../../spec/isa/operand-text.ts";
import type { Alias, Instruction, Isa, Operand, OperandKind } from "../../../spec/isa/schema.ts";
import { allMnemonics, formsLike, formsOf, singleExpansion } from "../../../spec/isa/syntax.ts";
import type { Form } from "../../../spec/isa/syntax.ts";
import type { AssemblerTarget } from "./assembler-target.ts";
import type { Fix, Step, Variant } from "./assembly-unit.ts";
import { evaluateExpression } from "./expression.ts";
import { findFit, type Fit } from "./form-choice.ts";
import { spanOf } from "./source-lines.ts";
import type { Located } from "./source-lines.ts";
import type { UnitBuilder } from "./unit-builder.ts";

/** What an instruction statement needs besides its text. */
export interface InstructionContext {
  readonly unit: UnitBuilder;
  readonly target: AssemblerTarget;
  /** Names of spec/isa groups that may be used; null: all. */
  readonly extensions: ReadonlySet<string> | null;
  readonly span: Span;
  readonly line: number;
  /** False inside aliases whose length a relocation fixes. */
  readonly compress: boolean;
  /** Inside an alias: where the user wrote the operands, by their text. */
  readonly places: ReadonlyMap<string, number> | null;
}

/** Reads one instruction or alias and emits its items. */
export function assembleInstruction(word: Located, operands: Located, ctx: InstructionContext): void {
  const { unit, target } = ctx;
  const name = word.text.toLowerCase();
  const forms = formsOf(target.isa, name);
  if (forms.length === 0) {
    const near = nearest(name, allMnemonics(target.isa));
    const help = near === null ? {} : { help: `did you mean \`${near}\`?` };
    unit.report(diagnose("A0006", spanOf(word), { name: word.text }, help));
    return;
  }
  if (assembleConstant(name, operands, ctx) || assembleLiteral(word, operands, ctx)) return;
  const enabled = formsLike(target.isa, name, operands.text).filter(
    (form) => missingExtension(form, ctx) === null,
  );
  const fit = findFit(enabled, operands.text, target, unit);
  if (fit === null) reportMisfit(word, operands, forms, ctx);
  else if (fit.form.kind === "instruction") assembleSingle(fit.form, fit.texts, operands, ctx);
  else if (isText(fit.form, ctx)) assembleAlias(fit.form.alias, fit.texts, operands, ctx);
  else if (!assembleComputed(fit.form, fit.texts, operands, ctx)) reportMisfit(word, operands, forms, ctx);
}

function missingExtension(form: Form, ctx: InstructionContext): string | null {
  if (ctx.extensions === null) return null;
  const names = form.kind === "instruction" ? [form.instruction.name] : aliasMnemonics(form.alias);
  for (const name of names) {
    const group = ctx.target.isa.findInstruction(name)?.group;
    if (group !== undefined && !ctx.extensions.has(group)) return group;
  }
  return null;
}

function aliasMnemonics(alias: Alias): string[] {
  return alias.expansion.split(";").map((step) => step.trim().split(/\s/)[0] ?? "");
}

// Says the most useful thing about an instruction that fits no form.
function reportMisfit(
  word: Located,
  operands: Located,
  forms: readonly Form[],
  ctx: InstructionContext,
): void {
  const { unit } = ctx;
  const name = word.text;
  const extension = forms.map((form) => missingExtension(form, ctx)).find((e) => e !== null) ?? null;
  if (extension !== null && findFit(forms, operands.text, ctx.target, unit) !== null) {
    unit.report(diagnose("A0012", spanOf(word), { name, extension }));
    return;
  }
  const expected = [...new Set(forms.map((form) => `${name} ${syntaxText(form)}`.trim()))]
    .slice(0, 4)
    .join("` or `");
  const span = operands.text === "" ? spanOf(word) : spanOf(operands);
  const stranger = forms
    .map((form) => notRegister(form, operands.text, ctx.target.isa))
    .find((text) => text !== null);
  const help = typeof stranger !== "string" ? {} : { help: `\`${stranger}\` is not a register` };
  unit.report(diagnose("A0007", span, { name, expected, found: `${name} ${operands.text}`.trim() }, help));
}

// An operand text that stands where the form has a register, but names none.
function notRegister(form: Form, operands: string, isa: Isa): string | null {
  for (const [name, { text }] of matchOperands(isa, form.syntax, operands) ?? []) {
    const isNumber = /^[-#\d]/.test(text);
    if (isa.operandKinds[name]?.kind === "register" && !isNumber && !isRegisterName(isa, text)) return text;
  }
  return null;
}

function syntaxText(form: Form): string {
  const visible = form.syntax.filter((piece) => piece.kind === "text" || !piece.suffix);
  return visible
    .map((piece) => (piece.kind === "text" ? piece.text.replace(",", ", ") : piece.name))
    .join("");
}

// `li` with a number that is known: as many instructions as it takes. False: not such a use.
function assembleConstant(name: string, operands: Located, ctx: InstructionContext): boolean {
  const { constant, isa } = ctx.target;
  const match = constant?.name === name ? /^([^,]+),\s*([^%\s][^,]*)$/.exec(operands.text) : null;
  const register = match?.[1]?.trim();
  if (constant === null || match?.[2] === undefined || register === undefined) return false;
  if (!isRegisterName(isa, register)) return false;
  const at = operands.start + operands.text.indexOf(match[2], match[1]?.length ?? 0);
  const value = ctx.unit.constant({ text: match[2], start: at });
  if (value !== null)
    for (const step of constant.load(register, value)) assembleText(step, { ...ctx, places: new Map() });
  return true;
}

// `ldr x0, =value`: the value goes into the section's pool of literals. False: not such a use.
function assembleLiteral(word: Located, operands: Located, ctx: InstructionContext): boolean {
  const { literal } = ctx.target;
  const match = literal?.name === word.text.toLowerCase() ? /^([^,]+),\s*=(.*)$/s.exec(operands.text) : null;
  const bytes = literal?.bytes(match?.[1]?.trim() ?? "") ?? null;
  if (match?.[1] === undefined || match[2] === undefined || bytes === null) return false;
  const text = match[2].trimStart();
  const start = operands.start + operands.text.length - text.length;
  const parsed = ctx.unit.expression({ text, start });
  if (!parsed.ok) ctx.unit.report(parsed.diagnostic);
  else assembleText(`${word.text} ${match[1]}, ${ctx.unit.literal(bytes, parsed.value)}`, ctx);
  return true;
}

// One instruction given as text by an alias or macro. What the user did not write is blamed on the statement.
function assembleText(text: string, ctx: InstructionContext): void {
  const [, mnemonic = "", rest = ""] = /^\s*(\S+)\s*(.*?)\s*$/.exec(text) ?? [];
  const before = ctx.unit.diagnostics.length;
  const { start, end } = ctx.span;
  assembleInstruction({ text: mnemonic, start }, { text: rest, start }, ctx);
  const made = ctx.unit.diagnostics.splice(before);
  const isUsers = (span: Span): boolean => span.start > start && span.end <= end;
  ctx.unit.report(...made.map((d) => (isUsers(d.span) ? d : { ...d, span: ctx.span })));
}

// Operand text inside an alias: the place where the user wrote it, if it is the user's.
function locate(source: Located, ctx: InstructionContext): Located {
  if (ctx.places === null) return source;
  return { text: source.text, start: ctx.places.get(source.text) ?? ctx.span.start };
}

type AliasForm = Extract<Form, { kind: "alias" }>;

// True if an alias is written with its operands put in as text. Not so where they are computed or coded, where registers
// are of another width, or where the instruction has the alias's own name.
function isText(form: AliasForm, { target: { isa } }: InstructionContext): boolean {
  const expansion = singleExpansion(isa, form);
  if (expansion === null) return true;
  const { base, bindings } = expansion;
  const isPlain = (operand: Operand): boolean => {
    const binding = bindings.get(operand.name);
    if (binding?.kind !== "operand") return binding?.kind === "fixed";
    const own = isa.operandKinds[binding.name];
    if (own?.kind === "register") return operand.kind.kind === "register" && own.class === operand.kind.class;
    return own?.kind !== "code" && operand.kind.kind !== "code";
  };
  return base.mnemonic !== form.alias.name && base.operands.every(isPlain);
}

// An alias of one instruction whose operand values follow from its own; false if they do not fit it.
function assembleComputed(
  form: AliasForm,
  texts: Fit["texts"],
  operands: Located,
  ctx: InstructionContext,
): boolean {
  const { isa } = ctx.target;
  const expansion = singleExpansion(isa, form);
  if (expansion === null) return false;
  const own: Record<string, number> = {};
  let fix: Fix | null = null;
  for (const [name, { text, at }] of texts) {
    const kind = isa.operandKinds[name];
    const source = locate({ text, start: operands.start + at }, ctx);
    if (kind?.kind === "target") {
      const bound = [...expansion.bindings].find(([, b]) => b.kind === "operand" && b.name === name)?.[0];
      const parsed = ctx.unit.expression(source);
      if (!parsed.ok) ctx.unit.report(parsed.diagnostic);
      if (!parsed.ok || bound === undefined) return true;
      fix = { operand: bound, operator: null, value: parsed.value };
      own[name] = 0;
      continue;
    }
    const value = kind === undefined ? null : readOwn(kind, source, ctx);
    if (value === null) return false;
    own[name] = value;
  }
  const values = instantiate(expansion, own);
  const { base } = expansion;
  // An alias with the instruction's own name says when it applies (`tbz w0, #bit, target`: bits below 32).
  const applies = base.mnemonic !== form.alias.name || ownValues(expansion, values) !== null;
  const hasRoom = (o: Operand): boolean =>
    o.name === fix?.operand || operandFits(isa, base, o, values[o.name] ?? 0);
  const fits = applies && base.operands.every(hasRoom);
  if (fits) emitStep({ instruction: base, values, fix }, ctx);
  return fits;
}

function readOwn(kind: OperandKind, source: Located, ctx: InstructionContext): number | null {
  if (kind.kind !== "immediate" && kind.kind !== "code") {
    return parseOperandValue(ctx.target.isa, kind, source.text);
  }
  const value = ctx.unit.constant(source);
  return value === null ? null : operandOfNumber(kind, value);
}

function assembleAlias(alias: Alias, texts: Fit["texts"], operands: Located, ctx: InstructionContext): void {
  const places =
    ctx.places ?? new Map([...texts.values()].map(({ text, at }) => [text, operands.start + at]));
  // Made only if used, so that plain aliases do not fill the symbol table.
  const here = alias.expansion.includes("@") ? ctx.unit.here() : "";
  const steps = alias.expansion.split(";").map((step) => step.trim());
  const compress = ctx.compress && !alias.expansion.includes("%");
  for (const step of steps) {
    const [mnemonic = ""] = step.split(/\s/);
    const rest = step.slice(mnemonic.length);
    const filled = rest.replaceAll(/%\w+|[A-Za-z][\w']*|@/g, (word) =>
      word === "@" ? here : (texts.get(word)?.text ?? word),
    );
    assembleText(mnemonic + filled, { ...ctx, compress, places });
  }
}

function assembleSingle(
  form: Extract<Form, { kind: "instruction" }>,
  texts: Fit["texts"],
  operands: Located,
  ctx: InstructionContext,
): void {
  const values: Record<string, number> = { ...form.glued };
  let fix: Fix | null = null;
  for (const [name, { text, at }] of texts) {
    const operand = form.instruction.operands.find((o) => o.name === name);
    if (operand === undefined) continue;
    const source = locate({ text, start: operands.start + at }, ctx);
    const read = readOperand(form.instruction, operand, source, ctx);
    if (read === null) return;
    if (typeof read === "number") values[name] = read;
    else fix = read;
  }
  if (!follows(form.instruction, values, operands, ctx)) return;
  const operator = fix?.operator ?? null;
  const sets = operator === null ? {} : ctx.target.operators[operator]?.sets;
  emitStep({ instruction: form.instruction, values: { ...values, ...sets }, fix }, ctx);
}

// Registers of a list follow each other; reports the first that does not.
function follows(
  instruction: Instruction,
  values: Readonly<Record<string, number>>,
  operands: Located,
  ctx: InstructionContext,
): boolean {
  const { isa } = ctx.target;
  const wrong = instruction.operands.find((operand) => {
    const given = operand.after === null ? undefined : values[operand.name];
    return given !== undefined && given !== followingValue(isa, operand, values);
  });
  if (wrong !== undefined) reportRange(instruction, wrong, locate(operands, ctx), ctx);
  return wrong === undefined;
}

function emitStep(step: Step, ctx: InstructionContext): void {
  const { fix } = step;
  const variants = fix === null ? [fixedVariant(step, ctx)] : variantsOf(step, ctx);
  const preferred = Math.max(0, variants.findIndex((v) => v[0]?.instruction === step.instruction)); // prettier-ignore
  ctx.unit.emit({ kind: "instruction", variants, preferred, span: ctx.span, line: ctx.line }, ctx.span);
}

// The short form of an instruction without open operands, or itself.
function fixedVariant(step: Step, ctx: InstructionContext): Variant {
  if (!ctx.compress || !ctx.unit.compress || !isAllowedShort(ctx)) return [step];
  const short = shortForm(ctx.target.isa, step.instruction, step.values);
  return [short === null ? step : { ...short, fix: null }];
}

function isAllowedShort(ctx: InstructionContext): boolean {
  return ctx.extensions === null || ctx.extensions.has("C");
}

// The forms of an instruction with a branch target, shortest first; anything else has only itself.
function variantsOf(step: Step, ctx: InstructionContext): Variant[] {
  const { fix, instruction } = step;
  const { isa, farJump } = ctx.target;
  const operand = instruction.operands.find((o) => o.name === fix?.operand);
  if (fix === null || operand?.kind.kind !== "target") return [[step]];
  const variants: Variant[] = [];
  const short =
    ctx.compress && ctx.unit.compress && isAllowedShort(ctx)
      ? shortForm(isa, instruction, { ...step.values, [fix.operand]: 0 })
      : null;
  const shortTarget = short?.instruction.operands.find((o) => o.kind.kind === "target");
  if (short !== null && shortTarget !== undefined) {
    variants.push([{ ...short, fix: { ...fix, operand: shortTarget.name } }]);
  }
  variants.push([step]);
  const negated = ctx.target.negatedBranch(instruction.name);
  if (negated !== null) {
    const jump = { instruction: isa.instruction(farJump.name), values: farJump.values, fix };
    // Over the jump: both instructions are 4 bytes long.
    const over = { ...step.values, [fix.operand]: 8 };
    variants.push([{ instruction: isa.instruction(negated), values: over, fix: null }, jump]);
  }
  return variants;
}

// The operand's value, what must fill it in later, or null after a report.
function readOperand(
  instruction: Instruction,
  operand: Operand,
  source: Located,
  ctx: InstructionContext,
): number | Fix | null {
  const { isa } = ctx.target;
  const { kind } = operand.kind;
  const isFloat = operand.kind.kind === "code" && operand.kind.radix === "float";
  if (!isFloat && (kind === "immediate" || kind === "code" || kind === "target"))
    return readNumeric(instruction, operand, source, ctx);
  const value =
    parseOperandValue(isa, operand.kind, source.text) ?? (kind === "csr" ? ctx.unit.constant(source) : null);
  if (value === null) {
    if (kind !== "csr") reportRange(instruction, operand, source, ctx);
    return null;
  }
  return checkRange(instruction, operand, { source, value: Number(value) }, ctx);
}

function readNumeric(
  instruction: Instruction,
  operand: Operand,
  source: Located,
  ctx: InstructionContext,
): number | Fix | null {
  const { unit, target } = ctx;
  const use = target.operatorUse.exec(source.text);
  const operatorName = use?.[1] ?? null;
  const inner =
    use?.[2] === undefined
      ? source
      : locate({ text: use[2], start: source.start + source.text.indexOf(use[2]) }, ctx);
  const operator = operatorName === null ? null : target.operators[operatorName];
  if (operatorName !== null && operator?.operand !== operand.name) {
    const place = operator?.place ?? `one of ${Object.keys(target.operators).join(", ")}`;
    unit.report(diagnose("A0015", spanOf(source), { operator: operatorName, place }));
    return null;
  }
  const parsed = unit.expression(inner);
  const value = parsed.ok ? evaluateExpression(parsed.value, unit) : parsed;
  if (!parsed.ok || !value.ok) {
    if (!value.ok) unit.report(value.diagnostic);
    return null;
  }
  const isNumber = value.value.plus === null && value.value.minus === null;
  const computed =
    operator?.ofNumber?.(value.value.addend) ?? operandOfNumber(operand.kind, value.value.addend);
  if (!isNumber) return { operand: operand.name, operator: operatorName, value: parsed.value };
  if (operand.kind.kind === "target" || operator?.ofNumber === null) {
    unit.report(diagnose("A0002", spanOf(inner), { expected: "a label", found: `\`${inner.text}\`` }));
    return null;
  }
  return checkRange(instruction, operand, { source, value: computed }, ctx);
}

function checkRange(
  instruction: Instruction,
  operand: Operand,
  given: { readonly source: Located; readonly value: number | null },
  ctx: InstructionContext,
): number | null {
  if (given.value !== null && operandFits(ctx.target.isa, instruction, operand, given.value))
    return given.value;
  reportRange(instruction, operand, given.source, ctx);
  return null;
}

function reportRange(
  instruction: Instruction,
  operand: Operand,
  source: Located,
  ctx: InstructionContext,
): void {
  const range = rangeText(ctx.target.isa, instruction, operand);
  const parameters = {
    operand: operand.name,
    name: instruction.mnemonic,
    range,
    found: `\`${source.text}\``,
  };
  ctx.unit.report(diagnose("A0008", spanOf(source), parameters));
}

/** An operand's legal values in words. */
export function rangeText(isa: Isa, instruction: Instruction, operand: Operand): string {
  const { kind, after } = operand;
  if (after !== null) return `the register ${String(after.plus)} after \`${after.operand}\``;
  const range = operandRange(isa, instruction, operand);
  const without = range.excluded.length === 0 ? "" : ` without ${range.excluded.join(", ")}`;
  if (kind.kind === "register") {
    const { names, first } = isa.registerClass(kind.class);
    const [low, high] = [names[range.min - first] ?? "", names[range.max - first] ?? ""];
    return `a register \`${low}\` to \`${high}\`${range.excluded.map((n) => `, not \`${names[n - first] ?? ""}\``).join("")}`;
  }
  if (kind.kind === "letters") return `letters of \`${kind.letters}\`, or 0`;
  if (kind.kind === "choice") {
    return `one of ${kind.names.filter((_, value) => !range.excluded.includes(value)).join(", ")}`;
  }
  if (kind.kind === "code") return immediateCodes[kind.code].holds;
  const multiple = range.step === 1 ? "" : `a multiple of ${String(range.step)} `;
  return `${multiple}from ${String(range.min)} to ${String(range.max)}${without}`;
}
