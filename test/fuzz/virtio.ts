// `npm run test:virtio [-- COUNT [FIRST]]`: thousands of hostile guests for each virtio device, each also with restores.
// Prints each failing seed and ends with exit code 1 if there was one.

import { hostileRun, STEPS, victims } from "../devices/virtio/hostile.ts";

const DEFAULT_COUNT = 5000;

const count = Number(process.argv[2] ?? DEFAULT_COUNT);
const first = Number(process.argv[3] ?? 1);
const started = process.hrtime.bigint();
let failures = 0;
let mistakes = 0;
for (const name of Object.keys(victims)) {
  for (let seed = first; seed < first + count; seed += 1) {
    const problem = problemOf(name, seed);
    if (problem === null) continue;
    failures += 1;
    console.log(`FAILED ${name}, seed ${String(seed)}: ${problem}`);
  }
}
const seconds = Number((process.hrtime.bigint() - started) / 1_000_000_000n);
console.log(`${String(count)} guests for each device in ${String(seconds)} s, ${String(mistakes)} broken rules, ${String(failures)} failures`); // prettier-ignore
process.exitCode = failures > 0 ? 1 : 0;

function problemOf(name: string, seed: number): string | null {
  try {
    const [stayed, went] = [hostileRun(name, seed, false), hostileRun(name, seed, true)];
    mistakes += stayed.length - STEPS;
    const step = stayed.findIndex((line, i) => went[i] !== line);
    return step === -1 ? null : `step ${String(step)}: ${String(went[step])}, not ${String(stayed[step])}`;
  } catch (error) {
    return String(error);
  }
}
