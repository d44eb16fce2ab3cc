// The fast executor, in three steps: the reference executor for a program's first instructions, a WebAssembly interpreter
// for the rest of what is cold, and WebAssembly regions for what is hot. All are made from the same effects.
//
// Relies on interpreter.ts, region.ts, region-to-wasm.ts, dispatcher.ts, tlb.ts. Guarantees: the same states as the
// reference executor at every stop, because the other two stop before an instruction that they cannot do, and that one
// is executed by the reference executor; limits are exact, because regions run only while more is allowed than they can
// overshoot. Changed code: pages of translated or predecoded code have no store entry in the Tlb, so stores are seen.

import type { AddressSpace, PageObserver } from "../core/address-space.ts";
import type { AccessBytes, Memory, MemoryFault } from "../core/memory.ts";
import { isFault } from "../core/memory.ts";
import { MAX_WASM_PAGES } from "../core/ram.ts";
import type { HartContext } from "../isa/effect-machine.ts";
import type { Executor, Stop } from "../isa/executor.ts";
import { ReferenceExecutor } from "../isa/reference-executor.ts";
import { CodeReader, isExact, keyOf, pageOf, type PcKey } from "./code-reader.ts";
import { Dispatcher, MAX_FUNCTIONS, OUT_OF_BUDGET } from "./dispatcher.ts";
import { FLOAT_LIBRARY, floatLibrary } from "./float-library.ts";
import { handlerTable, type HandlerTable } from "./handler-shapes.ts";
import { Interpreter, STOPPED } from "./interpreter.ts";
import { PAGE_TABLE_BYTES, PredecodedCode } from "./predecoded.ts";
import { findRegion, MAX_REGION_INSTRUCTIONS, type Region } from "./region.ts";
import { translateRegion } from "./region-to-wasm.ts";
import { refill, Tlb } from "./tlb.ts";
import { buildModule } from "./wasm-emitter.ts";

/** What tests and measurements may change. */
export interface EngineSettings {
  /** Arrivals at a jump target before it becomes the entry of a region. */
  readonly hotArrivals: number;
  /** Instructions that the reference executor executes before the interpreter is made. */
  readonly interpretAfter: number;
}

const DEFAULT_SETTINGS: EngineSettings = { hotArrivals: 3000, interpretAfter: 300 };
// V8 never replaces a running function by its optimised form, so control comes back now and then.
const SLICE = 1 << 20;
// How many arrivals of the interpreter one way out of a region counts for.
const EXIT_WEIGHT = 32;
// 64 MiB of reach; user mode never switches address spaces, so entries stay.
const TLB_ENTRIES = 1 << 14;

/** What the executor did so far. */
export interface EngineStatistics {
  readonly regions: number;
  /** Instructions that were translated, counting copies. */
  readonly translated: number;
  /** Instructions that the reference executor and the interpreter executed. */
  readonly cold: number;
  readonly interpreted: number;
}

// A new interpreter costs about as much as that many instructions outside.
const RENEW_AFTER = 300;
const RENEW_PER_HANDLER = 8;

const NO_INTERPRETER = { code: null, loop: null } as const;

// A place where a region leaves so that one instruction is executed outside.
interface Site {
  readonly key: PcKey;
  /** Instructions of the site's block that are done and not yet counted. */
  readonly retired: number;
}

interface LiveRegion {
  readonly key: PcKey;
  readonly number: number;
  readonly pages: readonly number[];
}

export class FastExecutor implements Executor, PageObserver {
  private readonly settings: EngineSettings;
  private readonly context: HartContext;
  private readonly memory: AddressSpace;
  private readonly reference: ReferenceExecutor;
  private readonly dispatcher: Dispatcher;
  private readonly tlb: Tlb;
  private readonly reader: CodeReader;
  private readonly pageTableAt: number;
  private readonly regionsAllowedAt: number;
  private readonly regions = new Map<PcKey, LiveRegion>();
  private readonly regionsOnPage = new Map<number, Set<LiveRegion>>();
  private readonly counts = { regions: 0, translated: 0, cold: 0, interpreted: 0 };
  private interpreter: {
    readonly code: PredecodedCode;
    readonly handlers: HandlerTable;
    loop: Interpreter;
  } | null = null;
  // Instructions executed outside since the loop was made.
  private outsideRuns = 0;
  // Numbers of functions: given back ones, and the first that was never given.
  private freeNumbers: number[] = [];
  private nextNumber = 0;
  // Site 0 means "no site".
  private sites: Site[] = [{ key: 0, retired: 0 }];

  /** `memory` is the address space that `context.memory` stands for. */
  constructor(context: HartContext, memory: AddressSpace, settings: Partial<EngineSettings> = {}) {
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.context = context;
    this.memory = memory;
    this.tlb = new Tlb(memory.ram, TLB_ENTRIES);
    this.dispatcher = new Dispatcher(memory.ram, context.hart);
    this.reference = new ReferenceExecutor({ ...context, memory: new RefillingMemory(memory, this.tlb) });
    this.reader = new CodeReader(context, memory);
    // Taken before any page, so that machines of one kind have it at one place and share the compiled interpreter.
    const at = memory.ram.allocateArea(PAGE_TABLE_BYTES + 8, 64);
    if (at === null) throw new Error("no room for the interpreter's tables");
    this.pageTableAt = at;
    this.regionsAllowedAt = at + PAGE_TABLE_BYTES;
    memory.observe(this);
  }

  run(limit: number): Stop {
    for (let left = limit; left > 0;) {
      if (left > MAX_REGION_INSTRUCTIONS) {
        const budget = Math.min(left - MAX_REGION_INSTRUCTIONS, SLICE);
        const answer = this.dispatcher.run(budget);
        left -= this.account(budget - this.dispatcher.remaining);
        if (answer === OUT_OF_BUDGET) continue;
        if (answer > 0) left -= this.leaveAt(answer);
        else if (this.enterKnown() || this.isHotExit()) continue;
        else {
          const done = this.interpret(left, true);
          left -= done.count;
          if (!done.needsReference) continue;
        }
      } else {
        const done = this.interpret(left, false);
        left -= done.count;
        if (!done.needsReference || left === 0) continue;
      }
      const { done, stop } = this.runReference(left);
      if (stop !== null) return stop;
      left -= done;
    }
    return { kind: "limit" };
  }

  pageChanged(pageNumber: number): void {
    this.tlb.forget(pageNumber);
    this.codeWritten(pageNumber);
  }

  codeMarked(pageNumber: number): void {
    this.tlb.forget(pageNumber);
  }

  codeWritten(pageNumber: number): void {
    this.reader.forget();
    this.interpreter?.code.forget(pageNumber);
    const regions = this.regionsOnPage.get(pageNumber);
    if (regions === undefined) return;
    for (const region of [...regions]) this.drop(region);
  }

  /** Counts for those who measure: regions made, instructions in them, instructions executed one by one. */
  statistics(): EngineStatistics {
    return { ...this.counts };
  }

  private account(retired: number): number {
    if (retired !== 0) this.context.hart.retired += BigInt(retired);
    return retired;
  }

  // Makes the state what it is before the site's instruction; answers how many instructions that counts.
  private leaveAt(number: number): number {
    const site = this.sites[number];
    if (site === undefined) throw new Error(`region left at unknown site ${String(number)}`);
    this.context.hart.pc = BigInt.asUintN(64, BigInt(site.key));
    return this.account(site.retired);
  }

  // One instruction; and until there is an interpreter, on to the next jump.
  private runReference(limit: number): { readonly done: number; readonly stop: Stop | null } {
    const { hart } = this.context;
    for (let done = 0; done < limit;) {
      const before = hart.pc;
      const stop = this.reference.stepOne();
      if (stop !== null) return { done, stop };
      done += 1;
      this.counts.cold += 1;
      const distance = hart.pc - before;
      if (this.interpreter !== null || (distance !== 4n && distance !== 2n)) return { done, stop: null };
    }
    return { done: limit, stop: null };
  }

  // The interpreter until something else is better. `needsReference`: the next instruction is not for it.
  private interpret(limit: number, regionsAllowed: boolean): { count: number; needsReference: boolean } {
    const { code, loop } = this.interpreter ?? this.makeInterpreter(regionsAllowed) ?? NO_INTERPRETER;
    if (code === null) return { count: 0, needsReference: !regionsAllowed || !this.arriveEarly() };
    const { hart } = this.context;
    let count = 0;
    while (count < limit) {
      const budget = Math.min(limit - count, SLICE);
      const reason = loop.run(budget, regionsAllowed);
      const retired = this.account(budget - this.dispatcher.remaining);
      count += retired;
      this.counts.interpreted += retired;
      if (reason === STOPPED.undecoded) code.decode(hart.pc);
      else if (reason === STOPPED.unknownPage && code.enter(hart.pc)) continue;
      else if (reason === STOPPED.hot && !this.translateHere()) continue;
      else {
        if (reason === STOPPED.outside) this.countOutside();
        return { count, needsReference: reason === STOPPED.outside || reason === STOPPED.unknownPage };
      }
    }
    return { count, needsReference: false };
  }

  private makeInterpreter(regionsAllowed: boolean): FastExecutor["interpreter"] {
    if (this.counts.cold < this.settings.interpretAfter || !regionsAllowed) return null;
    const { context, memory, pageTableAt } = this;
    const handlers = handlerTable(context.binding);
    for (const instruction of this.reference.decoded()) handlers.shapeOf(instruction);
    const code = new PredecodedCode(context, memory, { pageTableAt, handlers });
    // What follows is wanted first.
    if (code.enter(context.hart.pc)) code.decode(context.hart.pc);
    this.interpreter = { code, handlers, loop: this.makeLoop(code, handlers) };
    return this.interpreter;
  }

  // A loop with all handlers that are known.
  private makeLoop(code: PredecodedCode, { shapes }: HandlerTable): Interpreter {
    const { memory, tlb, dispatcher, pageTableAt, regionsAllowedAt } = this;
    const { hart, binding } = this.context;
    const { hotArrivals } = this.settings;
    const target = { ram: memory.ram, hart, tlb, dispatcher, pageTableAt, regionsAllowedAt, hotArrivals };
    code.setHandlers(shapes.length);
    this.outsideRuns = 0;
    return new Interpreter(binding.isa.name, [...shapes], target);
  }

  // An instruction is executed outside; if that happens often for want of handlers, there is a new loop.
  private countOutside(): void {
    const { interpreter } = this;
    if (interpreter?.code.wantsMore !== true) return;
    this.outsideRuns += 1;
    if (this.outsideRuns < RENEW_AFTER + RENEW_PER_HANDLER * interpreter.handlers.shapes.length) return;
    interpreter.loop = this.makeLoop(interpreter.code, interpreter.handlers);
  }

  // A region left to code that has none: such a way out costs much more than a jump in the interpreter.
  private isHotExit(): boolean {
    return this.interpreter !== null && this.countArrival(EXIT_WEIGHT);
  }

  // Counts an arrival while there is no interpreter; true if that made a region.
  private arriveEarly(): boolean {
    return this.countArrival(1);
  }

  // True if that made a region.
  private countArrival(weight: number): boolean {
    const key = keyOf(this.context.hart.pc);
    return this.dispatcher.countArrival(key, weight) >= this.settings.hotArrivals && this.translateHere();
  }

  // The dispatcher's table forgets regions that share a place; true if it now knows the one at pc again.
  private enterKnown(): boolean {
    const key = keyOf(this.context.hart.pc);
    const known = this.regions.get(key);
    if (known !== undefined) this.dispatcher.enterAt(key, known.number);
    return known !== undefined;
  }

  private translateHere(): boolean {
    const key = keyOf(this.context.hart.pc);
    const made = isExact(key) && this.translate(key);
    this.dispatcher.coolDown(key, !made);
    return made;
  }

  private translate(key: PcKey): boolean {
    const region = findRegion(key, this.reader);
    if (region === null) return false;
    if (this.freeNumbers.length === 0 && this.nextNumber === MAX_FUNCTIONS) this.dropAll();
    const number = this.freeNumbers.pop() ?? this.nextNumber++;
    const code = translateRegion(region, {
      hart: this.context.hart,
      tlb: this.tlb,
      remainingAt: this.dispatcher.remainingAt,
      newSite: (site, retired) => this.sites.push({ key: site, retired }) - 1,
    });
    this.counts.regions += 1;
    this.counts.translated += region.instructionCount;
    const bytes = buildModule({
      functions: [code.body()],
      imports: code.calls ? FLOAT_LIBRARY : [],
      maxMemoryPages: MAX_WASM_PAGES,
      tableSize: null,
    });
    const imports = { m: { memory: this.memory.ram.memory }, l: code.calls ? floatLibrary() : {} };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    this.dispatcher.setFunction(number, exports["f0"]);
    this.dispatcher.enterAt(key, number);
    this.remember(region, number);
    return true;
  }

  private remember(region: Region, number: number): void {
    const pages = new Set<number>();
    for (const block of region.blocks) {
      for (const { key, next } of block.instructions) pages.add(pageOf(key)).add(pageOf(next - 1));
    }
    const live = { key: region.key, number, pages: [...pages] };
    this.regions.set(region.key, live);
    for (const page of pages) {
      const onPage = this.regionsOnPage.get(page) ?? new Set();
      this.regionsOnPage.set(page, onPage.add(live));
    }
  }

  private drop(region: LiveRegion): void {
    this.regions.delete(region.key);
    for (const page of region.pages) this.regionsOnPage.get(page)?.delete(region);
    this.dispatcher.forget(region.key);
    this.dispatcher.setFunction(region.number, null);
    this.freeNumbers.push(region.number);
  }

  private dropAll(): void {
    for (const { number } of this.regions.values()) this.dispatcher.setFunction(number, null);
    this.regions.clear();
    this.regionsOnPage.clear();
    this.dispatcher.clear();
    this.freeNumbers = [];
    this.nextNumber = 0;
    this.sites = [{ key: 0, retired: 0 }];
  }
}

// Brings the pages of successful accesses into the Tlb, so that regions find them next time.
class RefillingMemory implements Memory {
  private readonly memory: AddressSpace;
  private readonly tlb: Tlb;

  constructor(memory: AddressSpace, tlb: Tlb) {
    this.memory = memory;
    this.tlb = tlb;
  }

  load(address: bigint, bytes: AccessBytes): bigint | MemoryFault {
    const value = this.memory.load(address, bytes);
    if (!isFault(value)) refill(this.tlb, this.memory, address);
    return value;
  }

  store(address: bigint, value: bigint, bytes: AccessBytes): MemoryFault | null {
    const fault = this.memory.store(address, value, bytes);
    if (fault === null) refill(this.tlb, this.memory, address);
    return fault;
  }

  fetch(address: bigint, bytes: 2 | 4): number | MemoryFault {
    return this.memory.fetch(address, bytes);
  }
}
