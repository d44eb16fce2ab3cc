// A full-system machine: harts, memory and devices of a board, run in virtual time.
//
// Relies on core, engine, isa/system.ts, devices and firmware. Guarantees: everything that a run depends on is in its
// options and in the input that enters between runs, so the same options and input give the same states; a guest cannot
// make `run` go on for longer than it was asked to: a trap takes time too. Harts take turns, one at a time.

import { deviceNamed, type Board } from "../../spec/boards/board.ts";
import type { Trap } from "../../spec/isa/effect-eval.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import { AccessStops, type AccessStop } from "../core/access-stops.ts";
import { AddressSpace, EXECUTE, READ, WRITE } from "../core/address-space.ts";
import { Bus } from "../core/bus.ts";
import { Hart } from "../core/hart.ts";
import { isFault, type Memory, type MemoryFault } from "../core/memory.ts";
import { PhysicalMemory } from "../core/physical-memory.ts";
import { QuietMemory } from "../core/quiet-memory.ts";
import { PAGE_BYTES, Ram } from "../core/ram.ts";
import { copyMemory, restoreMemory, type MemorySnapshot } from "../core/snapshot.ts";
import { hashHart, hashMemory, hashPlain, StateHasher } from "../core/state-hash.ts";
import { Timeline } from "../core/timeline.ts";
import { type ByteChannel, type ByteInput } from "../devices/byte-channel.ts";
import type { VirtioFunction } from "../devices/virtio/function.ts";
import { guestMemory } from "../devices/virtio/guest-memory.ts";
import { predecodedAreas, type EngineSettings, type EngineStatistics } from "../engine/fast-executor.ts";
import { HartExecutors, type ModeTranslations } from "../engine/hart-executors.ts";
import type { FirmwareMachine, PowerRequest } from "../firmware/firmware-machine.ts";
import { Semihosting, type SemihostingOptions } from "../firmware/semihosting.ts";
import type { AccessTrap, Attention } from "../isa/effect-machine.ts";
import type { ExecutorName } from "../isa/executor.ts";
import type {
  DeviceRegisters,
  FirmwareCalls,
  FlushScope,
  HartBoard,
  SystemArchitecture,
  SystemHart,
} from "../isa/system.ts";
import { BoardClock } from "./board-clock.ts";
import { freeMemory, type BootPlan } from "./boot-plan.ts";
import { buildDevices } from "./device-builders.ts";
import { FlashInPlace, type RomWindows } from "./flash-in-place.ts";
import { systemOf, type BoardSystem } from "./systems.ts";

/** What a machine is made of. */
export interface MachineOptions {
  readonly board: Board;
  readonly plan: BootPlan;
  readonly executor: ExecutorName;
  /** The host's end of the board's serial line. */
  readonly channel: ByteChannel;
  /** What is plugged into virtio slots, by the slot's name on the board. */
  readonly plugged: ReadonlyMap<string, VirtioFunction>;
  readonly isLegacyVirtio: boolean;
  /** Told once for each text: registers and operations that are not there, broken rules. */
  readonly onNotice: (text: string) => void;
  readonly engine?: Partial<EngineSettings>;
  /** Missing: its instructions trap as the architecture says. */
  readonly semihosting?: SemihostingOptions;
}

/**
 * Why `run` came back. limit: the time is over. power: the guest switched off or reset. idle: every hart waits, and
 * nothing but the host can wake one before `until` (null: ever). stopped: a hart is before an instruction that the
 * debugger's `stops` are about.
 */
export type MachineOutcome =
  | { readonly kind: "limit" }
  | { readonly kind: "power"; readonly request: PowerRequest }
  | { readonly kind: "idle"; readonly until: bigint | null }
  | { readonly kind: "stopped"; readonly hart: number; readonly fault: MemoryFault };

/** Hears what harts do: for traces. */
export interface MachineObserver {
  /** Before the handler is entered. */
  trap(hart: SystemHart, trap: Trap): void;
  /** The handler of an interrupt was entered; `pc` is where it broke in. */
  interrupt(hart: SystemHart, pc: bigint): void;
}

/** The state of a machine as plain data: structured clone keeps it. */
export interface MachineSnapshot {
  readonly nowNs: bigint;
  readonly turn: { readonly hart: number; readonly endNs: bigint };
  readonly request: PowerRequest | null;
  readonly harts: readonly Uint8Array[];
  /** What each hart remembers of translations that were right once. */
  readonly translations: readonly (readonly ModeTranslations[])[];
  readonly memory: MemorySnapshot;
  /** By name. */
  readonly devices: ReadonlyMap<string, unknown>;
  readonly timers: Readonly<Record<string, bigint>>;
}

/** How long a hart runs before the next one's turn, in nanoseconds. */
const QUANTUM_NS = 200_000n;
/** One step of an executor at most, in instructions: its limits are JS numbers. */
const MAX_STEP = 1n << 40n;
/** Memory besides the guest's RAM: boot ROM and flash contents. */
const ROM_BYTES = 256 << 20;

/** A guest can break rules in more ways than anybody wants to read, or to remember. */
const MAX_NOTICES = 200;

interface Stateful {
  readonly name: string;
  readonly saveState: () => unknown;
  readonly restoreState: (state: unknown) => void;
}

interface Core {
  readonly system: SystemHart;
  readonly executors: HartExecutors;
  readonly attention: Attention;
}

export class Machine implements FirmwareMachine {
  readonly harts: readonly SystemHart[];
  readonly timeline: Timeline;
  readonly physical: Memory;
  readonly memory: AddressSpace;
  readonly bus = new Bus();
  readonly serial: ByteInput | null;
  /** Null: there is none. */
  readonly semihosting: Semihosting | null;
  /** Physical memory as a debugger looks at it. */
  readonly quiet: QuietMemory;
  /** Where a debugger wants harts to stop; set by `stopAt`. */
  readonly stops = new AccessStops();
  observer: MachineObserver | null = null;
  private readonly clock: BoardClock;
  private readonly options: MachineOptions;
  private readonly architecture: SystemArchitecture;
  private readonly cores: readonly Core[];
  private readonly noticed = new Set<string>();
  private request: PowerRequest | null = null;
  private stopped: Extract<MachineOutcome, { readonly kind: "stopped" }> | null = null;
  private readonly controllerRegisters: DeviceRegisters | null;
  // Harts are made before the controller.
  private readonly deviceRegisters: DeviceRegisters = {
    read: (number, access) => this.controllerRegisters?.read(number, access) ?? null,
    write: (number, value, access) => this.controllerRegisters?.write(number, value, access) ?? false,
  };
  // Whose turn it is, and until when: where `run` stops in between changes nothing.
  private turn = 0;
  private turnEnd = 0n;
  /** Harts whose request of the host waits. Not state: they make the request again, which takes no time. */
  private readonly blocked = new Set<number>();

  constructor(options: MachineOptions) {
    const { board, plan } = options;
    const system = systemOf(board);
    const ram = new Ram(Number(plan.configuration.memoryBytes) + ROM_BYTES);
    this.options = options;
    this.clock = new BoardClock(ram);
    this.architecture = system.architecture(plan.configuration);
    this.timeline = new Timeline(
      () => this.clock.now(),
      () => {
        this.attend();
      },
    );
    this.memory = new AddressSpace(ram);
    this.physical = new PhysicalMemory(this.memory, this.bus);
    this.quiet = new QuietMemory(this.memory);
    const { address } = deviceNamed(board.devices(plan.configuration), "uart0");
    const firmware = plan.hasFirmware ? system.firmware(this, plan, address) : null;
    this.semihosting = this.makeSemihosting(system);
    this.cores = this.makeCores(ram, firmware);
    this.harts = this.cores.map((core) => core.system);
    const devices = buildDevices({
      devices: board.devices(plan.configuration),
      configuration: plan.configuration,
      harts: this.harts,
      timeline: this.timeline,
      memory: guestMemory(this.memory),
      channel: options.channel,
      plugged: options.plugged,
      isLegacyVirtio: options.isLegacyVirtio,
      flash: plan.flash,
      firmwareFiles: plan.firmwareFiles,
      firmwareEntries: plan.firmwareEntries,
      rom: this.romWindows(),
      accessingHart: () => this.turn,
      power: (request) => this.power(request),
      notice: this.notice,
    });
    for (const { start, device } of devices.placed) this.bus.attach(start, device);
    this.serial = devices.serial;
    this.controllerRegisters = devices.systemRegisters;
    this.load();
  }

  /** Virtual nanoseconds since power-on. */
  now(): bigint {
    return this.clock.now();
  }

  power(request: PowerRequest): void {
    this.request ??= request;
    for (const { attention } of this.cores) attention.raised = true;
  }

  flushTranslations({ address, zeroBit, everywhere }: FlushScope): void {
    // Without saying which hart it means: all.
    if (everywhere) for (const { executors } of this.cores) executors.flush(address, zeroBit);
  }

  /**
   * Runs until virtual time `untilNs`, or until something else is to be done. While every hart waits, time goes on to
   * the next timer if `skipIdle`, else the caller decides.
   */
  run(untilNs: bigint, skipIdle: boolean): MachineOutcome {
    this.blocked.clear();
    for (;;) {
      if (this.request !== null) return { kind: "power", request: this.request };
      this.fireDue();
      if (this.now() >= untilNs) return { kind: "limit" };
      const core = this.nextCore();
      if (core !== null) {
        this.runCore(core, this.turnEnd < untilNs ? this.turnEnd : untilNs);
        const { stopped } = this;
        this.stopped = null;
        if (stopped !== null) return stopped;
        continue;
      }
      const deadline = this.timeline.nextDeadline();
      if (deadline === null || !skipIdle) return { kind: "idle", until: deadline };
      this.sleepUntil(deadline < untilNs ? deadline : untilNs);
    }
  }

  private fireDue(): void {
    const deadline = this.timeline.nextDeadline();
    if (deadline === null || deadline > this.now()) return;
    this.blocked.clear();
    this.timeline.fireDue();
  }

  get isa(): Isa {
    return this.architecture.binding.isa;
  }

  /** Number of the hart whose turn it is. */
  get activeHart(): number {
    return this.turn;
  }

  /** A debugger's stops, instead of those before. */
  stopAt(stops: readonly AccessStop[]): void {
    this.stops.replace(stops);
    for (const { executors } of this.cores) executors.stopsChanged();
  }

  /** Lets idle time pass: nothing happens until then. */
  sleepUntil(ns: bigint): void {
    const now = this.now();
    if (ns > now) this.clock.pass(ns - now);
  }

  /** Power-on again: memory, devices and harts; virtual time goes on. */
  restart(): void {
    for (const { start, end } of [...this.memory.regions()]) this.memory.unmap(start, end);
    for (const { device } of this.bus.devices()) device.reset();
    this.semihosting?.reset();
    this.request = null;
    this.load();
  }

  /** Fingerprint of the whole state: harts, memory, devices, time. */
  stateHash(): string {
    const hasher = new StateHasher();
    hasher.wide(this.now());
    for (const { hart } of this.harts) hashHart(hasher, hart);
    for (const { executors } of this.cores) hashPlain(hasher, executors.saveTranslations());
    hashMemory(hasher, this.memory);
    for (const { saveState } of this.stateful()) hashPlain(hasher, saveState());
    return hasher.digest();
  }

  /** A copy of the whole state as plain data, which another machine with the same options can take. */
  snapshot(): MachineSnapshot {
    return {
      nowNs: this.now(),
      turn: { hart: this.turn, endNs: this.turnEnd },
      request: this.request,
      harts: this.harts.map(({ hart }) => hart.copyArea()),
      translations: this.cores.map(({ executors }) => executors.saveTranslations()),
      memory: copyMemory(this.memory),
      devices: new Map(this.stateful().map(({ name, saveState }) => [name, saveState()])),
      timers: this.timeline.saveState(),
    };
  }

  restore(snapshot: MachineSnapshot): void {
    const translations = this.cores.map((_, index) => snapshot.translations[index] ?? []);
    for (const [index, { executors }] of this.cores.entries()) executors.prepare(translations[index] ?? []);
    restoreMemory(snapshot.memory, this.memory);
    this.clock.set(snapshot.nowNs);
    this.turn = snapshot.turn.hart;
    this.turnEnd = snapshot.turn.endNs;
    this.request = snapshot.request;
    for (const { name, restoreState } of this.stateful()) {
      const state = snapshot.devices.get(name);
      if (state !== undefined) restoreState(state);
    }
    for (const [index, system] of this.harts.entries()) {
      const area = snapshot.harts[index];
      if (area !== undefined) system.hart.restoreArea(area);
      system.restored();
    }
    // Last: what devices and harts planned and forgot while they were put back is not what they had planned then.
    this.timeline.restoreState(snapshot.timers);
    for (const [index, { executors }] of this.cores.entries())
      executors.restoreTranslations(translations[index] ?? []);
  }

  /** Pages of a flash bank that the guest has changed, by their numbers in it. */
  changedFlash(bank: string): ReadonlyMap<number, Uint8Array> {
    const found = this.bus.devices().find(({ device }) => device.name === bank)?.device;
    return found instanceof FlashInPlace ? found.changedPages() : new Map();
  }

  // Everything with plain data of its own.
  private stateful(): readonly Stateful[] {
    const { semihosting } = this;
    const devices = this.bus.devices().map(({ device }) => ({
      name: device.name,
      saveState: () => device.saveState(),
      restoreState: (state: unknown) => {
        device.restoreState(state);
      },
    }));
    if (semihosting === null) return devices;
    const restoreState = (state: unknown): void => {
      semihosting.restoreState(state);
    };
    return [...devices, { name: "semihosting", saveState: () => semihosting.saveState(), restoreState }];
  }

  /** Instructions retired by all harts. */
  retired(): bigint {
    return this.harts.reduce((sum, { hart }) => sum + hart.retired, 0n);
  }

  /** What the fast executors did so far. */
  engineStatistics(): readonly (EngineStatistics | null)[] {
    return this.cores.map(({ executors }) => executors.statistics());
  }

  private makeSemihosting({ semihosting: registers }: BoardSystem): Semihosting | null {
    const { semihosting, board, plan } = this.options;
    if (semihosting === undefined) return null;
    return new Semihosting(semihosting, {
      machine: this,
      registers,
      freeMemory: freeMemory(board, plan),
      waits: ({ index }) => this.blocked.add(index),
      notice: this.notice,
    });
  }

  private makeCores(ram: Ram, firmware: FirmwareCalls | null): readonly Core[] {
    const { plan, executor, engine } = this.options;
    const { architecture } = this;
    const areas = predecodedAreas(this.memory);
    return plan.starts.map((_, index) => {
      const attention: Attention = { raised: false };
      const own: { executors: HartExecutors | null } = { executors: null };
      const board: HartBoard = {
        timeline: this.timeline,
        physical: this.physical,
        quiet: this.quiet,
        attention: () => {
          attention.raised = true;
          this.blocked.delete(index);
        },
        flushTranslations: (scope) => {
          if (scope.everywhere) this.flushTranslations(scope);
          else own.executors?.flush(scope.address, scope.zeroBit);
        },
        signalEvent: () => {
          for (const { system } of this.cores) system.receiveEvent();
        },
        firmware,
        semihosting: this.semihosting,
        deviceRegisters: plan.configuration.gicVersion === 3 ? this.deviceRegisters : null,
        unimplemented: this.notice,
      };
      const hart = new Hart(ram, architecture.files);
      const made = architecture.makeHart(hart, index, board);
      const { memory: physical, bus, stops } = this;
      const clockAt = this.clock.at;
      const parts = { system: made, physical, bus, stops, attention, executor, areas, clockAt };
      own.executors = new HartExecutors(engine === undefined ? parts : { ...parts, engine });
      return { system: made, executors: own.executors, attention };
    });
  }

  // Memory as at power-on, and every hart at its start.
  private load(): void {
    const { board, plan } = this.options;
    const { address } = board.memory;
    const end = address + plan.configuration.memoryBytes;
    this.memory.map({ start: address, end, permissions: READ | WRITE | EXECUTE, name: "RAM" });
    if (board.bootRom !== null) this.mapRom(board.bootRom.address, board.bootRom.bytes, "boot ROM");
    for (const { address: at, bytes } of plan.loads) {
      const fault = this.memory.fill(at, bytes);
      if (isFault(fault))
        throw new Error(`no memory at 0x${fault.address.toString(16)}: the boot plan is wrong`);
    }
    for (const [index, { system }] of this.cores.entries()) {
      const start = plan.starts[index];
      if (start !== undefined) system.reset(start);
    }
  }

  private romWindows(): RomWindows {
    return {
      map: (start, contents, name) => {
        this.mapRom(start, BigInt(contents.length), name);
        const fault = this.memory.fill(start, contents);
        if (isFault(fault)) throw new Error(`${name} does not fit into the machine's memory`);
      },
      unmap: (start, bytes) => {
        this.memory.unmap(start, start + BigInt(bytes));
      },
    };
  }

  private mapRom(start: bigint, bytes: bigint, name: string): void {
    const page = BigInt(PAGE_BYTES);
    const end = start + ((bytes + page - 1n) / page) * page;
    this.memory.map({ start, end, permissions: READ | EXECUTE, name });
  }

  // The hart whose turn it is, or the next one that has something to do.
  private nextCore(): Core | null {
    const current = this.cores[this.turn];
    if (current !== undefined && this.isRunnable(current) && this.now() < this.turnEnd) return current;
    for (let i = 1; i <= this.cores.length; i += 1) {
      const index = (this.turn + i) % this.cores.length;
      const core = this.cores[index];
      if (core === undefined || !this.isRunnable(core)) continue;
      this.turn = index;
      this.turnEnd = this.now() + QUANTUM_NS;
      return core;
    }
    return null;
  }

  // One hart until then, or until it waits.
  private runCore(core: Core, until: bigint): void {
    const { system, executors, attention } = core;
    this.clock.start(system.hart);
    while (this.request === null) {
      this.takeInterrupt(system);
      if (!this.isRunnable(core)) break;
      const now = this.now();
      const deadline = this.timeline.nextDeadline();
      const end = deadline !== null && deadline < until ? deadline : until;
      if (end <= now) {
        if (now >= until) break;
        this.fireDue();
        continue;
      }
      const left = this.clock.instructionsFor(end - now);
      const stop = executors.run(Number(left < MAX_STEP ? left : MAX_STEP));
      attention.raised = false;
      if (stop.kind !== "trap") continue;
      const fault = debuggerFault(stop.trap);
      if (fault !== null) {
        this.stopped = { kind: "stopped", hart: system.index, fault };
        break;
      }
      this.observer?.trap(system, stop.trap);
      system.takeTrap(stop.trap, stop.word);
      if (!this.blocked.has(system.index)) this.clock.passEntry();
    }
    this.clock.stop();
  }

  private isRunnable({ system }: Core): boolean {
    return system.isOn && !system.isWaiting && !this.blocked.has(system.index);
  }

  // The hart whose turn it is gives control back: it was to run until a deadline that is another one now.
  private attend(): void {
    const cores = this.cores as readonly Core[] | undefined;
    const core = cores?.[this.turn];
    if (core !== undefined) core.attention.raised = true;
  }

  private takeInterrupt(system: SystemHart): void {
    const { pc } = system.hart;
    if (!system.takeInterrupt()) return;
    this.blocked.delete(system.index);
    this.clock.passEntry();
    this.observer?.interrupt(system, pc);
  }

  private readonly notice = (text: string): void => {
    if (this.noticed.size >= MAX_NOTICES || this.noticed.has(text)) return;
    this.noticed.add(text);
    this.options.onNotice(text);
    if (this.noticed.size === MAX_NOTICES)
      this.options.onNotice("there is more of this kind, which is not told");
  };
}

// A debugger's stop looks like an access that faulted.
function debuggerFault(trap: Trap): MemoryFault | null {
  const { fault = null } = trap as Partial<AccessTrap>;
  return fault?.reason === "debugger" ? fault : null;
}
