// The fast executor against the reference executor: the same state, pc, count and end, at every stop.

import { expect, test } from "vitest";
import {
  createUserMachine,
  memoryHost,
  type ExecutorName,
  type Outcome,
  type UserMachine,
} from "../../runtime/index.ts";
import { codeImage } from "./support/elf-image.ts";
import { randomCode, SeededRandom } from "./support/random-code.ts";

const SEEDS = Number(process.env["PANCAKE_RANDOM_PROGRAMS"] ?? 24);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 1);

function machine(image: Uint8Array, executor: ExecutorName, hotArrivals = 1): UserMachine {
  const created = createUserMachine(image, { host: memoryHost(), executor, hotArrivals });
  if (created.kind === "problems") throw new Error(created.problems.map((p) => p.message).join("; "));
  return created.machine;
}

function summary(m: UserMachine, outcome: Outcome): object {
  return { outcome, pc: m.hart.pc, retired: m.hart.retired, hash: m.stateHash() };
}

function bothRun(image: Uint8Array, steps: readonly number[], hotArrivals: number): void {
  const [slow, fast] = [machine(image, "reference"), machine(image, "fast", hotArrivals)];
  for (const step of steps) {
    expect(summary(fast, fast.step(step))).toEqual(summary(slow, slow.step(step)));
  }
}

test(`random programs from seed ${String(FIRST_SEED)}: whole runs`, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const image = codeImage(randomCode({ seed, length: 60, rounds: 30, wild: seed % 3 === 0 }));
    bothRun(image, [10_000_000], 1);
  }
});

test("random programs: regions made in the middle of a run, stops at random counts", () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 2; seed += 1) {
    const random = new SeededRandom(seed);
    const image = codeImage(randomCode({ seed: seed + 1000, length: 40, rounds: 200, wild: false }));
    const steps = Array.from({ length: 8 }, () => 1 + random.below(4000));
    bothRun(image, steps, 1 + random.below(8));
  }
});

test("long bodies: more instructions than one region holds", () => {
  const image = codeImage(randomCode({ seed: 77, length: 2500, rounds: 12, wild: false }));
  bothRun(image, [10_000_000], 1);
});
