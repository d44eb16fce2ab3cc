// Our code against GCC's at -O2 for the same kernels: retired instructions on our own machine, for each target.
//
// A C kernel is a foreign function of a Pancake program that does nothing else, linked by our own linker.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileProgram } from "../../compiler/compile.ts";
import { readObject } from "../../compiler/object/elf/read-object.ts";
import type { ObjectFile } from "../../compiler/object/object-file.ts";
import { defaultOptions } from "../../compiler/options.ts";
import { isaNames, type IsaName } from "../../compiler/target/isa-named.ts";
import { memoryHost, runUserProgram } from "../../runtime/index.ts";
import { packageRoot } from "../cli/package-root.ts";
import { analyseText } from "../differential/run-everywhere.ts";
import type { Row } from "./main.ts";

const KERNELS = [
  "sieve",
  "hash",
  "fib",
  "ring",
  "checksum",
  "swap",
  "strings",
  "copy",
  "crc",
  "requests",
  "queue",
  "registers",
] as const;
const compilers: Readonly<Record<IsaName, string>> = {
  riscv64: "riscv64-linux-gnu-gcc",
  arm64: "aarch64-linux-gnu-gcc",
};
const FLAGS = [
  "-O2",
  "-c",
  "-ffreestanding",
  "-fno-pic",
  "-fno-tree-vectorize",
  "-fno-tree-loop-distribute-patterns",
  "-fno-stack-protector",
];
const CALLS_KERNEL = "fun 1 main() { @kernel(0, 0, 0, 0); return 0; }";

function instructions(target: IsaName, source: string, others: readonly ObjectFile[]): number {
  const options = { ...defaultOptions, target };
  const linked = compileProgram(analyseText(source), options, { others, baseAddress: null });
  const [problem] = linked.diagnostics;
  if (problem !== undefined) throw new Error(problem.message);
  const result = runUserProgram(linked.value, { host: memoryHost("") });
  if (result.kind !== "exit") throw new Error(`the kernel ended with ${result.kind}`);
  return Number(result.instructions);
}

/** The C kernel as an object; null if there is no compiler. */
function cKernel(target: IsaName, name: string, folder: string): ObjectFile | null {
  const file = join(folder, `${name}.o`);
  const source = join(packageRoot(), "tools/bench/kernels", `${name}.c`);
  const done = spawnSync(compilers[target], [...FLAGS, source, "-o", file], { encoding: "utf8" });
  if (done.error !== undefined) return null;
  if (done.status !== 0) throw new Error(done.stderr);
  const read = readObject(new Uint8Array(readFileSync(file)), file, target);
  const [problem] = read.diagnostics;
  if (problem !== undefined) throw new Error(problem.message);
  return read.value;
}

export function codeQuality(): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), "pancake-quality-"));
  return isaNames.flatMap((target) =>
    KERNELS.map((name): Row => {
      const source = readFileSync(join(packageRoot(), "tools/bench/kernels", `${name}.pnk`), "utf8");
      const ours = instructions(target, source, []);
      const c = cKernel(target, name, folder);
      const theirs = c === null ? null : instructions(target, CALLS_KERNEL, [c]);
      const millions = (n: number): string => `${(n / 1e6).toFixed(1)} M instr.`;
      return {
        what: `${target} ${name}`,
        measured: millions(ours),
        against: theirs === null ? `${compilers[target]} missing` : `gcc -O2 ${millions(theirs)}`,
        ratio: theirs === null ? "" : `${(ours / theirs).toFixed(2)}x`,
      };
    }),
  );
}
