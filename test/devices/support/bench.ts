// Devices on a bench: a clock that the test moves, lines and serial channels that remember.

import type { BusDevice } from "../../../runtime/core/bus.ts";
import type { InterruptLine } from "../../../runtime/core/interrupt-line.ts";
import { Timeline } from "../../../runtime/core/timeline.ts";
import type { ByteChannel } from "../../../runtime/devices/byte-channel.ts";

/** Time since power-on that moves only when the test says so. */
export class Bench {
  readonly timeline: Timeline;
  /** Levels of the lines made here, by name. */
  readonly levels: Record<string, boolean> = {};
  /** Bytes that guests sent, by channel. */
  readonly sent: Record<string, number[]> = {};
  /** How often a device asked for more. */
  readonly asked: Record<string, number> = {};
  private nowNs = 0n;

  constructor() {
    this.timeline = new Timeline(() => this.nowNs);
  }

  /** Lets time pass, timer by timer. */
  advance(ns: bigint): void {
    const end = this.nowNs + ns;
    for (;;) {
      const next = this.timeline.nextDeadline();
      if (next === null || next > end) break;
      if (next > this.nowNs) this.nowNs = next;
      this.timeline.fireDue();
    }
    this.nowNs = end;
  }

  get now(): bigint {
    return this.nowNs;
  }

  readonly line = (name: string): InterruptLine => {
    this.levels[name] = false;
    return { set: (level) => (this.levels[name] = level) };
  };

  readonly channel = (name: string): ByteChannel => {
    const sent: number[] = (this.sent[name] = []);
    this.asked[name] = 0;
    return {
      send: (byte) => sent.push(byte),
      ready: () => (this.asked[name] = (this.asked[name] ?? 0) + 1),
    };
  };
}

/** Loads 4 bytes as a number. */
export function load32(device: BusDevice, offset: number): number {
  return Number(device.load(offset, 4));
}

export function store32(device: BusDevice, offset: number, value: number): void {
  device.store(offset, BigInt(value >>> 0), 4);
}
