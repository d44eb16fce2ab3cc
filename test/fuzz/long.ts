// `npm run test:long [-- COUNT [FIRST]]`: thousands of random programs in every way of running, QEMU included.
// Prints each failing seed with its shrunk program and ends with exit code 1 if there was one.

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDisagreement } from "./differential.ts";
import { qemuObservations } from "./qemu.ts";

const DEFAULT_COUNT = 5000;
const PROGRESS = 250;

const count = Number(process.argv[2] ?? DEFAULT_COUNT);
const first = Number(process.argv[3] ?? 1);
const folder = mkdtempSync(join(tmpdir(), "pancake-long-"));
const qemu = spawnSync("qemu-riscv64", ["--version"]).status === 0;
console.log(
  `seeds ${String(first)} to ${String(first + count - 1)}; ${qemu ? "with" : "without"} qemu-riscv64`,
);

let failures = 0;
for (let seed = first; seed < first + count; seed++) {
  const finding = findDisagreement(seed, qemu ? qemuObservations(folder) : undefined);
  if ((seed - first + 1) % PROGRESS === 0)
    console.log(`${String(seed - first + 1)} programs, ${String(failures)} failures`);
  if (finding === null) continue;
  failures += 1;
  const path = join(folder, `seed-${String(seed)}.pnk`);
  writeFileSync(path, finding.source);
  console.log(`FAILED seed ${String(seed)}\n${finding.difference}\nprogram in ${path}:\n${finding.source}`);
}
console.log(`${String(count - failures)} passed, ${String(failures)} failed`);
process.exitCode = failures > 0 ? 1 : 0;
