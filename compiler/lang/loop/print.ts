// LoopLang's text form. Variables are `name%number` or `%number`; live sets that are empty are left out.
//
// `parse(print(p))` is `p` but for spans and for names of variables that do not occur. Grammar: spec/lang/loop.md.

import { arithText, compareText, shiftText } from "../operator-text.ts";
import { joinLines, printedLine, type PrintedLine } from "../printed-line.ts";
import { printWord } from "../text-reader.ts";
import { accessText } from "../structured/variable-text.ts";
import type { Block, Condition, Exp, Function, Operand, Program, Stmt, Var, VarSet } from "./ast.ts";

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
  const text: BodyText = { names: f.names, exceptions };
  const head = `${f.exported ? "export " : ""}fun ${f.name}(${vars(f.params, text)}) : ${String(f.resultWords)} {`;
  const lines = [printedLine(head)];
  printBlock(f.body, "  ", text, lines);
  return [...lines, printedLine("}")];
}

interface BodyText {
  readonly names: ReadonlyMap<Var, string>;
  readonly exceptions: readonly string[];
}

function variable(v: Var, text: BodyText): string {
  return `${text.names.get(v) ?? ""}%${String(v)}`;
}

function vars(list: readonly Var[], text: BodyText): string {
  return list.map((v) => variable(v, text)).join(", ");
}

/** ` word {a%0, %3}`, or nothing for the empty set. */
function liveSet(word: string, set: VarSet, text: BodyText): string {
  if (set.size === 0) return "";
  return ` ${word} {${vars(
    [...set].sort((a, b) => a - b),
    text,
  )}}`;
}

function operand(o: Operand, text: BodyText): string {
  return o.kind === "const" ? printWord(o.value) : variable(o.var, text);
}

function operands(list: readonly Operand[], text: BodyText): string {
  return list.map((o) => operand(o, text)).join(", ");
}

function exp(e: Exp, text: BodyText): string {
  switch (e.kind) {
    case "var":
    case "const":
      return operand(e, text);
    case "op":
      return `${operand(e.left, text)} ${arithText[e.op]} ${operand(e.right, text)}`;
    case "compare":
      return condition(e, text);
    case "shift":
      return `${operand(e.value, text)} ${shiftText[e.op]} ${operand(e.amount, text)}`;
    case "baseAddr":
      return "@base";
    case "topAddr":
      return "@top";
  }
}

function condition(c: Condition, text: BodyText): string {
  return `${operand(c.left, text)} ${compareText[c.op]} ${operand(c.right, text)}`;
}

function printBlock(block: Block, indent: string, text: BodyText, lines: PrintedLine[]): void {
  for (const stmt of block) {
    if (isNested(stmt)) printNested(stmt, indent, text, lines);
    else lines.push(printedLine(`${indent}${printSimple(stmt, text)};`, stmt.span));
  }
}

type Nested = Extract<Stmt, { readonly kind: "block" | "if" | "loop" | "call" }>;

function isNested(stmt: Stmt): stmt is Nested {
  return stmt.kind === "block" || stmt.kind === "if" || stmt.kind === "loop" || stmt.kind === "call";
}

function printNested(stmt: Nested, indent: string, text: BodyText, lines: PrintedLine[]): void {
  const inner = `${indent}  `;
  const out = liveSet("out", stmt.liveOut, text);
  switch (stmt.kind) {
    case "block":
      lines.push(printedLine(`${indent}block {`, stmt.span));
      printBlock(stmt.body, inner, text, lines);
      break;
    case "loop":
      lines.push(printedLine(`${indent}loop${liveSet("in", stmt.liveIn, text)} {`, stmt.span));
      printBlock(stmt.body, inner, text, lines);
      break;
    case "if":
      lines.push(printedLine(`${indent}if ${condition(stmt.condition, text)} {`, stmt.span));
      printBlock(stmt.then, inner, text, lines);
      if (stmt.else.length > 0) {
        lines.push(printedLine(`${indent}} else {`));
        printBlock(stmt.else, inner, text, lines);
      }
      break;
    case "call":
      if (stmt.handler === null) {
        lines.push(printedLine(`${indent}${callText(stmt, text)}${out};`, stmt.span));
        return;
      }
      lines.push(
        printedLine(
          `${indent}try ${callText(stmt, text)} catch ${exceptionName(stmt.handler.exception, text)} => (${vars(stmt.handler.payload, text)}) {`,
          stmt.span,
        ),
      );
      printBlock(stmt.handler.body, inner, text, lines);
      break;
  }
  lines.push(printedLine(`${indent}}${out}`));
}

function exceptionName(index: number, text: BodyText): string {
  return text.exceptions[index] ?? `#${String(index)}`;
}

function callText(stmt: Extract<Stmt, { readonly kind: "call" }>, text: BodyText): string {
  const dests = stmt.dests === null ? "" : `${vars(stmt.dests, text)} := `;
  return `${dests}${stmt.callee}(${operands(stmt.args, text)})`;
}

function printSimple(stmt: Exclude<Stmt, Nested>, text: BodyText): string {
  switch (stmt.kind) {
    case "assign":
      return `${variable(stmt.dest, text)} := ${exp(stmt.value, text)}`;
    case "addCarry":
      return `${vars([stmt.sum, stmt.carry], text)} := __add_with_carry__(${operands([stmt.left, stmt.right, stmt.carryIn], text)})`;
    case "load":
      return `${variable(stmt.dest, text)} := ld${accessText(stmt.bytes)} ${operand(stmt.address, text)}`;
    case "store":
      return `st${accessText(stmt.bytes)} ${operands([stmt.address, stmt.value], text)}`;
    case "getGlobal":
      return `${variable(stmt.dest, text)} := global[${String(stmt.index)}]`;
    case "setGlobal":
      return `global[${String(stmt.index)}] := ${operand(stmt.value, text)}`;
    case "break":
    case "continue":
      return `${stmt.kind} ${String(stmt.depth)}`;
    case "tailCall":
      return `return ${stmt.callee}(${operands(stmt.args, text)})`;
    case "foreignCall":
      return `@${stmt.name}(${operands(stmt.args, text)})${liveSet("out", stmt.liveOut, text)}`;
    case "raise":
      return `throw ${exceptionName(stmt.exception, text)} (${operands(stmt.payload, text)})`;
    case "return":
      return `return ${operands(stmt.values, text)}`;
    case "sharedLoad":
      return `!ld${accessText(stmt.bytes)} ${variable(stmt.dest, text)}, ${operand(stmt.address, text)}`;
    case "sharedStore":
      return `!st${accessText(stmt.bytes)} ${operands([stmt.address, stmt.value], text)}`;
  }
}
