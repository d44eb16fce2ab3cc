// Goldfish RTC: nanoseconds since 1970 as the machine's virtual wall clock has them, plus what a guest set.
//
// Relies on core/clock.ts and core/timeline.ts.

import { goldfishRtc } from "../../spec/devices/goldfish-rtc.ts";
import { wallClockNs } from "../core/clock.ts";
import type { InterruptLine } from "../core/interrupt-line.ts";
import type { Timeline, Timer } from "../core/timeline.ts";
import { RegisterDevice, variable, type DeviceOptions, type RegisterModel } from "./register-table.ts";

const LOW = 0xffff_ffffn;

export interface GoldfishRtcOptions extends DeviceOptions {
  readonly timeline: Timeline;
  readonly line: InterruptLine;
}

interface GoldfishRtcState {
  /** Added to the wall clock, modulo 2^64. */
  offset: bigint;
  /** High half of the time when its low half was loaded last. */
  latchedHigh: number;
  alarm: bigint;
  alarmHigh: number;
  isAlarmSet: boolean;
  irqEnabled: number;
  isPending: boolean;
}

export class GoldfishRtc extends RegisterDevice<GoldfishRtcState> {
  private readonly options: GoldfishRtcOptions;
  private readonly timer: Timer;

  constructor(options: GoldfishRtcOptions) {
    super({ device: options, spec: goldfishRtc, initialState });
    this.options = options;
    this.timer = options.timeline.timer(`${options.name} alarm`, () => this.raiseAlarm());
    this.define(this.model());
  }

  override reset(): void {
    this.timer.cancel();
    super.reset();
  }

  protected override driveLines(): void {
    this.options.line.set(this.state.isPending && this.state.irqEnabled !== 0);
  }

  private model(): RegisterModel {
    const state = (): GoldfishRtcState => this.state;
    return {
      time_low: {
        read: () => {
          const time = this.time();
          this.state.latchedHigh = Number(time >> 32n);
          return time & LOW;
        },
        write: (value) => this.setTime((this.time() & ~LOW) | value),
      },
      time_high: {
        read: () => BigInt(this.state.latchedHigh),
        write: (value) => this.setTime((this.time() & LOW) | (value << 32n)),
      },
      alarm_low: {
        read: () => this.state.alarm & LOW,
        write: (value) => this.setAlarm((BigInt(this.state.alarmHigh) << 32n) | value),
      },
      alarm_high: variable(state, "alarmHigh"),
      irq_enabled: variable(state, "irqEnabled", { mask: 1, changed: () => this.driveLines() }),
      clear_alarm: { write: () => this.clearAlarm() },
      alarm_status: { read: () => BigInt(this.state.isAlarmSet) },
      clear_interrupt: {
        write: () => {
          this.state.isPending = false;
          this.driveLines();
        },
      },
    };
  }

  private time(): bigint {
    return BigInt.asUintN(64, wallClockNs(this.options.timeline.now()) + this.state.offset);
  }

  private setTime(time: bigint): void {
    this.state.offset = BigInt.asUintN(64, time - wallClockNs(this.options.timeline.now()));
  }

  private setAlarm(alarm: bigint): void {
    const wait = alarm - this.time();
    this.state.alarm = alarm;
    if (wait <= 0n) {
      this.raiseAlarm();
      return;
    }
    this.state.isAlarmSet = true;
    this.timer.schedule(this.options.timeline.now() + wait);
  }

  private clearAlarm(): void {
    this.state.isAlarmSet = false;
    this.timer.cancel();
  }

  private raiseAlarm(): void {
    this.clearAlarm();
    this.state.isPending = true;
    this.driveLines();
  }
}

function initialState(): GoldfishRtcState {
  return {
    offset: 0n,
    latchedHigh: 0,
    alarm: 0n,
    alarmHigh: 0,
    isAlarmSet: false,
    irqEnabled: 0,
    isPending: false,
  };
}
