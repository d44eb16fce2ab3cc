// StackLang's text form: one instruction a line, registers by name, blocks as `b0`.
//
// `parse(print(p))` is `p` but for spans. Grammar: spec/lang/stack.md.

import type { Isa } from "../../../spec/isa/schema.ts";
import { joinLines, printedLine, type PrintedLine } from "../printed-line.ts";
import { isaNamed } from "../../target/isa-named.ts";
import type { Block, Function, Instr, Program, Terminator } from "./ast.ts";
import { printAddress, printBranch, printLabel, printMachine, printRegister } from "./print-machine.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  return joinLines(printLines(program));
}

/** The same line by line, with the source of each. */
export function printLines(program: Program): readonly PrintedLine[] {
  const isa = isaNamed(program.isa);
  const globals = program.globalWords === 0 ? [] : [`globals ${String(program.globalWords)};`];
  const head = [`isa ${program.isa};`, `entry ${program.entry};`, ...globals];
  return [
    ...head.map((text) => printedLine(text)),
    ...program.functions.flatMap((f) => printFunction(f, isa)),
  ];
}

function printFunction(f: Function, isa: Isa): readonly PrintedLine[] {
  const head = `${f.exported ? "export " : ""}fun ${f.name}(${String(f.paramWords)}) -> ${String(f.resultWords)}`;
  const saved = f.saved.length === 0 ? "" : ` saved ${f.saved.map((r) => printRegister(isa, r)).join(", ")}`;
  const slots = f.slots === 0 ? "" : ` slots ${String(f.slots)}`;
  const frame = f.frameBytes === null ? "" : ` frame ${String(f.frameBytes)}`;
  const facts = `${slots}${saved}${f.calls ? " calls" : ""}${frame}`;
  return [printedLine(`${head}${facts} {`), ...f.blocks.flatMap((b) => blockLines(b, isa)), printedLine("}")];
}

function blockLines(block: Block, isa: Isa): readonly PrintedLine[] {
  const body = block.body.map((instr) => printedLine(`  ${printInstr(instr, isa)}`, instr.span));
  const end = printedLine(`  ${printEnd(block.end, isa)}`, block.end.span);
  return [printedLine(`${printLabel(block.label)}:`), ...body, end];
}

function printInstr(instr: Instr, isa: Isa): string {
  switch (instr.kind) {
    case "machine":
      return printMachine(isa, instr);
    case "address":
      return printAddress(isa, instr);
    case "slotLoad":
      return `${printRegister(isa, instr.dest)} = slot ${String(instr.slot)}`;
    case "slotStore":
      return `slot ${String(instr.slot)} = ${printRegister(isa, instr.source)}`;
    case "transferLoad":
      return `${printRegister(isa, instr.dest)} = ${instr.zone} ${String(instr.index)}`;
    case "transferStore":
      return `${instr.zone} ${String(instr.index)} = ${printRegister(isa, instr.source)}`;
    case "call":
      return `call ${instr.callee}(${String(instr.argWords)}) -> ${String(instr.resultWords)}`;
    case "foreignCall":
      return `foreign ${instr.name}`;
  }
}

function printEnd(end: Terminator, isa: Isa): string {
  switch (end.kind) {
    case "jump":
      return `jump ${printLabel(end.to)}`;
    case "machineBranch":
      return `if ${printBranch(isa, end)} then ${printLabel(end.then)} else ${printLabel(end.else)}`;
    case "return":
      return "return";
    case "tailCall":
      return `tailcall ${end.callee}(${String(end.argWords)})`;
    case "trap":
      return `trap ${end.reason}`;
  }
}
