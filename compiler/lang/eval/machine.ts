// The state of a running evaluator of Pan, Crep or Loop, and how it touches memory and the outside.
//
// Hot: closures made once per node read and write this object (tools/bench measures evaluated steps a second).
// A run ends early by throwing a Stop, which `runMachine` turns into an Outcome; nothing else throws in a run but
// the JavaScript engine's own stack overflow, which is the outcome `exhausted`.

import { NO_SPAN, type Span } from "../../source/span.ts";
import type { Word } from "../machine-word.ts";
import type { Outcome, World } from "../world.ts";

/** Slots of one activation; a slot is undefined until it is assigned. */
export type Frame = (Word | undefined)[];
/** A compiled expression. */
export type Get = (frame: Frame) => Word;
/** An expression of several words. */
export type GetAll = (frame: Frame) => readonly Word[];
/** Puts words where they belong: slots of the frame, or globals. */
export type Write = (frame: Frame, words: readonly Word[]) => void;
/** A compiled statement; answers how it ended: one of the codes below. */
export type Exec = (frame: Frame) => number;

/** Ended normally: go on with the next statement. */
export const NORMAL = 0;
/** Returned; the words are in `machine.values`. */
export const RETURN = 1;
/** Raised `machine.exception`; the payload is in `machine.values`. */
export const RAISE = 2;
/** Tail call of `machine.callee` with `machine.values`. */
export const TAIL = 3;
/** `break` and `continue` out of `depth` more scopes: BREAK + 2 * depth, CONTINUE + 2 * depth. */
export const BREAK = 4;
export const CONTINUE = 5;

/** A function made ready to run; `body` is compiled at its first call. */
export interface Code {
  readonly name: string;
  readonly span: Span;
  readonly paramWords: number;
  body: CompiledBody | null;
  readonly compile: () => CompiledBody;
}

export interface CompiledBody {
  readonly slots: number;
  readonly run: Exec;
}

export interface Machine {
  readonly world: World;
  readonly view: DataView;
  readonly base: Word;
  readonly top: Word;
  /** Bytes of local memory. */
  readonly size: Word;
  /** Words of the globals. */
  readonly globals: Word[];
  fuel: number;
  values: readonly Word[];
  exception: number;
  callee: Code | null;
}

/** Ends a run with its outcome. */
class Stop extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super("the evaluated program has stopped");
    this.outcome = outcome;
  }
}

export function newMachine(world: World, globalWords: number): Machine {
  const { memory, base } = world;
  const size = BigInt(memory.length);
  return {
    world,
    view: new DataView(memory.buffer, memory.byteOffset, memory.length),
    base,
    top: BigInt.asUintN(64, base + size),
    size,
    globals: new Array<Word>(globalWords).fill(0n),
    fuel: 0,
    values: [],
    exception: -1,
    callee: null,
  };
}

/** Runs `body` and says how the run ended. `code` is the function that was called, for blame. */
export function runMachine(machine: Machine, code: Code, fuel: number, body: () => number): Outcome {
  machine.fuel = fuel;
  try {
    return body() === RETURN
      ? { kind: "returned", values: machine.values }
      : { kind: "error", why: "uncaught exception", span: code.span };
  } catch (error) {
    if (error instanceof Stop) return error.outcome;
    if (error instanceof RangeError && /call stack/.test(error.message)) return { kind: "exhausted" };
    throw error;
  }
}

/** The semantics' Error. */
export function stopWithError(why: string, span: Span = NO_SPAN): never {
  throw new Stop({ kind: "error", why, span });
}

/** One loop iteration, call or tick. */
export function spendFuel(machine: Machine): void {
  machine.fuel -= 1;
  if (machine.fuel < 0) throw new Stop({ kind: "timeout" });
}

/** Calls `code` with `args` in its first slots; follows tail calls. Answers RETURN or RAISE. */
export function invoke(machine: Machine, code: Code, args: readonly Word[]): number {
  let callee = code;
  let frame: Frame = [...args];
  for (;;) {
    spendFuel(machine);
    const body = (callee.body ??= callee.compile());
    for (let slot = frame.length; slot < body.slots; slot++) frame.push(undefined);
    const ended = body.run(frame);
    if (ended !== TAIL) {
      if (ended === RETURN || ended === RAISE) return ended;
      return stopWithError(`${callee.name} ended without a return`, callee.span);
    }
    if (machine.callee === null) return stopWithError("tail call of nothing", callee.span);
    callee = machine.callee;
    frame = [...machine.values];
  }
}

/** Offset in local memory of an access of `bytes`, which must be aligned to its size. */
function offsetOf(machine: Machine, address: Word, bytes: 1 | 4 | 8, span: Span): number {
  const offset = BigInt.asUintN(64, address - machine.base);
  if (offset >= machine.size) {
    return stopWithError(`address 0x${address.toString(16)} is not in local memory`, span);
  }
  const index = Number(offset);
  if (index % bytes === 0) return index;
  return stopWithError(`address 0x${address.toString(16)} is not a multiple of ${String(bytes)}`, span);
}

export function loadMemory(machine: Machine, address: Word, bytes: 1 | 4 | 8, span: Span): Word {
  const offset = offsetOf(machine, address, bytes, span);
  if (bytes === 8) return machine.view.getBigUint64(offset, true);
  return BigInt(bytes === 4 ? machine.view.getUint32(offset, true) : machine.view.getUint8(offset));
}

/** What a store needs besides the machine. */
export interface MemoryStore {
  readonly bytes: 1 | 4 | 8;
  readonly span: Span;
}

export function storeMemory(
  machine: Machine,
  address: Word,
  value: Word,
  { bytes, span }: MemoryStore,
): void {
  const offset = offsetOf(machine, address, bytes, span);
  if (bytes === 8) machine.view.setBigUint64(offset, value, true);
  else if (bytes === 4) machine.view.setUint32(offset, Number(BigInt.asUintN(32, value)), true);
  else machine.view.setUint8(offset, Number(BigInt.asUintN(8, value)));
}

function checkShared(bytes: 1 | 2 | 4 | 8, address: Word, span: Span): void {
  if (bytes === 8 && address % 8n !== 0n) {
    stopWithError(`shared address 0x${address.toString(16)} is not a multiple of 8`, span);
  }
}

export function loadShared(machine: Machine, bytes: 1 | 2 | 4 | 8, address: Word, span: Span): Word {
  checkShared(bytes, address, span);
  const value = machine.world.sharedLoad(bytes, address);
  return value ?? stopWithError(`0x${address.toString(16)} is not shared memory`, span);
}

/** What a shared store needs besides the machine. */
export interface SharedStore {
  readonly bytes: 1 | 2 | 4 | 8;
  readonly span: Span;
}

export function storeShared(
  machine: Machine,
  address: Word,
  value: Word,
  { bytes, span }: SharedStore,
): void {
  checkShared(bytes, address, span);
  const low = BigInt.asUintN(8 * bytes, value);
  if (!machine.world.sharedStore(bytes, address, low)) {
    stopWithError(`0x${address.toString(16)} is not shared memory`, span);
  }
}

/** A foreign call; ends the run if the world says so. */
export function callForeign(machine: Machine, name: string, args: readonly Word[]): void {
  const [a = 0n, b = 0n, c = 0n, d = 0n] = args;
  const code = machine.world.foreignCall(name, [a, b, c, d]);
  if (code !== null) throw new Stop({ kind: "exit", code });
}
