// `pancake machine` as a process: input from a pipe, recordings, exit codes, mistakes.

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { assembled } from "../runtime/support/assembled.ts";
import { echoGuest } from "./echo-guest.ts";
import { pancake, pancakeProcess, scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();

const echo = scratch.write("echo.elf", echoGuest({ isSlow: false }));
const machine = ["machine", "-M", "virt-riscv64", "--kernel", echo];

test("the serial line is standard input and output; the guest's power-off is the end", () => {
  const shown = pancakeProcess([...machine, "--stats"], { input: "abq" });
  expect(shown).toMatchObject({ status: 0, stdout: "abq" });
  expect(shown.stderr).toMatch(/^instructions: \d+\nvirtual nanoseconds: \d+\nstate hash: [0-9a-f]{16}\n$/);
});

test("--until and --exit-on end the run", () => {
  expect(pancakeProcess([...machine, "--until", "cd"], { input: "abcdef" }).status).toBe(0);
  const shown = pancakeProcess([...machine, "--exit-on", "tohost"], { input: "at" });
  expect(shown).toMatchObject({ status: 5, stdout: "at" });
});

test.each([
  ["riscv64", "bios", "sd", { value: 1, status: 0 }],
  ["riscv64", "none", "sw", { value: 7, status: 3 }],
  ["riscv64", "bios", "sd", { value: 601, status: 255 }],
  ["arm64", "kernel", "str w1, [x0]", { value: 9, status: 4 }],
] as const)("--exit-on: %s, as %s, `%s` of %j", async (isa, place, store, { value, status }) => {
  const text = {
    riscv64: `.globl _start\n_start: la t0, tohost\n li t1, ${String(value)}\n ${store} t1, 0(t0)\n1: j 1b\n`,
    arm64: `.globl _start\n_start: adr x0, tohost\n mov x1, #${String(value)}\n ${store}\n1: b 1b\n`,
  }[isa];
  const base = { riscv64: 0x8000_0000n, arm64: 0x4020_0000n }[isa];
  const data = ".balign 4096\n.globl tohost\ntohost: .quad 0\n";
  const elf = scratch.write(`${isa}-${String(value)}.elf`, assembled(text + data, isa, base));
  const files = { bios: ["-bios", elf], none: ["-bios", "none", "-kernel", elf], kernel: ["-kernel", elf] };
  const words = ["machine", "-M", `virt-${isa}`, ...files[place], "--exit-on", "tohost", "--idle", "skip"];
  expect(await pancake(words)).toMatchObject({ status, stderr: "" });
});

test("--exit-on says what it does not understand; a terminal that takes nothing is said, too", () => {
  const text = ".globl _start\n_start: la t0, tohost\n li t1, 0x0101000000000041\n sd t1, 0(t0)\n li t0, 0x10000000\n1: sb t1, 0(t0)\n j 1b\n.balign 4096\n.globl tohost\ntohost: .quad 0\n"; // prettier-ignore
  const elf = scratch.write("device.elf", assembled(text, "riscv64", 0x8000_0000n));
  const words = `machine -M virt-riscv64 -bios ${elf} --exit-on tohost --stop-at 1000`;
  const shown = pancakeProcess(`$PANCAKE ${words} > /dev/full`);
  expect(shown.stderr).toContain("the guest asks for device 1 of the host through `tohost`");
  expect(shown.stderr).toContain("cannot write standard output: no space is left on the device");
  expect(shown.status).toBe(1);
});

test("a recorded run is repeated, and only on the same machine", () => {
  const file = scratch.write("run.rec", "");
  const first = pancakeProcess([...machine, "--record", file, "--stats"], { input: "xyq" });
  const again = pancakeProcess([...machine, "--replay", file, "--stats"]);
  expect(again).toEqual(first);
  const other = pancakeProcess([...machine, "-m", "64M", "--replay", file]);
  expect(other.status).toBe(1);
  expect(other.stderr).toContain("error[R0041]");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  writeFileSync(file, `${lines.join("\n").replace(/"end":"[0-9a-f]+"/, '"end":"0000000000000000"')}\n`);
  const wrong = pancakeProcess([...machine, "--replay", file]);
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain("error[R0042]");
  // As after a kill: without its last line.
  writeFileSync(file, `${lines.slice(0, -1).join("\n")}\n`);
  const cut = pancakeProcess([...machine, "--replay", file], { timeoutMs: 20_000 });
  expect(cut.status).toBe(0);
  expect(cut.stderr).toContain("the recording was cut off");
});

test.each([
  [
    ["machine", "-M", "virt-mips", "--kernel", echo],
    "--machine takes virt-riscv64 or virt-arm64, found `virt-mips`",
  ],
  [["machine", "-M", "virt-riscv64"], "there is nothing to run"],
  [[...machine, "--smp", "9"], "--smp takes 1 to 4 harts, found `9`"],
  [[...machine, "-m", "1000G"], "--memory takes"],
  [[...machine, "--device", "e1000"], "there is no `e1000`"],
  [[...machine, "--device", "virtio-blk-device,drive=d0"], "names no --drive"],
  [[...machine, "--drive", "if=none,file=x"], "--drive needs `id=NAME`"],
  [[...machine, "--global", "x=y"], "--global takes"],
  [[...machine, "--timeout", "soon"], "--timeout takes a number of seconds"],
  [[...machine, "--net", "fax"], "fax"],
])("%j is a mistake on the command line", async (words, message) => {
  const shown = await pancake(words);
  expect(shown.stderr).toContain(message);
  expect(shown.status).toBe(2);
});

test.each([
  [["machine", "-M", "virt-riscv64", "--kernel", "/nowhere"], "cannot read `/nowhere`"],
  [["machine", "-M", "virt-arm64", "--kernel", echo], "error[R0004]"],
  [[...machine, "--disk", "/nowhere"], "cannot open the disk image `/nowhere`: there is no such file"],
])("%j is a mistake in the files", async (words, message) => {
  const shown = await pancake(words);
  expect(shown.stderr).toContain(message);
  expect(shown.status).toBe(1);
});
