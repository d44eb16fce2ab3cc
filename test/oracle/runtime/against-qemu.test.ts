// The user-mode machine against QEMU: the same ELF files of both ISAs, built by GNU tools, give the same output and status.

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

const FREESTANDING = ["-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector"];

interface Target {
  readonly gcc: string;
  readonly qemu: string;
  readonly flags: readonly string[];
  readonly variants: readonly (readonly [string, readonly string[]])[];
}

const targets: Readonly<Record<string, Target>> = {
  riscv64: {
    gcc: "riscv64-linux-gnu-gcc",
    qemu: "qemu-riscv64",
    flags: ["-march=rv64imac", "-mabi=lp64"],
    variants: [
      ["O0", ["-O0"]],
      ["O1-long", ["-O1", "-march=rv64ima"]],
      ["O2", ["-O2"]],
      ["O3-bits", ["-O3", "-march=rv64imac_zba_zbb_zbs"]],
      ["Os", ["-Os", "-mno-relax"]],
    ],
  },
  arm64: {
    gcc: "aarch64-linux-gnu-gcc",
    qemu: "qemu-aarch64",
    flags: ["-march=armv8-a", "-mgeneral-regs-only", "-mno-outline-atomics"],
    variants: [
      ["O0", ["-O0"]],
      ["O1-lse", ["-O1", "-march=armv8.1-a"]],
      ["O2", ["-O2"]],
      ["O3", ["-O3"]],
      ["Os", ["-Os"]],
    ],
  },
};

function build(target: Target, source: string, name: string, flags: readonly string[]): string {
  const output = join(folder, name);
  const all = [...FREESTANDING, ...target.flags, ...flags, join(PROGRAMS, source), "-o", output, "-lgcc"];
  const made = spawnSync(target.gcc, all);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  return output;
}

interface Run {
  readonly output: string;
  readonly status: number | string | null;
}

function underQemu(target: Target, file: string): Run {
  const result = spawnSync(target.qemu, [file, ...ARGS], { input: INPUT });
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

for (const [isa, target] of Object.entries(targets)) {
  for (const [name, flags] of target.variants) {
    test(`everything.c on ${isa}, ${flags.join(" ")}`, () => {
      const file = build(target, "everything.c", `everything-${isa}-${name}`, flags);
      const expected = underQemu(target, file);
      expect(expected.output.split("\n").length).toBeGreaterThan(15);
      expect(expected.status).toBe(42);
      const fast = underOurs(file, "fast");
      expect({ output: fast.output, status: fast.status }).toEqual(expected);
      if (name === "O2") expect(underOurs(file, "reference")).toEqual(fast);
    });
  }
}
