// The fast executor against the reference executor: the same state, pc, count and end, at every stop, in each of its
// three ways of executing and in mixtures of them.

import { describe, expect, test } from "vitest";
import {
  createUserMachine,
  memoryHost,
  type EngineSettings,
  type Outcome,
  type UserMachine,
} from "../../runtime/index.ts";
import { codeImage } from "./support/elf-image.ts";
import { randomArm64 } from "./support/random-arm64.ts";
import {
  RANDOM_LAYOUT,
  randomCode,
  SeededRandom,
  type RandomCodeOptions,
  type RandomIsa,
} from "./support/random-code.ts";
import { randomRiscv64 } from "./support/random-riscv64.ts";

const SEEDS = Number(process.env["PANCAKE_RANDOM_PROGRAMS"] ?? 16);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 1);
const NEVER = 1e9;

const ways: Readonly<Record<string, EngineSettings>> = {
  "regions at once": { hotArrivals: 1, interpretAfter: NEVER },
  "interpreter only": { hotArrivals: NEVER, interpretAfter: 0 },
  "interpreter, then regions": { hotArrivals: 3, interpretAfter: 0 },
};

function machine(image: Uint8Array, engine: EngineSettings | null): UserMachine {
  const executor = engine === null ? "reference" : "fast";
  const created = createUserMachine(image, { host: memoryHost(), executor, engine: engine ?? {} });
  if (created.kind === "problems") throw new Error(created.problems.map((p) => p.message).join("; "));
  return created.machine;
}

function summary(m: UserMachine, outcome: Outcome): object {
  return { outcome, pc: m.hart.pc, retired: m.hart.retired, hash: m.stateHash() };
}

/** Runs `image` in steps of the given sizes by the reference executor and in all ways; answers how it ended. */
function allRun(image: Uint8Array, steps: readonly number[], engines = Object.values(ways)): string {
  const slow = machine(image, null);
  const expected = steps.map((step) => summary(slow, slow.step(step)));
  for (const engine of engines) {
    const fast = machine(image, engine);
    expect(steps.map((step) => summary(fast, fast.step(step)))).toEqual(expected);
  }
  return slow.step(1).kind;
}

function imageOf(target: RandomIsa, options: RandomCodeOptions): Uint8Array {
  const words = randomCode(target, options);
  return codeImage(words, { machine: target.isa.name, dataBytes: RANDOM_LAYOUT.dataBytes });
}

describe.each([randomRiscv64, randomArm64])("$isa.name", (target) => {
  test(`random programs from seed ${String(FIRST_SEED)}: whole runs`, () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const wild = seed % 3 === 0;
      const end = allRun(imageOf(target, { seed, length: 60, rounds: 30, wild }), [10_000_000]);
      if (!wild) expect(end, `seed ${String(seed)}`).toBe("exit");
    }
  });

  test("random programs: stops at random counts, regions made in the middle of a run", () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 2; seed += 1) {
      const random = new SeededRandom(seed);
      const image = imageOf(target, { seed: seed + 1000, length: 40, rounds: 150, wild: false });
      const steps = Array.from({ length: 8 }, () => 1 + random.below(4000));
      const later = { hotArrivals: 1 + random.below(8), interpretAfter: random.below(2000) };
      allRun(image, steps, [later, ...Object.values(ways)]);
    }
  });

  test("long bodies: more instructions than one region holds", () => {
    allRun(imageOf(target, { seed: 77, length: 2500, rounds: 6, wild: false }), [10_000_000]);
  });

  test("all three ways are really used", () => {
    const image = imageOf(target, { seed: 5, length: 60, rounds: 2000, wild: false });
    const fast = machine(image, { hotArrivals: 100, interpretAfter: 500 });
    fast.step(1e6);
    const { regions, cold, interpreted } = fast.engineStatistics() ?? { regions: 0, cold: 0, interpreted: 0 };
    expect(regions).toBeGreaterThan(0);
    expect(cold).toBeGreaterThanOrEqual(500);
    expect(interpreted).toBeGreaterThan(100);
    expect(BigInt(cold + interpreted)).toBeLessThan(fast.hart.retired);
  });
});
