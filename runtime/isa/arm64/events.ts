// The event register and what sets it: wfe, sev, and the event streams of the counters (Arm DDI 0487, D1.7 and D11.2.4).
//
// Relies on timers.ts for the counts. A stream is looked at when a hart is about to wait and while it does, not in
// between, so that it costs nothing. Guarantees: who waits with a reservation waits no longer than until virtual time
// has moved, which is until another hart has run or a timer was due: its store may be what the hart waits for, and no
// hart is told of it.

import { BOARD_NS_PER_INSTRUCTION } from "../../core/clock.ts";
import type { Timeline, Timer } from "../../core/timeline.ts";
import { bit, field, type ProcessorState } from "./processor-state.ts";
import { NS_PER_TICK, type GenericTimers } from "./timers.ts";

/** A register that makes events of a counter's bit. */
interface Stream {
  readonly control: string;
  readonly isVirtual: boolean;
}

const streams: readonly Stream[] = [
  { control: "cntkctl_el1", isVirtual: true },
  { control: "cnthctl_el2", isVirtual: false },
];

const ENABLED = 2;
const FALLING = 3;
const PLACE = { low: 4, width: 4 } as const;

export class Events {
  private readonly state: ProcessorState;
  private readonly timers: GenericTimers;
  private readonly timeline: Timeline;
  private readonly next: Timer;

  constructor(state: ProcessorState, timers: GenericTimers, timeline: Timeline, index: number) {
    this.state = state;
    this.timers = timers;
    this.timeline = timeline;
    this.next = timeline.timer(`hart${String(index)} events`, () => {
      this.signal();
    });
  }

  /** Sets the event register. */
  signal(): void {
    this.state.set("event", 1n);
  }

  /** True if the register was set; it is clear now. */
  take(): boolean {
    const { state, timeline } = this;
    const hadEvent = state.get("event") !== 0n || this.passed(state.get("eventClearedAt"));
    state.set("event", 0n);
    state.set("eventClearedAt", timeline.now());
    return hadEvent;
  }

  /** Waits for the register to be set. */
  wait(): void {
    this.state.set("waitingForEvent", 1n);
    // The instruction that waits is not over yet.
    this.state.set("eventClearedAt", this.timeline.now() + BOARD_NS_PER_INSTRUCTION);
    this.plan();
  }

  /** True while nothing has ended the wait for an event. `mayTake`: an interrupt is about to be taken. */
  isWaiting(mayTake: () => boolean): boolean {
    const { state, timeline } = this;
    if (state.get("waitingForEvent") === 0n) return false;
    const isMoved = state.hart.hasReservation && timeline.now() > state.get("eventClearedAt");
    if (state.get("event") === 0n && !isMoved && !mayTake()) return true;
    this.stopWaiting();
    return false;
  }

  /** An interrupt was taken, or the hart begins anew. */
  stopWaiting(): void {
    this.state.set("waitingForEvent", 0n);
    this.next.cancel();
  }

  /** After a snapshot was put back. */
  restored(): void {
    if (this.state.get("waitingForEvent") !== 0n) this.plan();
  }

  // Plans the next event of a stream.
  private plan(): void {
    let first: bigint | null = null;
    for (const stream of this.enabled()) {
      const period = 2n << this.placeOf(stream);
      const count = this.timers.count(stream.isVirtual);
      const away = period - (BigInt.asUintN(64, count - this.phaseOf(stream)) % period);
      if (first === null || away < first) first = away;
    }
    if (first === null) this.next.cancel();
    else this.next.schedule((this.timeline.now() / NS_PER_TICK + first) * NS_PER_TICK);
  }

  // True if a stream made an event between that time and now.
  private passed(since: bigint): boolean {
    const ticks = this.timeline.now() / NS_PER_TICK - since / NS_PER_TICK;
    return this.enabled().some((stream) => {
      const period = 2n << this.placeOf(stream);
      const count = this.timers.count(stream.isVirtual);
      return BigInt.asUintN(64, count - this.phaseOf(stream)) % period < ticks;
    });
  }

  private enabled(): readonly Stream[] {
    const { state } = this;
    return streams.filter(
      ({ control, isVirtual }) => (isVirtual || state.hasEl2) && bit(state.get(control), ENABLED),
    );
  }

  private placeOf({ control }: Stream): bigint {
    return BigInt(field(this.state.get(control), PLACE.low, PLACE.width));
  }

  // A count at which the bit changes in the direction that makes an event.
  private phaseOf(stream: Stream): bigint {
    return bit(this.state.get(stream.control), FALLING) ? 0n : 1n << this.placeOf(stream);
  }
}
