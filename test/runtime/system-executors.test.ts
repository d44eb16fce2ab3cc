// Executors on a board: the same state at every stop, while pages move, are flushed, alias each other, hold devices, and
// while code changes by stores through other pages and from outside.

import { expect, test, describe } from "vitest";
import { arm64Binding } from "../../runtime/isa/arm64/user.ts";
import type { IsaBinding } from "../../runtime/isa/binding.ts";
import { riscv64Binding } from "../../runtime/isa/riscv64/user.ts";
import type { EngineSettings } from "../../runtime/index.ts";
import { FakeBoard } from "./support/fake-board.ts";
import { randomArm64 } from "./support/random-arm64.ts";
import { randomCode, SeededRandom, type RandomIsa } from "./support/random-code.ts";
import { randomRiscv64 } from "./support/random-riscv64.ts";

const SEEDS = Number(process.env["PANCAKE_RANDOM_PROGRAMS"] ?? 3);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 1);
const NEVER = 1e9;
// Programs that store into their own code may never end.
const MAX_STOPS = 120;
const MAX_RETIRED = 20_000n;

const ways: Readonly<Record<string, EngineSettings>> = {
  "regions at once": { hotArrivals: 1, interpretAfter: NEVER },
  "interpreter only": { hotArrivals: NEVER, interpretAfter: 0 },
  "interpreter, then regions": { hotArrivals: 3, interpretAfter: 0 },
};

interface Run {
  readonly target: RandomIsa;
  readonly binding: IsaBinding;
  readonly seed: number;
  readonly rounds: number;
  /** True: something happens between any two steps. */
  readonly disturbed: boolean;
  readonly hostOffset?: number;
}

// Steps of random sizes, most of them large enough for regions.
function states(board: FakeBoard, { seed, disturbed }: Run): object[] {
  const random = new SeededRandom(seed);
  const found: object[] = [];
  while (!board.hasEnded && found.length < MAX_STOPS && board.hart.retired < MAX_RETIRED) {
    found.push(board.step(1 + random.below(random.chance(30) ? 40 : 6000)));
    if (disturbed) board.disturb();
  }
  return found;
}

function allRun(run: Run): void {
  const { target, binding, seed, rounds, hostOffset = 0 } = run;
  const words = randomCode(target, { seed, length: 60, rounds, wild: seed % 3 === 0 });
  const expected = states(new FakeBoard({ binding, words, seed, engine: null }), run);
  for (const [name, engine] of Object.entries(ways)) {
    const found = states(new FakeBoard({ binding, words, seed, engine, hostOffset }), run);
    const first = expected.findIndex(
      (state, i) => JSON.stringify(state, text) !== JSON.stringify(found[i], text),
    );
    if (first >= 0)
      expect(found[first], `seed ${String(seed)}, ${name}, stop ${String(first)}`).toEqual(expected[first]);
    expect(found.length).toBe(expected.length);
  }
}

const text = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

describe.each([
  { target: randomRiscv64, binding: riscv64Binding },
  { target: randomArm64, binding: arm64Binding },
])("$target.isa.name", ({ target, binding }) => {
  test(`random programs from seed ${String(FIRST_SEED)} over random page tables`, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      allRun({ target, binding, seed, rounds: 100, disturbed: false });
    }
  });

  test("pages, modes and code change between steps", () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      allRun({ target, binding, seed: seed + 500, rounds: 400, disturbed: true });
    }
  });

  test("host addresses beyond what is positive in 32 bits", () => {
    allRun({ target, binding, seed: 7, rounds: 100, disturbed: true, hostOffset: 2 ** 31 });
  });
});
