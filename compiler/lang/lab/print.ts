// LabLang's text form: one section a function, one line a label, instruction or jump, in the order of the code.
//
// `parse(print(p))` is `p` but for spans. Grammar: spec/lang/lab.md. Machine instructions are spelt as in StackLang.

import { printAddress, printLabel, printMachine } from "../stack/print.ts";
import type { Line, Program, Section } from "./ast.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  const need = [...program.stackNeed].map(([name, bytes]) => `need ${name} ${String(bytes)};`);
  const head = [`entry ${program.entry};`, `globals ${String(program.globalWords)};`, ...need];
  return `${[...head, ...program.sections.map(printSection)].join("\n")}\n`;
}

export function printSection(s: Section): string {
  const words = `(${String(s.paramWords)}) : ${String(s.resultWords)}`;
  const flags = `${s.exported ? " exported" : ""} frame ${String(s.frameBytes)}`;
  const lines = s.lines.map((line) => (line.kind === "label" ? printLine(line) : `  ${printLine(line)};`));
  return [`section ${s.name}${words}${flags} {`, ...lines, "}"].join("\n");
}

export function printLine(line: Line): string {
  switch (line.kind) {
    case "label":
      return `${printLabel(line.label)}:`;
    case "machine":
      return printMachine(line);
    case "address":
      return printAddress(line);
    case "jump":
      return `jump ${printLabel(line.to)}`;
    case "branch":
      return `if ${printMachine(line)} then ${printLabel(line.to)}`;
    case "call":
      return `call ${line.callee}`;
    case "tailCall":
      return `tail ${line.callee}`;
    case "foreignCall":
      return `foreign ${line.name}`;
    case "return":
      return "return";
    case "trap":
      return `trap ${line.reason}`;
  }
}
