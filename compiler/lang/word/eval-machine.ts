// Machine instructions in WordLang's evaluator: the effects of spec/isa over values instead of registers.
//
// An operand that is a value is presented to the effect as register VALUE_REGISTER + its position, which no special
// number (such as x0) can be; fixed registers keep their number, and only those that read as zero can be evaluated.

import {
  evaluateEffect,
  type AccessRequest,
  type EffectMachine,
  type Trap,
} from "../../../spec/isa/effect-eval.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Operand } from "../../../spec/isa/schema.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import {
  loadMemory,
  loadShared,
  NORMAL,
  storeMemory,
  storeShared,
  type Exec,
  type Frame,
  type Machine,
} from "../eval/machine.ts";
import type { Test } from "../eval/operations.ts";
import { toWord, type Word } from "../machine-word.ts";
import type { Instr, MachineOperand, MemoryKind, Terminator } from "./ast.ts";
import { GLOBALS_OFFSET, read, type EvalContext } from "./eval-context.ts";

const VALUE_REGISTER = 1000;
const LENGTH_BYTES = 4;
const TAKEN = 4096;

export function compileMachine(instr: Extract<Instr, { kind: "machine" }>, context: EvalContext): Exec {
  const isa = context.isa ?? bug(`machine instruction ${instr.ins} without an isa`);
  const instruction = isa.instruction(instr.ins);
  const effect = effectOf(isa, instruction);
  const operands = operandNumbers(instr.operands, instruction.operands);
  const slots = slotsOf(instr.operands, context);
  const input = { operands, pc: 0n, lengthBytes: LENGTH_BYTES };
  return (frame) => {
    const state = valueMachine(frame, slots, {
      flags: context.flags,
      machine: context.machine,
      memory: instr.memory,
      span: instr.span,
    });
    const outcome = evaluateEffect(effect, input, state);
    if (outcome.kind === "trap") bug(`${instr.ins} trapped: ${outcome.cause}`, instr.span);
    return NORMAL;
  };
}

/** True if the branch is taken. */
export function compileMachineBranch(
  end: Extract<Terminator, { kind: "machineBranch" }>,
  context: EvalContext,
): Test {
  const isa = context.isa ?? bug(`machine branch ${end.ins} without an isa`);
  const instruction = isa.instruction(end.ins);
  const effect = effectOf(isa, instruction);
  const declared = instruction.operands.filter((o) => o.kind.kind !== "target");
  const target = instruction.operands.find((o) => o.kind.kind === "target");
  const operands = { ...operandNumbers(end.operands, declared), [target?.name ?? "target"]: TAKEN };
  const slots = slotsOf(end.operands, context);
  const { machine, flags } = context;
  const input = { operands, pc: 0n, lengthBytes: LENGTH_BYTES };
  return (frame) => {
    const state = valueMachine(frame, slots, { machine, flags, memory: null, span: end.span });
    const outcome = evaluateEffect(effect, input, state);
    return outcome.kind === "next" && outcome.pc === BigInt(TAKEN);
  };
}

function operandNumbers(
  given: readonly MachineOperand[],
  declared: readonly Operand[],
): Record<string, number> {
  const numbers: Record<string, number> = {};
  declared.forEach((operand, i) => {
    const value = given[i] ?? bug(`operand ${operand.name} is missing`);
    numbers[operand.name] = operandNumber(value, i);
  });
  return numbers;
}

function operandNumber(operand: MachineOperand, position: number): number {
  switch (operand.kind) {
    case "value":
    case "tied":
      return VALUE_REGISTER + position;
    case "fixed":
      return operand.register;
    case "imm":
      return Number(operand.value);
  }
}

/** Where operands are in the frame; -1: nowhere. */
interface Slots {
  readonly read: readonly number[];
  readonly write: readonly number[];
}

function slotsOf(operands: readonly MachineOperand[], { slot }: EvalContext): Slots {
  const slots = operands.map((o) => (o.kind === "value" || o.kind === "tied" ? slot(o.value) : -1));
  return {
    read: operands.map((o, i) => (o.kind === "tied" ? slot(o.from) : (slots[i] ?? -1))),
    write: slots,
  };
}

interface AccessContext {
  readonly machine: Machine;
  readonly flags: Map<string, bigint>;
  readonly memory: MemoryKind;
  readonly span: Span;
}

// A register that no operand names is a condition flag.
function valueMachine(frame: Frame, slots: Slots, access: AccessContext): EffectMachine {
  const { flags, span } = access;
  const no = (): never => bug("no such state in WordLang", span);
  return {
    readReg: (file, index) => {
      if (index < VALUE_REGISTER) return flags.get(file) ?? bug(`${file} is read but holds nothing`, span);
      return read(frame, slots.read[index - VALUE_REGISTER] ?? no());
    },
    writeReg: (file, index, value) => {
      if (index < VALUE_REGISTER) flags.set(file, value);
      else frame[slots.write[index - VALUE_REGISTER] ?? no()] = value;
    },
    load: (address, request) => load(address, request, access),
    store: (address, value, request) => store(address, value, request, access),
    atomic: no,
    reserve: no,
    conditional: no,
    readCsr: no,
    writeCsr: no,
    helper: no,
  };
}

function load(
  address: Word,
  { bytes }: AccessRequest,
  { machine, memory, span }: AccessContext,
): Word | Trap {
  if (bytes === 16) return bug("16-byte accesses are not WordLang's", span);
  if (memory === "shared") return loadShared(machine, bytes, address, span);
  if (bytes === 2) return bug("local memory has no 16-bit accesses", span);
  if (memory === "local") return loadMemory(machine, address, bytes, span);
  return machine.globals[globalIndex(address, machine, { bytes, span })] ?? bug("no such global", span);
}

function store(
  address: Word,
  value: Word,
  { bytes }: AccessRequest,
  { machine, memory, span }: AccessContext,
): null {
  if (bytes === 16) return bug("16-byte accesses are not WordLang's", span);
  if (memory === "shared") storeShared(machine, address, value, { bytes, span });
  else if (bytes === 2) bug("local memory has no 16-bit accesses", span);
  else if (memory === "local") storeMemory(machine, address, value, { bytes, span });
  else machine.globals[globalIndex(address, machine, { bytes, span })] = value;
  return null;
}

// A wrong address is our mistake: only word-select makes accesses to the globals.
function globalIndex(
  address: Word,
  machine: Machine,
  { bytes, span }: { readonly bytes: number; readonly span: Span },
): number {
  const offset = toWord(address - machine.base - GLOBALS_OFFSET);
  const index = Number(offset / 8n);
  if (bytes !== 8 || offset % 8n !== 0n || index >= machine.globals.length)
    bug("access beside the globals", span);
  return index;
}
