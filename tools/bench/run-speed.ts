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

function qemuSeconds(file: string): number {
  const start = performance.now();
  const done = spawnSync("qemu-riscv64", [file], { stdio: "ignore" });
  if (done.error !== undefined) throw done.error;
  return (performance.now() - start) / 1000;
}

export function runSpeed(): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), "pancake-bench-"));
  const qemu = has("qemu-riscv64");
  return KERNELS.flatMap((name) => {
    const source = readFileSync(join(packageRoot(), "tools/bench/kernels", `${name}.pnk`), "utf8");
    const { value: elf } = compileProgram(analyseText(source), defaultOptions);
    const file = join(folder, name);
    writeFileSync(file, elf);
    chmodSync(file, 0o755);
    const start = performance.now();
    const result = runUserProgram(elf, { host: memoryHost("") });
    const seconds = (performance.now() - start) / 1000;
    if (result.kind !== "exit") throw new Error(`${name} ended with ${result.kind}`);
    const mips = Number(result.instructions) / seconds / 1e6;
    const other = qemu ? qemuSeconds(file) : null;
    return [
      {
        what: `${name}: fast executor, ${(Number(result.instructions) / 1e6).toFixed(0)} M instructions`,
        measured: `${mips.toFixed(0)} MIPS`,
        against:
          other === null
            ? "qemu-riscv64 missing"
            : `qemu-user ${(Number(result.instructions) / other / 1e6).toFixed(0)} MIPS`,
        ratio: other === null ? "" : `${(other / seconds).toFixed(2)}x`,
      },
    ];
  });
}
