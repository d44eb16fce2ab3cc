// What a machine went through, so that a debugger can go back: snapshots now and then, and all that entered since.
//
// Relies on runtime/boards. Guarantees: running again from a snapshot passes through the same states at the same
// instants, because a run depends on nothing but its input; the number and size of snapshots are bounded, so the further
// back, the longer a replay takes. Contents of disks are the owner's: what the guest wrote there stays written.

import type { Machine, MachineOutcome, MachineSnapshot } from "../boards/machine.ts";
import { PAGE_BYTES } from "../core/ram.ts";

/** Something that reached the machine from outside at an instant. */
export interface HistoryEvent {
  readonly atNs: bigint;
  enter(): void;
}

interface Kept {
  readonly snapshot: MachineSnapshot;
  /** Events that had entered by then. */
  readonly cursor: number;
}

const FIRST_INTERVAL_NS = 10_000_000n;
const MAX_SNAPSHOTS = 24;
const MAX_BYTES = 512 << 20;
const MAX_EVENTS = 1 << 16;

export class History {
  private readonly machine: Machine;
  private readonly events: HistoryEvent[] = [];
  private cursor = 0;
  private kept: Kept[] = [];
  private intervalNs = FIRST_INTERVAL_NS;
  // Where the run had come when the debugger went back; null: it is there now.
  private presentNs: bigint | null = null;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Where the known part of the run ends; null if the machine is there. */
  get knownUntil(): bigint | null {
    if (this.presentNs !== null && this.machine.now() >= this.presentNs) this.presentNs = null;
    return this.presentNs;
  }

  /** The earliest instant to go back to. */
  get start(): bigint {
    return this.kept[0]?.snapshot.nowNs ?? this.machine.now();
  }

  /** What happens now is part of the run; what was known to follow, if the debugger went back, is not any more. */
  note(enter: () => void): void {
    if (this.knownUntil !== null) {
      const now = this.machine.now();
      this.events.length = this.cursor;
      this.kept = this.kept.filter(({ snapshot }) => snapshot.nowNs <= now);
      this.presentNs = null;
    }
    this.events.push({ atNs: this.machine.now(), enter });
    this.cursor = this.events.length;
  }

  /** Takes a snapshot if one is due. */
  keep(): void {
    const last = this.kept.at(-1);
    const isDue = last === undefined || this.machine.now() - last.snapshot.nowNs >= this.intervalNs;
    if (!isDue || this.knownUntil !== null) return;
    this.kept.push({ snapshot: this.machine.snapshot(), cursor: this.cursor });
    const isFull = (): boolean => this.kept.length > MAX_SNAPSHOTS || this.sizeBytes() > MAX_BYTES;
    while (isFull() && this.kept.length > 2) this.thin();
    if (this.events.length > MAX_EVENTS) this.forgetOlderHalf();
  }

  /** Puts the last snapshot that is not after `atNs` back. */
  restoreAtOrBefore(atNs: bigint): void {
    const found = this.kept.findLast(({ snapshot }) => snapshot.nowNs <= atNs) ?? this.kept[0];
    if (found === undefined) return;
    this.presentNs ??= this.machine.now();
    this.machine.restore(found.snapshot);
    this.cursor = found.cursor;
  }

  /** Runs as the run went before, until then at most. */
  replay(untilNs: bigint): MachineOutcome {
    const { machine } = this;
    while (machine.now() < untilNs) {
      const next = this.events[this.cursor]?.atNs ?? untilNs;
      const end = next < untilNs ? next : untilNs;
      const outcome = machine.run(end, true);
      if (outcome.kind === "idle") machine.sleepUntil(end);
      if (outcome.kind === "stopped") return outcome;
      if (!this.enterDue() && outcome.kind === "power") return outcome;
    }
    return { kind: "limit" };
  }

  /** The same for one instruction, trap or piece of idle time. */
  replayStep(untilNs: bigint): MachineOutcome {
    const { machine } = this;
    const next = this.events[this.cursor]?.atNs ?? untilNs;
    const end = next < untilNs ? next : untilNs;
    const outcome = machine.run(machine.now() + 1n, false);
    if (outcome.kind === "idle") {
      machine.sleepUntil(outcome.until !== null && outcome.until < end ? outcome.until : end);
    }
    const hasEntered = this.enterDue();
    if (outcome.kind === "stopped" || (outcome.kind === "power" && !hasEntered)) return outcome;
    return { kind: "limit" };
  }

  private enterDue(): boolean {
    const before = this.cursor;
    for (let next = this.events[this.cursor]; next !== undefined; next = this.events[this.cursor]) {
      if (next.atNs > this.machine.now()) break;
      this.cursor += 1;
      next.enter();
    }
    return this.cursor > before;
  }

  private sizeBytes(): number {
    return this.kept.reduce((sum, { snapshot }) => sum + snapshot.memory.pages.length * PAGE_BYTES, 0);
  }

  // Every second one goes; the first and the last stay.
  private thin(): void {
    const last = this.kept.length - 1;
    this.kept = this.kept.filter((_, i) => i % 2 === 0 || i === last);
    this.intervalNs *= 2n;
  }

  private forgetOlderHalf(): void {
    this.kept = this.kept.slice(this.kept.length >> 1);
    const first = this.kept[0]?.cursor ?? this.events.length;
    this.events.splice(0, first);
    this.cursor -= first;
    this.kept = this.kept.map(({ snapshot, cursor }) => ({ snapshot, cursor: cursor - first }));
  }
}
