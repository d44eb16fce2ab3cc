// Random Word programs behave the same after register allocation, frames, layout and filtering. Seeds are fixed.

import { expect, test } from "vitest";
import { randomProgram, type Profile } from "./random-word.ts";
import { expectSame, expectSound, stagesOf } from "./run-stages.ts";

const profiles: Readonly<Record<string, { readonly profile: Profile; readonly seeds: number }>> = {
  small: { profile: { functions: 3, statements: 12, reach: 8, words: 4 }, seeds: 150 },
  crowded: { profile: { functions: 2, statements: 60, reach: 60, words: 8 }, seeds: 40 },
  "wide borders": { profile: { functions: 4, statements: 25, reach: 30, words: 40 }, seeds: 40 },
};

for (const [name, { profile, seeds }] of Object.entries(profiles)) {
  test(`random programs, ${name}`, () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const stages = stagesOf(randomProgram(seed, profile));
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
