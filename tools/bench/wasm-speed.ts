// Compiled Pancake as WebAssembly in this Node, against native code of GCC for the same kernel in C: processor time, so
// that other processes matter less.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { defaultOptions } from "../../compiler/options.ts";
import { loadBinaryen } from "../../compiler/target/wasm32/assemble-module.ts";
import { memoryHost, runModule } from "../../runtime/index.ts";
import { packageRoot } from "../cli/package-root.ts";
import { analyseText } from "../differential/run-everywhere.ts";
import { moduleOf } from "../differential/run-module.ts";
import type { Row } from "./main.ts";

const KERNELS = ["sieve", "hash", "fib", "ring"] as const;
const ROUNDS = 5;

/** The best of several measurements. */
function best(measure: () => number): number {
  return Math.min(...Array.from({ length: ROUNDS }, measure));
}

const C_MAIN = "void ffikernel(long, long, long, long); int main(void) { ffikernel(0, 0, 0, 0); return 0; }";

/** The whole process of the kernel compiled by `gcc -O2` for this machine; null without gcc. */
function nativeMilliseconds(name: string, folder: string): number | null {
  const file = join(folder, name);
  const source = join(packageRoot(), "tools/bench/kernels", `${name}.c`);
  const made = spawnSync("gcc", ["-O2", "-o", file, "-x", "c", "-", source], {
    input: C_MAIN,
    encoding: "utf8",
  });
  if (made.error !== undefined) return null;
  if (made.status !== 0) throw new Error(made.stderr);
  return best(() => {
    const timed = spawnSync("bash", ["-c", 'TIMEFORMAT=%U; time "$0"', file], { encoding: "utf8" });
    return Number(timed.stderr) * 1000;
  });
}

export async function wasmSpeed(): Promise<readonly Row[]> {
  const binaryen = await loadBinaryen();
  const folder = mkdtempSync(join(tmpdir(), "pancake-bench-"));
  // As `pancake run` does it (tools/cli/run-module.ts): no baseline code.
  setFlagsFromString("--no-liftoff");
  return KERNELS.map((name) => {
    const source = readFileSync(join(packageRoot(), "tools/bench/kernels", `${name}.pnk`), "utf8");
    const bytes = moduleOf(analyseText(source), { ...defaultOptions, target: "wasm32" }, binaryen);
    const milliseconds = best(() => {
      const start = process.cpuUsage();
      const result = runModule(bytes, memoryHost(""));
      if (result.kind !== "exit") throw new Error(`${name} ended with ${result.kind}`);
      return process.cpuUsage(start).user / 1000;
    });
    const native = nativeMilliseconds(name, folder);
    return {
      what: `${name}: time as WebAssembly, V8 compiling included`,
      measured: `${milliseconds.toFixed(0)} ms`,
      against: native === null ? "gcc missing" : `gcc -O2 ${native.toFixed(0)} ms`,
      ratio: native === null ? "" : `${(milliseconds / native).toFixed(2)}x`,
    };
  });
}
