// A small seeded source of choices (splitmix32); the same seed gives the same program on every machine.

export interface Random {
  /** 0 .. bound - 1. */
  below(bound: number): number;
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
  /** One of `items`, which is not empty. */
  pick<T>(items: readonly T[]): T;
  /** One of the alternatives by weight. */
  weighted<T>(items: readonly (readonly [number, T])[]): T;
  /** A 64-bit word; often near a corner. */
  word(): bigint;
}

const CORNERS: readonly bigint[] = [
  0n,
  1n,
  2n,
  3n,
  5n,
  7n,
  8n,
  10n,
  63n,
  64n,
  127n,
  255n,
  256n,
  2047n,
  2048n,
  4095n,
  65535n,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_f800n,
  0xffff_ffff_0000_0000n,
  0x0123_4567_89ab_cdefn,
];

export function newRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x9e37_79b9) | 0;
    let t = state ^ (state >>> 16);
    t = Math.imul(t, 0x21f0_aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a_2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
  const below = (bound: number): number => next() % bound;
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error("a choice among nothing");
    return item;
  };
  return {
    below,
    pick,
    chance: (percent) => below(100) < percent,
    weighted: (items) => {
      let at = below(items.reduce((sum, [weight]) => sum + weight, 0));
      for (const [weight, item] of items) {
        if (at < weight) return item;
        at -= weight;
      }
      throw new Error("weights do not add up");
    },
    word: () => {
      switch (below(4)) {
        case 0:
          return BigInt(below(20));
        case 1:
        case 2:
          return pick(CORNERS);
        default:
          return (BigInt(next()) << 32n) | BigInt(next());
      }
    },
  };
}
