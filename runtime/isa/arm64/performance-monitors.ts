// The performance monitors of one hart (Arm DDI 0487, D11): event counters, the cycle counter, overflows, their interrupt.
//
// Relies on core/timeline.ts and the hart's retired count: cycles are nanoseconds, as on QEMU, and everything else is
// instructions. Register files hold each counter's value at a known time; what was counted since follows when somebody
// asks, so counting costs nothing. Whoever changes what counts, levels included, does that inside of `change`.
// Guarantees: an overflow whose interrupt is enabled drives the line at the instruction that it happens at.

import {
  COUNTER_BITS,
  COUNTER_FILTER,
  CYCLE_COUNTER,
  EVENT,
  EVENT_COUNTERS,
  MONITOR_CONTROL,
  RESERVED_COUNTERS,
} from "../../../spec/isa/arm64/privileged-monitors.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";
import { BOARD_NS_PER_INSTRUCTION } from "../../core/clock.ts";
import { unconnected, type InterruptLine } from "../../core/interrupt-line.ts";
import type { Timeline, Timer } from "../../core/timeline.ts";
import { bit, field, type ProcessorState } from "./processor-state.ts";

const NARROW_BITS = 32;
const WIDE_BITS = 64;
const DIVISOR = 64n;
const eventCounters = Array.from({ length: EVENT_COUNTERS }, (_, i) => i);
const bitOf = (counter: number): bigint => 1n << BigInt(counter);

/** What counters hold now, and which of them overflowed on the way. */
interface Progress {
  readonly events: readonly bigint[];
  readonly cycles: bigint;
  readonly overflowed: bigint;
}

/** The next overflow with an interrupt, by what it waits for; null: none. */
interface NextOverflow {
  readonly time: bigint | null;
  readonly instructions: bigint | null;
}

export class PerformanceMonitors {
  private readonly state: ProcessorState;
  private readonly timeline: Timeline;
  private readonly timer: Timer;
  private line: InterruptLine = unconnected;
  // No counter is enabled, so nothing happens when levels change.
  private isIdle = true;
  // An overflow waits for instructions, but the hart executed none lately: it is planned when the hart runs again.
  private isParked = false;
  private plannedAt = 0n;

  constructor(state: ProcessorState, timeline: Timeline, index: number) {
    this.state = state;
    this.timeline = timeline;
    this.timer = timeline.timer(`hart${String(index)} pmu`, () => {
      this.overflow();
    });
  }

  connect(line: InterruptLine): void {
    this.line = line;
    this.update();
  }

  /** The value of an event counter or the cycle counter. */
  read(counter: number): bigint {
    const { events, cycles } = this.progress(this.state.level);
    return counter === CYCLE_COUNTER ? cycles : (events[counter] ?? 0n);
  }

  /** PMOVSSET_EL0. */
  overflows(): bigint {
    return this.state.get("pmovsset_el0") | this.progress(this.state.level).overflowed;
  }

  write(counter: number, value: bigint): void {
    this.change(() => {
      if (counter === CYCLE_COUNTER) this.state.set("pmccntr_el0", value);
      else this.state.set(fileOf("cntr", counter), BigInt.asUintN(NARROW_BITS, value));
    });
  }

  /** Makes a change of what counts. */
  change(apply: () => void): void {
    this.settle();
    apply();
    this.update();
  }

  /** The same for what may change the level, and nothing else that counts. */
  changeLevel<T>(apply: () => T): T {
    if (this.isIdle) return apply();
    const { level } = this.state;
    const result = apply();
    if (this.state.level === level) return result;
    this.settle(level);
    this.update();
    return result;
  }

  /** The instruction that counts does not retire for the machine: a call. Before `changeLevel`. */
  noteCall(): void {
    if (!this.isIdle) this.state.set("eventRetired", this.state.get("eventRetired") - 1n);
  }

  /** PMSWINC_EL0: counters of that event count one more. */
  increment(mask: bigint): void {
    this.change(() => {
      for (const i of eventCounters) {
        const isMeant = (mask & bitOf(i)) !== 0n && this.eventOf(i) === EVENT.softwareIncrement;
        if (isMeant && this.isCounting(i)) this.add(i, 1n);
      }
    });
  }

  /** PMCR_EL0, with its requests to reset, which are not kept. */
  writeControl(value: bigint, keep: (value: bigint) => void): void {
    this.change(() => {
      keep(value);
      if (bit(value, MONITOR_CONTROL.resetCycles)) this.state.set("pmccntr_el0", 0n);
      if (!bit(value, MONITOR_CONTROL.resetEvents)) return;
      const visible = this.visible();
      for (const i of eventCounters) if ((visible & bitOf(i)) !== 0n) this.state.set(fileOf("cntr", i), 0n);
    });
  }

  /** Counters that the present level may see: a hypervisor keeps some to itself. */
  visible(): bigint {
    const own = this.state.level < 2 ? this.firstReserved() : EVENT_COUNTERS;
    return bitOf(CYCLE_COUNTER) | (bitOf(own) - 1n);
  }

  /** The number of counters that PMCR_EL0.N says. */
  visibleCount(): number {
    return this.state.level < 2 ? this.firstReserved() : EVENT_COUNTERS;
  }

  /** The hart is about to run. */
  resume(): void {
    if (this.isParked) this.update();
  }

  /** Drives the line and plans the next overflow; also after everything else was put back. */
  update(): void {
    const { state, timer } = this;
    const enabled = state.get("pmcntenset_el0");
    this.isIdle = enabled === 0n;
    this.isParked = false;
    this.line.set((state.get("pmintenset_el1") & this.overflows() & this.switchedOn()) !== 0n);
    this.plan(timer);
  }

  private plan(timer: Timer): void {
    const { time, instructions } = this.nextOverflow();
    this.plannedAt = this.state.hart.retired;
    const now = this.timeline.now();
    const byTime = time === null ? null : now + time;
    const byRetiring = instructions === null || this.isParked ? null : now + instructions * BOARD_NS_PER_INSTRUCTION; // prettier-ignore
    const next = byTime === null || (byRetiring !== null && byRetiring < byTime) ? byRetiring : byTime;
    if (next === null) timer.cancel();
    else timer.schedule(next);
  }

  // A planned time may be too early: other harts ran, or traps took time. Never too late.
  private overflow(): void {
    const isStill = this.plannedAt === this.state.hart.retired;
    if (this.progress(this.state.level).overflowed !== 0n) this.settle();
    this.update();
    if (!isStill) return;
    this.isParked = true;
    this.plan(this.timer);
  }

  // Takes what was counted at that level into the files.
  private settle(level = this.state.level): void {
    const { state } = this;
    const { events, cycles, overflowed } = this.progress(level);
    const start = this.timeline.now() - this.restOfCycle(level);
    events.forEach((value, i) => {
      state.set(fileOf("cntr", i), value);
    });
    state.set("pmccntr_el0", cycles);
    state.set("pmovsset_el0", state.get("pmovsset_el0") | overflowed);
    state.set("cycleStart", start);
    state.set("eventTime", this.timeline.now());
    state.set("eventRetired", state.hart.retired);
  }

  private progress(level: Level): Progress {
    const { state } = this;
    let overflowed = 0n;
    const events = eventCounters.map((i) => state.get(fileOf("cntr", i)));
    const held = state.get("pmccntr_el0");
    if (state.get("pmcntenset_el0") === 0n) return { events, cycles: held, overflowed };
    let carried = 0n;
    for (const i of eventCounters) {
      const isChained = this.eventOf(i) === EVENT.chain && i % 2 === 1;
      const added = !this.isCounting(i, level) ? 0n : isChained ? carried : this.countedBy(i);
      const sum = (events[i] ?? 0n) + added;
      carried = sum >> BigInt(NARROW_BITS);
      events[i] = BigInt.asUintN(NARROW_BITS, sum);
      if (carried !== 0n) overflowed |= bitOf(i);
    }
    const cycles = held + (this.isCounting(CYCLE_COUNTER, level) ? this.cyclesPassed() : 0n);
    const width = BigInt(this.cycleWidth());
    if (cycles >> width !== held >> width) overflowed |= bitOf(CYCLE_COUNTER);
    return { events, cycles: BigInt.asUintN(WIDE_BITS, cycles), overflowed };
  }

  // What the counter's event did since the files were written.
  private countedBy(counter: number): bigint {
    const { state, timeline } = this;
    const event = this.eventOf(counter);
    if (event === EVENT.cycles) return timeline.now() - state.get("eventTime");
    if (event !== EVENT.retired) return 0n;
    return BigInt.asUintN(WIDE_BITS, state.hart.retired - state.get("eventRetired"));
  }

  private cyclesPassed(): bigint {
    return (this.timeline.now() - this.state.get("cycleStart")) / this.nsPerCycle();
  }

  private restOfCycle(level: Level): bigint {
    const isCounting = this.isCounting(CYCLE_COUNTER, level);
    return isCounting ? (this.timeline.now() - this.state.get("cycleStart")) % this.nsPerCycle() : 0n;
  }

  private nsPerCycle(): bigint {
    const control = this.state.get("pmcr_el0");
    return bit(control, MONITOR_CONTROL.divide) && !bit(control, MONITOR_CONTROL.long) ? DIVISOR : 1n;
  }

  private cycleWidth(): number {
    return bit(this.state.get("pmcr_el0"), MONITOR_CONTROL.long) ? WIDE_BITS : NARROW_BITS;
  }

  private add(counter: number, value: bigint): void {
    const { state } = this;
    const sum = state.get(fileOf("cntr", counter)) + value;
    state.set(fileOf("cntr", counter), BigInt.asUintN(NARROW_BITS, sum));
    if (sum >> BigInt(NARROW_BITS) === 0n) return;
    state.set("pmovsset_el0", state.get("pmovsset_el0") | bitOf(counter));
    const next = counter + 1;
    const isChained = counter % 2 === 0 && this.eventOf(next) === EVENT.chain && this.isCounting(next);
    if (isChained) this.add(next, 1n);
  }

  private nextOverflow(): NextOverflow {
    const { state } = this;
    const wanted = state.get("pmintenset_el1");
    let time: bigint | null = null;
    let instructions: bigint | null = null;
    const earlier = (a: bigint | null, b: bigint): bigint => (a === null || b < a ? b : a);
    for (const i of eventCounters) {
      // The carry into the next counter may be what is waited for.
      if ((wanted & (bitOf(i) | (i % 2 === 0 ? bitOf(i + 1) : 0n))) === 0n || !this.isCounting(i)) continue;
      const left = (1n << BigInt(NARROW_BITS)) - state.get(fileOf("cntr", i)) - this.countedBy(i);
      if (this.eventOf(i) === EVENT.cycles) time = earlier(time, left);
      if (this.eventOf(i) === EVENT.retired) instructions = earlier(instructions, left);
    }
    if ((wanted & bitOf(CYCLE_COUNTER)) !== 0n && this.isCounting(CYCLE_COUNTER)) {
      time = earlier(time, this.timeToCycleOverflow());
    }
    return { time, instructions };
  }

  private timeToCycleOverflow(): bigint {
    const held = this.state.get("pmccntr_el0");
    const left = (1n << BigInt(this.cycleWidth())) - BigInt.asUintN(this.cycleWidth(), held);
    return left * this.nsPerCycle() - (this.timeline.now() - this.state.get("cycleStart"));
  }

  private eventOf(counter: number): number {
    const [low, width] = COUNTER_FILTER.event;
    return counter < EVENT_COUNTERS ? field(this.state.get(fileOf("typer", counter)), low, width) : 0;
  }

  private firstReserved(): number {
    if (!this.state.hasEl2) return EVENT_COUNTERS;
    const [low, width] = RESERVED_COUNTERS.first;
    return Math.min(field(this.state.get("mdcr_el2"), low, width), EVENT_COUNTERS);
  }

  // Counters that PMCR_EL0 or, for the hypervisor's, MDCR_EL2 switches on.
  private switchedOn(): bigint {
    const { state } = this;
    const own = bitOf(CYCLE_COUNTER) | (bitOf(this.firstReserved()) - 1n);
    const isOn = bit(state.get("pmcr_el0"), MONITOR_CONTROL.enable);
    const isReservedOn = state.hasEl2 && bit(state.get("mdcr_el2"), RESERVED_COUNTERS.enable);
    return (isOn ? own : 0n) | (isReservedOn ? COUNTER_BITS & ~own : 0n);
  }

  private isCounting(counter: number, level = this.state.level): boolean {
    const { state } = this;
    const enabled = state.get("pmcntenset_el0") & this.switchedOn();
    if ((enabled & bitOf(counter)) === 0n) return false;
    const filter = state.get(counter === CYCLE_COUNTER ? "pmccfiltr_el0" : fileOf("typer", counter));
    if (level === 2) return bit(filter, COUNTER_FILTER.el2);
    return !bit(filter, level === 1 ? COUNTER_FILTER.el1 : COUNTER_FILTER.el0);
  }
}

function fileOf(kind: "cntr" | "typer", counter: number): string {
  return `pmev${kind}${String(counter)}_el0`;
}
