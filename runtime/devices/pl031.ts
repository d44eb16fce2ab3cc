// PL031: seconds since 1970 as the machine's virtual wall clock has them, plus what a guest set.
//
// Relies on core/clock.ts and core/timeline.ts. The alarm is raised when the seconds become those of `mr`.

import { pl031 } from "../../spec/devices/pl031.ts";
import { wallClockNs } from "../core/clock.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import type { Timeline, Timer } from "../core/timeline.ts";
import { RegisterDevice, variable, type DeviceOptions } from "./register-table.ts";

const NS_PER_SECOND = 1_000_000_000n;

export interface Pl031Options extends DeviceOptions {
  readonly timeline: Timeline;
  readonly line: InterruptLine;
}

interface Pl031State {
  /** Added to the wall clock's seconds, modulo 2^32. */
  offset: number;
  mr: number;
  lr: number;
  imsc: number;
  ris: number;
}

export class Pl031 extends RegisterDevice<Pl031State> {
  private readonly options: Pl031Options;
  private readonly alarm: Timer;

  constructor(options: Pl031Options) {
    super({
      device: options,
      spec: pl031,
      initialState: () => ({ offset: 0, mr: 0, lr: 0, imsc: 0, ris: 0 }),
      narrowStores: "extend",
    });
    this.options = options;
    this.alarm = options.timeline.timer(`${options.name} alarm`, () => this.raiseAlarm());
    const state = (): Pl031State => this.state;
    this.define({
      dr: { read: () => BigInt(this.seconds()) },
      mr: variable(state, "mr", { changed: () => this.scheduleAlarm() }),
      lr: variable(state, "lr", { changed: () => this.setSeconds() }),
      imsc: variable(state, "imsc", { mask: 1, changed: () => this.driveLines() }),
      ris: { read: () => BigInt(this.state.ris) },
      mis: { read: () => BigInt(this.state.ris & this.state.imsc) },
      icr: {
        write: (value) => {
          this.state.ris &= ~Number(value);
          this.driveLines();
        },
      },
    });
  }

  override reset(): void {
    this.alarm.cancel();
    super.reset();
  }

  protected override driveLines(): void {
    this.options.line.set((this.state.ris & this.state.imsc) !== 0);
  }

  private wallClock(): bigint {
    return wallClockNs(this.options.timeline.now());
  }

  private seconds(): number {
    return Number(BigInt.asUintN(32, this.wallClock() / NS_PER_SECOND + BigInt(this.state.offset)));
  }

  private setSeconds(): void {
    const now = this.wallClock() / NS_PER_SECOND;
    this.state.offset = Number(BigInt.asUintN(32, BigInt(this.state.lr) - now));
    this.scheduleAlarm();
  }

  private scheduleAlarm(): void {
    const ticks = (this.state.mr - this.seconds()) >>> 0;
    if (ticks === 0) {
      this.raiseAlarm();
      return;
    }
    const toNextSecond = NS_PER_SECOND - (this.wallClock() % NS_PER_SECOND);
    this.alarm.schedule(this.options.timeline.now() + toNextSecond + BigInt(ticks - 1) * NS_PER_SECOND);
  }

  private raiseAlarm(): void {
    this.alarm.cancel();
    this.state.ris = 1;
    this.driveLines();
  }
}
