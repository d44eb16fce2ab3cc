// word-countdown on random counted loops: each runs as often as before. Starts, bounds and steps lie near each other
// and near the ends of the number line, bounds are known or guarded.

import { expect, test } from "vitest";
import { check, evaluator, parse, type Program } from "../../../compiler/lang/word/index.ts";
import { wordCountdown } from "../../../compiler/passes/word-countdown.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { programWorld } from "../../support/program-world.ts";

const OPERATORS = ["==", "!=", "<", ">=", "<+", ">=+"];
const PLACES = [0n, 1n << 63n, -20n];
const ROUNDS = 60;

interface Loop {
  readonly text: string;
  readonly bound: bigint;
}

// %0 is the bound of loops that do not know theirs; the result says how often the loop ran, at most ROUNDS times.
function countedLoop(random: Random): Loop {
  const place = random.pick(PLACES);
  const near = (): bigint => place + BigInt(random.below(40)) - 10n;
  const [start, bound] = [near(), near()];
  const step = random.pick([1n, 1n, 1n, -1n, 2n, 3n, -3n]);
  const isKnown = random.chance(50);
  const guards = [
    `if %1 ${random.pick(OPERATORS)} %0 then b1 else b4(%8)`,
    `if %0 ${random.pick(OPERATORS)} %7 then b1 else b4(%8)`,
    "jump b1",
  ];
  const [then, otherwise] = random.chance(50) ? ["b2(%5, %6)", "b3"] : ["b3", "b2(%5, %6)"];
  const word = (value: bigint): string => String(BigInt.asIntN(64, value));
  return {
    bound,
    text: `entry main;
fun main(%0) -> 1 {
b0:
  %1 = ${word(start)}
  %2 = ${word(step)}
  %7 = ${word(random.pick([start + 1n, start, 0n]))}
  %8 = 0
  %9 = 1
  %10 = ${word(bound)}
  %11 = ${String(ROUNDS)}
  ${random.pick(guards)}
b1: jump b2(%1, %8)
b2(%3, %4):
  %5 = %3 + %2
  %6 = %4 + %9
  if %6 == %11 then b4(%6) else b5
b5: if %5 ${random.pick(OPERATORS)} ${isKnown ? "%10" : "%0"} then ${then} else ${otherwise}
b3: jump b4(%6)
b4(%12): return %12
}
`,
  };
}

function rounds(program: Program, bound: bigint): unknown {
  const outcome = evaluator(program, programWorld()).call("main", [BigInt.asUintN(64, bound)], 1000);
  return outcome.kind === "returned" ? outcome.values : outcome;
}

test("random counted loops", () => {
  const random = newRandom(1917);
  let counted = 0;
  for (let i = 0; i < 1500; i++) {
    const { text, bound } = countedLoop(random);
    const parsed = parse(text);
    if (!parsed.ok) throw new Error(`${parsed.message}\n${text}`);
    const down = wordCountdown(parsed.value);
    expect(check(down)).toEqual([]);
    if (down.functions[0] !== parsed.value.functions[0]) counted += 1;
    for (const at of [bound, bound + 1n, bound - 7n, 0n, 1n, -1n, 1n << 63n]) {
      expect(rounds(down, at), `${String(at)}\n${text}`).toEqual(rounds(parsed.value, at));
    }
  }
  expect(counted).toBeGreaterThan(100);
});
