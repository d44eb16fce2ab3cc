// The outside oracle of differential tests: the compiled program under qemu-riscv64.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultOptions } from "../../compiler/options.ts";
import { analyseText, elfOf, type Observation } from "../../tools/differential/run-everywhere.ts";
import { requestFor, type ExtraRuns } from "./differential.ts";

const TIMEOUT_MS = 20_000;
// QEMU 7.2 has the bit-manipulation extensions but not Zicond.
const QEMU_EXTENSIONS = new Set(["zba", "zbb", "zbs"]);

/** Runs programs through files in `folder`. */
export function qemuObservations(folder: string): ExtraRuns {
  return (source, seed) => {
    const request = requestFor(source, seed);
    const extensions = (request.extensions ?? []).filter((name) => QEMU_EXTENSIONS.has(name));
    return request.levels.map((optimise): Observation => {
      const options = { ...defaultOptions, optimise, heapBytes: request.heapBytes, extensions };
      const file = join(folder, "program");
      writeFileSync(file, elfOf(analyseText(source), options), { mode: 0o755 });
      const run = spawnSync("qemu-riscv64", ["-cpu", "rv64,zba=true,zbb=true,zbs=true", file], {
        timeout: TIMEOUT_MS,
      });
      const ending = run.status === null ? `signal ${run.signal ?? "?"}` : `exit ${String(run.status)}`;
      return { where: `-O${String(optimise)} qemu-riscv64`, ending, output: run.stdout.toString("latin1") };
    });
  };
}
