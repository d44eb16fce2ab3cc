// Fused multiply-add from the host's operations against the exact one of spec/isa, near ties and over all exponents, under
// the rules of each ISA.

import { describe, expect, test } from "vitest";
import { floatLibrary, type LibraryFunction } from "../../runtime/engine/float-library.ts";
import { evaluateFloat } from "../../spec/isa/float-operations.ts";
import { floatRules as arm64Rules } from "../../spec/isa/arm64/float.ts";
import { floatRules as riscv64Rules } from "../../spec/isa/riscv64/float.ts";
import { SeededRandom } from "./support/random-code.ts";

const view = new DataView(new ArrayBuffer(8));

function bitsOf(value: number, width: 32 | 64): bigint {
  if (width === 64) view.setFloat64(0, value);
  else view.setFloat32(0, value);
  return width === 64 ? view.getBigUint64(0) : BigInt(view.getUint32(0));
}

function call(name: LibraryFunction, args: readonly number[]): number {
  // Every export of the library is a function of numbers.
  return (floatLibrary()[name] as (...args: readonly number[]) => number)(...args);
}

/** A number of few or many bits near 2^exponent. */
function randomNumber(random: SeededRandom, spread: number): number {
  const bits = random.pick([1, 2, 10, 24, 30, 31]);
  const significand =
    1 + random.below(2 ** bits) / 2 ** bits + (random.chance(40) ? random.below(2 ** 31) / 2 ** 52 : 0);
  const value = significand * 2 ** (random.below(2 * spread) - spread);
  return random.chance(50) ? value : -value;
}

describe.each([
  { name: "riscv64", rules: riscv64Rules },
  { name: "arm64", rules: arm64Rules },
])("under the rules of $name", ({ rules }) => {
  const inexact = 1n << BigInt(rules.flags.inexact ?? 0);

  test.each([64, 32] as const)("fma of %i bits", (width) => {
    const random = new SeededRandom(width);
    let sure = 0;
    for (let i = 0; i < 20_000; i += 1) {
      const spread = random.pick(width === 64 ? [2, 30, 70, 500, 1000] : [2, 15, 30, 60, 120]);
      const round = (value: number): number => (width === 64 ? value : Math.fround(value));
      const [a, b] = [round(randomNumber(random, spread)), round(randomNumber(random, spread))];
      const c = round(
        random.chance(30) ? -a * b * (1 + random.below(3) * 2 ** -52) : randomNumber(random, spread),
      );
      if (![a, b, c].every(Number.isFinite)) continue;
      const args = [a, b, c].map((value) => bitsOf(value, width));
      const whole = evaluateFloat({ op: "fma", width, valueWidth: width, rules }, args, {
        mode: 0n,
        flags: 0n,
      });
      const [value, flags] = [BigInt.asUintN(width, whole), whole >> BigInt(width)];
      const ours = call(width === 64 ? "fma64" : "fma32", [a, b, c]);
      if (Number.isNaN(ours) || (flags & ~inexact) !== 0n) continue;
      sure += 1;
      expect(bitsOf(ours, width), `${String(a)} * ${String(b)} + ${String(c)}`).toBe(value);
      const isExact = call(width === 64 ? "fmaIsExact64" : "fmaIsExact32", [a, b, c]) === 1;
      expect(isExact, `${String(a)} * ${String(b)} + ${String(c)}`).toBe(flags === 0n);
    }
    expect(sure).toBeGreaterThan(10_000);
  });
});
