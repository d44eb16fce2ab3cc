// Lab lines as RV64 code items: which instructions stand for a jump, a call, an address, a trap, in every length.
//
// Relies on spec/isa/riscv64, spec/abi (relocations) and environment.ts. Guarantees: x31 is the only register written
// beyond what the line says. Calls within one output reach 1 MiB (`near`); everything else reaches 2 GiB.

import { R_RISCV } from "../../../spec/abi/elf-riscv64.ts";
import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import { shortForm } from "../../../spec/isa/compress.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Instruction, OperandValues } from "../../../spec/isa/schema.ts";
import { printInstruction } from "../../../spec/isa/syntax.ts";
import type * as lab from "../../lang/lab/ast.ts";
import { bug } from "../../source/bug.ts";
import { absorbAddress } from "../absorb-address.ts";
import {
  plainForm,
  shortened,
  step,
  written,
  type CodeForm,
  type CodeStep,
  type Destination,
  type ExpandOptions,
} from "../code-item.ts";
import type { PlaceAddress } from "../environment.ts";
import {
  destination,
  linked,
  nextLabel,
  one,
  openStep,
  operandValues,
  type CodeLine,
  type Expansion,
  type SectionContext,
  type SectionExpander,
} from "../expand-section.ts";
import { frameChanges } from "../frame-changes.ts";
import { openAccessOf } from "./accesses.ts";
import { riscv64Convention } from "./convention.ts";
import { frameEffect } from "./frame-effect.ts";

const { zero, link, scratch } = riscv64Calls;
const ZERO = zero ?? bug("RISC-V has a zero register");
const named = (name: string): Instruction => riscv64.instruction(name);

/** RV64's lines. */
export const riscv64Expander: SectionExpander = {
  expandLine,
  frameChanges: (section) => frameChanges(section, riscv64Convention, frameEffect),
};

function expandLine(context: SectionContext, line: CodeLine, index: number): Expansion {
  const { environment, near } = context;
  switch (line.kind) {
    case "machine":
      return one(machineForm(line, context));
    case "address":
      return expandAddress(context, line, index);
    case "jump":
      return one(...jumpForms(destination(context, line.to), context));
    case "branch":
      return one(...branchForms(line, destination(context, line.to), context));
    case "call":
      return one(callForm(environment.functionSymbol(line.callee), near));
    case "tailCall":
      return one(tailForm(environment.functionSymbol(line.callee), near));
    case "foreignCall":
      return one(callForm(environment.foreignSymbol(line.name), false));
    case "return":
      return one(fixedForm(named("jalr"), { rd: ZERO, rs1: link, imm: 0 }, context));
    case "trap":
      return one(trapForm(environment.trapSymbol(line.reason), nextLabel(context)));
  }
}

// An instruction with all operands known, in its short form if there is one.
function fixedForm(instruction: Instruction, values: OperandValues, context: ExpandOptions): CodeForm {
  const long = step(instruction, values);
  const short =
    context.compress && !isHint(instruction, values) ? shortForm(riscv64, instruction, values) : null;
  return short === null ? plainForm(long) : shortened([step(short.instruction, short.values)], long);
}

// Short forms that write x0 or shift by nothing are reserved for hints.
function isHint(instruction: Instruction, values: OperandValues): boolean {
  if (values["shamt"] === 0) return true;
  const writesZero = values["rd"] === ZERO && instruction !== named("jal") && instruction !== named("jalr");
  return writesZero && !(instruction === named("addi") && values["rs1"] === ZERO && values["imm"] === 0);
}

function machineForm(line: Extract<lab.Line, { kind: "machine" }>, context: ExpandOptions): CodeForm {
  const instruction = riscv64.instruction(line.ins);
  return fixedForm(instruction, operandValues(instruction, line.operands, line.span), context);
}

// The short form of a jump or branch, its distance still open.
function shortJump(long: CodeStep, to: Destination): CodeForm | null {
  const short = shortForm(riscv64, long.instruction, long.values);
  if (short === null) return null;
  return shortened([openStep(short.instruction, short.values, "target", to)], long);
}

function jumpForms(to: Destination, context: ExpandOptions): readonly CodeForm[] {
  const whole = openStep(named("jal"), { rd: ZERO }, "target", to);
  const short = context.compress ? shortJump(whole, to) : null;
  return [...(short === null ? [] : [short]), plainForm(whole), written(farJump(to), farJumpText(to))];
}

function farJump(to: Destination): readonly CodeStep[] {
  return [
    { ...step(named("auipc"), { rd: scratch, upper: 0 }), open: { name: "upper", part: "high", to } },
    { ...step(named("jalr"), { rd: ZERO, rs1: scratch, imm: 0 }), open: { name: "imm", part: "low", to } },
  ];
}

function farJumpText(to: Destination): string {
  return `jump ${to.kind === "label" ? to.label : to.symbol}, ${registerName(scratch)}`;
}

// GNU as knows no branch that reaches this far: the inverse over a jump, written out and kept from being shortened.
function farBranch(steps: readonly CodeStep[], to: Destination): CodeForm {
  const [over] = steps;
  if (over === undefined) return bug("a far branch has steps");
  const text = printInstruction(riscv64, over.instruction, over.values);
  return written(steps, ".option push", ".option norvc", text, ".option pop", farJumpText(to));
}

function registerName(register: number): string {
  return riscv64.registerClass("x").names[register] ?? bug(`no register ${String(register)}`);
}

function branchForms(
  line: Extract<lab.Line, { kind: "branch" }>,
  to: Destination,
  context: ExpandOptions,
): readonly CodeForm[] {
  const instruction = riscv64.instruction(line.ins);
  const inverse = riscv64Convention.negated(line) ?? bug(`${line.ins} has no inverse`, line.span);
  const values = operandValues(instruction, line.operands, line.span);
  const whole = openStep(instruction, values, "target", to);
  const short = context.compress ? shortJump(whole, to) : null;
  const inverted = riscv64.instruction(inverse.ins);
  // Over the jump: its own bytes and those of what follows. GNU as shortens it only over a single jump.
  const over = (bytes: number): CodeStep => step(inverted, { ...values, target: 4 + bytes });
  const briefly = short === null ? null : shortForm(riscv64, inverted, { ...values, target: 6 });
  const first = briefly === null ? over(4) : step(briefly.instruction, briefly.values);
  const middle = shortened([first, openStep(named("jal"), { rd: ZERO }, "target", to)], whole);
  const far = farBranch([over(8), ...farJump(to)], to);
  return [...(short === null ? [] : [short]), plainForm(whole), middle, far];
}

function callForm(symbol: string, near: boolean): CodeForm {
  if (near) return plainForm(openStep(named("jal"), { rd: link }, "target", linked(symbol, R_RISCV.JAL)));
  const upper = openStep(named("auipc"), { rd: link }, "upper", linked(symbol, R_RISCV.CALL_PLT));
  return written([upper, step(named("jalr"), { rd: link, rs1: link, imm: 0 })], `call ${symbol}`);
}

// The return address in x31 tells debuggers which function trapped. (GNU as's `call t6, symbol` would use t1.)
function trapForm(symbol: string, label: string): CodeForm {
  return plainForm(
    { ...openStep(named("auipc"), { rd: scratch }, "upper", linked(symbol, R_RISCV.PCREL_HI20)), label },
    lowerHalf(named("jalr"), { rd: scratch, rs1: scratch }, label, R_RISCV.PCREL_LO12_I),
  );
}

function tailForm(symbol: string, near: boolean): CodeForm {
  if (near) return plainForm(openStep(named("jal"), { rd: ZERO }, "target", linked(symbol, R_RISCV.JAL)));
  const upper = openStep(named("auipc"), { rd: scratch }, "upper", linked(symbol, R_RISCV.CALL_PLT));
  return written(
    [upper, step(named("jalr"), { rd: ZERO, rs1: scratch, imm: 0 })],
    `jump ${symbol}, ${registerName(scratch)}`,
  );
}

// auipc with the upper half, then an instruction with the lower half: an addi, or the access that uses the address.
function expandAddress(
  context: SectionContext,
  line: Extract<lab.Line, { kind: "address" }>,
  index: number,
): Expansion {
  const place = context.environment.places[line.place];
  const label = nextLabel(context);
  if (place.kind === "pointer") return one(pointerForm(line, place, label));
  const absorbed = absorbAddress(context, index, riscv64Convention, openAccessOf);
  const to = linked(place.symbol, R_RISCV.PCREL_HI20, line.offset + (absorbed?.offset ?? 0n));
  const upper = { ...openStep(named("auipc"), { rd: line.dest }, "upper", to), label };
  const last =
    absorbed === null
      ? lowerHalf(named("addi"), { rd: line.dest, rs1: line.dest }, label, R_RISCV.PCREL_LO12_I)
      : lowerHalf(absorbed.instruction, absorbed.values, label, absorbed.relocation);
  return { forms: [plainForm(upper, last)], lines: absorbed === null ? 1 : 2 };
}

function lowerHalf(
  instruction: Instruction,
  values: OperandValues,
  label: string,
  relocation: number,
): CodeStep {
  return openStep(instruction, values, "imm", linked(label, relocation));
}

// The address is in memory: load it, round it, add the offset.
function pointerForm(
  line: Extract<lab.Line, { kind: "address" }>,
  place: Extract<PlaceAddress, { kind: "pointer" }>,
  label: string,
): CodeForm {
  const { dest, offset } = line;
  const load = [
    { ...openStep(named("auipc"), { rd: dest }, "upper", linked(place.symbol, R_RISCV.PCREL_HI20)), label },
    lowerHalf(named("ld"), { rd: dest, rs1: dest }, label, R_RISCV.PCREL_LO12_I),
  ];
  const mask =
    place.mask === null ? [] : [step(named("andi"), { rd: dest, rs1: dest, imm: Number(place.mask) })];
  const far = offset < -2048n || offset > 2047n;
  const add = offset === 0n ? [] : [step(named("addi"), { rd: dest, rs1: dest, imm: Number(offset) })];
  if (far) return plainForm(...load, ...mask, ...farOffset(line));
  return plainForm(...load, ...mask, ...add);
}

// Offsets of 32 bits go through x31.
function farOffset(line: Extract<lab.Line, { kind: "address" }>): readonly CodeStep[] {
  if (BigInt.asIntN(32, line.offset + 0x800n) !== line.offset + 0x800n)
    bug("offset of 2 GiB or more", line.span);
  const values = riscv64Convention.constant(scratch, Number(line.offset)).map((c) => {
    const instruction = riscv64.instruction(c.ins);
    return step(instruction, operandValues(instruction, c.operands, line.span));
  });
  const add = riscv64Convention.add(line.dest, line.dest, scratch);
  const instruction = riscv64.instruction(add.ins);
  return [...values, step(instruction, operandValues(instruction, add.operands, line.span))];
}
