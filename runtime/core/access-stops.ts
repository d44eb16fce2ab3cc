// Where a debugger wants harts to stop: instruction addresses and ranges of data, by virtual address.
//
// Relies on paged-memory.ts. A hart's view of memory asks here. Pages with a stop are never remembered with the
// permission that it is about, so every executor comes to the view for such accesses and runs at full speed elsewhere.
// A stop is a fault of reason `debugger`: the instruction has not retired. The guest cannot see any of this.

import type { AccessKind } from "./memory.ts";
import { EXECUTE, READ, WRITE } from "./paged-memory.ts";
import { PAGE_SHIFT } from "./ram.ts";

/** Accesses that touch any of `bytes` bytes at `address`; an instruction only by its first byte. */
export interface AccessStop {
  readonly address: bigint;
  readonly bytes: number;
  readonly access: "load" | "store" | "both" | "fetch";
}

/** The same for a guest's own breakpoints and watchpoints, which its architecture compares: a fault of reason `watched`. */
export interface GuestWatch {
  /** Permissions that nobody may remember of the page. */
  withheld(pageNumber: number): number;
  /** The first byte that the access must not touch; null: it goes on. Asked when nothing else forbids the access. */
  hit(access: AccessKind, address: bigint, bytes: number): bigint | null;
}

const WITHHELD: Readonly<Record<AccessStop["access"], number>> = {
  load: READ,
  store: WRITE,
  both: READ | WRITE,
  fetch: EXECUTE,
};

export class AccessStops {
  /** False: accesses go on, as one instruction after a stop must. */
  isArmed = true;
  private readonly fetches = new Set<bigint>();
  private ranges: readonly AccessStop[] = [];
  private readonly pages = new Map<number, number>();

  /** These instead of those before. Whoever remembers pages must forget them then. */
  replace(stops: readonly AccessStop[]): void {
    this.fetches.clear();
    this.pages.clear();
    for (const { address, bytes, access } of stops) {
      if (access === "fetch") this.fetches.add(address);
      const last = (address + BigInt(bytes) - 1n) >> BigInt(PAGE_SHIFT);
      for (let page = address >> BigInt(PAGE_SHIFT); page <= last; page += 1n) {
        const number = Number(page);
        this.pages.set(number, (this.pages.get(number) ?? 0) | WITHHELD[access]);
      }
    }
    this.ranges = stops.filter(({ access }) => access !== "fetch");
  }

  /** Permissions that nobody may remember of the page. */
  withheld(pageNumber: number): number {
    return this.pages.size === 0 ? 0 : (this.pages.get(pageNumber) ?? 0);
  }

  /** True if the access must not be made. */
  forbids(access: AccessKind, address: bigint, bytes: number): boolean {
    if (this.pages.size === 0 || !this.isArmed) return false;
    return access === "fetch" ? this.fetches.has(address) : this.watch(access, address, bytes) !== null;
  }

  /** The range that an access of `bytes` bytes touches. */
  watch(access: AccessKind, address: bigint, bytes: number): AccessStop | null {
    const touches = (stop: AccessStop): boolean =>
      (stop.access === "both" || stop.access === access) &&
      stop.address < address + BigInt(bytes) &&
      address < stop.address + BigInt(stop.bytes);
    return this.ranges.find(touches) ?? null;
  }
}
