// Random page tables for a test's own address, and the mapping of its code.
// Relies on riscv64-pair.ts. What QEMU answers otherwise than the manual is avoided here, with the reason.

import { fieldMask } from "../../../runtime/core/bit-field.ts";
import { TABLE_ENTRY as E } from "../../../spec/isa/riscv64/status.ts";
import type { Random } from "../../isa/samples.ts";
import { RAM } from "./riscv64-pair.ts";
import { pick } from "./riscv64-random.ts";

const PAGE = 4096n;
/** Tables by level, the root first, then the two pages that the address leads to if nothing is wrong. */
export const TABLES = RAM.start + 0x40_0000n;
export const TARGETS = RAM.start + 0x80_0000n;
/** Nothing answers there. */
const NOWHERE = 0x20_0000_0000n;

const V = fieldMask(E.V);
const R = fieldMask(E.R);
const W = fieldMask(E.W);
const X = fieldMask(E.X);
const U = fieldMask(E.U);
const A = fieldMask(E.A);
const D = fieldMask(E.D);
const GLOBAL = 0x20n;
const FREE = 0x100n;
const reserved = [1n << 54n, 1n << 61n, 1n << 62n, 1n << 63n];

export interface MappingRequest {
  readonly levels: number;
  /** Whether the page, and the code, is one of user mode. */
  readonly isUser: boolean;
  readonly isCodeUser: boolean;
}

export interface Mapping {
  readonly words: readonly (readonly [address: bigint, value: bigint])[];
  /** Virtual; perhaps near the end of a page, perhaps not canonical. */
  readonly address: bigint;
}

const number = (address: bigint): bigint => (address / PAGE) << BigInt(E.number.low);

// Mostly what works, sometimes with one thing wrong. An entry that is no leaf any more must not lead to what is no table.
function leafEntry(random: Random, address: bigint, isUser: boolean): bigint {
  const usual = number(address) | V | R | (random.below(4) > 0 ? W : 0n) | (random.below(2) > 0 ? X : 0n);
  let entry = usual | (isUser ? U : 0n) | pick(random, [0n, A, A | D, A | D]);
  for (let i = random.below(3); i > 0; i -= 1) {
    entry ^= pick(random, [V, R, W, X, U, A, D, GLOBAL, FREE, ...reserved]);
  }
  return (entry & (R | W | X)) === 0n ? entry & ~V : entry;
}

// Never to where nothing answers: there QEMU says page fault, the manual access fault (4.3.2, step 2).
function innerEntry(random: Random, table: bigint): bigint {
  const entry = number(table) | V;
  if (random.below(10) > 0) return entry;
  return entry ^ pick(random, [V, A, D, U, W, GLOBAL, FREE, ...reserved]);
}

/** Tables that lead from a random address, and the page after it, to the targets. */
export function anyMapping(random: Random, { levels, isUser, isCodeUser }: MappingRequest): Mapping {
  const table = (level: number): bigint => TABLES + PAGE * BigInt(levels - 1 - level);
  const words: (readonly [bigint, bigint])[] = [];
  const last = random.below(4) === 0 ? 1 + random.below(levels - 1) : 0;
  let address = 0n;
  let isNowhere = false;
  for (let level = levels - 1; level >= last; level -= 1) {
    const index = BigInt(3 + random.below(400));
    address |= index << BigInt(12 + 9 * level);
    const at = table(level) + 8n * index;
    if (level > last) {
      words.push([at, innerEntry(random, table(level - 1))]);
      continue;
    }
    const size = 1n << BigInt(12 + 9 * level);
    isNowhere = level > 2 || random.below(12) === 0;
    const aligned = level > 2 ? 4n * size : isNowhere ? NOWHERE : TARGETS & -size;
    const to = random.below(6) === 0 ? TARGETS : aligned;
    words.push([at, leafEntry(random, to, isUser)], [at + 8n, leafEntry(random, to + PAGE, isUser)]);
  }
  words.push(...codeMapping(levels, table, isCodeUser));
  // Of a misaligned access that nobody answers QEMU tells the address rounded down.
  const crosses = !isNowhere && random.below(3) === 0;
  address += crosses ? PAGE - BigInt(1 + random.below(8)) : BigInt(random.below(512) * 8);
  const isCanonical = random.below(16) > 0;
  const extended = isCanonical ? BigInt.asIntN(12 + 9 * levels, address) : address;
  return { words, address: BigInt.asUintN(64, extended) };
}

// From index 0 down to the level of gibibytes, where index 2 maps the RAM onto itself.
function codeMapping(
  levels: number,
  table: (level: number) => bigint,
  isUser: boolean,
): readonly (readonly [bigint, bigint])[] {
  const upper = Array.from({ length: levels - 3 }, (_, i) => levels - 1 - i);
  const identity = number(RAM.start) | V | R | W | X | A | D | (isUser ? U : 0n);
  return [
    ...upper.map((level) => [table(level), number(table(level - 1)) | V] as const),
    [table(2) + 16n, identity],
  ];
}
