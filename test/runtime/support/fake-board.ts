// A board without any ISA's privileged part, on which executors must agree: page tables that are a Map, a device in the
// middle of the data, two modes, and things that happen from outside.
//
// Relies on random-code.ts for programs. Every walk that succeeds is counted in physical memory, so a state hash shows
// an executor that translates more or less often than another one.

import type { Instruction } from "../../../spec/isa/schema.ts";
import { AddressSpace, EXECUTE, READ, WRITE } from "../../../runtime/core/address-space.ts";
import { Bus, type BusDevice, type DeviceBytes } from "../../../runtime/core/bus.ts";
import { Hart } from "../../../runtime/core/hart.ts";
import type { AccessKind, MemoryFault } from "../../../runtime/core/memory.ts";
import { PERMISSION } from "../../../runtime/core/paged-memory.ts";
import { PAGE_BYTES, Ram } from "../../../runtime/core/ram.ts";
import { hashHart, hashMemory, StateHasher } from "../../../runtime/core/state-hash.ts";
import type { Translation, Translator } from "../../../runtime/core/translation.ts";
import { predecodedAreas, type EngineSettings } from "../../../runtime/engine/fast-executor.ts";
import { HartExecutors } from "../../../runtime/engine/hart-executors.ts";
import type { IsaBinding } from "../../../runtime/isa/binding.ts";
import type { Stop } from "../../../runtime/isa/executor.ts";
import type { HartMode, InstructionGuard } from "../../../runtime/isa/system.ts";
import { RANDOM_LAYOUT, SeededRandom } from "./random-code.ts";

const PAGE = 0x1000n;
const RAM_AT = 0x8000_0000n;
const RAM_PAGES = 48;
const ROM_AT = 0x2000n;
const DEVICE_AT = 0x1000_0000n;
// Walks are counted here, one word for each page of code and data.
const COUNTS_AT = RAM_AT + BigInt(RAM_PAGES) * PAGE;
const ALL = READ | WRITE | EXECUTE;

const codePage = BigInt(RANDOM_LAYOUT.codeAt) / PAGE;
const dataPage = BigInt(RANDOM_LAYOUT.dataAt) / PAGE;
const CODE_PAGES = 8;
// The end of a program with half of its loop.
const WORDS_BEHIND = 65;
const DATA_PAGES = Math.ceil(RANDOM_LAYOUT.dataBytes / 0x1000);

interface TableEntry {
  readonly physical: bigint;
  readonly permissions: number;
  readonly pages: number;
}

/** What a board is made for. */
export interface FakeBoardOptions {
  readonly binding: IsaBinding;
  readonly words: readonly number[];
  readonly seed: number;
  /** Null: the reference executor. */
  readonly engine: Partial<EngineSettings> | null;
  /** Host bytes before those of this board. */
  readonly hostOffset?: number;
}

/** Refuses now and then, so that it matters whether it was asked. */
const guard: InstructionGuard = {
  covers: (instruction: Instruction) => instruction.number % 5 === 0,
  check: (_, __, hart) =>
    hart.retired % 7n === 0n ? { kind: "trap", cause: "breakpoint", value: hart.retired } : null,
};

export class FakeBoard implements Translator {
  readonly hart: Hart;
  private readonly options: FakeBoardOptions;
  private readonly random: SeededRandom;
  private readonly physical: AddressSpace;
  private readonly bus = new Bus();
  private readonly table = new Map<bigint, TableEntry>();
  private readonly attention = { raised: false };
  private readonly executors: HartExecutors;
  private readonly modes: readonly HartMode[];
  private mode = 0;
  private start = 0n;
  // What the device remembers: every access leaves its trace.
  private device = 1;

  constructor(options: FakeBoardOptions) {
    const { binding, seed, engine } = options;
    const ram = new Ram(2 ** 22);
    if (options.hostOffset !== undefined && ram.allocateArea(options.hostOffset, PAGE_BYTES) === null)
      throw new Error("the host has no room for this test");
    this.options = options;
    this.random = new SeededRandom(seed);
    this.hart = new Hart(ram, binding.isa.files);
    this.physical = new AddressSpace(ram);
    this.modes = [
      { number: 0, name: "plain", binding, guard: null, watch: null, userWatch: null },
      { number: 1, name: "guarded", binding, guard, watch: null, userWatch: null },
    ];
    const { hart, physical, bus, attention } = this;
    this.executors = new HartExecutors({
      system: {
        hart,
        port: binding.userPort,
        translator: this,
        userTranslator: this,
        mode: () => this.currentMode(),
        modeNumbered: (number) => this.modes[number] ?? this.currentMode(),
      },
      physical,
      bus,
      attention,
      executor: engine === null ? "reference" : "fast",
      areas: predecodedAreas(physical),
      clockAt: null,
      engine: engine ?? {},
    });
    this.build();
  }

  /** Runs and answers everything that another board must answer too. */
  step(limit: number): object {
    const stop = this.executors.run(limit);
    const state = { stop, pc: this.hart.pc, retired: this.hart.retired, hash: this.hash() };
    this.afterStop(stop);
    return state;
  }

  /** True once the program has asked to exit. */
  get hasEnded(): boolean {
    return this.isOver;
  }
  private isOver = false;

  /** What the fast executors did. */
  statistics(): ReturnType<HartExecutors["statistics"]> {
    return this.executors.statistics();
  }

  translate(address: bigint, access: AccessKind): Translation | MemoryFault {
    const page = address / PAGE;
    const entry = this.table.get(page);
    if (entry === undefined || (entry.permissions & PERMISSION[access]) === 0) {
      return { kind: "fault", access, address, reason: "translation", status: Number(page % 64n) };
    }
    this.count(page);
    // A page with an odd frame number is not written to at once, as if it had a dirty flag.
    const isClean = access !== "store" && (entry.physical / PAGE) % 2n === 1n;
    return { ...entry, permissions: isClean ? entry.permissions & ~WRITE : entry.permissions };
  }

  /** Something from outside, the same on all boards of one seed. */
  disturb(): void {
    const { random } = this;
    const kind = random.below(7);
    if (kind === 0) this.copyIn();
    if (kind === 1) this.mode = random.below(2);
    if (kind === 2) this.moveCode();
    if (kind === 3) this.flushOne();
    if (kind === 4) this.executors.flush(null);
    if (kind === 5) this.remapData();
  }

  private currentMode(): HartMode {
    const mode = this.modes[this.mode];
    if (mode === undefined) throw new Error("no such mode");
    return mode;
  }

  private build(): void {
    const { physical, bus, hart } = this;
    const { words, binding } = this.options;
    physical.map({ start: RAM_AT, end: COUNTS_AT + PAGE, permissions: ALL, name: "ram" });
    physical.map({ start: ROM_AT, end: ROM_AT + PAGE, permissions: READ | EXECUTE, name: "rom" });
    bus.attach(DEVICE_AT, this.makeDevice());
    // A page ends in the middle of the loop; in an instruction, where that can be.
    const inFirst = Math.min(1000, words.length - WORDS_BEHIND) * 4 + 4 - binding.instructionAlignment;
    const start = BigInt(RANDOM_LAYOUT.codeAt) + PAGE - BigInt(inFirst);
    for (let i = 0; i < CODE_PAGES; i += 1) this.mapCode(codePage + BigInt(i), this.freeFrame(i));
    const bytes = new Uint8Array(new Uint32Array(words).buffer);
    bytes.forEach((byte, i) => {
      const at = start + BigInt(i);
      const entry = this.table.get(at / PAGE);
      if (entry === undefined) throw new Error("the program is longer than its pages");
      physical.fill(entry.physical + (at % PAGE), Uint8Array.of(byte));
    });
    for (let i = 0; i < DATA_PAGES; i += 1) this.mapData(dataPage + BigInt(i));
    hart.pc = start;
    this.start = start;
  }

  private codeFrame(): bigint {
    return this.table.get(codePage + BigInt(this.random.below(2)))?.physical ?? RAM_AT;
  }

  // Code frames come first, the rest are for data.
  private freeFrame(index: number): bigint {
    return RAM_AT + BigInt((index * 7) % 16) * PAGE;
  }

  private mapCode(page: bigint, physical: bigint): void {
    this.table.set(page, { physical, permissions: READ | EXECUTE, pages: 1 });
  }

  private mapData(page: bigint): void {
    const { random } = this;
    const kind = random.below(16);
    const frame = RAM_AT + BigInt(16 + random.below(RAM_PAGES - 16)) * PAGE;
    const isWritable = random.chance(85);
    const entry = { physical: frame, permissions: isWritable ? READ | WRITE : READ, pages: 1 };
    if (kind === 0) this.table.set(page, { ...entry, physical: ROM_AT });
    // The program's own code, seen from elsewhere.
    else if (kind === 1 || kind > 12) this.table.set(page, { ...entry, physical: this.codeFrame() });
    else if (kind === 2) this.table.delete(page);
    else if (kind === 3) this.table.set(page, { ...entry, pages: 4 });
    else if (kind === 4 || kind === 5) this.table.set(page, { ...entry, physical: DEVICE_AT });
    else this.table.set(page, entry);
  }

  private makeDevice(): BusDevice {
    return {
      name: "device",
      bytes: 0x1000,
      load: (offset, bytes) => BigInt.asUintN(8 * bytes, BigInt(this.touch(offset))),
      store: (offset, value, bytes) => {
        this.touch(offset + Number(value % 1000n));
        this.deviceStore(offset, bytes);
      },
      reset: () => {
        this.device = 1;
      },
      saveState: () => this.device,
      restoreState: (state) => {
        this.device = Number(state);
      },
    };
  }

  private touch(what: number): number {
    this.device = (Math.imul(this.device, 1664525) + what + 1013904223) >>> 0;
    return this.device;
  }

  // In the middle of an instruction.
  private deviceStore(offset: number, bytes: DeviceBytes): void {
    const kind = (offset / bytes) % 6;
    if (kind === 0) this.attention.raised = true;
    if (kind === 1) this.executors.flush(null);
    if (kind === 2) this.flushOne();
    if (kind === 3) this.moveCode();
    if (kind === 4) this.copyIn();
  }

  // A page of code goes to another frame and is not quite what it was; the old frame stays. Not always flushed at once.
  private moveCode(): void {
    const { random, physical } = this;
    const page = codePage + BigInt(random.below(2));
    const entry = this.table.get(page);
    const target = RAM_AT + BigInt(random.below(16)) * PAGE;
    const isTaken = [...this.table].some(
      ([p, e]) => e.physical === target && p < codePage + BigInt(CODE_PAGES),
    );
    if (entry === undefined || isTaken) return;
    const bytes = physical.readBlock(entry.physical, Number(PAGE));
    if (bytes instanceof Uint8Array) physical.fill(target, bytes);
    this.mapCode(page, target);
    this.changeCode(target, page === codePage ? Number(PAGE) - 4 * 40 : 0);
    if (random.chance(70)) this.executors.flush(random.chance(50) ? page * PAGE : null);
  }

  private remapData(): void {
    const page = dataPage + BigInt(this.random.below(DATA_PAGES));
    this.mapData(page);
    if (this.random.chance(70)) this.executors.flush(page * PAGE);
  }

  private flushOne(): void {
    const page = this.random.chance(50) ? codePage : dataPage;
    this.executors.flush((page + BigInt(this.random.below(4))) * PAGE);
  }

  // As a device with memory access does.
  private copyIn(): void {
    const { random } = this;
    const entry = this.table.get(codePage + BigInt(random.below(2)));
    if (entry !== undefined) this.changeCode(entry.physical, random.chance(50) ? Number(PAGE) - 4 * 40 : 0);
  }

  // One of 40 words from `offset` on becomes another word of the program.
  private changeCode(frame: bigint, offset: number): void {
    const { random, physical, options } = this;
    const { words, binding } = options;
    const at = offset + 4 * random.below(40) - (offset === 0 ? 0 : 4 - binding.instructionAlignment);
    const [word = 0] = words.slice(words.length - 40 - random.below(60));
    physical.store(frame + BigInt(at), BigInt(word >>> 0), 4);
  }

  private count(page: bigint): void {
    const index = page >= dataPage ? page - dataPage + BigInt(CODE_PAGES) : page - codePage;
    const at = COUNTS_AT + 4n * index;
    const before = this.physical.load(at, 4);
    if (typeof before === "bigint") this.physical.store(at, before + 1n, 4);
  }

  private hash(): string {
    const hasher = new StateHasher();
    hashHart(hasher, this.hart);
    hashMemory(hasher, this.physical);
    hasher.word(this.device);
    return hasher.digest();
  }

  // What a kernel would do, so that programs go on.
  private afterStop(stop: Stop): void {
    const { hart, random, attention } = this;
    const { binding } = this.options;
    if (stop.kind === "attention") {
      attention.raised = false;
      if (random.chance(30)) this.mode = random.below(2);
    }
    if (stop.kind !== "trap") return;
    const { cause, value } = stop.trap;
    this.isOver = cause === binding.traps.systemCall;
    const isFault = Object.values(binding.traps.fault).includes(cause);
    if (isFault && random.chance(50)) this.allow(value / PAGE);
    // Off its code the program begins again.
    else hart.pc = stop.word === null || stop.word === 0 ? this.start : BigInt.asUintN(64, hart.pc + 4n);
  }

  private allow(page: bigint): void {
    const entry = this.table.get(page);
    const physical = entry?.physical ?? RAM_AT + 20n * PAGE;
    if (page >= codePage) this.table.set(page, { physical, permissions: ALL, pages: 1 });
  }
}
