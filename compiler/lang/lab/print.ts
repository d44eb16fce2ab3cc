// LabLang's text form: one section a function, one line a label, instruction or jump, in the order of the code.
//
// `parse(print(p))` is `p` but for spans. Grammar: spec/lang/lab.md. Machine instructions are spelt as in StackLang.

import type { Isa } from "../../../spec/isa/schema.ts";
import { joinLines, printedLine, type PrintedLine } from "../printed-line.ts";
import { isaNamed } from "../../target/isa-named.ts";
import { printAddress, printBranch, printLabel, printMachine } from "../stack/print-machine.ts";
import type { Line, Program, Section } from "./ast.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  return joinLines(printLines(program));
}

/** The same line by line, with the source of each. */
export function printLines(program: Program): readonly PrintedLine[] {
  const isa = isaNamed(program.isa);
  const globals = program.globalWords === 0 ? [] : [`globals ${String(program.globalWords)};`];
  const need = [...program.stackNeed].map(([name, bytes]) => `need ${name} ${String(bytes)};`);
  const head = [`isa ${program.isa};`, `entry ${program.entry};`, ...globals, ...need];
  return [...head.map((text) => printedLine(text)), ...program.sections.flatMap((s) => printSection(s, isa))];
}

function printSection(s: Section, isa: Isa): readonly PrintedLine[] {
  const words = `(${String(s.paramWords)}) -> ${String(s.resultWords)}`;
  const head = `${s.exported ? "export " : ""}section ${s.name}${words} frame ${String(s.frameBytes)} {`;
  const lines = s.lines.map((line) =>
    line.kind === "label"
      ? printedLine(printLine(line, isa))
      : printedLine(`  ${printLine(line, isa)}`, line.span),
  );
  return [printedLine(head), ...lines, printedLine("}")];
}

export function printLine(line: Line, isa: Isa): string {
  switch (line.kind) {
    case "label":
      return `${printLabel(line.label)}:`;
    case "machine":
      return printMachine(isa, line);
    case "address":
      return printAddress(isa, line);
    case "jump":
      return `jump ${printLabel(line.to)}`;
    case "branch":
      return `if ${printBranch(isa, line)} then ${printLabel(line.to)}`;
    case "call":
      return `call ${line.callee}`;
    case "tailCall":
      return `tailcall ${line.callee}`;
    case "foreignCall":
      return `foreign ${line.name}`;
    case "return":
      return "return";
    case "trap":
      return `trap ${line.reason}`;
  }
}
