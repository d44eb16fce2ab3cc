// The same semihosting calls here and on qemu-system: what is printed, and the exit code.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { pancakeProcess, scratchFolder } from "../../cli/pancake.ts";
import { semihostingProgram, TRANSCRIPT, type SemihostingIsa } from "../../support/semihosting-program.ts";

const scratch = scratchFolder();
const CONFIG = ["enable=on", "target=native", "arg=first", "arg=second", "chardev=c"].join(",");

const QUIET = ["-display", "none", "-serial", "none", "-monitor", "none", "-net", "none"];

/** QEMU's program and its words; ours are the same but for the board's name. */
const theirs: Readonly<Record<SemihostingIsa, readonly string[]>> = {
  riscv64: ["qemu-system-riscv64", "-M", "virt", "-bios", "none"],
  arm64: ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53"],
};
const ours: Readonly<Record<SemihostingIsa, readonly string[]>> = {
  riscv64: ["-M", "virt-riscv64", "--bios", "none"],
  arm64: ["-M", "virt-arm64"],
};

test("the test device ends with the same code", () => {
  const data = 'word: .asciz "12q"\n .balign 8\n';
  const elf = scratch.write("testdev.elf", semihostingProgram("riscv64", [{ operation: "writeString", parameter: "word" }], data)); // prettier-ignore
  const words = ["-kernel", elf, "-chardev", "testdev,id=c", "-semihosting-config", "enable=on,chardev=c"];
  const [program = "", ...board] = theirs.riscv64;
  const qemu = spawnSync(program, [...board, ...QUIET, ...words], { timeout: 60_000 });
  const own = pancakeProcess(["machine", ...ours.riscv64, ...words]);
  expect(qemu.status).toBe(25);
  expect(own.status).toBe(qemu.status);
});

describe.each(["riscv64", "arm64"] as const)("%s", (isa) => {
  test("the same lines and the same exit code", () => {
    const elf = scratch.write(`${isa}.elf`, semihostingProgram(isa, TRANSCRIPT.calls, TRANSCRIPT.data));
    const [program = "", ...words] = theirs[isa];
    const qemu = spawnSync(
      program,
      [...words, ...QUIET, "-kernel", elf, "-chardev", "stdio,id=c", "-semihosting-config", CONFIG],
      { encoding: "utf8", timeout: 60_000 },
    );
    const own = pancakeProcess([
      "machine",
      ...ours[isa],
      "--kernel",
      elf,
      "--chardev",
      "stdio,id=c",
      "--semihosting-config",
      CONFIG,
    ]);
    expect(own.stdout).toBe(qemu.stdout);
    expect(own.status).toBe(qemu.status);
    expect(own.status).toBe(7);
  });
});
