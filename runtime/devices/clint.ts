// CLINT: software interrupts and timer of each hart.
//
// Relies on core/timeline.ts. `mtime` is virtual time in units of 100 ns plus what a guest's store to it added. As on
// QEMU, mtimecmp is zero at reset, so the timer interrupt is pending until firmware sets it.

import { CLINT_HZ, clint } from "../../spec/devices/clint.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import type { Timeline, Timer } from "../core/timeline.ts";
import { RegisterDevice, type DeviceOptions } from "./register-table.ts";

const NS_PER_TICK = 1_000_000_000n / CLINT_HZ;

/** The two machine-level interrupts of one hart. */
export interface ClintLines {
  readonly software: InterruptLine;
  readonly timer: InterruptLine;
}

export interface ClintOptions extends DeviceOptions {
  readonly timeline: Timeline;
  /** By hart. */
  readonly lines: readonly ClintLines[];
}

interface ClintState {
  readonly msip: number[];
  readonly mtimecmp: bigint[];
  /** Added to virtual time; may be negative. */
  offset: bigint;
}

export class Clint extends RegisterDevice<ClintState> {
  private readonly timeline: Timeline;
  private readonly lines: readonly ClintLines[];
  private readonly timers: readonly Timer[];

  constructor(options: ClintOptions) {
    const { name, timeline, lines } = options;
    super({
      device: options,
      spec: clint(lines.length),
      initialState: () => ({
        msip: lines.map(() => 0),
        mtimecmp: lines.map(() => 0n),
        offset: -(timeline.now() / NS_PER_TICK),
      }),
    });
    this.timeline = timeline;
    this.lines = lines;
    this.timers = lines.map((_, hart) =>
      timeline.timer(`${name} mtimecmp${hart}`, () => this.updateTimer(hart)),
    );
    this.define({
      msip: {
        read: (hart) => BigInt(this.state.msip[hart] ?? 0),
        write: (value, hart) => {
          this.state.msip[hart] = Number(value & 1n);
          this.driveSoftware(hart);
        },
      },
      mtimecmp: {
        read: (hart) => this.state.mtimecmp[hart] ?? 0n,
        write: (value, hart) => {
          this.state.mtimecmp[hart] = value;
          this.updateTimer(hart);
        },
      },
      mtime: {
        read: () => this.mtime(),
        write: (value) => {
          this.state.offset = value - timeline.now() / NS_PER_TICK;
          this.driveLines();
        },
      },
    });
    this.driveLines();
  }

  /** What the register reads as now. */
  mtime(): bigint {
    return BigInt.asUintN(64, this.timeline.now() / NS_PER_TICK + this.state.offset);
  }

  protected override driveLines(): void {
    for (const hart of this.lines.keys()) {
      this.driveSoftware(hart);
      this.updateTimer(hart);
    }
  }

  private driveSoftware(hart: number): void {
    this.lines[hart]?.software.set(this.state.msip[hart] === 1);
  }

  private updateTimer(hart: number): void {
    const compare = this.state.mtimecmp[hart] ?? 0n;
    const time = this.mtime();
    const isPending = time >= compare;
    // What is not pending becomes so at `compare`; what is pending stays so until mtime overflows.
    const ticks = (isPending ? 1n << 64n : compare) - time;
    const nowTicks = this.timeline.now() / NS_PER_TICK;
    this.timers[hart]?.schedule((nowTicks + ticks) * NS_PER_TICK);
    this.lines[hart]?.timer.set(isPending);
  }
}
