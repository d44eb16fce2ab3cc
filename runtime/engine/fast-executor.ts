// The fast executor, in three steps: the reference executor for a program's first instructions, a WebAssembly interpreter
// for the rest of what is cold, and WebAssembly regions for what is hot. All are made from the same effects.
//
// Relies on interpreter.ts, region.ts, region-to-wasm.ts, dispatcher.ts, tlb.ts. Guarantees: the same states as the
// reference executor at every stop, because the other two stop before an instruction that they cannot do, and that one
// is executed by the reference executor; limits are exact, because regions run only while more is allowed than they can
// overshoot. Changed code: pages of translated or predecoded code have no store entry in the Tlb, so stores are seen.

import type { CodeObserver } from "../core/code-marks.ts";
import type { AccessBytes, Memory, MemoryFault } from "../core/memory.ts";
import { isFault } from "../core/memory.ts";
import { EXECUTE, READ, WRITE, type PagedMemory, type PageObserver } from "../core/paged-memory.ts";
import { MAX_WASM_PAGES, PAGE_SHIFT } from "../core/ram.ts";
import type { HartContext } from "../isa/effect-machine.ts";
import type { Executor, Stop } from "../isa/executor.ts";
import { ReferenceExecutor } from "../isa/reference-executor.ts";
import { AreaPool } from "./area-pool.ts";
import { CodeReader, isExact, keyOf, pageOf, type PcKey } from "./code-reader.ts";
import { CodePageTable } from "./code-pages.ts";
import { Dispatcher, OUT_OF_BUDGET } from "./dispatcher.ts";
import {
  allocateTables,
  SYSTEM_SIZES,
  SYSTEM_SIZES_WITH_USER,
  USER_SIZES,
  type EngineTables,
} from "./engine-tables.ts";
import { FLOAT_LIBRARY, floatLibrary } from "./float-library.ts";
import { handlerTable, type HandlerTable } from "./handler-shapes.ts";
import { Interpreter, STOPPED } from "./interpreter.ts";
import { LiveRegions, type CodePlace, type LiveRegion } from "./live-regions.ts";
import { PREDECODED_BYTES, PredecodedCode } from "./predecoded.ts";
import { findRegion, MAX_REGION_INSTRUCTIONS, type Region } from "./region.ts";
import { translateRegion, type Site } from "./region-to-wasm.ts";
import { isWithinPage, missedAccess } from "./missed-access.ts";
import { refill, Tlb, tlbPlaces } from "./tlb.ts";
import { buildModule } from "./wasm-emitter.ts";

/** What tests and measurements may change. */
export interface EngineSettings {
  /** Arrivals at a jump target before it becomes the entry of a region. */
  readonly hotArrivals: number;
  /** Instructions that the reference executor executes before the interpreter is made. */
  readonly interpretAfter: number;
}

const USER_SETTINGS: EngineSettings = { hotArrivals: 3000, interpretAfter: 300 };
// A board executes much more code than a program, most of it a few thousand times: translating that costs more than it
// saves.
const BOARD_SETTINGS: EngineSettings = { hotArrivals: 40_000, interpretAfter: 300 };
// V8 never replaces a running function by its optimised form, so control comes back now and then.
const SLICE = 1 << 20;
// How many arrivals of the interpreter one way out of a region counts for.
const EXIT_WEIGHT = 32;
// Sites of regions that are gone stay until everything goes.
const MAX_SITES = 1 << 20;
// Pages of predecoded code that the executors of one machine have together: 64 MiB.
const MAX_PREDECODED_PAGES = 1024;

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

const forReference: ReadonlySet<number> = new Set([STOPPED.outside, STOPPED.unknownPage, STOPPED.missed]);

const NO_INTERPRETER = { code: null, loop: null } as const;

/** What an executor of a board has besides. */
export interface PartsOfBoard {
  /** Of the machine: see `predecodedAreas`. */
  readonly areas: AreaPool;
  /** What `context.userMemory` stands for. */
  readonly userMemory: PagedMemory;
  /** Where the board's clock is (`BoardClock.at`); null: it has none for translated code, and the port is asked. */
  readonly clockAt: number | null;
}

/** Room for predecoded code, which the executors of one machine share. */
export function predecodedAreas(memory: PagedMemory): AreaPool {
  return new AreaPool(memory.ram, PREDECODED_BYTES, MAX_PREDECODED_PAGES);
}

export class FastExecutor implements Executor, PageObserver, CodeObserver {
  private readonly settings: EngineSettings;
  private readonly context: HartContext;
  private readonly memory: PagedMemory;
  private readonly userMemory: PagedMemory;
  private readonly areas: AreaPool;
  private readonly clockAt: number | null;
  private readonly reference: ReferenceExecutor;
  private readonly tables: EngineTables;
  private readonly dispatcher: Dispatcher;
  private readonly tlb: Tlb;
  // Of accesses with the rights of a user program; the same where those are no others.
  private readonly userTlb: Tlb;
  private readonly codePages: CodePageTable;
  private readonly reader: CodeReader;
  private readonly regions = new LiveRegions();
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
  private sites: Site[] = [{ key: 0, retired: 0, reason: "outside" }];

  /** `memory` is what `context.memory` stands for. */
  constructor(
    context: HartContext,
    memory: PagedMemory,
    settings: Partial<EngineSettings> = {},
    onBoard: PartsOfBoard | null = null,
  ) {
    const noBoard = { areas: predecodedAreas(memory), userMemory: memory, clockAt: null };
    const { areas, userMemory, clockAt } = onBoard ?? noBoard;
    this.settings = { ...(memory.isForgetful ? BOARD_SETTINGS : USER_SETTINGS), ...settings };
    this.context = context;
    this.memory = memory;
    this.userMemory = userMemory;
    this.areas = areas;
    this.clockAt = clockAt;
    // Taken before any page, so that machines of one kind have them at one place and share the compiled interpreter.
    const hasUser = userMemory !== memory;
    const systemSizes = hasUser ? SYSTEM_SIZES_WITH_USER : SYSTEM_SIZES;
    this.tables = allocateTables(memory.ram, memory.isForgetful ? systemSizes : USER_SIZES);
    const { own, user } = tlbPlaces(this.tables);
    this.tlb = new Tlb(memory.ram, own);
    this.userTlb = hasUser ? new Tlb(memory.ram, user) : this.tlb;
    this.codePages = new CodePageTable(memory.ram, this.tables.codePagesAt);
    this.dispatcher = new Dispatcher(memory.ram, context.hart, this.tables);
    this.reference = new ReferenceExecutor({
      ...context,
      memory: new RefillingMemory(memory, this.tlb),
      userMemory: new RefillingMemory(userMemory, this.userTlb),
    });
    this.reader = new CodeReader(context, memory);
    memory.observe(this);
    if (hasUser) userMemory.observe(this.userTlb);
    memory.code.observe(this);
  }

  run(limit: number): Stop {
    for (let left = limit; left > 0;) {
      if (left > MAX_REGION_INSTRUCTIONS) {
        const budget = Math.min(left - MAX_REGION_INSTRUCTIONS, SLICE);
        const answer = this.dispatcher.run(budget);
        left -= this.account(budget - this.dispatcher.remaining);
        if (answer === OUT_OF_BUDGET) continue;
        const site = this.sites[answer] ?? null;
        if (site !== null) left -= this.leaveAt(site);
        const isRetry = site?.reason === "missed" && this.bringIn();
        if (isRetry || site === null || site.reason === "page") {
          if (!isRetry && (this.enterKnown() || this.isHotExit())) continue;
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

  pagesChanged(pageNumber: number | null): void {
    this.reader.forget();
    if (pageNumber === null) {
      this.tlb.clear();
      this.codePages.clear();
    } else {
      this.tlb.forget(pageNumber);
      this.codePages.unlink(pageNumber);
    }
    if (this.memory.isForgetful) return;
    const regions = pageNumber === null ? this.regions.all() : this.regions.onPage(pageNumber);
    for (const region of regions) this.drop(region);
  }

  codeMarked(frame: number): void {
    this.tlb.forgetStores(frame);
    if (this.userTlb !== this.tlb) this.userTlb.forgetStores(frame);
  }

  codeWritten(frame: number): void {
    this.reader.forget();
    this.interpreter?.code.forget(frame);
    for (const region of this.regions.onFrame(frame)) this.drop(region);
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
  private leaveAt(site: Site): number {
    this.context.hart.pc = BigInt.asUintN(64, BigInt(site.key));
    return this.account(site.retired);
  }

  // One instruction; and until there is an interpreter, on to the next jump.
  private runReference(limit: number): { readonly done: number; readonly stop: Stop | null } {
    const { hart, attention } = this.context;
    for (let done = 0; done < limit;) {
      const before = hart.pc;
      const stop = this.reference.stepOne();
      if (stop !== null) return { done, stop };
      done += 1;
      this.counts.cold += 1;
      if (attention.raised) return { done, stop: { kind: "attention" } };
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
      else if (reason === STOPPED.missed && this.bringIn()) continue;
      else if (reason === STOPPED.hot && !this.translateHere()) continue;
      else {
        if (reason === STOPPED.outside) this.countOutside();
        return { count, needsReference: forReference.has(reason) };
      }
    }
    return { count, needsReference: false };
  }

  // Brings the page of the access that missed into the tables, as the access itself would find it; false if the access
  // must be made outside.
  private bringIn(): boolean {
    const missed = missedAccess(this.memory.ram, this.tables.missedAt);
    if (!isWithinPage(missed)) return false;
    const { address, bytes, forStore, asUser } = missed;
    const [memory, tlb] = asUser ? [this.userMemory, this.userTlb] : [this.memory, this.tlb];
    const page = memory.pageFor(address, forStore ? "store" : "load", bytes);
    if ("kind" in page || (page.permissions & (forStore ? WRITE : READ)) === 0) return false;
    const isCode = memory.code.has(page.frame);
    tlb.fill(address, page, isCode);
    return !(forStore && isCode);
  }

  private makeInterpreter(regionsAllowed: boolean): FastExecutor["interpreter"] {
    if (this.counts.cold < this.settings.interpretAfter || !regionsAllowed) return null;
    const { context, memory, areas, codePages } = this;
    const handlers = handlerTable(context.binding, context.port.idleHelpers);
    for (const decoded of this.reference.decoded()) handlers.shapeOf(decoded);
    // Pages that were linked for regions have nothing for the interpreter.
    codePages.clear();
    const code = new PredecodedCode(context, memory, { pages: codePages, areas, handlers });
    // What follows is wanted first.
    if (code.enter(context.hart.pc)) code.decode(context.hart.pc);
    this.interpreter = { code, handlers, loop: this.makeLoop(code, handlers) };
    return this.interpreter;
  }

  // A loop with all handlers that are known.
  private makeLoop(code: PredecodedCode, handlers: HandlerTable): Interpreter {
    const { memory, tables, clockAt } = this;
    const { hart } = this.context;
    const { hotArrivals } = this.settings;
    code.setHandlers(handlers.shapes.length);
    this.outsideRuns = 0;
    return new Interpreter(handlers, { ram: memory.ram, hart, tables, clockAt, hotArrivals });
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

  // True if a region for the code at pc is known, and the dispatcher and the region now know that too: its table forgets
  // regions that share a place, and where pages are.
  private enterKnown(): boolean {
    const key = keyOf(this.context.hart.pc);
    const known = this.regions.find(key, (place) => this.isThere(place));
    if (known === null) return false;
    this.dispatcher.enterAt(key, known.number);
    return !this.memory.isForgetful || known.entry.every((place) => this.link(place));
  }

  private isThere({ page, frame }: CodePlace): boolean {
    const now = this.memory.knownPage(BigInt(page) << BigInt(PAGE_SHIFT));
    return now?.frame === frame && (now.permissions & EXECUTE) !== 0;
  }

  private link(place: CodePlace): boolean {
    if (this.interpreter !== null) return this.interpreter.code.link(place);
    this.codePages.link(place.page, { frame: place.frame, code: 0 });
    return true;
  }

  private translateHere(): boolean {
    if (this.enterKnown()) return true;
    const key = keyOf(this.context.hart.pc);
    const made = isExact(key) && this.translate(key);
    // What can be read and is not translated never will be.
    this.dispatcher.coolDown(key, !made && this.reader.read(key) !== null);
    return made;
  }

  private translate(key: PcKey): boolean {
    const { memory } = this;
    const region = findRegion(key, this.reader, { endsBlocksAtPages: memory.isForgetful });
    if (region === null) return false;
    const isFull = this.freeNumbers.length === 0 && this.nextNumber === this.tables.sizes.functions;
    if (isFull || this.sites.length > MAX_SITES) this.dropAll();
    const number = this.freeNumbers.pop() ?? this.nextNumber++;
    const places = this.placesOf(region);
    const frames = new Map(places.map(({ page, frame }) => [page, frame]));
    const code = translateRegion(region, {
      hart: this.context.hart,
      tlbs: { own: this.tlb, user: this.userTlb },
      remainingAt: this.tables.remainingAt,
      budgetAt: this.tables.budgetAt,
      clockAt: this.clockAt,
      missedAt: this.tables.missedAt,
      pages: memory.isForgetful
        ? { tableAt: this.tables.codePagesAt, frameOf: (page) => frames.get(page) ?? 0 }
        : null,
      newSite: (site) => this.sites.push(site) - 1,
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
    const displaced = this.regions.add({ key, number, places, entry: this.entryOf(region, places) });
    if (displaced !== null) this.release(displaced);
    if (memory.isForgetful) this.enterKnown();
    return true;
  }

  private entryOf({ key, blocks }: Region, places: readonly CodePlace[]): CodePlace[] {
    const next = blocks[0]?.instructions[0]?.next ?? key;
    return places.filter(({ page }) => page === pageOf(key) || page === pageOf(next - 1));
  }

  private placesOf(region: Region): CodePlace[] {
    const pages = new Set<number>();
    for (const block of region.blocks) {
      for (const { key, next } of block.instructions) pages.add(pageOf(key)).add(pageOf(next - 1));
    }
    return [...pages].map((page) => {
      const frame = this.memory.knownPage(BigInt(page) << BigInt(PAGE_SHIFT))?.frame;
      if (frame === undefined) throw new Error("code was read from a page that is not known");
      return { page, frame };
    });
  }

  private drop(region: LiveRegion): void {
    this.regions.delete(region);
    this.dispatcher.forget(region.key);
    this.release(region);
  }

  private release({ number }: LiveRegion): void {
    this.dispatcher.setFunction(number, null);
    this.freeNumbers.push(number);
  }

  private dropAll(): void {
    for (const { number } of this.regions.all()) this.dispatcher.setFunction(number, null);
    this.regions.clear();
    this.dispatcher.clear();
    this.freeNumbers = [];
    this.nextNumber = 0;
    this.sites = [{ key: 0, retired: 0, reason: "outside" }];
  }
}

// Brings the pages of successful accesses into the Tlb, so that regions find them next time.
class RefillingMemory implements Memory {
  private readonly memory: PagedMemory;
  private readonly tlb: Tlb;

  constructor(memory: PagedMemory, tlb: Tlb) {
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
