// Ordinary C programs, statically linked with Debian's glibc, against QEMU: the same output and exit status on both ISAs.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { memoryHost, runUserProgram } from "../../../runtime/index.ts";

const PROGRAMS = join(import.meta.dirname, "programs", "hosted");
const folder = mkdtempSync(join(tmpdir(), "pancake-hosted-"));
const ARGS = ["one", "two words", ""];
const INPUT = Array.from(
  { length: 40 },
  (_, i) => `Line ${String(i % 7)}: the quick brown fox, "number ${String(i)}", jumps over (lazy) dogs.\n`,
).join("");

const targets = {
  riscv64: { gcc: "riscv64-linux-gnu-gcc", qemu: "qemu-riscv64" },
  arm64: { gcc: "aarch64-linux-gnu-gcc", qemu: "qemu-aarch64" },
} as const;

interface Program {
  readonly name: string;
  readonly status: number;
  readonly lines: number;
}

const programs: readonly Program[] = [
  { name: "text", status: 42, lines: 80 },
  { name: "numbers", status: 7, lines: 90 },
  { name: "structures", status: 3, lines: 19 },
];

describe.each(Object.entries(targets))("%s", (isa, { gcc, qemu }) => {
  for (const { name, status, lines } of programs) {
    test.each(["-O0", "-O2"])(`${name}.c %s`, (level) => {
      const file = join(folder, `${name}-${isa}${level}`);
      const flags = [level, "-static", "-D_GNU_SOURCE", join(PROGRAMS, `${name}.c`), "-o", file, "-lm"];
      const made = spawnSync(gcc, flags);
      expect(made.status, made.stderr.toString()).toBe(0);
      const theirs = spawnSync(qemu, [file, ...ARGS], { input: INPUT, env: {} });
      expect(theirs.status).toBe(status);
      expect(theirs.stdout.toString().split("\n").length).toBeGreaterThan(lines);
      const [host, warnings] = [memoryHost(INPUT), new Array<string>()];
      const ours = runUserProgram(readFileSync(file), {
        host,
        args: [file, ...ARGS],
        maxInstructions: 1e9,
        onWarning: ({ message }) => warnings.push(message),
      });
      expect(host.stdout()).toBe(theirs.stdout.toString());
      expect(host.stderr()).toBe(theirs.stderr.toString());
      expect(ours).toMatchObject({ kind: "exit", exitCode: status });
      expect(warnings).toEqual([]);
    });
  }
});
