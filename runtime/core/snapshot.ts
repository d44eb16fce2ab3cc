// Copies of machine state that can be put back: a hart's area and an address space.
// Relies on hart.ts and address-space.ts. A snapshot is plain data (structured clone keeps it) and shares nothing with
// the machine, so it can be stored or restored into another machine of the same ISA.

import type { AddressSpace, Region } from "./address-space.ts";
import type { Hart } from "./hart.ts";
import { PAGE_BYTES } from "./ram.ts";

/** Regions and the contents of every touched page. */
export interface MemorySnapshot {
  readonly regions: readonly Region[];
  readonly pages: readonly { readonly number: number; readonly bytes: Uint8Array }[];
}

/** A hart with its memory. */
export interface Snapshot {
  readonly hart: Uint8Array;
  readonly memory: MemorySnapshot;
}

/** Copies the state of `hart` and `memory`. */
export function takeSnapshot(hart: Hart, memory: AddressSpace): Snapshot {
  return { hart: hart.copyArea(), memory: copyMemory(memory) };
}

/** Copies regions and pages. */
export function copyMemory(memory: AddressSpace): MemorySnapshot {
  const pages = [...memory.touchedPages()].map(([number, page]) => ({
    number,
    bytes: memory.ram.u8.slice(page.frame, page.frame + PAGE_BYTES),
  }));
  return { regions: [...memory.regions()], pages };
}

/** Puts a snapshot back. */
export function restoreSnapshot(snapshot: Snapshot, hart: Hart, memory: AddressSpace): void {
  restoreMemory(snapshot.memory, memory);
  hart.restoreArea(snapshot.hart);
}

/** Puts memory back; everything that was mapped before is gone, and observers are told. */
export function restoreMemory(snapshot: MemorySnapshot, memory: AddressSpace): void {
  for (const region of [...memory.regions()]) memory.unmap(region.start, region.end);
  for (const region of snapshot.regions) memory.map(region);
  for (const page of snapshot.pages) memory.fill(BigInt(page.number) * BigInt(PAGE_BYTES), page.bytes);
}
