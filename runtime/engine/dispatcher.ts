// The loop that goes from region to region without leaving WebAssembly: look the pc up, call, repeat.
//
// Relies on wasm-emitter.ts. Lives in the Ram: a direct-mapped table of (pc, function number) and the budget counter.
// The functions' table belongs to this module alone, because every module that imports a table pays for its size.

import { MAX_WASM_PAGES, type Ram } from "../core/ram.ts";
import { HART, type Hart } from "../core/hart.ts";
import { pcOf, type PcKey } from "./code-reader.ts";
import type { EngineTables } from "./engine-tables.ts";
import { buildModule, FunctionWriter, I32, I64, OP } from "./wasm-emitter.ts";

/** Offsets inside an entry: pc (i64), function (i32), arrivals (i32). */
export const DISPATCH_ENTRY = { pc: 0, function: 8, arrivals: 12, bytes: 16 } as const;
// As a signed number, far below every threshold.
const NEVER_HOT = 0x8000_0000;
// Belongs to entry 1, so in entry 0 it stands for no address. An odd one would not do: Arm64 jumps to those, and traps.
const NOT_FIRST = 2;

/** Answers of `run` besides site numbers: the budget is used up; no function is known for the hart's pc. */
export const OUT_OF_BUDGET = -1;
const UNKNOWN_PC = -2;

export class Dispatcher {
  private readonly ram: Ram;
  private readonly tables: EngineTables;
  private readonly functions: WebAssembly.Table;
  private readonly enter: () => number;

  constructor(ram: Ram, hart: Hart, tables: EngineTables) {
    this.ram = ram;
    this.tables = tables;
    const functions = [dispatchLoop(hart.base + HART.pc, tables)];
    const tableSize = tables.sizes.functions;
    const bytes = buildModule({ functions, maxMemoryPages: MAX_WASM_PAGES, tableSize });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      m: { memory: ram.memory },
    });
    const { f0, table } = exports;
    if (typeof f0 !== "function" || !(table instanceof WebAssembly.Table))
      throw new Error("dispatcher exports");
    // Every exported function of ours has type () -> i32.
    this.enter = f0 as () => number;
    this.functions = table;
    this.emptyFirst();
  }

  /** Runs regions from the hart's pc with `budget` instructions; answers a site number or one of the codes above. */
  run(budget: number): number {
    const { remainingAt, budgetAt } = this.tables;
    this.ram.u32[remainingAt >>> 2] = budget;
    this.ram.u32[budgetAt >>> 2] = budget;
    return this.enter();
  }

  /** What is left of the budget; below zero if the last region went over it. */
  get remaining(): number {
    return (this.ram.u32[this.tables.remainingAt >>> 2] ?? 0) | 0;
  }

  /** Puts a function into the table of functions. */
  setFunction(number: number, code: unknown): void {
    this.functions.set(number, code);
  }

  /** Lets the loop find function `number` for this pc; displaces what shared the place. */
  enterAt(key: PcKey, number: number): void {
    const at = this.entryOf(key);
    this.ram.u64[at >>> 3] = pcOf(key);
    this.ram.u32[(at + DISPATCH_ENTRY.function) >>> 2] = number;
  }

  /** Counts `weight` arrivals at this pc (and at those that share its place); answers how many there were. */
  countArrival(key: PcKey, weight: number): number {
    const at = (this.entryOf(key) + DISPATCH_ENTRY.arrivals) >>> 2;
    const count = ((this.ram.u32[at] ?? 0) | 0) + weight;
    this.ram.u32[at] = count;
    return count;
  }

  /** Starts the count at this pc again, or (`never`) keeps it from ever becoming hot. */
  coolDown(key: PcKey, never: boolean): void {
    this.ram.u32[(this.entryOf(key) + DISPATCH_ENTRY.arrivals) >>> 2] = never ? NEVER_HOT : 0;
  }

  /** Makes the loop leave at this pc. */
  forget(key: PcKey): void {
    const at = this.entryOf(key);
    const none = at === this.tables.dispatchAt ? BigInt(NOT_FIRST) : 0n;
    if (this.ram.u64[at >>> 3] === pcOf(key)) this.ram.u64[at >>> 3] = none;
  }

  clear(): void {
    const { dispatchAt, sizes } = this.tables;
    this.ram.u32.fill(0, dispatchAt >>> 2, (dispatchAt + sizes.dispatch * DISPATCH_ENTRY.bytes) >>> 2);
    this.emptyFirst();
  }

  // Address 0 belongs to entry 0: everywhere else it stands for no address.
  private emptyFirst(): void {
    this.ram.u32[this.tables.dispatchAt >>> 2] = NOT_FIRST;
  }

  private entryOf(key: PcKey): number {
    const low = Number(BigInt.asUintN(32, pcOf(key)));
    const { dispatchAt, sizes } = this.tables;
    return dispatchAt + ((low >>> 1) & (sizes.dispatch - 1)) * DISPATCH_ENTRY.bytes;
  }
}

/** Leaves the place of the entry for the i64 in local `pc` in a table of `entries` on the stack, relative to the table. */
export function emitEntryOf(fn: FunctionWriter, pc: number, entries: number): void {
  fn.get(pc);
  fn.op(OP.i32WrapI64);
  fn.i32(1);
  fn.op(OP.i32ShrU);
  fn.i32(entries - 1);
  fn.op(OP.i32And);
  fn.i32(Math.log2(DISPATCH_ENTRY.bytes));
  fn.op(OP.i32Shl);
}

function dispatchLoop(pcAt: number, { remainingAt, dispatchAt, sizes }: EngineTables): Uint8Array {
  const fn = new FunctionWriter();
  const [pc, entry, answer] = [fn.local(I64), fn.local(I32), fn.local(I32)];
  const again = fn.open(OP.loop);
  answerIf(fn, OUT_OF_BUDGET, () => {
    fn.i32(0);
    fn.memory(OP.i32Load, remainingAt);
    fn.i32(0);
    fn.op(OP.i32LeS);
  });
  answerIf(fn, UNKNOWN_PC, () => {
    fn.i32(0);
    fn.memory(OP.i64Load, pcAt);
    fn.set(pc);
    emitEntryOf(fn, pc, sizes.dispatch);
    fn.tee(entry);
    fn.memory(OP.i64Load, dispatchAt);
    fn.get(pc);
    fn.op(OP.i64Ne);
  });
  fn.get(entry);
  fn.memory(OP.i32Load, dispatchAt + DISPATCH_ENTRY.function);
  fn.opIndex(OP.callIndirect, 0);
  fn.code.byte(0);
  fn.tee(answer);
  fn.op(OP.i32Eqz);
  fn.branch(OP.brIf, again);
  fn.end();
  fn.get(answer);
  return fn.body();
}

function answerIf(fn: FunctionWriter, answer: number, condition: () => void): void {
  condition();
  fn.open(OP.if);
  fn.i32(answer);
  fn.op(OP.return);
  fn.end();
}
