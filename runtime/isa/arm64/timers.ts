// The generic timers of one hart: physical, virtual and EL2's (Arm DDI 0487, D11.2). The counter is the board's time.
//
// Relies on core/timeline.ts. Compare values and controls are system registers; when a timer is due follows from them,
// so `update` after a change or a restored snapshot is enough. Guarantees: a line is high while ENABLE and ISTATUS are
// set and IMASK is not.

import { unconnected, type InterruptLine } from "../../core/interrupt-line.ts";
import type { Timeline, Timer } from "../../core/timeline.ts";
import { bit, type ProcessorState } from "./processor-state.ts";

/** 62.5 MHz, as on QEMU's virt board. */
export const NS_PER_TICK = 16n;

const ENABLE = 0;
const MASKED = 1;
const STATUS = 4n;
const VALUE_BITS = 32;

interface GenericTimer {
  readonly control: string;
  readonly compare: string;
  readonly isVirtual: boolean;
  readonly timer: Timer;
  line: InterruptLine;
}

/** Names of the outputs, with the register names that go with them. */
const kinds = [
  { output: "cntp", suffix: "el0", isVirtual: false },
  { output: "cntv", suffix: "el0", isVirtual: true },
  { output: "cnthp", suffix: "el2", isVirtual: false },
] as const;

export class GenericTimers {
  private readonly state: ProcessorState;
  private readonly timeline: Timeline;
  private readonly timers = new Map<string, GenericTimer>();

  /** `attention` is called when a line has changed because time went on. */
  constructor(state: ProcessorState, timeline: Timeline, index: number) {
    this.state = state;
    this.timeline = timeline;
    for (const { output, suffix, isVirtual } of kinds) {
      if (output === "cnthp" && !state.hasEl2) continue;
      const timer = timeline.timer(`hart${String(index)} ${output}`, () => {
        this.update(output);
      });
      const control = `${output}_ctl_${suffix}`;
      const compare = `${output}_cval_${suffix}`;
      this.timers.set(output, { control, compare, isVirtual, timer, line: unconnected });
    }
  }

  connect(output: string, line: InterruptLine): void {
    const found = this.timers.get(output);
    if (found === undefined) return;
    found.line = line;
    this.update(output);
  }

  /** The physical or virtual count. */
  count(isVirtual: boolean): bigint {
    return BigInt.asUintN(64, this.timeline.now() / NS_PER_TICK - this.offset(isVirtual));
  }

  private offset(isVirtual: boolean): bigint {
    return isVirtual && this.state.hasEl2 ? this.state.get("cntvoff_el2") : 0n;
  }

  private isDue({ compare, isVirtual }: GenericTimer): boolean {
    return this.count(isVirtual) >= this.state.get(compare);
  }

  private named(output: string): GenericTimer {
    const found = this.timers.get(output);
    if (found === undefined) throw new Error(`no timer ${output}`);
    return found;
  }

  /** CTL with its status, which is there only while the timer is switched on. */
  readControl(output: string): bigint {
    const timer = this.named(output);
    const control = this.state.get(timer.control);
    return bit(control, ENABLE) && this.isDue(timer) ? control | STATUS : control;
  }

  /** TVAL: how far away the compare value is, in 32 bits. */
  readValue(output: string): bigint {
    const { compare, isVirtual } = this.named(output);
    return BigInt.asUintN(VALUE_BITS, this.state.get(compare) - this.count(isVirtual));
  }

  writeValue(output: string, value: bigint): void {
    const { compare, isVirtual } = this.named(output);
    this.state.set(compare, this.count(isVirtual) + BigInt.asIntN(VALUE_BITS, value));
    this.update(output);
  }

  /** Drives the line and plans the next change. */
  update(output: string): void {
    const timer = this.named(output);
    const control = this.state.get(timer.control);
    const isOn = bit(control, ENABLE);
    const isDue = isOn && this.isDue(timer);
    timer.line.set(isDue && !bit(control, MASKED));
    if (!isOn || isDue) timer.timer.cancel();
    else timer.timer.schedule((this.state.get(timer.compare) + this.offset(timer.isVirtual)) * NS_PER_TICK);
  }

  updateAll(): void {
    for (const output of this.timers.keys()) this.update(output);
  }
}
