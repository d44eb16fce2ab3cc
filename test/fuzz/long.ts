// `npm run test:long [-- COUNT [FIRST]]`: thousands of random programs in every way of running, QEMU included, each on
// every target and as WebAssembly.
// Prints each failing seed with its shrunk program and ends with exit code 1 if there was one.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadBinaryen } from "../../compiler/target/wasm32/assemble-module.ts";
import { moduleObservations } from "../../tools/differential/run-module.ts";
import { findDisagreement, type ExtraRuns } from "./differential.ts";
import { machineTargets } from "../support/machine-targets.ts";
import { hasQemu, qemuObservations } from "./qemu.ts";

const DEFAULT_COUNT = 5000;
const PROGRESS = 250;

const count = Number(process.argv[2] ?? DEFAULT_COUNT);
const first = Number(process.argv[3] ?? 1);
const folder = mkdtempSync(join(tmpdir(), "pancake-long-"));
const asModule = moduleObservations(await loadBinaryen());
const withQemu = new Set(machineTargets.filter(hasQemu));
console.log(
  `seeds ${String(first)} to ${String(first + count - 1)}; QEMU for ${[...withQemu].join(", ") || "nothing"}`,
);

let failures = 0;
for (let seed = first; seed < first + count; seed++) {
  for (const target of machineTargets) {
    const underQemu = withQemu.has(target) ? qemuObservations(folder) : () => [];
    const extra: ExtraRuns = (request) => [...underQemu(request), ...asModule(request)];
    const finding = findDisagreement(seed, { target, extra });
    if (finding === null) continue;
    failures += 1;
    const { difference, source } = finding;
    const path = join(folder, `${target}-seed-${String(seed)}.pnk`);
    writeFileSync(path, source);
    console.log(`FAILED seed ${String(seed)} for ${target}\n${difference}\nprogram in ${path}:\n${source}`);
  }
  if ((seed - first + 1) % PROGRESS === 0)
    console.log(`${String(seed - first + 1)} programs, ${String(failures)} failures`);
}
const runs = count * machineTargets.length;
console.log(`${String(runs - failures)} passed, ${String(failures)} failed`);
process.exitCode = failures > 0 ? 1 : 0;
