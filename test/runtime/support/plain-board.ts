// A board of RAM and devices that a test attaches, for tests of privileged architectures: one hart, run step by step.
// Relies on runtime/isa/system.ts and engine/hart-executors.ts.

import { AddressSpace } from "../../../runtime/core/address-space.ts";
import { Bus } from "../../../runtime/core/bus.ts";
import { Hart } from "../../../runtime/core/hart.ts";
import type { Memory } from "../../../runtime/core/memory.ts";
import { READ, WRITE, EXECUTE } from "../../../runtime/core/paged-memory.ts";
import { PhysicalMemory } from "../../../runtime/core/physical-memory.ts";
import { QuietMemory } from "../../../runtime/core/quiet-memory.ts";
import { Ram } from "../../../runtime/core/ram.ts";
import { Timeline } from "../../../runtime/core/timeline.ts";
import { HartExecutors } from "../../../runtime/engine/hart-executors.ts";
import { predecodedAreas } from "../../../runtime/engine/fast-executor.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import type {
  FirmwareCalls,
  FlushScope,
  HartBoard,
  SystemArchitecture,
  SystemHart,
} from "../../../runtime/isa/system.ts";

const RAM_LIMIT_BYTES = 1 << 28;

/** Where the RAM is. */
export interface RamPlace {
  readonly start: bigint;
  readonly bytes: number;
}

export class PlainBoard implements HartBoard {
  readonly bus = new Bus();
  readonly space: AddressSpace;
  readonly physical: PhysicalMemory;
  readonly timeline: Timeline;
  readonly firmware: FirmwareCalls | null;
  readonly semihosting = null;
  readonly deviceRegisters = null;
  readonly quiet: Memory;
  readonly hart: Hart;
  readonly system: SystemHart;
  readonly executors: HartExecutors;
  /** What was `unimplemented`. */
  readonly unknown = new Set<string>();
  flushes = 0;
  private readonly signal = { raised: false };

  constructor(
    architecture: SystemArchitecture,
    place: RamPlace,
    executor: ExecutorName = "reference",
    firmware: FirmwareCalls | null = null,
  ) {
    this.firmware = firmware;
    const ram = new Ram(RAM_LIMIT_BYTES);
    this.space = new AddressSpace(ram);
    const end = place.start + BigInt(place.bytes);
    this.space.map({ start: place.start, end, permissions: READ | WRITE | EXECUTE, name: "ram" });
    this.physical = new PhysicalMemory(this.space, this.bus);
    this.quiet = new QuietMemory(this.space);
    this.hart = new Hart(ram, architecture.files);
    this.timeline = new Timeline(() => this.hart.retired);
    this.system = architecture.makeHart(this.hart, 0, this);
    this.executors = new HartExecutors({
      system: this.system,
      physical: this.space,
      bus: this.bus,
      attention: this.signal,
      executor,
      areas: predecodedAreas(this.space),
      clockAt: null,
    });
  }

  attention(): void {
    this.signal.raised = true;
  }

  signalEvent(): void {
    this.system.receiveEvent();
  }

  flushTranslations({ address, zeroBit }: FlushScope): void {
    this.flushes += 1;
    // The hart resets itself while it is made.
    (this.executors as HartExecutors | undefined)?.flush(address, zeroBit);
  }

  unimplemented(what: string): void {
    this.unknown.add(what);
  }

  /** Executes about that many instructions, with whatever interrupts them; returns early while the hart waits. */
  run(count: number): void {
    const end = this.hart.retired + BigInt(count);
    for (let left = BigInt(count); left > 0n; left = end - this.hart.retired) {
      this.timeline.fireDue();
      this.system.takeInterrupt();
      if (this.system.isWaiting) return;
      const due = this.timeline.nextDeadline();
      const toDeadline = due === null ? left : due - this.hart.retired;
      const stop = this.executors.run(Number(toDeadline < left ? toDeadline : left));
      this.signal.raised = false;
      if (stop.kind === "trap") this.system.takeTrap(stop.trap, stop.word);
    }
  }

  /** Executes one instruction, or enters the handler for what it raised or for an interrupt. */
  step(): void {
    this.timeline.fireDue();
    if (!this.system.takeInterrupt() && !this.system.isWaiting) this.stepMasked();
  }

  /** The same without interrupts. */
  stepMasked(): void {
    const stop = this.executors.run(1);
    this.signal.raised = false;
    if (stop.kind === "trap") this.system.takeTrap(stop.trap, stop.word);
  }
}
