// CrepLang's text form. Variables are `name%number` (the name for people, from Function.names) or `%number`.
//
// `parse(print(p))` is `p` but for spans and for names of variables that do not occur. Grammar: spec/lang/crep.md.

import { arithText, compareText, shiftText } from "../operator-text.ts";
import { joinLines, printedLine, type PrintedLine } from "../printed-line.ts";
import { printWord } from "../text-reader.ts";
import { accessText } from "../structured/variable-text.ts";
import type { Block, Exp, Function, Program, Stmt, Var } from "./ast.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  return joinLines(printLines(program));
}

/** The same line by line, with the source of each. */
export function printLines(program: Program): readonly PrintedLine[] {
  const exceptions = program.exceptions.map((e) => e.name);
  return [
    printedLine(`entry ${program.entry};`),
    ...(program.globalWords === 0 ? [] : [printedLine(`globals ${String(program.globalWords)};`)]),
    ...program.exceptions.map((e) => printedLine(`exception ${e.name} : ${String(e.payloadWords)};`)),
    ...program.functions.flatMap((f) => printFunction(f, exceptions)),
  ];
}

function printFunction(f: Function, exceptions: readonly string[]): readonly PrintedLine[] {
  const flags = `${f.inline ? "inline " : ""}${f.exported ? "export " : ""}`;
  const text: BodyText = { names: f.names, exceptions };
  const params = f.params.map((v) => printVar(v, f.names)).join(", ");
  const lines = [printedLine(`${flags}fun ${f.name}(${params}) : ${String(f.resultWords)} {`)];
  printBlock(f.body, "  ", text, lines);
  return [...lines, printedLine("}")];
}

interface BodyText {
  readonly names: ReadonlyMap<Var, string>;
  readonly exceptions: readonly string[];
}

function printVar(v: Var, names: ReadonlyMap<Var, string>): string {
  return `${names.get(v) ?? ""}%${String(v)}`;
}

function printExp(e: Exp, names: ReadonlyMap<Var, string>): string {
  const exp = (inner: Exp): string => printExp(inner, names);
  switch (e.kind) {
    case "const":
      return printWord(e.value);
    case "var":
      return printVar(e.var, names);
    case "global":
      return `global[${String(e.index)}]`;
    case "load":
      return `(ld${accessText(e.bytes)} ${exp(e.address)})`;
    case "op":
      return `(${e.args.map(exp).join(` ${arithText[e.op]} `)})`;
    case "compare":
      return `(${exp(e.left)} ${compareText[e.op]} ${exp(e.right)})`;
    case "shift":
      return `(${exp(e.value)} ${shiftText[e.op]} ${exp(e.amount)})`;
    case "baseAddr":
      return "@base";
    case "topAddr":
      return "@top";
  }
}

function printBlock(block: Block, indent: string, text: BodyText, lines: PrintedLine[]): void {
  for (const stmt of block) {
    if (isNested(stmt)) printNested(stmt, indent, text, lines);
    else lines.push(printedLine(`${indent}${printSimple(stmt, text)};`, stmt.span));
  }
}

type Nested = Extract<Stmt, { readonly kind: "block" | "if" | "while" | "call" }>;

function isNested(stmt: Stmt): stmt is Nested {
  return stmt.kind === "block" || stmt.kind === "if" || stmt.kind === "while" || stmt.kind === "call";
}

function printNested(stmt: Nested, indent: string, text: BodyText, lines: PrintedLine[]): void {
  const inner = `${indent}  `;
  switch (stmt.kind) {
    case "block":
      lines.push(printedLine(`${indent}block {`, stmt.span));
      printBlock(stmt.body, inner, text, lines);
      break;
    case "while":
      lines.push(printedLine(`${indent}while ${printExp(stmt.condition, text.names)} {`, stmt.span));
      printBlock(stmt.body, inner, text, lines);
      break;
    case "if":
      lines.push(printedLine(`${indent}if ${printExp(stmt.condition, text.names)} {`, stmt.span));
      printBlock(stmt.then, inner, text, lines);
      if (stmt.else.length > 0) {
        lines.push(printedLine(`${indent}} else {`));
        printBlock(stmt.else, inner, text, lines);
      }
      break;
    case "call":
      if (stmt.handler === null) {
        lines.push(printedLine(`${indent}${printCall(stmt, text)};`, stmt.span));
        return;
      }
      lines.push(
        printedLine(
          `${indent}try ${printCall(stmt, text)} catch ${exceptionName(stmt.handler.exception, text)} => (${printVars(stmt.handler.payload, text)}) {`,
          stmt.span,
        ),
      );
      printBlock(stmt.handler.body, inner, text, lines);
      break;
  }
  lines.push(printedLine(`${indent}}`));
}

function exceptionName(index: number, text: BodyText): string {
  return text.exceptions[index] ?? `#${String(index)}`;
}

function printVars(vars: readonly Var[], text: BodyText): string {
  return vars.map((v) => printVar(v, text.names)).join(", ");
}

function printExps(exps: readonly Exp[], text: BodyText): string {
  return exps.map((e) => printExp(e, text.names)).join(", ");
}

function printCall(stmt: Extract<Stmt, { readonly kind: "call" }>, text: BodyText): string {
  const dests = stmt.dests === null ? "" : `${printVars(stmt.dests, text)} := `;
  return `${dests}${stmt.callee}(${printExps(stmt.args, text)})`;
}

function printSimple(stmt: Exclude<Stmt, Nested>, text: BodyText): string {
  const exp = (e: Exp): string => printExp(e, text.names);
  switch (stmt.kind) {
    case "assign":
      return `${printVar(stmt.dest, text.names)} := ${exp(stmt.value)}`;
    case "addCarry":
      return `${printVars([stmt.sum, stmt.carry], text)} := __add_with_carry__(${printExps([stmt.left, stmt.right, stmt.carryIn], text)})`;
    case "store":
      return `st${accessText(stmt.bytes)} ${exp(stmt.address)}, ${exp(stmt.value)}`;
    case "setGlobal":
      return `global[${String(stmt.index)}] := ${exp(stmt.value)}`;
    case "break":
    case "continue":
      return `${stmt.kind} ${String(stmt.depth)}`;
    case "tailCall":
      return `return ${stmt.callee}(${printExps(stmt.args, text)})`;
    case "foreignCall":
      return `@${stmt.name}(${printExps(stmt.args, text)})`;
    case "raise":
      return `throw ${exceptionName(stmt.exception, text)} (${printExps(stmt.payload, text)})`;
    case "return":
      return `return ${printExps(stmt.values, text)}`;
    case "sharedLoad":
      return `!ld${accessText(stmt.bytes)} ${printVar(stmt.dest, text.names)}, ${exp(stmt.address)}`;
    case "sharedStore":
      return `!st${accessText(stmt.bytes)} ${exp(stmt.address)}, ${exp(stmt.value)}`;
    case "tick":
      return "tick";
  }
}
