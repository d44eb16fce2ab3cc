// PanLang's text form: Pancake with every operation parenthesised and the scope of variables visible (`$g`: global).
//
// `parse(print(p))` is `p` but for spans. Grammar: spec/lang/pan.md. Pancake's reserved words keep keywords and
// names apart; names that passes invent contain `'`, which no Pancake name can.

import { printOperation } from "../operation.ts";
import { joinLines, printedLine, type PrintedLine } from "../printed-line.ts";
import { printWord } from "../text-reader.ts";
import type {
  AccessBytes,
  Block,
  Exp,
  Function,
  Handler,
  Program,
  Scope,
  Shape,
  ShapedName,
  Stmt,
} from "./ast.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  return joinLines(printLines(program));
}

/** The same line by line, with the source of each. */
export function printLines(program: Program): readonly PrintedLine[] {
  return [
    printedLine(`entry ${program.entry};`),
    ...program.structs.map((s) =>
      printedLine(`struct ${s.name} { ${s.fields.map(printShapedName).join(", ")} }`, s.span),
    ),
    ...program.exceptions.map((e) => printedLine(`exception ${e.name} : ${printShape(e.shape)};`, e.span)),
    ...program.globals.map((g) => printedLine(`var ${printShapedName(g)} = ${printExp(g.value)};`, g.span)),
    ...program.functions.flatMap(printFunction),
  ];
}

function printFunction(f: Function): readonly PrintedLine[] {
  const flags = `${f.inline ? "inline " : ""}${f.exported ? "export " : ""}`;
  const params = f.params.map(printShapedName).join(", ");
  const lines = [printedLine(`${flags}fun ${printShape(f.result)} ${f.name}(${params}) {`)];
  printBlock(f.body, "  ", lines);
  return [...lines, printedLine("}")];
}

/** `1`, `{1,{1,1}}`, or the struct's name. */
export function printShape(shape: Shape): string {
  switch (shape.kind) {
    case "word":
      return "1";
    case "struct":
      return `{${shape.fields.map(printShape).join(",")}}`;
    case "named":
      return shape.name;
  }
}

function printShapedName(item: ShapedName): string {
  return `${printShape(item.shape)} ${item.name}`;
}

function printVariable(scope: Scope, name: string): string {
  return scope === "global" ? `$${name}` : name;
}

/** One expression; operations stand in parentheses. */
function printExp(e: Exp): string {
  switch (e.kind) {
    case "const":
      return printWord(e.value);
    case "var":
      return printVariable(e.scope, e.name);
    case "rawStruct":
      return `< ${e.fields.map(printExp).join(", ")} >`;
    case "namedStruct":
      return `${e.name} < ${e.fields.map((f) => `${f.name} = ${printExp(f.value)}`).join(", ")} >`;
    case "rawField":
      return `${printFieldBase(e.value)}.${String(e.index)}`;
    case "namedField":
      return `${printFieldBase(e.value)}.${e.field}`;
    case "load":
      return `(lds ${printShape(e.shape)} ${printExp(e.address)})`;
    case "loadBytes":
      return `(ld${String(e.bytes * 8)} ${printExp(e.address)})`;
    case "op":
    case "compare":
    case "shift":
      return printOperation(e, printExp);
    case "baseAddr":
      return "@base";
    case "topAddr":
      return "@top";
    case "bytesInWord":
      return "@biw";
  }
}

function printFieldBase(e: Exp): string {
  return e.kind === "namedStruct" || e.kind === "rawStruct" ? `(${printExp(e)})` : printExp(e);
}

function printCall(callee: string, args: readonly Exp[]): string {
  return `${callee}(${args.map(printExp).join(", ")})`;
}

/** The suffix of shared accesses: `8 16 32 w`. */
function accessText(bytes: AccessBytes): string {
  return bytes === 8 ? "w" : String(bytes * 8);
}

function printBlock(block: Block, indent: string, lines: PrintedLine[]): void {
  for (const stmt of block) {
    if (isNested(stmt)) printNested(stmt, indent, lines);
    else lines.push(printedLine(`${indent}${printSimple(stmt)}`, stmt.span));
  }
}

type Nested = Extract<Stmt, { readonly kind: "block" | "if" | "while" | "call" }>;

function isNested(stmt: Stmt): stmt is Nested {
  return stmt.kind === "block" || stmt.kind === "if" || stmt.kind === "while" || stmt.kind === "call";
}

function printNested(stmt: Nested, indent: string, lines: PrintedLine[]): void {
  const inner = `${indent}  `;
  switch (stmt.kind) {
    case "block":
      lines.push(printedLine(`${indent}{`, stmt.span));
      printBlock(stmt.body, inner, lines);
      break;
    case "while":
      lines.push(printedLine(`${indent}while ${printExp(stmt.condition)} {`, stmt.span));
      printBlock(stmt.body, inner, lines);
      break;
    case "if":
      lines.push(printedLine(`${indent}if ${printExp(stmt.condition)} {`, stmt.span));
      printBlock(stmt.then, inner, lines);
      if (stmt.else.length > 0) {
        lines.push(printedLine(`${indent}} else {`));
        printBlock(stmt.else, inner, lines);
      }
      break;
    case "call": {
      const target = stmt.target === null ? "" : `${printVariable(stmt.target.scope, stmt.target.name)} = `;
      const call = `${target}${printCall(stmt.callee, stmt.args)}`;
      if (stmt.handler === null) {
        lines.push(printedLine(`${indent}${call};`, stmt.span));
        return;
      }
      lines.push(printedLine(`${indent}${handlerHead(call, stmt.handler)}`, stmt.span));
      printBlock(stmt.handler.body, inner, lines);
      break;
    }
  }
  lines.push(printedLine(`${indent}}`));
}

function handlerHead(call: string, handler: Handler): string {
  return `try ${call} catch ${handler.exception} => ${handler.variable} {`;
}

function printSimple(stmt: Exclude<Stmt, Nested>): string {
  switch (stmt.kind) {
    case "skip":
    case "tick":
    case "break":
    case "continue":
      return `${stmt.kind};`;
    case "annotation":
      return `/@${stmt.text}@/`;
    case "dec":
      return `var ${printShapedName(stmt)} = ${printExp(stmt.value)};`;
    case "decCall":
      return `var ${printShapedName(stmt)} = ${printCall(stmt.callee, stmt.args)};`;
    case "assign":
      return `${printVariable(stmt.scope, stmt.name)} = ${printExp(stmt.value)};`;
    case "addCarry":
      return `${stmt.name} = ${printCall("__add_with_carry__", [stmt.left, stmt.right, stmt.carryIn])};`;
    case "tailCall":
      return `return ${printCall(stmt.callee, stmt.args)};`;
    case "foreignCall":
      return `${printCall(`@${stmt.name}`, stmt.args)};`;
    case "raise":
      return `throw ${stmt.exception} ${printExp(stmt.value)};`;
    case "return":
      return `return ${printExp(stmt.value)};`;
    case "store":
    case "storeBytes":
    case "sharedLoad":
    case "sharedStore":
      return printMemory(stmt);
  }
}

function printMemory(
  stmt: Extract<Stmt, { readonly kind: "store" | "storeBytes" | "sharedLoad" | "sharedStore" }>,
): string {
  switch (stmt.kind) {
    case "store":
      return `st ${printExp(stmt.address)}, ${printExp(stmt.value)};`;
    case "storeBytes":
      return `st${String(stmt.bytes * 8)} ${printExp(stmt.address)}, ${printExp(stmt.value)};`;
    case "sharedLoad":
      return `!ld${accessText(stmt.bytes)} ${printVariable(stmt.scope, stmt.name)}, ${printExp(stmt.address)};`;
    case "sharedStore":
      return `!st${accessText(stmt.bytes)} ${printExp(stmt.address)}, ${printExp(stmt.value)};`;
  }
}
