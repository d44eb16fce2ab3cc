// The user-mode machine against qemu-riscv64: the same ELF files, built by GNU tools, give the same output and status.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memoryHost, runUserProgram, type ExecutorName } from "../../../runtime/index.ts";

const PROGRAMS = join(import.meta.dirname, "programs");
const folder = mkdtempSync(join(tmpdir(), "pancake-oracle-"));
const INPUT = "some input\nof two lines, longer than one buffer of sixty-four bytes can hold\n";
const ARGS = ["one", "two words", ""];

function build(source: string, name: string, flags: readonly string[]): string {
  const output = join(folder, name);
  const common = [
    "-march=rv64imac",
    "-mabi=lp64",
    "-nostdlib",
    "-static",
    "-ffreestanding",
    "-fno-stack-protector",
  ];
  const made = spawnSync("riscv64-linux-gnu-gcc", [
    ...common,
    ...flags,
    join(PROGRAMS, source),
    "-o",
    output,
    "-lgcc",
  ]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  return output;
}

interface Run {
  readonly output: string;
  readonly status: number | string | null;
}

function underQemu(file: string): Run {
  const result = spawnSync("qemu-riscv64", [file, ...ARGS], { input: INPUT });
  return { output: result.stdout.toString(), status: result.status };
}

function underOurs(file: string, executor: ExecutorName): Run & { readonly hash: string } {
  const host = memoryHost(INPUT);
  const result = runUserProgram(readFileSync(file), {
    host,
    args: [file, ...ARGS],
    executor,
    maxInstructions: 1e9,
  });
  const hash = result.kind === "rejected" ? "" : result.stateHash;
  return { output: host.stdout(), status: result.kind === "exit" ? result.exitCode : result.kind, hash };
}

const variants: readonly (readonly [string, readonly string[]])[] = [
  ["O0", ["-O0"]],
  ["O1-long", ["-O1", "-march=rv64ima"]],
  ["O2", ["-O2"]],
  ["O3-bits", ["-O3", "-march=rv64imac_zba_zbb_zbs"]],
  ["Os", ["-Os", "-mno-relax"]],
];

for (const [name, flags] of variants) {
  test(`everything.c, ${flags.join(" ")}`, () => {
    const file = build("everything.c", `everything-${name}`, flags);
    const expected = underQemu(file);
    expect(expected.output.split("\n").length).toBeGreaterThan(15);
    expect(expected.status).toBe(42);
    const fast = underOurs(file, "fast");
    expect({ output: fast.output, status: fast.status }).toEqual(expected);
    if (name === "O2") expect(underOurs(file, "reference")).toEqual(fast);
  });
}
