// Translation tables for tests: entries are put into a sparse memory at the levels that an address needs.
// Relies on spec/isa/arm64/privileged-translation.ts for the shape of 4 KiB granules.

import type { Memory, MemoryFault } from "../../../runtime/core/memory.ts";

const TABLE = 3n;
const INDEX_BITS = 9n;
const PAGE_BITS = 12n;

/** Physical memory of 8-byte words; everything else is a bus fault. */
export class WordMemory implements Memory {
  readonly words = new Map<bigint, bigint>();

  load(address: bigint): bigint | MemoryFault {
    const word = this.words.get(address);
    return word ?? { kind: "fault", access: "load", address, reason: "bus" };
  }

  store(address: bigint, value: bigint): null {
    this.words.set(address, value);
    return null;
  }

  fetch(address: bigint): MemoryFault {
    return { kind: "fault", access: "fetch", address, reason: "bus" };
  }
}

/** Tables of 4 KiB granules, made as they are needed from `next` upwards. */
export class TableBuilder {
  readonly memory: WordMemory;
  readonly root: bigint;
  private next: bigint;
  private readonly startLevel: number;

  constructor(memory: WordMemory, start: bigint, startLevel = 0) {
    this.memory = memory;
    this.root = start;
    this.next = start;
    this.startLevel = startLevel;
    this.makeTable();
  }

  private makeTable(): bigint {
    const at = this.next;
    this.next += 1n << PAGE_BITS;
    for (let i = 0n; i < 512n; i += 1n) this.memory.words.set(at + 8n * i, 0n);
    return at;
  }

  private slot(table: bigint, address: bigint, level: number): bigint {
    const index = BigInt.asUintN(9, address >> (PAGE_BITS + INDEX_BITS * BigInt(3 - level)));
    return table + 8n * index;
  }

  /** Puts `descriptor` where the walk of `address` ends at `level`; `limits` go into the tables above it. */
  put(address: bigint, level: number, descriptor: bigint, limits = 0n): void {
    let table = this.root;
    for (let at = this.startLevel; at < level; at += 1) {
      const slot = this.slot(table, address, at);
      const found = this.memory.words.get(slot) ?? 0n;
      const below = found === 0n ? this.makeTable() : found & 0xffff_ffff_f000n;
      if (found === 0n) this.memory.words.set(slot, below | TABLE | limits);
      table = below;
    }
    this.memory.words.set(this.slot(table, address, level), descriptor);
  }
}
