// The processor that evaluators of StackLang and LabLang run on: registers, stack memory, and the border of calls.
//
// It holds programs to the internal convention: a register or stack word that nobody may rely on is undefined, and
// reading it is a mistake of ours; after each call the caller-saved registers are undefined, the callee-saved ones, the
// stack pointer and the return address are compared with what they were. Addresses: local memory is the world's,
// the globals lie GLOBALS_OFFSET above its base, the stack below STACK_OFFSET, the stack limit's word at LIMIT_OFFSET.

import { WORD_BYTES } from "../../../spec/abi/internal-calls.ts";
import { bug } from "../../source/bug.ts";
import { NO_SPAN, type Span } from "../../source/span.ts";
import { conventionNamed } from "../../target/convention-named.ts";
import type { Convention } from "../../target/convention.ts";
import type { IsaName } from "../../target/isa-named.ts";
import { callForeign, newMachine, type Machine } from "../eval/machine.ts";
import { toWord, type Word } from "../machine-word.ts";
import { GLOBALS_OFFSET, UNSPECIFIED } from "../word/eval-context.ts";
import type { World } from "../world.ts";
import type { Place, Register } from "./ast.ts";

const STACK_OFFSET = 3n << 61n;
const LIMIT_OFFSET = 5n << 60n;
/** Bytes of stack that a run has. */
const STACK_BYTES = 1n << 20n;
/** How far below the stack pointer an access may be: transfer words beyond the protected zone are allowed. */
const REACH_BYTES = 4096n;
const FIRST_LINK = 0x4c00_0000_0000_0000n;

export interface Processor {
  readonly machine: Machine;
  readonly convention: Convention;
  /** By register; undefined: nobody may rely on it. */
  readonly registers: (Word | undefined)[];
  /** Condition flags by the name of their register file. */
  readonly flags: Map<string, bigint>;
  /** Words of the stack from its top downwards. */
  readonly stackWords: (Word | undefined)[];
  readonly stackTop: Word;
  /** Calls so far: makes return addresses distinct. */
  calls: bigint;
}

/** What must be as before when a call has returned. */
export interface Border {
  readonly link: Word;
  readonly stackPointer: Word;
  readonly saved: readonly (Word | undefined)[];
}

export function newProcessor(world: World, globalWords: number, isa: IsaName): Processor {
  const convention = conventionNamed(isa);
  const stackTop = toWord(world.base + STACK_OFFSET) & ~15n;
  const registers = new Array<Word | undefined>(convention.count).fill(undefined);
  convention.calleeSaved.forEach((r) => (registers[r] = 0xca11_0000_0000_0000n + BigInt(r)));
  registers[convention.stackPointer] = stackTop;
  return {
    machine: newMachine(world, globalWords),
    convention,
    registers,
    flags: new Map(),
    stackWords: [],
    stackTop,
    calls: 0n,
  };
}

export function readRegister(p: Processor, register: Register, span: Span): Word {
  return p.registers[register] ?? bug(`register ${String(register)} is read but holds nothing`, span);
}

export function writeRegister(p: Processor, register: Register, value: Word, span: Span): void {
  if (p.convention.reserved.includes(register)) bug(`register ${String(register)} is written`, span);
  p.registers[register] = value;
}

/** A register as effects name it: general, or (of another file) a condition flag. */
interface FileEntry {
  readonly file: string;
  readonly index: number;
}

export function readFile(p: Processor, { file, index }: FileEntry, span: Span): Word {
  if (file === p.convention.file) return readRegister(p, index, span);
  return p.flags.get(file) ?? bug(`${file} is read but holds nothing`, span);
}

export function writeFile(p: Processor, to: FileEntry, value: Word, span: Span): void {
  const { file, index } = to;
  if (file === p.convention.file) writeRegister(p, index, value, span);
  else p.flags.set(file, value);
}

export function stackPointer(p: Processor): Word {
  return readRegister(p, p.convention.stackPointer, NO_SPAN);
}

export function placeAddress(p: Processor, place: Place): Word {
  switch (place) {
    case "heapBase":
      return p.machine.base;
    case "heapTop":
      return p.machine.top;
    case "globals":
      return toWord(p.machine.base + GLOBALS_OFFSET);
    case "stackLimit":
      return toWord(p.machine.base + LIMIT_OFFSET);
  }
}

// Position in `stackWords`; no access may be far below the stack pointer.
function stackIndex(p: Processor, address: Word, span: Span): number {
  const below = p.stackTop - address;
  const lowest = stackPointer(p) - REACH_BYTES;
  const fits = below > 0n && below % BigInt(WORD_BYTES) === 0n && address >= lowest;
  if (!fits) bug(`0x${address.toString(16)} is no word of the stack in use`, span);
  return Number(below / BigInt(WORD_BYTES)) - 1;
}

export function loadStack(p: Processor, address: Word, span: Span): Word {
  if (address === placeAddress(p, "stackLimit")) return p.stackTop - STACK_BYTES;
  const word = p.stackWords[stackIndex(p, address, span)];
  return word ?? bug("a word of the stack is read but holds nothing", span);
}

export function storeStack(p: Processor, address: Word, value: Word, span: Span): void {
  p.stackWords[stackIndex(p, address, span)] = value;
}

/** Forgets everything below the stack pointer but `words` transfer words. */
export function forgetBelow(p: Processor, words: number): void {
  const used = Number((p.stackTop - stackPointer(p)) / BigInt(WORD_BYTES)) + words;
  if (p.stackWords.length > used) p.stackWords.length = used;
}

/** A function has returned: its transfer results stay, those that it left out are unspecified. */
export function keepTransfer(p: Processor, words: number): void {
  forgetBelow(p, words);
  const used = Number((p.stackTop - stackPointer(p)) / BigInt(WORD_BYTES));
  for (let i = used; i < used + words; i += 1) p.stackWords[i] ??= UNSPECIFIED;
}

/** A call begins: remembers what must be restored, gives the link register a new return address. */
export function openBorder(p: Processor): Border {
  const { convention, registers } = p;
  const link = FIRST_LINK + p.calls;
  p.calls += 1n;
  registers[convention.link] = link;
  return { link, stackPointer: stackPointer(p), saved: convention.calleeSaved.map((r) => registers[r]) };
}

/** Where the function `name` leaves (returns or calls in tail position): everything must be as on entry. */
export function checkBorder(p: Processor, border: Border, name: string): void {
  const { convention, registers } = p;
  convention.calleeSaved.forEach((r, i) => {
    if (registers[r] !== border.saved[i]) bug(`${name} does not restore register ${String(r)}`);
  });
  if (stackPointer(p) !== border.stackPointer) bug(`${name} does not restore the stack pointer`);
}

/** In addition, where the code keeps the return address by itself: that it returns to its caller. */
export function checkLink(p: Processor, border: Border, name: string): void {
  if (p.registers[p.convention.link] !== border.link) bug(`${name} does not return to its caller`);
}

/** How many of the words that cross a border lie in the transfer zone: those beyond the convention's registers. */
export function transferWords(p: Processor, words: number): number {
  return Math.max(0, words - p.convention.words.length);
}

/** On entry to a function only its arguments and what every function may rely on hold something. */
export function spoilUnused(p: Processor, paramWords: number): void {
  const { convention, registers } = p;
  const params = convention.words.slice(0, paramWords);
  for (const r of convention.callerSaved) {
    if (r !== convention.link && !params.includes(r)) registers[r] = undefined;
  }
  forgetBelow(p, transferWords(p, paramWords));
}

/** What a call spoils. Of the result registers those that the callee left alone hold anything. */
export function spoilRegisters(p: Processor, resultWords: number): void {
  const { convention, registers } = p;
  p.flags.clear();
  const results = new Set(convention.words.slice(0, resultWords));
  for (const r of convention.callerSaved) {
    if (results.has(r)) registers[r] ??= UNSPECIFIED;
    else registers[r] = undefined;
  }
}

/** A foreign call: arguments in the C registers, everything caller-saved is spoilt. */
export function runForeignCall(p: Processor, name: string, span: Span): void {
  const args = p.convention.foreignWords.map((r) => readRegister(p, r, span));
  forgetBelow(p, 0);
  callForeign(p.machine, name, args);
  spoilRegisters(p, 0);
}
