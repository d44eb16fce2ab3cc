// `npm run bench`: speed as ratios against what a user would use instead, measured in the same run.
//
// Nothing here is a test. Each row is the best of several runs of whole processes or whole calls; absolute figures
// depend on the machine, the ratios are what we look at. Tools that are not installed are said to be missing.

import { codeQuality } from "./code-quality.ts";
import { compileSpeed } from "./compile-speed.ts";
import { machineSpeed } from "./machine-speed.ts";
import { processSpeed } from "./process-speed.ts";
import { runSpeed } from "./run-speed.ts";
import { wasmSpeed } from "./wasm-speed.ts";

/** A line of the report. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly against: string;
  readonly ratio: string;
}

const suites: Readonly<Record<string, () => Promise<readonly Row[]> | readonly Row[]>> = {
  process: processSpeed,
  compile: compileSpeed,
  run: runSpeed,
  wasm: wasmSpeed,
  machine: machineSpeed,
  code: codeQuality,
};

function print(rows: readonly Row[]): void {
  for (const { what, measured, against, ratio } of rows) {
    console.log(`${what.padEnd(48)} ${measured.padStart(16)}  ${against.padStart(24)}  ${ratio.padStart(8)}`);
  }
}

for (const [name, suite] of Object.entries(suites)) {
  if (process.argv.length > 2 && !process.argv.slice(2).includes(name)) continue;
  console.log(`\n${name}`);
  print(await suite());
}
