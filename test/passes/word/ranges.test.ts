// word-ranges on random chains of tests: every word, near the bounds above all, goes where it went before.

import { expect, test } from "vitest";
import { check, evaluator, parse, type Program } from "../../../compiler/lang/word/index.ts";
import { wordRanges } from "../../../compiler/passes/word-ranges.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { programWorld } from "../../support/program-world.ts";

const OPERATORS = ["==", "!=", "<", ">=", "<+", ">=+"];
const EDGES = [0n, 1n, -1n, 1n << 63n, (1n << 63n) - 1n, (1n << 63n) + 1n];
const TESTS = 4;

function bound(random: Random): bigint {
  return random.pick(EDGES) + BigInt(random.below(7)) - 3n;
}

// Tests of one value, or now and then of a sum, each of which leaves for one of two ends.
function chain(random: Random, bounds: readonly bigint[]): string {
  const tests = bounds.map((constant, i) => {
    const label = `b${String(10 + i)}`;
    const next = i + 1 < TESTS ? `b${String(11 + i)}` : "b2";
    const ways = [random.chance(70) ? "b1" : "b2", next];
    const [then, otherwise] = random.chance(50) ? ways : ways.toReversed();
    const sum = random.chance(30) ? [`  %${String(20 + i)} = %0 + %1`, `%${String(20 + i)}`] : ["", "%0"];
    const test = `  if ${sum[1] ?? ""} ${random.pick(OPERATORS)} %${String(40 + i)} then ${then ?? ""} else ${otherwise ?? ""}`;
    return `${label}:\n  %${String(40 + i)} = ${String(BigInt.asIntN(64, constant))}\n${sum[0] ?? ""}\n${test}\n`;
  });
  const ends = "b1:\n  %3 = 1\n  return %3\nb2:\n  %4 = 2\n  return %4\n";
  return `entry main;\nfun main(%0) -> 1 {\nb0:\n  %1 = ${String(bound(random))}\n  jump b10\n${tests.join("")}${ends}}\n`;
}

function result(program: Program, word: bigint): unknown {
  const outcome = evaluator(program, programWorld()).call("main", [BigInt.asUintN(64, word)], 100);
  return outcome.kind === "returned" ? outcome.values : outcome;
}

test("random chains", () => {
  const random = newRandom(4242);
  let joined = 0;
  for (let i = 0; i < 400; i++) {
    const bounds = Array.from({ length: TESTS }, () => bound(random));
    const text = chain(random, bounds);
    const parsed = parse(text);
    if (!parsed.ok) throw new Error(`${parsed.message}\n${text}`);
    const ranged = wordRanges(parsed.value);
    expect(check(ranged)).toEqual([]);
    if (ranged.functions[0] !== parsed.value.functions[0]) joined += 1;
    const words = [...bounds, ...EDGES].flatMap((b) => [b - 4n, b - 1n, b, b + 1n, b + 4n, -b]);
    for (const word of [...words, random.word()]) {
      expect(result(ranged, word), `${String(word)}\n${text}`).toEqual(result(parsed.value, word));
    }
  }
  expect(joined).toBeGreaterThan(100);
});
