// GICv3 with its virtual interface against QEMU's: a guest at EL2 and EL1 performs random operations on system registers,
// distributor and redistributors, and prints the same on both.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deviceNamed } from "../../../spec/boards/board.ts";
import { virtArm64 } from "../../../spec/boards/virt-arm64.ts";
import { testMachine } from "../../boards/support.ts";
import { scratchFolder } from "../../cli/pancake.ts";
import { newRandom } from "../../support/random-program/prng.ts";
import { configuration, drawOperations, type Operation } from "./operations.ts";

const SEEDS = Number(process.env["PANCAKE_DEVICE_SEEDS"] ?? 3);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 1);
const OPERATIONS = 3000;
const SECOND_NS = 1_000_000_000n;
const folder = scratchFolder();

function run(command: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(command, args, { encoding: "utf8", cwd, timeout: 60_000 });
  expect(done.status, `${command}: ${done.stderr}`).toBe(0);
}

function build(operations: readonly Operation[], where: string): string {
  mkdirSync(where, { recursive: true });
  copyFileSync(join(import.meta.dirname, "guest.S"), join(where, "guest.S"));
  writeFileSync(join(where, "operations.s"), operations.map(({ assembly }) => `${assembly}\n`).join(""));
  const uart = deviceNamed(virtArm64.devices(configuration), "uart0").address;
  const start = virtArm64.memory.address + 0x8_0000n;
  run(
    "aarch64-linux-gnu-gcc",
    ["-nostdlib", "-static", "-Wl,--build-id=none,-n", `-Wl,-Ttext=0x${start.toString(16)}`].concat(
      `-DUART=0x${uart.toString(16)}`,
      "guest.S",
      "-o",
      "guest.elf",
    ),
    where,
  );
  return join(where, "guest.elf");
}

function onQemu(elf: string, where: string): readonly string[] {
  const serial = join(where, "serial.txt");
  const machine = "virt,gic-version=3,its=off,virtualization=on";
  const args = [
    "-M",
    machine,
    "-cpu",
    "cortex-a53",
    "-smp",
    "2",
    "-m",
    "64",
    "-nodefaults",
    "-display",
    "none",
  ];
  run("qemu-system-aarch64", [...args, "-kernel", elf, "-serial", `file:${serial}`], where);
  return readFileSync(serial, "latin1").split("\n");
}

function onOurs(elf: string): readonly string[] {
  const { machine, output } = testMachine({
    isa: "arm64",
    files: { kernel: readFileSync(elf) },
    configuration,
  });
  machine.run(60n * SECOND_NS, true);
  return output().split("\n");
}

/** The first operation that gave something else, with those before it; null: none did. */
function difference(
  operations: readonly Operation[],
  ours: readonly string[],
  theirs: readonly string[],
): string | null {
  for (const [index, { text }] of operations.entries()) {
    const [mine, other] = [ours, theirs].map((lines) => lines.slice(2 * index, 2 * index + 2).join(" "));
    if (mine === other) continue;
    const before = operations.slice(Math.max(0, index - 40), index).map(({ text: earlier }, i) => {
      const at = 2 * (Math.max(0, index - 40) + i);
      return `${earlier} -> ${theirs.slice(at, at + 2).join(" ")}`;
    });
    return [...before, `${text}: ours ${mine}, QEMU's ${other}`].join("\n");
  }
  return null;
}

test.each(Array.from({ length: SEEDS }, (_, i) => FIRST_SEED + i))(
  "random operations give what QEMU gives, seed %i",
  { timeout: 300_000 },
  (seed) => {
    const where = join(folder.path, String(seed));
    const operations = drawOperations(newRandom(seed), OPERATIONS);
    const elf = build(operations, where);
    const theirs = onQemu(elf, where);
    expect(theirs).toHaveLength(2 * operations.length + 1);
    expect(difference(operations, onOurs(elf), theirs)).toBeNull();
  },
);
