// Every pass from Pan to Loop keeps the behaviour of random programs: same outcome, same events in the same order.
//
// After loop-live the evaluator forgets whatever is not in the live sets, so sets that are too small show as well.

import { describe, expect, test } from "vitest";
import { programWorld } from "../support/program-world.ts";
import { randomProgram } from "../support/random-program.ts";
import { stagesOf, type Stage } from "./stages.ts";

const FUEL = 1_000_000;

function behaviour(stage: Stage): { readonly outcome: unknown; readonly events: readonly string[] } {
  const world = programWorld();
  const outcome = stage.evaluator(world).call(stage.entry, [], FUEL);
  return {
    outcome: outcome.kind === "returned" ? outcome.values.map(String) : outcome,
    events: world.events,
  };
}

describe.each([
  { optimise: 0, share: 0.4 },
  { optimise: 1, share: 1 },
] as const)("-O$optimise", ({ optimise, share }) => {
  test.each([
    { first: 1, count: 70, size: 40 },
    { first: 5000, count: 12, size: 150 },
  ])("programs $first and $count more of size $size", ({ first, count, size }) => {
    for (let seed = first; seed < first + count * share; seed++) {
      const stages = stagesOf(randomProgram(seed, size).tree, optimise);
      const [source] = stages;
      if (source === undefined) throw new Error("no stages");
      const expected = behaviour(source);
      expect(expected.outcome, `seed ${String(seed)}`).toBeInstanceOf(Array);
      for (const stage of stages) {
        const at = `seed ${String(seed)}, size ${String(size)}, after ${stage.pass}`;
        expect(stage.violations, at).toEqual([]);
        expect(behaviour(stage), at).toEqual(expected);
      }
    }
  });
});

test("every text form can be read back", () => {
  for (let seed = 1; seed <= 30; seed++) {
    for (const stage of stagesOf(randomProgram(seed, 40).tree, 1)) {
      expect(stage.reprinted(), `seed ${String(seed)}, after ${stage.pass}`).toEqual({
        ok: true,
        value: stage.text,
      });
    }
  }
});
