// The cycle counter of the performance monitors (Arm DDI 0487, D12): PMCCNTR_EL0 counts nanoseconds, as on QEMU.
//
// Relies on core/timeline.ts. The register's file holds the count at the time in `cycleStart`. Event counters are not
// there, nothing is filtered by exception level, and an overflow sets its flag without an interrupt.

import type { Timeline } from "../../core/timeline.ts";
import { bit, type ProcessorState } from "./processor-state.ts";

const ENABLE = 0;
const RESET_CYCLES = 2;
const DIVIDE = 3;
const LONG = 6;
const CYCLES = 31;
const DIVISOR = 64n;

export class CycleCounter {
  private readonly state: ProcessorState;
  private readonly timeline: Timeline;

  constructor(state: ProcessorState, timeline: Timeline) {
    this.state = state;
    this.timeline = timeline;
  }

  private isCounting(): boolean {
    return bit(this.state.get("pmcr_el0"), ENABLE) && bit(this.state.get("pmcntenset_el0"), CYCLES);
  }

  private nsPerCount(): bigint {
    const control = this.state.get("pmcr_el0");
    return bit(control, DIVIDE) && !bit(control, LONG) ? DIVISOR : 1n;
  }

  read(): bigint {
    const held = this.state.get("pmccntr_el0");
    if (!this.isCounting()) return held;
    const passed = this.timeline.now() - this.state.get("cycleStart");
    return BigInt.asUintN(64, held + passed / this.nsPerCount());
  }

  write(value: bigint): void {
    this.state.set("pmccntr_el0", value);
    this.state.set("cycleStart", this.timeline.now());
  }

  /** Makes a change of what switches the counter; the count goes on from where it is. */
  change(apply: () => void): void {
    const now = this.read();
    apply();
    this.write(now);
  }

  /** PMCR_EL0: the request to reset the counter is not kept. */
  writeControl(value: bigint, keep: (value: bigint) => void): void {
    this.change(() => {
      keep(value);
    });
    if (bit(value, RESET_CYCLES)) this.write(0n);
  }
}
