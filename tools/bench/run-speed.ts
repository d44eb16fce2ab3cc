// Executors against QEMU's user mode on compiled Pancake.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileProgram } from "../../compiler/compile.ts";
import { defaultOptions } from "../../compiler/options.ts";
import { memoryHost, runUserProgram } from "../../runtime/index.ts";
import { packageRoot } from "../cli/package-root.ts";
import { analyseText } from "../differential/run-everywhere.ts";
import type { Row } from "./main.ts";

const KERNELS = ["sieve", "hash", "fib", "ring"] as const;

function has(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

const TARGETS = [
  { target: "riscv64", qemu: "qemu-riscv64" },
  { target: "arm64", qemu: "qemu-aarch64" },
] as const;

function qemuSeconds(qemu: string, file: string): number | null {
  if (!has(qemu)) return null;
  const start = performance.now();
  const done = spawnSync(qemu, [file], { stdio: "ignore" });
  if (done.error !== undefined) throw done.error;
  return (performance.now() - start) / 1000;
}

export function runSpeed(): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), "pancake-bench-"));
  return TARGETS.flatMap(({ target, qemu }) =>
    KERNELS.map((name) => {
      const source = readFileSync(join(packageRoot(), "tools/bench/kernels", `${name}.pnk`), "utf8");
      const { value: elf } = compileProgram(analyseText(source), { ...defaultOptions, target });
      const file = join(folder, `${name}-${target}`);
      writeFileSync(file, elf);
      chmodSync(file, 0o755);
      const start = performance.now();
      const result = runUserProgram(elf, { host: memoryHost("") });
      const seconds = (performance.now() - start) / 1000;
      if (result.kind !== "exit") throw new Error(`${name} ended with ${result.kind}`);
      const millions = Number(result.instructions) / 1e6;
      const other = qemuSeconds(qemu, file);
      return {
        what: `${name}, ${target}: fast executor, ${millions.toFixed(0)} M instructions`,
        measured: `${(millions / seconds).toFixed(0)} MIPS`,
        against: other === null ? `${qemu} missing` : `${qemu} ${(millions / other).toFixed(0)} MIPS`,
        ratio: other === null ? "" : `${(other / seconds).toFixed(2)}x`,
      };
    }),
  );
}
