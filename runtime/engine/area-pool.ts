// Areas of one size for predecoded pages, shared by all executors of a machine and bounded: the oldest is taken away.
// Relies on core/ram.ts.

import type { Ram } from "../core/ram.ts";

/** Called when the area is given to somebody else. */
export type AreaLoss = () => void;

export class AreaPool {
  private readonly ram: Ram;
  private readonly areaBytes: number;
  private readonly limit: number;
  private readonly free: number[] = [];
  // In the order in which they were taken.
  private readonly taken = new Map<number, AreaLoss>();
  private made = 0;

  /** At most `limit` areas of `areaBytes` bytes. */
  constructor(ram: Ram, areaBytes: number, limit: number) {
    this.ram = ram;
    this.areaBytes = areaBytes;
    this.limit = limit;
  }

  /** Byte offset of a zeroed area; null if the host has no room for a single one. */
  take(onLoss: AreaLoss): number | null {
    const area = this.free.pop() ?? this.make() ?? this.takeOldest();
    if (area === null) return null;
    this.taken.set(area, onLoss);
    return area;
  }

  /** Gives an area back. */
  give(area: number): void {
    if (!this.taken.delete(area)) return;
    this.ram.u8.fill(0, area, area + this.areaBytes);
    this.free.push(area);
  }

  private make(): number | null {
    if (this.made === this.limit) return null;
    const area = this.ram.allocateArea(this.areaBytes, 64);
    if (area !== null) this.made += 1;
    return area;
  }

  private takeOldest(): number | null {
    for (const [area, onLoss] of this.taken) {
      onLoss();
      this.give(area);
      return this.free.pop() ?? null;
    }
    return null;
  }
}
