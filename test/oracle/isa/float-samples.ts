// Numbers that floating-point units get wrong: specials, ties, both ends of the exponents, close relatives.

import type { Random } from "../../isa/samples.ts";

interface Shape {
  readonly width: number;
  readonly fraction: number;
  readonly bias: number;
}

const shapes: Readonly<Record<number, Shape>> = {
  16: { width: 16, fraction: 10, bias: 15 },
  32: { width: 32, fraction: 23, bias: 127 },
  64: { width: 64, fraction: 52, bias: 1023 },
};

function bits(random: Random, count: number): bigint {
  return BigInt.asUintN(count, (BigInt(random.next()) << 32n) | BigInt(random.next()));
}

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)] as T; // the index is below the length
}

// Fractions: uniform, a few bits (ties), all but a few bits, the ends.
function fractionOf(random: Random, { fraction }: Shape): bigint {
  const ones = (1n << BigInt(fraction)) - 1n;
  const few =
    bits(random, fraction) & bits(random, fraction) & bits(random, fraction) & bits(random, fraction);
  const high = (bits(random, fraction) >> BigInt(random.below(fraction))) << BigInt(random.below(fraction));
  return pick(random, [
    bits(random, fraction),
    few,
    ones ^ few,
    BigInt.asUintN(fraction, high),
    0n,
    1n,
    ones,
  ]);
}

// Exponents: uniform, near one, where integers end, where products and quotients end, subnormal, special.
function exponentOf(random: Random, { fraction, bias }: Shape): number {
  const near = (middle: number, spread: number): number => middle + random.below(2 * spread + 1) - spread;
  const chosen = pick(random, [
    random.below(2 * bias + 2),
    near(bias, 3),
    near(bias, fraction + 2),
    near(bias + pick(random, [31, 32, 63, 64]), 2),
    near(Math.floor(bias / 2), fraction),
    near(bias + Math.floor(bias / 2), 2),
    near(bias - bias + 1, 2),
    random.below(fraction + 3),
    2 * bias - random.below(3),
    0,
    2 * bias + 1,
  ]);
  return Math.min(2 * bias + 1, Math.max(0, chosen));
}

/** A float of `width` bits. */
export function sampleFloat(random: Random, width: number): bigint {
  const shape = shapes[width];
  if (shape === undefined) return bits(random, width);
  const sign = BigInt(random.below(2)) << BigInt(width - 1);
  return sign | (BigInt(exponentOf(random, shape)) << BigInt(shape.fraction)) | fractionOf(random, shape);
}

/** The same number, its negative, or a neighbour: what cancels almost or compares equal. */
export function relativeOf(random: Random, value: bigint, width: number): bigint {
  const sign = 1n << BigInt(width - 1);
  const other = BigInt.asUintN(width, value + BigInt(random.below(5) - 2));
  return pick(random, [value, value ^ sign, other, other ^ sign]);
}

/** `count` floats of `width` bits side by side, some of them relatives of those in `beside`. */
export function sampleLanes(random: Random, width: number, total: number, beside: bigint | null): bigint {
  let lanes = 0n;
  for (let at = 0; at < total; at += width) {
    const other = beside === null ? null : BigInt.asUintN(width, beside >> BigInt(at));
    const lane =
      other !== null && random.below(4) === 0 ? relativeOf(random, other, width) : sampleFloat(random, width);
    lanes |= lane << BigInt(at);
  }
  return lanes;
}
