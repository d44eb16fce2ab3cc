// What is at physical addresses that are not memory: devices, each with a window of its own.
//
// Relies on memory.ts. Guarantees: a device sees only accesses that lie wholly in its window, with an offset that is a
// multiple of their width; everything else is a fault of reason `bus` here, once for all devices.

import type { AccessBytes, AccessKind, MemoryFault } from "./memory.ts";

/** Widths of device accesses in bytes. A 16-byte access is two. */
export type DeviceBytes = 1 | 2 | 4 | 8;

/** A device as the bus and the machine around it see it. */
export interface BusDevice {
  /** Unique on its board: `uart0`. */
  readonly name: string;
  /** Size of its window. */
  readonly bytes: number;
  /** The value is below 2^(8 * bytes). */
  load(offset: number, bytes: DeviceBytes): bigint;
  /** `value` is below 2^(8 * bytes). */
  store(offset: number, value: bigint, bytes: DeviceBytes): void;
  /** Back to the state after power-on. */
  reset(): void;
  /** Everything that it remembers, as plain data that structured clone keeps. */
  saveState(): unknown;
  /** Takes what `saveState` gave, also in another machine; it drives its lines again as that state says. */
  restoreState(state: unknown): void;
}

/** Hears of every device access, after it happened: for traces. */
export type BusObserver = (access: {
  readonly device: BusDevice;
  readonly kind: "load" | "store";
  readonly offset: number;
  readonly bytes: DeviceBytes;
  readonly value: bigint;
}) => void;

interface Window {
  readonly start: bigint;
  readonly end: bigint;
  readonly device: BusDevice;
}

export class Bus {
  private windows: readonly Window[] = [];
  private observer: BusObserver | null = null;

  /** Puts `device` at `start`; windows must not overlap. */
  attach(start: bigint, device: BusDevice): void {
    const end = start + BigInt(device.bytes);
    const other = this.windows.find((w) => w.start < end && start < w.end);
    if (other !== undefined) throw new Error(`${device.name} overlaps ${other.device.name} on the bus`);
    this.windows = [...this.windows, { start, end, device }].sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  observe(observer: BusObserver | null): void {
    this.observer = observer;
  }

  /** All devices by address, with the start of their window. */
  devices(): readonly { readonly start: bigint; readonly device: BusDevice }[] {
    return this.windows;
  }

  load(address: bigint, bytes: AccessBytes): bigint | MemoryFault {
    if (bytes === 16) {
      const low = this.load(address, 8);
      const high = typeof low === "bigint" ? this.load(address + 8n, 8) : low;
      return typeof low === "bigint" && typeof high === "bigint" ? low | (high << 64n) : high;
    }
    const window = this.windowFor(address, bytes);
    if (window === null) return busFault("load", address);
    const offset = Number(address - window.start);
    const value = window.device.load(offset, bytes);
    this.observer?.({ device: window.device, kind: "load", offset, bytes, value });
    return value;
  }

  store(address: bigint, value: bigint, bytes: AccessBytes): MemoryFault | null {
    if (bytes === 16) {
      // Both halves are in one window or none, so nothing has changed when this faults.
      if (this.windowFor(address, 16) === null) return busFault("store", address);
      this.store(address, BigInt.asUintN(64, value), 8);
      return this.store(address + 8n, value >> 64n, 8);
    }
    const window = this.windowFor(address, bytes);
    if (window === null) return busFault("store", address);
    const offset = Number(address - window.start);
    const cut = BigInt.asUintN(8 * bytes, value);
    window.device.store(offset, cut, bytes);
    this.observer?.({ device: window.device, kind: "store", offset, bytes, value: cut });
    return null;
  }

  private windowFor(address: bigint, bytes: number): Window | null {
    const found = this.windows.find((w) => address >= w.start && address < w.end);
    if (found === undefined || address + BigInt(bytes) > found.end) return null;
    return (address - found.start) % BigInt(bytes) === 0n ? found : null;
  }
}

function busFault(access: AccessKind, address: bigint): MemoryFault {
  return { kind: "fault", access, address, reason: "bus" };
}
