// The interpreter: one WebAssembly loop over predecoded entries, with one handler per instruction made from its effect.
//
// Relies on effect-to-wasm.ts for meaning, predecoded.ts for entries, dispatcher.ts for the table of regions. It runs
// what is too cold to translate, and counts arrivals at jump targets to find what is not. Guarantees: it stops before
// an instruction that it cannot do, with pc and count exact; each call retires at most `remaining` instructions.

import type { RegisterRef } from "../../spec/isa/effect.ts";
import type { RegisterClass } from "../../spec/isa/schema.ts";
import { HART, type FilePlace, type Hart } from "../core/hart.ts";
import { MAX_WASM_PAGES, PAGE_BYTES, PAGE_SHIFT, type Ram } from "../core/ram.ts";
import { emitConstant, emitCut } from "./arithmetic.ts";
import { CODE_PAGE, CODE_PAGES } from "./code-pages.ts";
import { DISPATCH_ENTRY, emitEntryOf } from "./dispatcher.ts";
import { EffectWriter, type OutsideValue } from "./effect-to-wasm.ts";
import type { EngineTables } from "./engine-tables.ts";
import { FLOAT_LIBRARY, floatLibrary } from "./float-library.ts";
import type { HandlerShape, HandlerTable } from "./handler-shapes.ts";
import { ENTRY, OUTSIDE } from "./predecoded.ts";
import { tlbPlaces } from "./tlb.ts";
import { NARROW, typeOf, type Emit } from "./values.ts";
import { emitTime } from "./virtual-time.ts";
import { buildModule, FunctionWriter, I32, I64, OP, type ValueType } from "./wasm-emitter.ts";

/** Why the interpreter stopped; the hart's pc is where to go on. */
export const STOPPED = {
  /** `remaining` is zero. */
  budget: 0,
  /** The instruction at pc must be executed outside. */
  outside: 1,
  /** The entry at pc is not decoded; or the page of pc is not in the page table. */
  undecoded: 2,
  unknownPage: 3,
  /** A jump arrived where a region starts; or often enough to start one. Only if regions are allowed. */
  region: 4,
  hot: 5,
  /** An access of the instruction at pc missed: see missed-access.ts. */
  missed: 6,
} as const;

/** What the interpreter's code reaches. */
export interface InterpreterTarget {
  readonly ram: Ram;
  readonly hart: Hart;
  readonly tables: EngineTables;
  /** See PartsOfBoard. */
  readonly clockAt: number | null;
  /** Arrivals that make a jump target hot. */
  readonly hotArrivals: number;
}

// Results that depend on their arguments alone: machines of one kind have the same tables at the same places, so they
// share the compiled loop.
const compiledLoops = new WeakMap<HandlerTable, Map<string, WebAssembly.Module>>();

export class Interpreter {
  private readonly target: InterpreterTarget;
  private readonly enter: () => number;

  /** Generates and compiles the loop: some milliseconds, so only programs that run longer are worth it. */
  constructor(handlers: HandlerTable, target: InterpreterTarget) {
    this.target = target;
    const imports = { m: { memory: target.ram.memory }, l: floatLibrary() };
    const { f0 } = new WebAssembly.Instance(compiledLoop(handlers, target), imports).exports;
    if (typeof f0 !== "function") throw new Error("interpreter exports");
    // Every exported function of ours has type () -> i32.
    this.enter = f0 as () => number;
  }

  /** Runs from the hart's pc, at most `budget` instructions; answers one of STOPPED. What is left of it is at `remainingAt`. */
  run(budget: number, regionsAllowed: boolean): number {
    const { u32 } = this.target.ram;
    const { remainingAt, budgetAt, regionsAllowedAt } = this.target.tables;
    u32[remainingAt >>> 2] = budget;
    u32[budgetAt >>> 2] = budget;
    u32[regionsAllowedAt >>> 2] = regionsAllowed ? 1 : 0;
    return this.enter();
  }
}

// With all handlers that are known.
function compiledLoop(handlers: HandlerTable, target: InterpreterTarget): WebAssembly.Module {
  const { hart, tables, clockAt, hotArrivals } = target;
  const { tlb, userTlb, dispatch } = tables.sizes;
  const loops = compiledLoops.get(handlers) ?? new Map<string, WebAssembly.Module>();
  const places = [hart.base, tables.remainingAt, tlb, userTlb, dispatch, clockAt];
  const key = [handlers.shapes.length, ...places, hotArrivals].join(" ");
  const known = loops.get(key);
  if (known !== undefined) return known;
  const body = new LoopWriter(target).write(handlers.shapes);
  const bytes = buildModule({
    functions: [body],
    imports: FLOAT_LIBRARY,
    maxMemoryPages: MAX_WASM_PAGES,
    tableSize: null,
  });
  const made = new WebAssembly.Module(bytes);
  compiledLoops.set(handlers, loops.set(key, made));
  return made;
}

interface Labels {
  readonly exit: number;
  readonly again: number;
  readonly outside: number;
  readonly missed: number;
  readonly advance: number;
  readonly jump: number;
}

class LoopWriter {
  private readonly target: InterpreterTarget;
  private readonly fn = new FunctionWriter();
  private readonly pc = this.fn.local(I64);
  private readonly next = this.fn.local(I64);
  // Guest address of the current page, host address of its entries, the current entry.
  private readonly page = this.fn.local(I64);
  private readonly code = this.fn.local(I32);
  private readonly entry = this.fn.local(I32);
  private readonly offset = this.fn.local(I64);
  private readonly remaining = this.fn.local(I32);
  private readonly answer = this.fn.local(I32);
  private readonly regionsAllowed = this.fn.local(I32);

  constructor(target: InterpreterTarget) {
    this.target = target;
  }

  write(shapes: readonly HandlerShape[]): Uint8Array {
    const { fn } = this;
    this.loadState();
    const exit = fn.open(OP.block);
    const again = fn.open(OP.loop);
    const outside = fn.open(OP.block);
    const missed = fn.open(OP.block);
    const advance = fn.open(OP.block);
    const jump = fn.open(OP.block);
    const labels = { exit, again, outside, missed, advance, jump };
    this.findEntry(labels);
    this.handlers(shapes, labels);
    fn.end();
    this.arrive(labels);
    fn.end();
    fn.get(this.next);
    fn.set(this.pc);
    fn.branch(OP.br, again);
    fn.end();
    this.giveBackOne();
    this.stop(STOPPED.missed, exit);
    fn.end();
    this.giveBackOne();
    this.stop(STOPPED.outside, exit);
    fn.end();
    fn.op(OP.unreachable);
    fn.end();
    this.storeState();
    fn.get(this.answer);
    return fn.body();
  }

  private loadState(): void {
    const { fn, target } = this;
    const load = (opcode: number, at: number, local: number): void => {
      fn.i32(0);
      fn.memory(opcode, at);
      fn.set(local);
    };
    load(OP.i64Load, target.hart.base + HART.pc, this.pc);
    load(OP.i32Load, target.tables.remainingAt, this.remaining);
    load(OP.i32Load, target.tables.regionsAllowedAt, this.regionsAllowed);
    // A page that the pc is not in.
    fn.get(this.pc);
    fn.i64(BigInt(PAGE_BYTES));
    fn.op(OP.i64Xor);
    fn.set(this.page);
  }

  private storeState(): void {
    const { fn, target } = this;
    fn.i32(0);
    fn.get(this.pc);
    fn.memory(OP.i64Store, target.hart.base + HART.pc);
    fn.i32(0);
    fn.get(this.remaining);
    fn.memory(OP.i32Store, target.tables.remainingAt);
  }

  // entry = the current page's entries + one for every halfword; next = pc + length; one instruction less.
  private findEntry(labels: Labels): void {
    const { fn } = this;
    fn.get(this.remaining);
    fn.op(OP.i32Eqz);
    fn.open(OP.if);
    this.stop(STOPPED.budget, labels.exit);
    fn.end();
    this.offsetIn(this.page);
    fn.open(OP.if);
    this.changePage(labels.exit);
    fn.end();
    fn.get(this.remaining);
    fn.i32(1);
    fn.op(OP.i32Sub);
    fn.set(this.remaining);
    fn.get(this.code);
    fn.get(this.offset);
    fn.op(OP.i32WrapI64);
    fn.i32(Math.log2(ENTRY.bytes / 2));
    fn.op(OP.i32Shl);
    fn.op(OP.i32Add);
    fn.tee(this.entry);
    fn.memory(OP.i64Load16U, ENTRY.length);
    fn.get(this.pc);
    fn.op(OP.i64Add);
    fn.set(this.next);
  }

  // offset = pc ^ page; leaves 1 if that is outside of the page.
  private offsetIn(page: number): void {
    const { fn } = this;
    fn.get(this.pc);
    fn.get(page);
    fn.op(OP.i64Xor);
    fn.tee(this.offset);
    fn.i64(BigInt(PAGE_BYTES - 1));
    fn.op(OP.i64GtU);
  }

  private changePage(exit: number): void {
    const { fn, target } = this;
    this.stopIfOdd(exit);
    fn.get(this.pc);
    fn.i64(BigInt(PAGE_SHIFT));
    fn.op(OP.i64ShrU);
    fn.op(OP.i32WrapI64);
    fn.i32(CODE_PAGES - 1);
    fn.op(OP.i32And);
    fn.i32(Math.log2(CODE_PAGE.bytes));
    fn.op(OP.i32Shl);
    fn.tee(this.entry);
    fn.memory(OP.i64Load, target.tables.codePagesAt + CODE_PAGE.tag);
    fn.set(this.page);
    this.offsetIn(this.page);
    fn.open(OP.if);
    this.stop(STOPPED.unknownPage, exit);
    fn.end();
    fn.get(this.entry);
    fn.memory(OP.i32Load, target.tables.codePagesAt + CODE_PAGE.code);
    fn.set(this.code);
  }

  private handlers(shapes: readonly HandlerShape[], labels: Labels): void {
    const { fn } = this;
    const count = OUTSIDE + 1 + shapes.length;
    const opened = Array.from({ length: count }, () => fn.open(OP.block));
    // The block opened last ends first: it belongs to handler 0.
    const byHandler = opened.reverse();
    fn.get(this.entry);
    fn.memory(OP.i32Load16U, ENTRY.handler);
    fn.branchTable([...byHandler, byHandler[OUTSIDE] ?? 0]);
    fn.end();
    this.giveBackOne();
    this.stop(STOPPED.undecoded, labels.exit);
    fn.end();
    fn.branch(OP.br, labels.outside);
    const effects = this.effectWriter(labels);
    for (const shape of shapes) {
      fn.end();
      effects.shape = shape;
      effects.writer.instruction(shape.body, (value) => {
        effects.writer.wide(value);
        fn.set(this.next);
        fn.branch(OP.br, labels.jump);
      });
      effects.writer.finish();
      fn.branch(OP.br, labels.advance);
    }
  }

  // Writes handlers; `shape` is set to that of the handler being written.
  private effectWriter(labels: Labels): { shape: HandlerShape | null; readonly writer: EffectWriter } {
    const { fn, target } = this;
    const { tables, hart } = target;
    const tlbs = tlbPlaces(tables);
    const writer: EffectWriter = new EffectWriter({
      fn,
      tlbs,
      hart,
      readRegister: (ref, half) => {
        const opcode = this.typeOf(ref) === I32 ? OP.i32Load : OP.i64Load;
        const at = this.entryAddress(ref, current.shape);
        if (at === null) emitConstant(fn, this.fileOf(ref).file.width, 0n);
        else fn.memory(opcode, at + (half === "high" ? 8 : 0));
      },
      writeRegister: (ref, low, high) => {
        this.store(ref, current.shape, { value: low, offset: 0 });
        if (this.fileOf(ref).file.width > NARROW) this.store(ref, current.shape, { value: high, offset: 8 });
      },
      outside: (e) => {
        if (e.kind === "time") this.time(labels);
        else this.outsideValue(e, current.shape);
      },
      leave: () => {
        fn.branch(OP.br, labels.outside);
      },
      leaveAtMiss: () => {
        fn.branch(OP.br, labels.missed);
      },
      missedAt: tables.missedAt,
    });
    const current: { shape: HandlerShape | null; readonly writer: EffectWriter } = { shape: null, writer };
    return current;
  }

  private fileOf(ref: RegisterRef): FilePlace {
    const place = this.target.hart.places.get(ref.class.file);
    if (place === undefined) throw new Error(`no register file ${ref.class.file}`);
    return place;
  }

  private typeOf(ref: RegisterRef): ValueType {
    return typeOf(this.fileOf(ref).file.width);
  }

  private store(
    ref: RegisterRef,
    shape: HandlerShape | null,
    what: { readonly value: Emit; readonly offset: number },
  ): void {
    const { fn } = this;
    const at = this.entryAddress(ref, shape);
    what.value();
    if (at === null) fn.op(OP.drop);
    else fn.memory(this.typeOf(ref) === I32 ? OP.i32Store : OP.i64Store, at + what.offset);
  }

  // Leaves the variable part of the address of the register's entry on the stack and answers the constant part; null,
  // and nothing on the stack, for a fixed register that reads as zero.
  private entryAddress(ref: RegisterRef, shape: HandlerShape | null): number | null {
    const { fn } = this;
    const { index } = ref;
    if (index.kind === "fixed") {
      const at = this.fixedPlace(ref.class, index.index);
      if (at !== null) fn.i32(0);
      return at;
    }
    fn.get(this.entry);
    fn.memory(OP.i32Load16U, ENTRY.registers + 2 * (shape?.registers.indexOf(index.name) ?? 0));
    return this.target.hart.base;
  }

  // Address of a register with a fixed number; null for one that reads as zero.
  private fixedPlace({ special, file }: RegisterClass, index: number): number | null {
    const isSpecial = special?.index === index;
    const actual = isSpecial ? special.file : file;
    if (actual === null) return null;
    const { hart } = this.target;
    const place = hart.places.get(actual);
    if (place === undefined) throw new Error(`no register file ${actual}`);
    return hart.base + place.at + (isSpecial ? 0 : index) * place.stride;
  }

  private time({ outside }: Labels): void {
    const { fn, remaining, target } = this;
    const { hart, tables, clockAt } = target;
    if (clockAt === null) fn.branch(OP.br, outside);
    else emitTime(fn, { hart, clockAt, budgetAt: tables.budgetAt }, { remaining, before: -1 });
  }

  private outsideValue(
    e: Exclude<OutsideValue, { readonly kind: "time" }>,
    shape: HandlerShape | null,
  ): void {
    const { fn } = this;
    if (e.kind === "imm" || e.kind === "index") {
      const slot = shape?.numbers.find(({ name }) => name === e.name);
      const wide = slot === undefined || slot.code === null ? OP.i64Load32S : OP.i64Load;
      fn.get(this.entry);
      fn.memory(e.width <= 32 ? OP.i32Load : wide, slot?.at ?? ENTRY.numbers);
    } else {
      fn.get(e.kind === "pc" ? this.pc : this.next);
      if (e.width <= 32) fn.op(OP.i32WrapI64);
    }
    emitCut(fn, e.width);
  }

  // pc = next; then: does a region start here, or should one?
  private arrive(labels: Labels): void {
    const { fn, target } = this;
    const { dispatchAt, sizes } = target.tables;
    fn.get(this.next);
    fn.set(this.pc);
    this.stopIfOdd(labels.exit);
    fn.get(this.regionsAllowed);
    fn.op(OP.i32Eqz);
    fn.branch(OP.brIf, labels.again);
    emitEntryOf(fn, this.pc, sizes.dispatch);
    fn.tee(this.entry);
    fn.memory(OP.i64Load, dispatchAt + DISPATCH_ENTRY.pc);
    fn.get(this.pc);
    fn.op(OP.i64Eq);
    fn.open(OP.if);
    this.stop(STOPPED.region, labels.exit);
    fn.end();
    fn.get(this.entry);
    fn.get(this.entry);
    fn.memory(OP.i32Load, dispatchAt + DISPATCH_ENTRY.arrivals);
    fn.i32(1);
    fn.op(OP.i32Add);
    fn.tee(this.answer);
    fn.memory(OP.i32Store, dispatchAt + DISPATCH_ENTRY.arrivals);
    fn.get(this.answer);
    fn.i32(target.hotArrivals);
    fn.op(OP.i32LtS);
    fn.branch(OP.brIf, labels.again);
    this.stop(STOPPED.hot, labels.exit);
  }

  // There is an entry for every halfword and none in between: the reference executor traps there. After a step to the
  // next instruction a pc is as even as before, so only jumps and beginnings are looked at.
  private stopIfOdd(exit: number): void {
    const { fn } = this;
    fn.get(this.pc);
    fn.op(OP.i32WrapI64);
    fn.i32(1);
    fn.op(OP.i32And);
    fn.open(OP.if);
    this.stop(STOPPED.unknownPage, exit);
    fn.end();
  }

  private giveBackOne(): void {
    const { fn } = this;
    fn.get(this.remaining);
    fn.i32(1);
    fn.op(OP.i32Add);
    fn.set(this.remaining);
  }

  private stop(reason: number, exit: number): void {
    const { fn } = this;
    fn.i32(reason);
    fn.set(this.answer);
    fn.branch(OP.br, exit);
  }
}
