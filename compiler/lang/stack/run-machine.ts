// Machine instructions on the processor of processor.ts: the effects of spec/isa over its registers and memories.
//
// Closures are made once an instruction. An access goes where the instruction's `memory` says; an address outside of
// that memory is the program's Error for local and shared memory, and our mistake for globals and the stack.

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
import { loadMemory, loadShared, storeMemory, storeShared } from "../eval/machine.ts";
import { toWord, type Word } from "../machine-word.ts";
import type { AddressInstr, MachineOperand, MemoryKind } from "./ast.ts";
import {
  loadStack,
  placeAddress,
  readFile,
  storeStack,
  writeFile,
  writeRegister,
  type Processor,
} from "./processor.ts";

const LENGTH_BYTES = 4;
const TAKEN = 4096;

/** What is run of an instruction. */
export interface MachineCode {
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
  readonly span: Span;
}

/** Runs the instruction once each time it is called. */
export function machineRunner(p: Processor, code: MachineCode & { readonly memory: MemoryKind }): () => void {
  const instruction = p.convention.isa.instruction(code.ins);
  const effect = effectOf(p.convention.isa, instruction);
  const input = { operands: operandNumbers(code, instruction.operands), pc: 0n, lengthBytes: LENGTH_BYTES };
  const state = effectMachine(p, code.memory, code.span);
  return () => {
    const outcome = evaluateEffect(effect, input, state);
    if (outcome.kind === "trap") bug(`${code.ins} trapped: ${outcome.cause}`, code.span);
  };
}

/** Puts the address of a place into a register. */
export function addressRunner(p: Processor, { dest, place, offset, span }: AddressInstr): () => void {
  return () => {
    writeRegister(p, dest, toWord(placeAddress(p, place) + offset), span);
  };
}

/** True if the branch is taken. */
export function branchRunner(p: Processor, code: MachineCode): () => boolean {
  const instruction = p.convention.isa.instruction(code.ins);
  const effect = effectOf(p.convention.isa, instruction);
  const declared = instruction.operands.filter((o) => o.kind.kind !== "target");
  const target = instruction.operands.find((o) => o.kind.kind === "target")?.name ?? "target";
  const operands = { ...operandNumbers(code, declared), [target]: TAKEN };
  const state = effectMachine(p, null, code.span);
  return () => {
    const outcome = evaluateEffect(effect, { operands, pc: 0n, lengthBytes: LENGTH_BYTES }, state);
    return outcome.kind === "next" && outcome.pc === BigInt(TAKEN);
  };
}

function operandNumbers(code: MachineCode, declared: readonly Operand[]): Record<string, number> {
  const numbers: Record<string, number> = {};
  declared.forEach((operand, i) => {
    const given = code.operands[i] ?? bug(`operand ${operand.name} of ${code.ins} is missing`, code.span);
    numbers[operand.name] = given.kind === "register" ? given.register : Number(given.value);
  });
  return numbers;
}

interface Access {
  readonly p: Processor;
  readonly memory: MemoryKind;
  readonly span: Span;
}

function effectMachine(p: Processor, memory: MemoryKind, span: Span): EffectMachine {
  const access = { p, memory, span };
  const no = (): never => bug("no such state in the back end's languages", span);
  return {
    readReg: (file, index) => readFile(p, { file, index }, span),
    writeReg: (file, index, value) => {
      writeFile(p, { file, index }, value, span);
    },
    load: (address, request) => load(address, request, access),
    store: (address, value, request) => store(address, value, { ...access, request }),
    atomic: no,
    reserve: no,
    conditional: no,
    readCsr: no,
    writeCsr: no,
    helper: no,
  };
}

function load(address: Word, { bytes }: AccessRequest, { p, memory, span }: Access): Word | Trap {
  if (bytes === 16) return bug("an access of 16 bytes", span);
  if (memory === "shared") return loadShared(p.machine, bytes, address, span);
  if (bytes === 2) return bug("an access of 2 bytes to local memory", span);
  switch (memory) {
    case "local":
      return loadMemory(p.machine, address, bytes, span);
    case "global":
      return p.machine.globals[globalIndex(p, address, span)] ?? bug("no such global", span);
    case "stack":
      return bytes === 8 ? loadStack(p, address, span) : bug("a stack access of part of a word", span);
    case null:
      return bug("an access that is not marked", span);
  }
}

function store(address: Word, value: Word, at: Access & { readonly request: AccessRequest }): null {
  const { p, memory, span } = at;
  const { bytes } = at.request;
  if (bytes === 16) return bug("an access of 16 bytes", span);
  if (memory === "shared") storeShared(p.machine, address, value, { bytes, span });
  else if (bytes === 2) bug("an access of 2 bytes to local memory", span);
  else if (memory === "local") storeMemory(p.machine, address, value, { bytes, span });
  else if (memory === "global") p.machine.globals[globalIndex(p, address, span)] = value;
  else if (memory === "stack" && bytes === 8) storeStack(p, address, value, span);
  else bug("a store of the wrong kind", span);
  return null;
}

function globalIndex(p: Processor, address: Word, span: Span): number {
  const offset = toWord(address - placeAddress(p, "globals"));
  const index = Number(offset / 8n);
  if (offset % 8n !== 0n || index >= p.machine.globals.length) bug("an access beside the globals", span);
  return index;
}
