// WebAssembly's text format: one line an instruction of a function's body, control indented.
//
// Relies on ast.ts; names are identifiers of the format (`$` and its idchars) by construction.

import { bug } from "../../source/bug.ts";
import { joinLines, printedLine, type PrintedLine } from "../printed-line.ts";
import type { Function, Global, Import, Instr, Local, Module, ValueType } from "./ast.ts";

/** The whole module; ends with a newline. */
export function print(module: Module): string {
  return joinLines(printLines(module));
}

/** The same line by line, with the source of each. */
export function printLines(module: Module): readonly PrintedLine[] {
  const { exported, pages, maxPages } = module.memory;
  return [
    printedLine("(module"),
    ...module.imports.map((i) => printedLine(importText(i))),
    printedLine(`  (memory $memory (export "${exported}") ${String(pages)} ${String(maxPages)})`),
    ...module.globals.map((g) => printedLine(globalText(g))),
    ...module.functions.flatMap(functionLines),
    printedLine(")"),
  ];
}

function importText({ name, from, signature }: Import): string {
  const type = `${typeList("param", signature.params)}${typeList("result", signature.results)}`;
  return `  (import "${from.module}" "${from.field}" (func $${name}${type}))`;
}

function globalText({ name, mutable, value, exported }: Global): string {
  const type = mutable ? "(mut i64)" : "i64";
  return `  (global $${name}${exportText(exported)} ${type} (i64.const ${signed(value)}))`;
}

function exportText(name: string | null): string {
  return name === null ? "" : ` (export "${name}")`;
}

function typeList(word: "param" | "result", types: readonly ValueType[]): string {
  return types.length === 0 ? "" : ` (${word} ${types.join(" ")})`;
}

function functionLines(f: Function): readonly PrintedLine[] {
  const params = f.params.map((p) => localText("param", p)).join("");
  const exports = f.exports.map(exportText).join("");
  const lines = [
    printedLine(`  (func $${f.name}${exports}${params}${typeList("result", f.results)}`),
    ...f.locals.map((l) => printedLine(`   ${localText("local", l)}`)),
  ];
  printBody(f.body, "    ", lines);
  return [...lines, printedLine("  )")];
}

function localText(word: "param" | "local", { name, type }: Local): string {
  return ` (${word} $${name} ${type})`;
}

function printBody(body: readonly Instr[], indent: string, lines: PrintedLine[]): void {
  for (const instr of body) printInstr(instr, indent, lines);
}

function printInstr(instr: Instr, indent: string, lines: PrintedLine[]): void {
  const { span } = instr;
  const line = (text: string): number => lines.push(printedLine(`${indent}${text}`, span));
  switch (instr.kind) {
    case "plain":
      line(folded(instr));
      return;
    case "block":
    case "loop":
      line(`(${instr.kind} $${instr.label}`);
      printBody(instr.body, `${indent}  `, lines);
      lines.push(printedLine(`${indent})`));
      return;
    case "if":
      line(`(if ${folded(instr.condition)}`);
      printArm("then", instr.then, `${indent}  `, lines);
      if (instr.else.length > 0) printArm("else", instr.else, `${indent}  `, lines);
      lines.push(printedLine(`${indent})`));
      return;
  }
}

function printArm(word: "then" | "else", body: readonly Instr[], indent: string, lines: PrintedLine[]): void {
  lines.push(printedLine(`${indent}(${word}`));
  printBody(body, `${indent}  `, lines);
  lines.push(printedLine(`${indent})`));
}

function folded(instr: Instr): string {
  if (instr.kind !== "plain") return bug(`\`${instr.kind}\` as an operand`, instr.span);
  return `(${[instr.op, ...instr.immediates, ...instr.operands.map(folded)].join(" ")})`;
}

function signed(value: bigint): string {
  return BigInt.asIntN(64, value).toString();
}
