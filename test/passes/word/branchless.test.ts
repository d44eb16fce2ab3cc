// word-branchless on random choices: the arithmetic gives what the branch gave, before and after selection.

import { expect, test } from "vitest";
import { check, evaluator, parse, type Program } from "../../../compiler/lang/word/index.ts";
import { defaultOptions } from "../../../compiler/options.ts";
import { wordBranchless } from "../../../compiler/passes/word-branchless.ts";
import { wordSelect } from "../../../compiler/passes/word-select.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { programWorld } from "../../support/program-world.ts";

const OPERATORS = ["==", "!=", "<", ">=", "<+", ">=+"];

// Two constants, often near each other, or a value and a constant; arms with and without blocks of their own.
function choice(random: Random): string {
  const no = BigInt(random.below(5)) - 2n;
  const yes = random.chance(70)
    ? no + (random.chance(50) ? 1n : -1n) * (1n << BigInt(random.below(8)))
    : random.word();
  const kept = random.chance(30);
  const then = random.chance(50) ? "b3(%2)" : "b1";
  const otherwise = random.chance(50) ? "b3(%3)" : "b2";
  return `entry main;
fun main(%0, %1) -> 1 {
b0:
  %2 = ${String(yes)}
  %3 = ${kept ? "0" : String(no)}
  if %0 ${random.pick(OPERATORS)} %1 then ${then} else ${otherwise}
b1:
  jump b3(${kept ? "%1" : "%2"})
b2:
  %4 = ${kept ? "0" : String(no)}
  jump b3(%4)
b3(%5):
  return %5
}
`;
}

function result(program: Program, args: readonly bigint[]): unknown {
  const outcome = evaluator(program, programWorld()).call("main", args, 100);
  return outcome.kind === "returned" ? outcome.values.map(String) : outcome;
}

test.each([[[]], [["zicond"]]])("with %j", (extensions) => {
  const random = newRandom(77);
  const context = { options: { ...defaultOptions, extensions } };
  let flattened = 0;
  for (let i = 0; i < 300; i++) {
    const parsed = parse(choice(random));
    if (!parsed.ok) throw new Error(parsed.message);
    const flat = wordBranchless(parsed.value, context);
    const selected = wordSelect(flat, context);
    if (flat.functions[0] !== parsed.value.functions[0]) flattened += 1;
    expect([...check(flat), ...check(selected)]).toEqual([]);
    for (let k = 0; k < 6; k++) {
      const args = random.chance(30) ? [3n, 3n] : [random.word(), random.word()];
      const expected = result(parsed.value, args);
      expect(result(flat, args)).toEqual(expected);
      expect(result(selected, args)).toEqual(expected);
    }
  }
  expect(flattened).toBeGreaterThan(30);
});
