// Where things are in the memory of a fuzzed board, as offsets from the start of its RAM, and addresses worth using.
// Relies on the prng. Both boards share the layout; translation tables have the shape that both architectures read:
// three levels of 512 entries, the root mapping 1 GiB an entry.

import type { Random } from "../../support/random-program/prng.ts";

export const MEMORY_BYTES = 4 << 20;
/** Start-up code and trap handlers; then the random program. */
export const BOOT_AT = 0;
export const CODE_AT = 0x1_0000;
export const DATA_AT = 0x4_0000;
export const DATA_BYTES = 0x1_0000;
/**
 * A page each: root, middle table, leaf tables (two of code, one of data, one of anything), and the root of the second
 * stage.
 */
export const TABLES_AT = 0x8_0000;
export const LEAF_TABLES = 4;
export const CODE_LEAVES = 2;
export const SECOND_ROOT_AT = TABLES_AT + 0x6000;
/** Leaf tables repeat so many pages. */
export const REPEATED_PAGES = 16;
/** Descriptors, rings and buffers of virtqueues. */
export const QUEUES_AT = 0xa_0000;
export const QUEUE_BYTES = 0x1_0000;

export const PAGE = 4096;
export const ENTRIES = 512;
/** Root entries below this map the first gibibytes to themselves; this one leads to the middle table. */
export const WINDOW_ENTRY = 4;
/** First virtual address of small and large pages. */
export const WINDOW = 0x1_0000_0000n;
/** Middle entries with leaf tables come first, then as many large pages. */
export const WINDOW_BYTES = 8 << 21;

/** Where code is: at its place in memory, or in one of the windows onto it. */
export function codeAddress(random: Random, { memory, codeBytes }: Surroundings, step: 2 | 4): bigint {
  const offset = BigInt(step * random.below(codeBytes / step));
  if (random.chance(50)) return memory + BigInt(CODE_AT) + offset;
  return WINDOW + (BigInt(random.below(CODE_LEAVES)) << 21n) + offset;
}

/** What a guest may meet: devices with their registers' offsets. */
export interface DevicePlace {
  readonly name: string;
  readonly start: bigint;
  readonly bytes: number;
  readonly registers: readonly number[];
}

export interface Surroundings {
  readonly memory: bigint;
  readonly codeBytes: number;
  readonly devices: readonly DevicePlace[];
}

/** An offset into RAM: data mostly, and now and then code, tables, queues, ends of pages and of memory. */
export function memoryOffset(random: Random, codeBytes: number): number {
  const place = random.weighted<() => number>([
    [10, () => DATA_AT + random.below(DATA_BYTES)],
    [4, () => DATA_AT + random.below(DATA_BYTES / PAGE) * PAGE + PAGE - 1 - random.below(16)],
    [3, () => CODE_AT + random.below(codeBytes)],
    [3, () => TABLES_AT + random.below((2 + LEAF_TABLES) * ENTRIES) * 8],
    [2, () => QUEUES_AT + random.below(QUEUE_BYTES)],
    [1, () => MEMORY_BYTES - random.below(32)],
    [1, () => random.below(MEMORY_BYTES)],
  ])();
  const alignment = random.pick([1, 4, 8, 16, 16, 64]);
  return place - (place % alignment);
}

/** An address of a device's register, or of somewhere else in its window. */
export function deviceAddress(random: Random, devices: readonly DevicePlace[]): bigint {
  const { start, bytes, registers } = random.pick(devices);
  const offset = registers.length > 0 && random.chance(80) ? random.pick(registers) : random.below(bytes);
  return start + BigInt(random.chance(90) ? offset - (offset % 4) : offset);
}

/** Any address that a guest could think of. */
export function anyAddress(random: Random, { memory, codeBytes, devices }: Surroundings): bigint {
  return random.weighted<() => bigint>([
    [12, () => memory + BigInt(memoryOffset(random, codeBytes))],
    [2, () => WINDOW + BigInt(random.below(WINDOW_BYTES))],
    [5, () => WINDOW + BigInt((random.below(LEAF_TABLES) << 21) + random.below(REPEATED_PAGES * PAGE))],
    [2, () => WINDOW + BigInt(random.below(LEAF_TABLES * ENTRIES) * PAGE + PAGE - 1 - random.below(16))],
    [3, () => deviceAddress(random, devices)],
    [1, () => BigInt.asUintN(64, -(1n << 39n) + BigInt(random.below(WINDOW_BYTES)))],
    [1, () => random.word()],
  ])();
}
