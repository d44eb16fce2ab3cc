// Every Word pass keeps the behaviour of random programs, obeys the rules of WordLang and prints what can be read back.
//
// Loop's evaluator says what is right; the selected program runs by the effects of spec/isa.

import { describe, expect, test } from "vitest";
import * as loop from "../../../compiler/lang/loop/index.ts";
import * as word from "../../../compiler/lang/word/index.ts";
import type { Evaluator, World } from "../../../compiler/lang/world.ts";
import { programWorld } from "../../support/program-world.ts";
import { randomProgram } from "../../support/random-program.ts";
import { loopOf, wordStages } from "./stages.ts";

const FUEL = 1_000_000;
const EXTENSIONS = ["zba", "zbb", "zbs", "zicond"];

function behaviour(make: (world: World) => Evaluator, entry: string): unknown {
  const world = programWorld();
  const outcome = make(world).call(entry, [], FUEL);
  return {
    outcome: outcome.kind === "returned" ? outcome.values.map(String) : outcome,
    events: world.events,
  };
}

function compare(
  seed: number,
  size: number,
  setting: { optimise: 0 | 1; extensions: readonly string[] },
): void {
  const source = loopOf(randomProgram(seed, size).tree, setting.optimise);
  const expected = behaviour((w) => loop.evaluator(source, w), source.entry);
  for (const { pass, program } of wordStages(source, setting.optimise, setting.extensions)) {
    const at = `seed ${String(seed)}, size ${String(size)}, after ${pass}`;
    expect(word.check(program), at).toEqual([]);
    expect(
      behaviour((w) => word.evaluator(program, w), program.entry),
      at,
    ).toEqual(expected);
  }
}

describe.each([
  { optimise: 0, extensions: [] },
  { optimise: 1, extensions: [] },
  { optimise: 1, extensions: EXTENSIONS },
] as const)("-O$optimise with [$extensions]", (setting) => {
  test("small programs", () => {
    for (let seed = 1; seed <= 15; seed++) compare(seed, 40, setting);
  });
  test("larger programs", () => {
    for (let seed = 7000; seed < 7003; seed++) compare(seed, 150, setting);
  });
});

test("every text form can be read back", () => {
  for (let seed = 1; seed <= 10; seed++) {
    for (const { pass, program } of wordStages(loopOf(randomProgram(seed, 40).tree, 1), 1)) {
      const text = word.print(program);
      const parsed = word.parse(text);
      const again = parsed.ok ? word.print(parsed.value) : parsed;
      expect(again, `seed ${String(seed)}, after ${pass}`).toEqual(text);
    }
  }
});
