// The outside oracle of differential tests: the compiled program under QEMU's user mode.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultOptions } from "../../compiler/options.ts";
import { analyseText, elfOf, type Observation } from "../../tools/differential/run-everywhere.ts";
import type { MachineTarget } from "../support/machine-targets.ts";
import type { ExtraRuns } from "./differential.ts";

const TIMEOUT_MS = 20_000;

interface Qemu {
  readonly command: string;
  readonly args: readonly string[];
  /** Extensions that this QEMU has: 7.2 knows the bit-manipulation ones but not Zicond. */
  readonly extensions: ReadonlySet<string>;
}

const machines: Readonly<Record<MachineTarget, Qemu>> = {
  riscv64: {
    command: "qemu-riscv64",
    args: ["-cpu", "rv64,zba=true,zbb=true,zbs=true"],
    extensions: new Set(["zba", "zbb", "zbs"]),
  },
  arm64: { command: "qemu-aarch64", args: [], extensions: new Set() },
};

/** True if the QEMU for `target` is installed. */
export function hasQemu(target: MachineTarget): boolean {
  return spawnSync(machines[target].command, ["--version"]).status === 0;
}

/** Runs programs through files in `folder`. */
export function qemuObservations(folder: string): ExtraRuns {
  return ({ source, target, levels, heapBytes, extensions = [] }) => {
    const { command, args, extensions: known } = machines[target];
    const usable = extensions.filter((name) => known.has(name));
    return levels.map((optimise): Observation => {
      const options = { ...defaultOptions, target, optimise, heapBytes, extensions: usable };
      const file = join(folder, "program");
      writeFileSync(file, elfOf(analyseText(source), options), { mode: 0o755 });
      const run = spawnSync(command, [...args, file], { timeout: TIMEOUT_MS });
      const ending = run.status === null ? `signal ${run.signal ?? "?"}` : `exit ${String(run.status)}`;
      return { where: `-O${String(optimise)} ${command}`, ending, output: run.stdout.toString("latin1") };
    });
  };
}
