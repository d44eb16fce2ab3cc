// StackLang's text form: one instruction a line, registers as `x10`, blocks as `b0`.
//
// `parse(print(p))` is `p` but for spans. Grammar: spec/lang/stack.md. The same spelling of machine instructions and
// addresses serves LabLang (compiler/lang/lab/print.ts).

import type {
  Block,
  Function,
  Instr,
  Label,
  MachineOperand,
  MemoryKind,
  Program,
  Register,
  Terminator,
} from "./ast.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  const head = [`entry ${program.entry};`, `globals ${String(program.globalWords)};`];
  return `${[...head, ...program.functions.map(printFunction)].join("\n")}\n`;
}

export function printFunction(f: Function): string {
  const words = `(${String(f.paramWords)}) : ${String(f.resultWords)}`;
  const saved = f.saved.length === 0 ? "" : ` saved ${f.saved.map(printRegister).join(", ")}`;
  const slots = f.slots === 0 ? "" : ` slots ${String(f.slots)}`;
  const frame = f.frameBytes === null ? "" : ` frame ${String(f.frameBytes)}`;
  const flags = `${f.exported ? " exported" : ""}${slots}${saved}${f.calls ? " calls" : ""}${frame}`;
  return [`fun ${f.name}${words}${flags} {`, ...f.blocks.flatMap(blockLines), "}"].join("\n");
}

function blockLines(block: Block): readonly string[] {
  const body = block.body.map((instr) => `  ${printInstr(instr)};`);
  return [`${printLabel(block.label)}:`, ...body, `  ${printEnd(block.end)};`];
}

export function printRegister(register: Register): string {
  return `x${String(register)}`;
}

export function printLabel(label: Label): string {
  return `b${String(label)}`;
}

/** `ld x10, 8, x11 @local`: operands in spec/isa's order, then the kind of access. */
export function printMachine(instr: {
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
  readonly memory?: MemoryKind;
}): string {
  const operands = instr.operands.map((o) =>
    o.kind === "register" ? printRegister(o.register) : String(o.value),
  );
  const memory = instr.memory === undefined || instr.memory === null ? "" : ` @${instr.memory}`;
  return `${[instr.ins, operands.join(", ")].filter((part) => part !== "").join(" ")}${memory}`;
}

/** `x10 = address globals + 8`. */
export function printAddress(a: {
  readonly dest: Register;
  readonly place: string;
  readonly offset: bigint;
}): string {
  const offset = a.offset === 0n ? "" : ` + ${String(a.offset)}`;
  return `${printRegister(a.dest)} = address ${a.place}${offset}`;
}

export function printInstr(instr: Instr): string {
  switch (instr.kind) {
    case "machine":
      return printMachine(instr);
    case "address":
      return printAddress(instr);
    case "slotLoad":
      return `${printRegister(instr.dest)} = slot ${String(instr.slot)}`;
    case "slotStore":
      return `slot ${String(instr.slot)} = ${printRegister(instr.source)}`;
    case "transferLoad":
      return `${printRegister(instr.dest)} = ${instr.zone} ${String(instr.index)}`;
    case "transferStore":
      return `${instr.zone} ${String(instr.index)} = ${printRegister(instr.source)}`;
    case "call":
      return `call ${instr.callee}(${String(instr.argWords)}) : ${String(instr.resultWords)}`;
    case "foreignCall":
      return `foreign ${instr.name}`;
  }
}

export function printEnd(end: Terminator): string {
  switch (end.kind) {
    case "jump":
      return `jump ${printLabel(end.to)}`;
    case "machineBranch":
      return `if ${printMachine(end)} then ${printLabel(end.then)} else ${printLabel(end.else)}`;
    case "return":
      return "return";
    case "tailCall":
      return `tail ${end.callee}(${String(end.argWords)})`;
    case "trap":
      return `trap ${end.reason}`;
  }
}
