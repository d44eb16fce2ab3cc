// Break- and watchpoints as `Z` and `z` packets name them. Relies on core/access-stops.ts. Bounded in number and size.

import type { AccessStop } from "../../core/access-stops.ts";

// By the packet's type: software and hardware breakpoints are alike here, then write, read and access watchpoints.
const ACCESSES: readonly AccessStop["access"][] = ["fetch", "fetch", "store", "load", "both"];
const MAX_STOPS = 4096;
const MAX_WATCHED_BYTES = 1n << 16n;
const REQUEST = /^([0-4]),([0-9a-f]{1,16}),([0-9a-f]{1,16})$/;

export class StopPoints {
  private readonly points = new Map<string, AccessStop>();

  /** All of them. */
  all(): readonly AccessStop[] {
    return [...this.points.values()];
  }

  /** False for what we do not have, or cannot have so many or so large. */
  insert(text: string): boolean {
    const parts = REQUEST.exec(text);
    const access = ACCESSES[Number(parts?.[1])];
    if (parts === null || access === undefined || this.points.size >= MAX_STOPS) return false;
    const address = BigInt(`0x${parts[2] ?? ""}`);
    const length = BigInt(`0x${parts[3] ?? ""}`);
    if (access !== "fetch" && (length === 0n || length > MAX_WATCHED_BYTES)) return false;
    // What follows a breakpoint's number is a kind of instruction, not a length.
    this.points.set(text, { address, bytes: access === "fetch" ? 1 : Number(length), access });
    return true;
  }

  /** Removing what is not there is no mistake: packets may be sent twice. */
  remove(text: string): void {
    this.points.delete(text);
  }

  clear(): void {
    this.points.clear();
  }
}
