// A full-system machine: harts, memory and devices of a board, run in virtual time.
//
// Relies on core, engine, isa/system.ts, devices and firmware. Guarantees: everything that a run depends on is in its
// options and in the input that enters between runs, so the same options and input give the same states; a guest cannot
// make `run` go on for longer than it was asked to: a trap takes time too. Harts take turns, one at a time.

import type { Board } from "../../spec/boards/board.ts";
import { AddressSpace, EXECUTE, READ, WRITE } from "../core/address-space.ts";
import { Bus } from "../core/bus.ts";
import { Hart } from "../core/hart.ts";
import { isFault, type Memory } from "../core/memory.ts";
import { PhysicalMemory } from "../core/physical-memory.ts";
import { PAGE_BYTES, Ram } from "../core/ram.ts";
import { Timeline } from "../core/timeline.ts";
import { type ByteChannel, type ByteInput } from "../devices/byte-channel.ts";
import type { VirtioFunction } from "../devices/virtio/function.ts";
import { guestMemory } from "../devices/virtio/guest-memory.ts";
import { predecodedAreas, type EngineSettings, type EngineStatistics } from "../engine/fast-executor.ts";
import { HartExecutors } from "../engine/hart-executors.ts";
import type { FirmwareMachine, PowerRequest } from "../firmware/firmware-machine.ts";
import type { Attention } from "../isa/effect-machine.ts";
import type { ExecutorName } from "../isa/executor.ts";
import type { FirmwareCalls, FlushScope, HartBoard, SystemHart } from "../isa/system.ts";
import { BoardClock } from "./board-clock.ts";
import type { BootPlan } from "./boot-plan.ts";
import { buildDevices } from "./device-builders.ts";
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
}

/**
 * Why `run` came back. limit: the time is over. power: the guest switched off or reset. idle: every hart waits, and
 * nothing but the host can wake one before `until` (null: ever).
 */
export type MachineOutcome =
  | { readonly kind: "limit" }
  | { readonly kind: "power"; readonly request: PowerRequest }
  | { readonly kind: "idle"; readonly until: bigint | null };

/** How long a hart runs before the next one's turn, in nanoseconds. */
const QUANTUM_NS = 20_000n;
/** One step of an executor at most, in instructions: its limits are JS numbers. */
const MAX_STEP = 1n << 40n;
/** Memory besides the guest's RAM: boot ROM and flash contents. */
const ROM_BYTES = 256 << 20;

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
  readonly console: FirmwareMachine["console"];
  private readonly clock = new BoardClock();
  private readonly options: MachineOptions;
  private readonly cores: readonly Core[];
  private readonly noticed = new Set<string>();
  private request: PowerRequest | null = null;
  // Whose turn it is.
  private turn = 0;

  constructor(options: MachineOptions) {
    const { board, plan } = options;
    const system = systemOf(board);
    const ram = new Ram(Number(plan.configuration.memoryBytes) + ROM_BYTES);
    this.options = options;
    this.timeline = new Timeline(() => this.clock.now());
    this.memory = new AddressSpace(ram);
    this.physical = new PhysicalMemory(this.memory, this.bus);
    this.console = firmwareConsole(options.channel);
    const firmware = plan.hasFirmware ? system.firmware(this, plan) : null;
    this.cores = this.makeCores(system, ram, firmware);
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
      power: (request) => this.power(request),
      notice: this.notice,
    });
    for (const { start, device } of devices.placed) this.bus.attach(start, device);
    this.serial = devices.serial;
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

  flushTranslations({ address, everywhere }: FlushScope): void {
    // Without saying which hart it means: all.
    if (everywhere) for (const { executors } of this.cores) executors.flush(address);
  }

  /**
   * Runs until virtual time `untilNs`, or until something else is to be done. While every hart waits, time goes on to
   * the next timer if `skipIdle`, else the caller decides.
   */
  run(untilNs: bigint, skipIdle: boolean): MachineOutcome {
    for (;;) {
      if (this.request !== null) return { kind: "power", request: this.request };
      this.timeline.fireDue();
      const left = untilNs - this.now();
      if (left <= 0n) return { kind: "limit" };
      const core = this.nextCore();
      if (core !== null) {
        this.runCore(core, left < QUANTUM_NS || this.isAlone() ? left : QUANTUM_NS);
        continue;
      }
      const deadline = this.timeline.nextDeadline();
      if (deadline === null || !skipIdle) return { kind: "idle", until: deadline };
      this.sleepUntil(deadline < untilNs ? deadline : untilNs);
    }
  }

  /** Lets idle time pass: nothing happens until then. */
  sleepUntil(ns: bigint): void {
    const now = this.now();
    if (ns > now) this.clock.pass(ns - now);
  }

  /** Instructions retired by all harts. */
  retired(): bigint {
    return this.harts.reduce((sum, { hart }) => sum + hart.retired, 0n);
  }

  /** What the fast executors did so far. */
  engineStatistics(): readonly (EngineStatistics | null)[] {
    return this.cores.map(({ executors }) => executors.statistics());
  }

  private makeCores(system: BoardSystem, ram: Ram, firmware: FirmwareCalls | null): readonly Core[] {
    const { plan, executor, engine } = this.options;
    const areas = predecodedAreas(this.memory);
    return plan.starts.map((_, index) => {
      const attention: Attention = { raised: false };
      const own: { executors: HartExecutors | null } = { executors: null };
      const board: HartBoard = {
        timeline: this.timeline,
        physical: this.physical,
        attention: () => {
          attention.raised = true;
        },
        flushTranslations: (scope) => {
          if (scope.everywhere) this.flushTranslations(scope);
          else own.executors?.flush(scope.address);
        },
        firmware,
        deviceRegisters: null,
        unimplemented: this.notice,
      };
      const hart = new Hart(ram, system.architecture.files);
      const made = system.architecture.makeHart(hart, index, board);
      const parts = { system: made, physical: this.memory, bus: this.bus, attention, executor, areas };
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

  private mapRom(start: bigint, bytes: bigint, name: string): void {
    const page = BigInt(PAGE_BYTES);
    const end = start + ((bytes + page - 1n) / page) * page;
    this.memory.map({ start, end, permissions: READ | EXECUTE, name });
  }

  private isAlone(): boolean {
    return this.cores.length === 1;
  }

  // The next hart in turn that has something to do.
  private nextCore(): Core | null {
    for (let i = 0; i < this.cores.length; i += 1) {
      const index = (this.turn + i) % this.cores.length;
      const core = this.cores[index];
      if (core === undefined || !isRunnable(core)) continue;
      this.turn = index + 1;
      return core;
    }
    return null;
  }

  // `budget` nanoseconds of one hart, or until it waits.
  private runCore(core: Core, budget: bigint): void {
    const { system, executors, attention } = core;
    const until = this.now() + budget;
    this.clock.start(system.hart);
    while (this.request === null) {
      if (system.takeInterrupt()) this.clock.pass(1n);
      if (!isRunnable(core)) break;
      const now = this.now();
      const deadline = this.timeline.nextDeadline();
      const end = deadline !== null && deadline < until ? deadline : until;
      if (end <= now) {
        if (now >= until) break;
        this.timeline.fireDue();
        continue;
      }
      const left = end - now;
      const stop = executors.run(Number(left < MAX_STEP ? left : MAX_STEP));
      attention.raised = false;
      if (stop.kind !== "trap") continue;
      system.takeTrap(stop.trap, stop.word);
      this.clock.pass(1n);
    }
    this.clock.stop();
  }

  private readonly notice = (text: string): void => {
    if (this.noticed.has(text)) return;
    this.noticed.add(text);
    this.options.onNotice(text);
  };
}

function isRunnable({ system }: Core): boolean {
  return system.isOn && !system.isWaiting;
}

function firmwareConsole(channel: ByteChannel): FirmwareMachine["console"] {
  return {
    write: (byte) => {
      channel.send(byte);
    },
    read: () => null,
  };
}
