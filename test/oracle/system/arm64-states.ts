// Random privileged states for arm64-pair.ts: control registers, tables of both stages, instructions that touch them.
//
// Relies on the shape of VMSAv8-64 tables. Everything follows from a seed. Choices lean towards states that get far: a
// table is mostly well made, with one thing wrong now and then.

import type { SeededRandom } from "../../runtime/support/random-code.ts";
import type { PrivilegedSetup } from "./arm64-pair.ts";

export type Level = 0 | 1 | 2;

/** Physical places; each is in 2 MiB of its own, so that a second stage can treat them differently. */
export const PLACES = {
  tables: 0x4200_0000n,
  code: 0x4220_0000n,
  data: 0x4240_0000n,
  stage2: 0x4260_0000n,
} as const;

const ONE = 1n;
const bitAt = (place: number): bigint => ONE << BigInt(place);

/** A number of 64 bits: small, a mask, an address or anything. */
export function randomWord(random: SeededRandom): bigint {
  const anything =
    (BigInt(random.below(2 ** 31)) << 33n) ^
    (BigInt(random.below(2 ** 31)) << 11n) ^
    BigInt(random.below(2048));
  const cut = BigInt(random.below(64));
  return random.chance(30) ? anything >> cut : anything;
}

/** Each of `places` set with that chance. */
export function randomBits(random: SeededRandom, places: readonly number[], percent: number): bigint {
  return places.reduce((all, place) => (random.chance(percent) ? all | bitAt(place) : all), 0n);
}

type Words = Map<bigint, bigint>;

/** Geometry of one stage. */
interface Geometry {
  readonly granuleBits: number;
  readonly inputBits: number;
  readonly startLevel: number;
}

/** Puts descriptors where a walk of an address meets them. */
class Tables {
  readonly words: Words;
  readonly root: bigint;
  private next: bigint;
  private readonly geometry: Geometry;

  constructor(words: Words, start: bigint, geometry: Geometry) {
    this.words = words;
    this.geometry = geometry;
    // A whole table of the largest granule, and room for several side by side.
    this.root = start;
    this.next = start + 0x10_000n;
  }

  end(): bigint {
    return this.next;
  }

  put(address: bigint, level: number, descriptor: bigint, tableBits: bigint): void {
    const { granuleBits, inputBits, startLevel } = this.geometry;
    const stride = granuleBits - 3;
    let table = this.root;
    for (let at = startLevel; ; at += 1) {
      const shift = BigInt(granuleBits + stride * (3 - at));
      const width = at === startLevel ? inputBits - Number(shift) : stride;
      const slot = table + 8n * BigInt.asUintN(width, address >> shift);
      if (at === level) {
        this.words.set(slot, descriptor);
        return;
      }
      const found = this.words.get(slot);
      const below = found === undefined ? this.take() : found & 0xffff_ffff_0000n;
      if (found === undefined) this.words.set(slot, below | 3n | tableBits);
      table = below;
    }
  }

  private take(): bigint {
    const at = this.next;
    this.next += 0x10_000n;
    return at;
  }
}

const ACCESSED = bitAt(10);
const NEVER = bitAt(54);
const PRIVILEGED_NEVER = bitAt(53);

/** Leaf attributes of the first stage: mostly accessible. */
function leafAttributes(random: SeededRandom): bigint {
  const accessed = random.chance(90) ? ACCESSED : 0n;
  const rights = BigInt(random.below(4)) << 6n;
  const index = BigInt(random.below(8)) << 2n;
  const share = BigInt(random.below(4)) << 8n;
  const ignored = randomBits(random, [5, 11, 52, 55, 56, 57, 58], 20);
  return accessed | rights | index | share | ignored | randomBits(random, [53, 54], 25);
}

interface Half {
  readonly inputBits: number;
  readonly granuleBits: number;
  readonly isUpper: boolean;
}

/** An address of the half, sometimes one bit beyond it. */
function addressIn(random: SeededRandom, { inputBits, granuleBits, isUpper }: Half): bigint {
  const low = BigInt.asUintN(inputBits, randomWord(random)) & ~(bitAt(granuleBits) - 1n);
  const top = isUpper ? BigInt.asUintN(64, -bitAt(inputBits)) : 0n;
  return top | low;
}

function startLevelOf(half: Half): number {
  return 4 - Math.floor((half.inputBits - 4) / (half.granuleBits - 3));
}

/** Maps `address` to `physical` by a page or a block; something may be wrong with it. */
function map(
  random: SeededRandom,
  tables: Tables,
  half: Half,
  to: { address: bigint; physical: bigint; attributes: bigint },
): bigint {
  const start = startLevelOf(half);
  const blockLevel = half.granuleBits === 12 ? Math.max(start, 2) : 2;
  const level = random.chance(30) && blockLevel >= start ? blockLevel : 3;
  const stride = half.granuleBits - 3;
  const sizeMask = bitAt(half.granuleBits + stride * (3 - level)) - 1n;
  const kind = level === 3 ? 3n : 1n;
  const broken = random.chance(4) ? randomBits(random, [0, 1, 40, 47], 40) : 0n;
  const limits = random.chance(15) ? randomBits(random, [59, 60, 61, 62, 63], 25) : 0n;
  tables.put(to.address, level, ((to.physical & ~sizeMask) | kind | to.attributes) ^ broken, limits);
  // Where the bytes of `physical` are seen.
  return (to.address & ~sizeMask) | (to.physical & sizeMask);
}

/** Registers, memory and addresses of a translated world. */
export interface World {
  readonly registers: [string, bigint][];
  readonly words: Words;
  /** Where code and data are seen, and an address that is not mapped. */
  readonly code: bigint;
  readonly data: bigint;
  readonly unmapped: bigint;
  readonly tags: boolean;
}

function codeAttributes(random: SeededRandom, level: number): bigint {
  if (random.chance(15)) return leafAttributes(random);
  const rights = level === 0 ? 3n << 6n : BigInt(2 * random.below(2)) << 6n;
  return ACCESSED | rights | (level === 0 ? PRIVILEGED_NEVER : level === 1 ? NEVER : 0n);
}

/** A world for EL0 and EL1: both halves of TCR_EL1, sometimes a second stage. */
export function worldOfEl1(random: SeededRandom, level: 0 | 1, withStage2: boolean): World {
  const half = (isUpper: boolean): Half => ({
    inputBits: 64 - (random.chance(95) ? 16 + random.below(24) : 10 + random.below(40)),
    granuleBits: random.chance(75) ? 12 : 16,
    isUpper,
  });
  const [lower, upper] = [half(false), half(true)];
  const sized = [lower, upper].every(({ inputBits }) => inputBits <= 48 && inputBits >= 25);
  const size = ({ inputBits }: Half): bigint => BigInt(64 - inputBits);
  const granules =
    (lower.granuleBits === 12 ? 0n : 1n << 14n) | (upper.granuleBits === 12 ? 2n << 30n : 3n << 30n);
  const output = BigInt(random.chance(85) ? 2 + random.below(2) : random.below(7)) << 32n;
  const tags = random.chance(40);
  const flags = (tags ? 3n << 37n : 0n) | randomBits(random, [7, 23], 4);
  const tcr =
    BigInt.asUintN(6, size(lower)) | (BigInt.asUintN(6, size(upper)) << 16n) | granules | output | flags;
  const isOn = random.chance(92);
  const words: Words = new Map();
  const make = (h: Half, start: bigint): Tables =>
    new Tables(words, start, { ...h, startLevel: sized ? startLevelOf(h) : 3 });
  const usable = sized ? [lower, upper] : [];
  const tables = new Map<Half, Tables>(
    usable.map((h, i) => [h, make(h, PLACES.tables + BigInt(i) * 0x10_0000n)]),
  );
  const place = (physical: bigint, attributes: bigint): bigint => {
    const h = random.pick([lower, upper]);
    const own = tables.get(h);
    const address = addressIn(random, h);
    if (own === undefined) return address;
    return map(random, own, h, { address, physical, attributes });
  };
  const code = place(PLACES.code, codeAttributes(random, level));
  const data = place(PLACES.data, leafAttributes(random));
  const registers: [string, bigint][] = [
    ["tcr_el1", tcr],
    ["ttbr0_el1", PLACES.tables | (BigInt(random.below(65536)) << 48n) | (random.chance(3) ? bitAt(45) : 0n)],
    ["ttbr1_el1", (PLACES.tables + 0x10_0000n) | (BigInt(random.below(65536)) << 48n)],
    ["mair_el1", randomWord(random)],
    ["sctlr_el1", 0xc5_0838n | (isOn ? 1n : 0n) | randomBits(random, [1, 19], 8)],
  ];
  if (withStage2) registers.push(...secondStage(random, words));
  if (!isOn)
    return { registers, words, code: PLACES.code, data: PLACES.data, unmapped: PLACES.data + 0x1000n, tags };
  return { registers, words, code, data, unmapped: addressIn(random, random.pick([lower, upper])), tags };
}

// Blocks of 2 MiB for each place, or pages; from level 1 or 2.
function secondStage(random: SeededRandom, words: Words): [string, bigint][] {
  const startLevel = random.chance(80) ? 1 : 2;
  const least = startLevel === 1 ? 31 : 25;
  const inputBits = random.chance(92)
    ? startLevel === 1
      ? 31 + random.below(9)
      : 31 + random.below(3)
    : least + random.below(16) - 3;
  const isFit = inputBits >= 31 && (startLevel === 1 ? inputBits <= 43 : inputBits <= 34);
  const tables = new Tables(words, PLACES.stage2, {
    granuleBits: 12,
    inputBits: isFit ? inputBits : 34,
    startLevel,
  });
  for (const physical of [PLACES.tables, PLACES.code, PLACES.data]) {
    const bad = random.chance(physical === PLACES.data ? 50 : 12);
    const rights = bad ? BigInt(random.below(4)) << 6n : 3n << 6n;
    const accessed = bad && random.chance(25) ? 0n : ACCESSED;
    const memory = BigInt(random.chance(80) ? 15 : random.below(16)) << 2n;
    const never = bad ? randomBits(random, [53, 54], 30) : 0n;
    const attributes = rights | accessed | memory | never | (BigInt(random.below(4)) << 8n);
    if (random.chance(70)) tables.put(physical, 2, physical | attributes | 1n, 0n);
    else if (!random.chance(10)) {
      for (let page = 0n; page < 4n; page += 1n) {
        tables.put(physical + page * 0x1000n, 3, (physical + page * 0x1000n) | attributes | 3n, 0n);
      }
    }
  }
  const control =
    BigInt.asUintN(6, BigInt(64 - inputBits)) |
    (BigInt(random.chance(95) ? 2 - startLevel : random.below(4)) << 6n) |
    (BigInt(random.chance(90) ? 2 : random.below(6)) << 16n);
  return [
    ["vtcr_el2", control],
    ["vttbr_el2", PLACES.stage2],
    ["hcr_el2", bitAt(31) | 1n | randomBits(random, [2], 20) | randomBits(random, [12], 4)],
  ];
}

/** A world for EL2: one half. */
export function worldOfEl2(random: SeededRandom): World {
  const half: Half = {
    inputBits: 64 - (16 + random.below(24)),
    granuleBits: random.chance(75) ? 12 : 16,
    isUpper: false,
  };
  const words: Words = new Map();
  const tables = new Tables(words, PLACES.tables, { ...half, startLevel: startLevelOf(half) });
  const tags = random.chance(40);
  const place = (physical: bigint, attributes: bigint): bigint =>
    map(random, tables, half, { address: addressIn(random, half), physical, attributes });
  const tcr =
    BigInt(64 - half.inputBits) |
    (half.granuleBits === 12 ? 0n : 1n << 14n) |
    (2n << 16n) |
    (tags ? bitAt(20) : 0n);
  return {
    registers: [
      ["tcr_el2", tcr],
      ["ttbr0_el2", PLACES.tables],
      ["mair_el2", randomWord(random)],
      ["sctlr_el2", 1n | randomBits(random, [1, 19], 10)],
    ],
    words,
    code: place(PLACES.code, codeAttributes(random, 2)),
    data: place(PLACES.data, leafAttributes(random)),
    unmapped: addressIn(random, half),
    tags,
  };
}

/** PSTATE for a level: flags and masks at random. */
export function randomState(random: SeededRandom, level: Level): bigint {
  const select = level === 0 ? 0n : BigInt(random.below(2));
  const flags = BigInt(random.below(16)) << 28n;
  return flags | (BigInt(random.below(16)) << 6n) | (BigInt(level) << 2n) | select;
}

/** A stack pointer with the alignment that is always accepted. */
export function randomStack(random: SeededRandom): bigint {
  return randomWord(random) & ~15n;
}

/** Controls that trap, route and redirect, at random. */
export function randomControls(random: SeededRandom, hasEl2: boolean): [string, bigint][] {
  const counters = randomBits(random, [0, 1, 2, 3], 40);
  const el1: [string, bigint][] = [
    ["sctlr_el1", 0xc5_0838n ^ randomBits(random, [9, 14, 15, 16, 18, 26], 50)],
    ["cntkctl_el1", randomBits(random, [0, 1, 8, 9], 50)],
    ["pmuserenr_el0", counters],
    ["cpacr_el1", BigInt(random.below(4)) << 20n],
    ["csselr_el1", BigInt(random.below(4))],
    ["mdscr_el1", randomBits(random, [12], 50)],
    ["vbar_el1", randomWord(random)],
    ["elr_el1", randomWord(random)],
    // No return to 32-bit state, which QEMU's processor has.
    ["spsr_el1", randomWord(random) & 0xffff_ffffn & ~0x10n],
    ["tpidr_el1", randomWord(random)],
    ["par_el1", randomWord(random)],
  ];
  if (!hasEl2) return el1;
  // QEMU forgets MDCR_EL2.TPM where one of the finer bits of PMUSERENR_EL0 allows an access.
  const monitors = counters < 2n ? [5, 6, 9, 10, 11] : [5, 9, 10, 11];
  const traps = [13, 14, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 28, 29, 30];
  return [
    ...el1,
    ["hcr_el2", bitAt(31) | randomBits(random, traps, 30) | randomBits(random, [3, 4, 5, 27], 15)],
    ["cptr_el2", randomBits(random, [10, 31], 30) | 0x33ffn],
    ["mdcr_el2", randomBits(random, monitors, 30) | (random.chance(15) ? 0xf00n : 0n)],
    ["cnthctl_el2", randomBits(random, [0, 1], 50)],
    ["vbar_el2", randomWord(random)],
    ["vpidr_el2", randomWord(random)],
    ["vmpidr_el2", randomWord(random)],
    ["hpfar_el2", randomWord(random)],
  ];
}

/** An instruction's bits and general registers. */
export interface Instruction {
  readonly word: number;
  readonly x: Readonly<Record<number, bigint>>;
}

/** The setup for one instruction in a world. */
export function inWorld(
  random: SeededRandom,
  world: World,
  level: Level,
  { word, x }: Instruction,
): PrivilegedSetup {
  const at = BigInt(4 * random.below(512));
  const offset = (PLACES.code + at) & ~7n;
  const doubled = (BigInt(word) << 32n) | BigInt(word);
  const memory = new Map(world.words);
  memory.set(offset, doubled);
  for (let i = 0n; i < 4n; i += 1n) memory.set(PLACES.data + 0x100n + 8n * i, randomWord(random));
  return {
    state: randomState(random, level),
    pc: world.code + at,
    x,
    sp: randomStack(random),
    registers: [...world.registers, ["vbar_el1", 0x4100_0000n], ["cpacr_el1", 3n << 20n]],
    memory: [...memory],
  };
}
