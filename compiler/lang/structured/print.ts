// The text form of what CrepLang and LoopLang share. Variables are `name%number` (the name for people, from
// Function.names) or `%number`.
//
// A language says how its statements are laid out and gives the shared ones to `printPlain`, `callLayout` and `ifLayout`.

import { printedLine, type PrintedLine } from "../printed-line.ts";
import type { Call, Function, PlainStmt, Program, Var } from "./ast.ts";
import { accessText } from "./variable-text.ts";

/** What a language adds. */
export interface Language<Value, Stmt, F extends Function<Stmt>> {
  /** What stands in front of `fun`, each word with a space behind it. */
  printFlags(f: F): string;
  printValue(value: Value, names: Names): string;
  layOut(stmt: Stmt, text: BodyText<Value>): Layout<Stmt>;
}

/** Source names of variables. */
export type Names = ReadonlyMap<Var, string>;

/** What the text of a body depends on. */
export interface BodyText<Value> {
  readonly names: Names;
  readonly exceptions: readonly string[];
  readonly print: (value: Value) => string;
}

/** The text of a statement without blocks, or the parts of one with blocks. */
export type Layout<Stmt> = string | Nested<Stmt>;

/** `head {`, the lines of `block`, and so on for each part; then `}` and `after`. */
export interface Nested<Stmt> {
  readonly parts: readonly { readonly head: string; readonly block: readonly Stmt[] }[];
  /** Behind the last closing brace. */
  readonly after: string;
}

/** The whole program line by line, with the source of each. */
export function programLines<Value, Stmt extends Pick<PrintedLine, "span">, F extends Function<Stmt>>(
  program: Program<F>,
  language: Language<Value, Stmt, F>,
): readonly PrintedLine[] {
  const exceptions = program.exceptions.map((e) => e.name);
  return [
    printedLine(`entry ${program.entry};`),
    ...(program.globalWords === 0 ? [] : [printedLine(`globals ${String(program.globalWords)};`)]),
    ...program.exceptions.map((e) => printedLine(`exception ${e.name} : ${String(e.payloadWords)};`)),
    ...program.functions.flatMap((f) => {
      const { names } = f;
      const print = (value: Value): string => language.printValue(value, names);
      const params = printVars(f.params, names);
      const head = `${language.printFlags(f)}fun ${f.name}(${params}) : ${String(f.resultWords)} {`;
      const lines = [printedLine(head)];
      printBlock(f.body, "  ", (stmt) => language.layOut(stmt, { names, exceptions, print }), lines);
      return [...lines, printedLine("}")];
    }),
  ];
}

function printBlock<Stmt extends Pick<PrintedLine, "span">>(
  block: readonly Stmt[],
  indent: string,
  layOut: (stmt: Stmt) => Layout<Stmt>,
  lines: PrintedLine[],
): void {
  for (const stmt of block) {
    const layout = layOut(stmt);
    if (typeof layout === "string") lines.push(printedLine(`${indent}${layout};`, stmt.span));
    else {
      layout.parts.forEach(({ head, block: inner }, i) => {
        lines.push(
          i === 0 ? printedLine(`${indent}${head} {`, stmt.span) : printedLine(`${indent}} ${head} {`),
        );
        printBlock(inner, `${indent}  `, layOut, lines);
      });
      lines.push(printedLine(`${indent}}${layout.after}`));
    }
  }
}

/** `name%number`, or `%number` for a variable without a name. */
export function printVar(v: Var, names: Names): string {
  return `${names.get(v) ?? ""}%${String(v)}`;
}

/** Separated by commas. */
export function printVars(vars: readonly Var[], names: Names): string {
  return vars.map((v) => printVar(v, names)).join(", ");
}

function printValues<Value>(values: readonly Value[], text: BodyText<Value>): string {
  return values.map((value) => text.print(value)).join(", ");
}

function exceptionName<Value>(index: number, text: BodyText<Value>): string {
  return text.exceptions[index] ?? `#${String(index)}`;
}

/** `callee(args)`, with an `@` in front of foreign names. */
export function printCall<Value>(callee: string, args: readonly Value[], text: BodyText<Value>): string {
  return `${callee}(${printValues(args, text)})`;
}

/** `after`: what stands behind the statement. */
export function callLayout<Value, Stmt>(
  stmt: Call<Value, Stmt>,
  text: BodyText<Value>,
  after = "",
): Layout<Stmt> {
  const { handler } = stmt;
  const dests = stmt.dests === null ? "" : `${printVars(stmt.dests, text.names)} := `;
  const call = `${dests}${printCall(stmt.callee, stmt.args, text)}`;
  if (handler === null) return `${call}${after}`;
  const payload = printVars(handler.payload, text.names);
  const head = `try ${call} catch ${exceptionName(handler.exception, text)} => (${payload})`;
  return { parts: [{ head, block: handler.body }], after };
}

/** `after`: what stands behind the statement. */
export function ifLayout<Stmt>(
  condition: string,
  { then, else: otherwise }: { readonly then: readonly Stmt[]; readonly else: readonly Stmt[] },
  after = "",
): Layout<Stmt> {
  const first = { head: `if ${condition}`, block: then };
  const parts = otherwise.length === 0 ? [first] : [first, { head: "else", block: otherwise }];
  return { parts, after };
}

/** A statement without blocks, without its semicolon. */
export function printPlain<Value>(stmt: PlainStmt<Value>, text: BodyText<Value>): string {
  const values = (...list: readonly Value[]): string => printValues(list, text);
  switch (stmt.kind) {
    case "addCarry": {
      const dests = printVars([stmt.sum, stmt.carry], text.names);
      return `${dests} := __add_with_carry__(${values(stmt.left, stmt.right, stmt.carryIn)})`;
    }
    case "store":
      return `st${accessText(stmt.bytes)} ${values(stmt.address, stmt.value)}`;
    case "setGlobal":
      return `global[${String(stmt.index)}] := ${values(stmt.value)}`;
    case "sharedLoad":
      return `!ld${accessText(stmt.bytes)} ${printVar(stmt.dest, text.names)}, ${values(stmt.address)}`;
    case "sharedStore":
      return `!st${accessText(stmt.bytes)} ${values(stmt.address, stmt.value)}`;
    case "break":
    case "continue":
      return `${stmt.kind} ${String(stmt.depth)}`;
    case "tailCall":
      return `return ${printCall(stmt.callee, stmt.args, text)}`;
    case "raise":
      return `throw ${exceptionName(stmt.exception, text)} (${values(...stmt.payload)})`;
    case "return":
      return `return ${values(...stmt.values)}`;
  }
}
