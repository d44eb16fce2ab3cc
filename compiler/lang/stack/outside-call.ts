// How a call from outside enters a program of StackLang or LabLang and comes back, by the internal convention.

import { transferOffset } from "../../../spec/abi/internal-calls.ts";
import { bug } from "../../source/bug.ts";
import { NO_SPAN, type Span } from "../../source/span.ts";
import { RETURN, runMachine } from "../eval/machine.ts";
import { toWord, type Word } from "../machine-word.ts";
import type { Outcome } from "../world.ts";
import {
  loadStack,
  readRegister,
  spoilRegisters,
  stackPointer,
  storeStack,
  type Processor,
} from "./processor.ts";

/** What the caller knows of the function. */
export interface Callee {
  readonly name: string;
  readonly paramWords: number;
  readonly resultWords: number;
  readonly span: Span;
}

/** As `Evaluator.call` gets it. */
export interface OutsideCall {
  readonly args: readonly Word[];
  readonly fuel: number;
}

/** `run` takes the arguments that lie in the transfer zone, runs the function, and is false if the stack is exhausted. */
export interface Body {
  readonly run: (transfer: readonly Word[]) => boolean;
  /** Word `index` of the results in the transfer zone. */
  readonly transferResult: (index: number) => Word;
}

/** The call with the stack empty, as a World's caller makes it, and how the run ended. */
export function callFromOutside(
  p: Processor,
  callee: Callee,
  { args, fuel }: OutsideCall,
  { run, transferResult }: Body,
): Outcome {
  const { name, paramWords, resultWords, span } = callee;
  if (paramWords !== args.length) bug(`evaluator: ${name} takes ${String(paramWords)} words`);
  p.registers[p.convention.stackPointer] = p.stackTop;
  const transfer = putArguments(p, args);
  const ended = { exhausted: false };
  const blame = { name, span, paramWords, body: null, compile: (): never => bug("not compiled") };
  const outcome = runMachine(p.machine, blame, fuel, () => {
    ended.exhausted = !run(transfer);
    if (!ended.exhausted) p.machine.values = takeResults(p, resultWords, transferResult);
    return RETURN;
  });
  return ended.exhausted ? { kind: "exhausted" } : outcome;
}

/** Registers first, the rest below the stack pointer; answers the rest. */
function putArguments(p: Processor, values: readonly Word[]): readonly Word[] {
  const { words } = p.convention;
  spoilRegisters(p, 0);
  words.forEach((r, i) => {
    p.registers[r] = values[i];
  });
  const transfer = values.slice(words.length);
  transfer.forEach((value, i) => {
    storeStack(p, transferAddress(p, i), value, NO_SPAN);
  });
  return transfer;
}

function takeResults(p: Processor, count: number, transferResult: (index: number) => Word): readonly Word[] {
  const { words } = p.convention;
  return Array.from({ length: count }, (_, i) => {
    const register = words[i];
    return register === undefined ? transferResult(i - words.length) : readRegister(p, register, NO_SPAN);
  });
}

/** Word `index` of the transfer zone where that is stack memory. */
export function loadTransfer(p: Processor, index: number): Word {
  return loadStack(p, transferAddress(p, index), NO_SPAN);
}

function transferAddress(p: Processor, index: number): Word {
  return toWord(stackPointer(p) + BigInt(transferOffset(index)));
}
