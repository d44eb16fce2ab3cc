// WordLang's text form: blocks of one instruction a line, values `%n`, a value's name in front where it is defined.
//
// `parse(print(p))` is `p` but for spans. Grammar: spec/lang/word.md. Machine instructions are written in the syntax of
// spec/isa, with values for registers and the kind of their memory access behind a colon.

import { printOperand } from "../../../spec/isa/operand-text.ts";
import type { Isa } from "../../../spec/isa/schema.ts";
import { isaNamed } from "../../target/isa-named.ts";
import { branchText, instructionText } from "../machine-text.ts";
import { arithText, compareText, shiftText } from "../operator-text.ts";
import { joinLines, printedLine, type PrintedLine } from "../printed-line.ts";
import { printWord } from "../text-reader.ts";
import type {
  Block,
  Edge,
  Function,
  Instr,
  MachineOperand,
  Place,
  Program,
  Terminator,
  Value,
} from "./ast.ts";
import { rolesOf, type Roles } from "./operands.ts";

export const placeText: Readonly<Record<Place, string>> = {
  heapBase: "@base",
  heapTop: "@top",
  globals: "@globals",
};

const operatorText: Readonly<Record<string, string>> = { ...arithText, ...shiftText };

// What printing an instruction needs besides it.
interface Names {
  readonly isa: Isa | null;
  readonly roles: Roles;
  readonly names: ReadonlyMap<Value, string>;
}

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  return joinLines(printLines(program));
}

/** The same line by line, with the source of each. */
export function printLines(program: Program): readonly PrintedLine[] {
  const isa = isaNamed(program.isa);
  const head = [
    ...(program.isa === null ? [] : [`isa ${program.isa};`]),
    `entry ${program.entry};`,
    ...(program.globalWords === 0 ? [] : [`globals ${String(program.globalWords)};`]),
    ...program.exceptions.map((e) => `exception ${e.name} : ${String(e.payloadWords)};`),
  ];
  return [
    ...head.map((text) => printedLine(text)),
    ...program.functions.flatMap((f) => printFunction(f, isa)),
  ];
}

function printFunction(f: Function, isa: Isa | null): readonly PrintedLine[] {
  const names: Names = { isa, roles: rolesOf(isa), names: f.names };
  const result = `${String(f.resultWords)}${f.returnsStatus ? " status" : ""}`;
  const head = `${f.exported ? "export " : ""}fun ${f.name}(${definitions(f.params, names)}) -> ${result} {`;
  return [printedLine(head), ...f.blocks.flatMap((b) => blockLines(b, names)), printedLine("}")];
}

function blockLines(block: Block, names: Names): readonly PrintedLine[] {
  const params = block.params.length === 0 ? "" : `(${definitions(block.params, names)})`;
  const body = block.body.map((instr) => printedLine(`  ${printInstr(instr, names)}`, instr.span));
  const end = printedLine(`  ${printEnd(block.end, names)}`, block.end.span);
  return [printedLine(`${printLabel(block.label)}${params}:`), ...body, end];
}

const printLabel = (label: number): string => `b${String(label)}`;
const use = (value: Value): string => `%${String(value)}`;
const uses = (values: readonly Value[]): string => values.map(use).join(", ");

function definition(value: Value, names: Names): string {
  return `${names.names.get(value) ?? ""}%${String(value)}`;
}

function definitions(values: readonly Value[], names: Names): string {
  return values.map((v) => definition(v, names)).join(", ");
}

function printPlace(address: Value, offset: bigint): string {
  if (offset === 0n) return `[${use(address)}]`;
  return `[${use(address)} ${offset < 0n ? "-" : "+"} ${String(offset < 0n ? -offset : offset)}]`;
}

function printInstr(instr: Instr, names: Names): string {
  const def = (value: Value): string => definition(value, names);
  switch (instr.kind) {
    case "const":
      return `${def(instr.dest)} = ${printWord(instr.value)}`;
    case "op":
      return `${def(instr.dest)} = ${use(instr.left)} ${operatorText[instr.op] ?? ""} ${use(instr.right)}`;
    case "compare":
      return `${def(instr.dest)} = ${use(instr.left)} ${compareText[instr.op]} ${use(instr.right)}`;
    case "addCarry": {
      const args = [instr.left, instr.right, instr.carryIn];
      return `${def(instr.sum)}, ${def(instr.carry)} = addcarry(${uses(args)})`;
    }
    case "address":
      return `${def(instr.dest)} = ${placeText[instr.place]}`;
    case "load":
    case "sharedLoad": {
      const word = instr.kind === "load" ? "load" : "shared";
      return `${def(instr.dest)} = ${word}${String(instr.bytes * 8)} ${printPlace(instr.address, instr.offset)}`;
    }
    case "store":
    case "sharedStore": {
      const word = instr.kind === "store" ? "store" : "shared";
      const place = printPlace(instr.address, instr.offset);
      return `${word}${String(instr.bytes * 8)} ${place} = ${use(instr.value)}`;
    }
    case "getGlobal":
      return `${def(instr.dest)} = global ${String(instr.index)}`;
    case "setGlobal":
      return `global ${String(instr.index)} = ${use(instr.value)}`;
    case "call": {
      const dests = instr.dests.length === 0 ? "" : `${definitions(instr.dests, names)} = `;
      return `${dests}call ${instr.callee}(${uses(instr.args)})`;
    }
    case "foreignCall":
      return `foreign ${instr.name}(${uses(instr.args)})`;
    case "machine":
      return `${printMachine(instr, names, instructionText)}${instr.memory === null ? "" : ` : ${instr.memory}`}`;
  }
}

function printMachine(
  code: { readonly ins: string; readonly operands: readonly MachineOperand[] },
  names: Names,
  print: typeof instructionText,
): string {
  const { isa } = names;
  if (isa === null) return code.ins;
  const roles = names.roles(code.ins);
  return print(isa, code, (operand, { kind }, i) => {
    switch (operand.kind) {
      case "value":
        return roles[i] === "def" ? definition(operand.value, names) : use(operand.value);
      case "tied":
        return `${definition(operand.value, names)}=${use(operand.from)}`;
      case "fixed":
        return printOperand(isa, kind, operand.register);
    }
  });
}

function printEdge(edge: Edge): string {
  return `${printLabel(edge.label)}${edge.args.length === 0 ? "" : `(${uses(edge.args)})`}`;
}

function printEnd(end: Terminator, names: Names): string {
  switch (end.kind) {
    case "jump":
      return `jump ${printEdge(end.to)}`;
    case "branch": {
      const condition = `${use(end.left)} ${compareText[end.op]} ${use(end.right)}`;
      return `if ${condition} then ${printEdge(end.then)} else ${printEdge(end.else)}`;
    }
    case "machineBranch": {
      const branch = printMachine(end, names, branchText);
      return `if ${branch} then ${printEdge(end.then)} else ${printEdge(end.else)}`;
    }
    case "return":
      return `return ${uses(end.values)}`.trimEnd();
    case "tailCall":
      return `tailcall ${end.callee}(${uses(end.args)})`;
    case "trap":
      return `trap ${end.reason}`;
  }
}
