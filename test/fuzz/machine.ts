// `npm run test:machine-fuzz [-- --seeds COUNT] [--first SEED] [--time SECONDS] [--isa NAME]`: random programs for whole
// boards, each held to every oracle. Prints each failing seed with its shrunk program and ends with exit code 1 if there
// was one. Without `--seeds` it goes on until `--time` is over, or for ever.

import { parseArgs } from "node:util";
import { findFailure, printProgram } from "./machine/check.ts";
import { fuzzIsas, type FuzzIsaName } from "./machine/program.ts";

const PROGRESS = 100;

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    first: { type: "string", default: "1" },
    time: { type: "string" },
    isa: { type: "string" },
    shrink: { type: "string", default: "300" },
  },
});
const first = Number(values.first);
const end = values.seeds === undefined ? Infinity : first + Number(values.seeds);
const started = process.hrtime.bigint();
const secondsPassed = (): number => Number((process.hrtime.bigint() - started) / 1_000_000n) / 1000;
const names = (Object.keys(fuzzIsas) as FuzzIsaName[]).filter((name) => name === (values.isa ?? name));

let programs = 0;
let instructions = 0n;
let failures = 0;
for (let seed = first; seed < end && secondsPassed() < Number(values.time ?? Infinity); seed += 1) {
  for (const isa of names) {
    const result = findFailure(isa, seed, Number(values.shrink));
    programs += 1;
    instructions += result.instructions;
    if (result.failure === null) continue;
    failures += 1;
    console.log(
      `FAILED ${isa}, seed ${String(seed)}\n${result.failure.report}\n${printProgram(result.failure.program)}`,
    );
  }
  if ((seed - first + 1) % PROGRESS === 0) report();
}
report();
process.exitCode = failures > 0 ? 1 : 0;

function report(): void {
  const megabytes = process.memoryUsage().rss >> 20;
  console.log(
    `${String(programs)} programs, ${String(instructions)} instructions, ${String(failures)} failures, ${secondsPassed().toFixed(0)} s, ${String(megabytes)} MiB`,
  );
}
