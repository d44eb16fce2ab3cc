// The semantics of StackLang. The program must pass check.ts.
//
// Before stack-frames slots and transfer words belong to activations, and the evaluator itself keeps the registers
// that a function says it saves; after it they are stack memory, and the code must do it. Fuel: one unit a call and a
// jump backwards in layout order, as in WordLang. The run ends as `exhausted` at the trap, or beyond MAX_DEPTH
// activations where the stack pointer does not move yet.

import { bug } from "../../source/bug.ts";
import { spendFuel, stopWithError } from "../eval/machine.ts";
import type { Word } from "../machine-word.ts";
import { trapText } from "../trap-reason.ts";
import { UNSPECIFIED } from "../word/eval-context.ts";
import type { Evaluator, World } from "../world.ts";
import type { Function, Instr, Program, Terminator } from "./ast.ts";
import { callFromOutside, loadTransfer } from "./outside-call.ts";
import {
  checkBorder,
  checkLink,
  keepTransfer,
  newProcessor,
  openBorder,
  readRegister,
  runForeignCall,
  spoilRegisters,
  spoilUnused,
  transferWords,
  writeRegister,
  type Border,
  type Processor,
} from "./processor.ts";
import { addressRunner, branchRunner, machineRunner } from "./run-machine.ts";

const MAX_DEPTH = 20_000;

type Transfer = (Word | undefined)[];

// One activation of a function.
interface Activation {
  readonly code: FunctionCode;
  readonly border: Border;
  readonly slots: (Word | undefined)[];
  /** The transfer zone at its own border, shared with the caller. */
  readonly own: Transfer;
  /** The transfer zone of its next or last call. */
  callee: Transfer;
  block: number;
  instr: number;
}

type Run = (a: Activation) => void;

interface BlockCode {
  /** A call stands as the callee's name. */
  readonly body: readonly (Run | CallSite)[];
  readonly end: Terminator;
  /** For branches: true if taken. */
  readonly test: (() => boolean) | null;
}

interface CallSite {
  readonly callee: string;
  readonly resultWords: number;
}

interface FunctionCode {
  readonly f: Function;
  readonly position: ReadonlyMap<number, number>;
  readonly blocks: readonly BlockCode[];
}

interface State {
  readonly p: Processor;
  readonly code: (name: string) => FunctionCode;
  readonly activations: Activation[];
}

/** Makes `program` ready to run; globals are 0 at the start. */
export function evaluator(program: Program, world: World): Evaluator {
  const p = newProcessor(world, program.globalWords, program.isa);
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  const compiled = new Map<string, FunctionCode>();
  const code = (name: string): FunctionCode => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const made = compileFunction(functions.get(name) ?? bug(`no function ${name}`), p);
    compiled.set(name, made);
    return made;
  };
  return {
    call: (name, args, fuel) => {
      const state: State = { p, code, activations: [] };
      const { f } = code(name);
      const own: Transfer = [];
      return callFromOutside(
        p,
        f,
        { args, fuel },
        {
          run: (transfer) => {
            own.push(...transfer);
            enter(state, name, own);
            return run(state);
          },
          transferResult: (index) =>
            f.frameBytes === null ? (own[index] ?? UNSPECIFIED) : loadTransfer(p, index),
        },
      );
    },
  };
}

function enter(state: State, name: string, own: Transfer): void {
  const { p, activations } = state;
  spendFuel(p.machine);
  const border = openBorder(p);
  activations.push(activation(state.code(name), border, own));
  spoilUnused(p, state.code(name).f.paramWords);
}

function activation(code: FunctionCode, border: Border, own: Transfer): Activation {
  return { code, border, slots: [], own, callee: [], block: 0, instr: 0 };
}

// False: the stack is exhausted.
function run(state: State): boolean {
  const { activations } = state;
  for (let a = activations.at(-1); a !== undefined; a = activations.at(-1)) {
    const block = a.code.blocks[a.block] ?? bug(`jump out of ${a.code.f.name}`);
    const step = block.body[a.instr];
    if (step === undefined) {
      if (!leaveBlock(state, a, block)) return false;
    } else {
      a.instr += 1;
      if (typeof step === "function") step(a);
      else {
        if (activations.length > MAX_DEPTH) return false;
        enter(state, step.callee, a.callee);
      }
    }
  }
  return true;
}

function leaveBlock(state: State, a: Activation, block: BlockCode): boolean {
  const { end } = block;
  switch (end.kind) {
    case "jump":
      goTo(state, a, end.to);
      return true;
    case "machineBranch":
      goTo(state, a, block.test?.() === true ? end.then : end.else);
      return true;
    case "return":
      leaveFunction(state, a);
      return true;
    case "tailCall":
      tailCall(state, a, end.callee);
      return true;
    case "trap":
      if (end.reason === "stackExhausted") return false;
      return stopWithError(trapText[end.reason], end.span);
  }
}

function goTo({ p }: State, a: Activation, label: number): void {
  const to = a.code.position.get(label) ?? bug(`no block b${String(label)}`);
  if (to <= a.block) spendFuel(p.machine);
  a.block = to;
  a.instr = 0;
}

// Where the frame is implicit, leaving restores what the function says it saves.
function checkLeaving(p: Processor, a: Activation): void {
  const { f } = a.code;
  const explicit = f.frameBytes !== null;
  if (!explicit) {
    p.convention.calleeSaved.forEach((r, i) => {
      if (f.saved.includes(r)) p.registers[r] = a.border.saved[i];
    });
  }
  checkBorder(p, a.border, f.name);
  if (explicit) checkLink(p, a.border, f.name);
}

function leaveFunction({ p, activations }: State, a: Activation): void {
  checkLeaving(p, a);
  const { resultWords } = a.code.f;
  spoilRegisters(p, resultWords);
  const transfers = transferWords(p, resultWords);
  a.own.length = transfers;
  for (let i = 0; i < transfers; i += 1) a.own[i] ??= UNSPECIFIED;
  if (a.code.f.frameBytes !== null) keepTransfer(p, transfers);
  activations.pop();
}

function tailCall(state: State, a: Activation, callee: string): void {
  const { p, activations } = state;
  checkLeaving(p, a);
  spendFuel(p.machine);
  const code = state.code(callee);
  activations.pop();
  activations.push(activation(code, a.border, a.own));
  spoilUnused(p, code.f.paramWords);
}

function compileFunction(f: Function, p: Processor): FunctionCode {
  const position = new Map(f.blocks.map((b, i) => [b.label, i]));
  const blocks = f.blocks.map((b) => ({
    body: b.body.map((instr) => compileInstr(instr, p)),
    end: b.end,
    test: b.end.kind === "machineBranch" ? branchRunner(p, b.end) : null,
  }));
  return { f, position, blocks };
}

function compileInstr(instr: Instr, p: Processor): Run | CallSite {
  const { span } = instr;
  switch (instr.kind) {
    case "machine":
      return machineRunner(p, instr);
    case "address":
      return addressRunner(p, instr);
    case "slotLoad":
      return (a) => {
        const word = a.slots[instr.slot] ?? bug(`slot ${String(instr.slot)} is read but holds nothing`, span);
        writeRegister(p, instr.dest, word, span);
      };
    case "slotStore":
      return (a) => {
        a.slots[instr.slot] = readRegister(p, instr.source, span);
      };
    case "transferLoad":
      return (a) => {
        const word = a[instr.zone][instr.index] ?? bug("a transfer word is read but holds nothing", span);
        writeRegister(p, instr.dest, word, span);
      };
    case "transferStore":
      return (a) => {
        a[instr.zone][instr.index] = readRegister(p, instr.source, span);
      };
    case "call":
      return { callee: instr.callee, resultWords: instr.resultWords };
    case "foreignCall":
      return (a) => {
        a.callee = [];
        runForeignCall(p, instr.name, span);
      };
  }
}
