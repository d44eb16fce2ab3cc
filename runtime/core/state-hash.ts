// A 64-bit fingerprint of machine state: equal states give equal text, in Node and in the browser.
// Relies on address-space.ts and hart.ts. Pages that hold only zeros count as untouched, because whether a page was
// touched depends on the executor. Not cryptographic: two lanes of multiply-and-rotate mixing over 32-bit words.

import type { AddressSpace } from "./address-space.ts";
import type { Hart } from "./hart.ts";
import { PAGE_BYTES } from "./ram.ts";

/** Accumulates words into two 32-bit lanes. */
export class StateHasher {
  private a = 0x9e3779b9 | 0;
  private b = 0x85ebca6b | 0;

  word(value: number): void {
    const a = Math.imul(this.a ^ value, 0xcc9e2d51);
    this.a = (a << 13) | (a >>> 19);
    const b = Math.imul(this.b + value, 0x1b873593);
    this.b = ((b << 17) | (b >>> 15)) ^ this.a;
  }

  wide(value: bigint): void {
    this.word(Number(value & 0xffff_ffffn));
    this.word(Number((value >> 32n) & 0xffff_ffffn));
  }

  /** Whole 32-bit words; `words` is a view on little-endian memory. */
  words(words: Uint32Array): void {
    for (const value of words) this.word(value);
  }

  text(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i += 1) this.word(value.charCodeAt(i));
  }

  /** 16 lower-case hexadecimal digits. */
  digest(): string {
    const [a, b] = [finish(this.a ^ this.b), finish(this.b)];
    return hex(finish(a + b)) + hex(a);
  }
}

function finish(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

/** Adds a hart: registers, pc, retired count and reservation. */
export function hashHart(hasher: StateHasher, hart: Hart): void {
  hasher.words(hart.ram.u32.subarray(hart.base / 4, (hart.base + hart.sizeBytes) / 4));
}

/** Adds an address space: its regions, then every page with contents in order of address. */
export function hashMemory(hasher: StateHasher, memory: AddressSpace): void {
  for (const region of memory.regions()) {
    hasher.wide(region.start);
    hasher.wide(region.end);
    hasher.word(region.permissions);
  }
  const pages = [...memory.touchedPages()].sort(([a], [b]) => a - b);
  for (const [number, page] of pages) {
    const words = memory.ram.u32.subarray(page.frame / 4, (page.frame + PAGE_BYTES) / 4);
    if (words.every((w) => w === 0)) continue;
    hasher.wide(BigInt(number));
    hasher.words(words);
  }
}

/** Adds plain data as structured clone keeps it: the state of a device. Keys of objects count in their order. */
export function hashPlain(hasher: StateHasher, value: unknown): void {
  if (typeof value === "bigint") hasher.wide(BigInt.asUintN(64, value));
  else if (typeof value === "number") hasher.text(String(value));
  else if (typeof value === "string") hasher.text(value);
  else if (value instanceof Uint8Array) {
    hasher.word(value.length);
    for (const byte of value) hasher.word(byte);
  } else if (typeof value === "object" && value !== null) {
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    hasher.word(entries.length);
    for (const [key, part] of entries) {
      hasher.text(String(key));
      hashPlain(hasher, part);
    }
  } else hasher.text(String(value));
}
