// What each preprocessor directive does, as a table from its name.
//
// A directive gets its tokens and the preprocessor as a small host. Places inside a directive are output offsets: the
// directive stands in the output as spaces, one for each of its characters.

import type { DiagnosticDetails } from "../../source/diagnostic.ts";
import { lineAt } from "../../source/line-index.ts";
import { originalOffset } from "../../source/source-file.ts";
import type { Span } from "../../source/span.ts";
import { placeOf, type FileRange } from "../../source/translation-unit.ts";
import { evaluateCondition } from "./condition.ts";
import { joinTokens } from "./expand.ts";
import { findFile } from "./include-path.ts";
import { parseMacro, type Macro } from "./macro.ts";
import type { OpenFile } from "./open-file.ts";
import type { PpToken } from "./pp-token.ts";
import type { PreprocessOptions } from "./preprocess.ts";

export interface Directive {
  readonly file: OpenFile;
  /** Null for a lone `#`. */
  readonly name: PpToken | null;
  /** From the `#` to the end of the line. */
  readonly range: FileRange;
  /** Offset after the name. */
  readonly operandStart: number;
  /** The tokens after the name. */
  readonly tokens: readonly PpToken[];
  /** Output offset of the `#`. */
  readonly out: number;
  /** It stands between the arguments of a macro. */
  readonly inArguments: boolean;
}

/** The part of the preprocessor that directives use. */
export interface DirectiveHost {
  readonly macros: Map<string, Macro>;
  /** Files that said `#pragma once`. */
  readonly once: Set<string>;
  readonly options: PreprocessOptions;
  define(macro: Macro): void;
  include(path: string, text: string, from: FileRange, span: Span): void;
  expandCondition(tokens: readonly PpToken[], span: Span): readonly PpToken[];
  expandOperand(tokens: readonly PpToken[], span: Span): readonly PpToken[];
  report(
    code: string,
    span: Span,
    parameters?: Readonly<Record<string, string | number>>,
    details?: DiagnosticDetails,
  ): void;
}

type Handler = (directive: Directive, host: DirectiveHost) => void;

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["define", define],
  ["undef", undefine],
  ["include", include],
  ["if", (d, host) => openConditional(d, () => condition(d, host))],
  ["ifdef", (d, host) => openConditional(d, () => isDefined(d, host) ?? false)],
  ["ifndef", (d, host) => openConditional(d, () => isDefined(d, host) === false)],
  ["elif", (d, host) => nextBranch(d, host, () => condition(d, host))],
  ["elifdef", (d, host) => nextBranch(d, host, () => isDefined(d, host) ?? false)],
  ["elifndef", (d, host) => nextBranch(d, host, () => isDefined(d, host) === false)],
  ["else", elseBranch],
  ["endif", endConditional],
  ["error", (d, host) => message(d, host, "P0014")],
  ["warning", (d, host) => message(d, host, "P0015")],
  ["line", (d, host) => lineMarker(d, d.tokens, host)],
  ["pragma", pragma],
  ["ident", () => undefined],
]);

/** Carries the directive out. Unknown ones are reported. */
export function runDirective(directive: Directive, host: DirectiveHost): void {
  const { name } = directive;
  if (name === null) return;
  if (name.kind === "number") {
    lineMarker(directive, [name, ...directive.tokens], host);
    return;
  }
  const handler = handlers.get(name.text);
  if (handler !== undefined) handler(directive, host);
  else host.report("P0004", spanOf(directive, name), { name: name.text });
}

/** The place of a token of the directive; of the whole directive for null. */
function spanOf(directive: Directive, token: PpToken | null): Span {
  const { range, out } = directive;
  const { start, end } = token?.spelling ?? range;
  const inside = start >= range.start && end <= range.end;
  const from = inside ? start : range.start;
  const to = inside ? end : range.end;
  return { start: out + from - range.start, end: out + to - range.start };
}

function nameSpan(directive: Directive): Span {
  return spanOf(directive, directive.name);
}

function define(directive: Directive, host: DirectiveHost): void {
  const [name, ...rest] = directive.tokens;
  if (name === undefined) {
    host.report("P0007", nameSpan(directive), { problem: "expected a macro name after `#define`" });
    return;
  }
  const parsed = parseMacro(name, rest);
  if (!parsed.ok) {
    host.report("P0007", spanOf(directive, parsed.problem.at), { problem: parsed.problem.text });
    return;
  }
  const old = host.macros.get(name.text);
  if (old !== undefined && old.spelling !== parsed.macro.spelling) {
    const where = old.definition === null ? null : placeOf(old.definition);
    const first =
      where === null ? "it is built in" : `the first definition is at ${where.file}:${where.line}`;
    host.report("P0008", spanOf(directive, name), { name: name.text, first });
  }
  host.define(parsed.macro);
}

function undefine(directive: Directive, host: DirectiveHost): void {
  const name = macroName(directive, host);
  if (name !== null) host.macros.delete(name.text);
}

/** The one macro name that the directive takes. */
function macroName(directive: Directive, host: DirectiveHost): PpToken | null {
  const [name, extra] = directive.tokens;
  if (name?.kind !== "name") {
    const problem = `expected a macro name after \`#${directive.name?.text ?? ""}\``;
    host.report("P0007", spanOf(directive, name ?? directive.name), { problem });
    return null;
  }
  if (extra !== undefined) warnOfExtra(directive, extra, host);
  return name;
}

function warnOfExtra(directive: Directive, extra: PpToken, host: DirectiveHost): void {
  host.report("P0019", spanOf(directive, extra), { name: directive.name?.text ?? "" });
}

function include(directive: Directive, host: DirectiveHost): void {
  const operand = includeOperand(directive, host);
  if (operand === null || directive.inArguments) {
    const problem = directive.inArguments
      ? "`#include` cannot stand between the arguments of a macro"
      : 'expected `"file"` or `<file>` after `#include`';
    host.report("P0003", nameSpan(directive), { problem });
    return;
  }
  const asker = operand.quoted ? directive.file.inclusion.file.path : null;
  const found = findFile(operand.name, asker, host.options);
  if (found === null) {
    host.report("P0001", operand.span, { name: operand.name });
  } else if (!host.once.has(found.path)) {
    host.include(found.path, found.text, directive.range, operand.span);
  }
}

interface IncludeOperand {
  readonly name: string;
  readonly quoted: boolean;
  readonly span: Span;
}

function includeOperand(directive: Directive, host: DirectiveHost): IncludeOperand | null {
  const { file, range, operandStart, out } = directive;
  const start = file.skipBlanks(operandStart);
  const raw = file.text.slice(start, range.end);
  const written = fileName(raw);
  if (written !== null) {
    const at = out + start - range.start;
    return { ...written, span: { start: at, end: at + written.name.length + 2 } };
  }
  const expanded = joinTokens(host.expandOperand(directive.tokens, nameSpan(directive))).trim();
  const computed = fileName(expanded);
  return computed === null ? null : { ...computed, span: spanOf(directive, directive.tokens[0] ?? null) };
}

function fileName(text: string): { readonly name: string; readonly quoted: boolean } | null {
  const match = /^(?:"([^"\n]+)"|<([^>\n]+)>)/.exec(text);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? null : { name, quoted: match?.[1] !== undefined };
}

/** In skipped text only the nesting matters: conditions are not evaluated. */
function openConditional(directive: Directive, holds: () => boolean): void {
  const { file } = directive;
  const skipped = file.skipping;
  const active = !skipped && holds();
  file.conditionals.push({
    span: nameSpan(directive),
    active,
    taken: active || skipped,
    sawElse: false,
  });
}

function nextBranch(directive: Directive, host: DirectiveHost, holds: () => boolean): void {
  const open = directive.file.conditionals.at(-1);
  if (open === undefined || open.sawElse) {
    strayBranch(directive, host, open?.span ?? null);
    return;
  }
  open.active = !open.taken && holds();
  open.taken ||= open.active;
}

function elseBranch(directive: Directive, host: DirectiveHost): void {
  const open = directive.file.conditionals.at(-1);
  if (open === undefined || open.sawElse) {
    strayBranch(directive, host, open?.span ?? null);
    return;
  }
  open.active = !open.taken;
  open.taken = true;
  open.sawElse = true;
}

function endConditional(directive: Directive, host: DirectiveHost): void {
  if (directive.file.conditionals.pop() === undefined) strayBranch(directive, host, null);
}

function strayBranch(directive: Directive, host: DirectiveHost, opened: Span | null): void {
  const name = directive.name?.text ?? "";
  const reason = opened === null ? "there is no open `#if` in this file" : "its `#if` already has an `#else`";
  const related = opened === null ? [] : [{ span: opened, text: "the conditional starts here" }];
  host.report("P0006", nameSpan(directive), { name, reason }, { related });
}

function condition(directive: Directive, host: DirectiveHost): boolean {
  const result = evaluateCondition(host.expandCondition(directive.tokens, nameSpan(directive)));
  if (result.ok) return result.value;
  host.report("P0013", spanOf(directive, result.at ?? directive.name), { problem: result.problem });
  return false;
}

/** Null after a mistake. */
function isDefined(directive: Directive, host: DirectiveHost): boolean | null {
  const name = macroName(directive, host);
  return name === null ? null : host.macros.has(name.text) || name.text === "__has_include";
}

function message(directive: Directive, host: DirectiveHost, code: string): void {
  const { file, operandStart, range } = directive;
  const text = file.text.slice(operandStart, range.end).trim();
  host.report(code, nameSpan(directive), { text: text === "" ? "no message given" : text });
}

function pragma(directive: Directive, host: DirectiveHost): void {
  if (directive.tokens[0]?.text === "once") host.once.add(directive.file.inclusion.file.path);
}

/** `#line 12 "file"`, or `# 12 "file" flags` as a preprocessor writes it. */
function lineMarker(directive: Directive, written: readonly PpToken[], host: DirectiveHost): void {
  const tokens = host.expandOperand(written, nameSpan(directive));
  const [line, name] = tokens;
  const isNumber = line !== undefined && /^\d+$/.test(line.text);
  if (!isNumber || (name !== undefined && name.kind !== "string")) {
    host.report("P0016", spanOf(directive, written[0] ?? directive.name));
    return;
  }
  const { file } = directive.range.inclusion;
  const end = directive.range.end;
  const physicalLine = lineAt(file.lines, originalOffset(file, end)) + 1;
  const current = placeOf(directive.range).file;
  const named = name === undefined ? current : name.text.slice(1, -1).replace(/\\(["\\])/g, "$1");
  file.presumed.push({ offset: end, physicalLine, line: Number(line.text), file: named });
}
