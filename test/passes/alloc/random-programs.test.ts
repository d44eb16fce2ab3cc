// Random Word programs behave the same after register allocation, frames, layout and filtering. Seeds are fixed.

import { expect, test } from "vitest";
import * as labLang from "../../../compiler/lang/lab/index.ts";
import * as wordLang from "../../../compiler/lang/word/index.ts";
import { machineTargets } from "../../support/machine-targets.ts";
import { randomProgram, type Profile } from "./random-word.ts";
import { expectSame, expectSound, observe, stagesOf } from "./run-stages.ts";

const profiles: Readonly<Record<string, { readonly profile: Profile; readonly seeds: number }>> = {
  small: { profile: { functions: 3, statements: 12, reach: 8, words: 4 }, seeds: 80 },
  crowded: { profile: { functions: 2, statements: 60, reach: 60, words: 8 }, seeds: 20 },
  "wide borders": { profile: { functions: 4, statements: 25, reach: 30, words: 40 }, seeds: 20 },
};

const settings = machineTargets.flatMap((target) =>
  Object.entries(profiles).map(([name, { profile, seeds }]) => ({ target, name, profile, seeds })),
);

for (const { target, name, profile, seeds } of settings) {
  test(`random programs, ${name}, ${target}`, () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const stages = stagesOf(randomProgram(seed, profile, target));
      try {
        expectSound(stages);
        expectSame(stages);
      } catch (error) {
        throw new Error(`seed ${String(seed)} of ${name}`, { cause: error });
      }
    }
    expect(seeds).toBeGreaterThan(0);
  });
}

// Beyond alloc/pressure.ts's BIG_FUNCTION_TEMPS; in the second one liveness is beyond MOST_LIVE, too.
test.each([
  { functions: 1, statements: 2500, reach: 40, words: 4 },
  { functions: 1, statements: 3600, reach: 3600, words: 4 },
])("one big function, %o", (profile) => {
  const stages = stagesOf(randomProgram(1, profile, "riscv64"));
  expect(stages.word.functions[0]?.nextValue).toBeGreaterThan(3000);
  const calls = [{ name: "main", args: [] }];
  const expected = observe((world) => wordLang.evaluator(stages.word, world), calls);
  expect(observe((world) => labLang.evaluator(stages.filtered, world), calls)).toEqual(expected);
});
