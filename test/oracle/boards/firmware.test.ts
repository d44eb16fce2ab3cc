// Debian's firmware on our boards: OpenSBI and U-Boot come to their prompts and answer commands.

import { expect, test } from "vitest";
import type { BoardConfiguration } from "../../../spec/boards/board.ts";
import { Console, imageOf } from "./support/console.ts";

const openSbi = imageOf("opensbi", "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin");
const supervisorUBoot = imageOf("u-boot-qemu", "/usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin");
const machineUBoot = imageOf("u-boot-qemu", "/usr/lib/u-boot/qemu-riscv64/u-boot.bin");
const armUBoot = imageOf("u-boot-qemu", "/usr/lib/u-boot/qemu_arm64/u-boot.bin");

function answersCommands(console: Console): void {
  console.waitFor("Hit any key to stop autoboot", 30);
  console.type(" ");
  console.waitFor("=> ", 30);
  console.type("setexpr x 0x1234 * 0x10; printenv x\n");
  console.waitFor("x=12340", 30);
  console.type("md.l $fdtcontroladdr 1\n");
  // The magic number of a device tree, big-endian.
  console.waitFor("edfe0dd0", 30);
  console.type("version\n");
  expect(console.waitFor("GNU ld", 30)).toContain("U-Boot 20");
}

test.skipIf(openSbi === null || supervisorUBoot === null)("OpenSBI starts U-Boot in supervisor mode", () => {
  const console = new Console({ isa: "riscv64", files: { bios: openSbi, kernel: supervisorUBoot } });
  console.waitFor("OpenSBI v", 5);
  console.waitFor("Platform Name             : riscv-virtio,qemu", 5);
  console.waitFor("Next Mode         : S-mode", 5);
  console.waitFor("U-Boot 20", 10);
  answersCommands(console);
});

test.skipIf(supervisorUBoot === null)("our own firmware starts U-Boot in supervisor mode", () => {
  const console = new Console({ isa: "riscv64", files: { kernel: supervisorUBoot } });
  console.waitFor("U-Boot 20", 10);
  answersCommands(console);
});

test.skipIf(machineUBoot === null)("U-Boot in machine mode", () => {
  const console = new Console({ isa: "riscv64", files: { bios: machineUBoot } });
  console.waitFor("U-Boot 20", 10);
  answersCommands(console);
});

test.skipIf(armUBoot === null).each<[string, Partial<BoardConfiguration>]>([
  ["at EL1", {}],
  ["at EL2", { hasHypervisor: true }],
  ["at EL2 with a GICv3 and four cores", { hasHypervisor: true, gicVersion: 3, harts: 4 }],
])("U-Boot for arm64 in flash, %s", (_where, configuration) => {
  const console = new Console({ isa: "arm64", files: { bios: armUBoot }, configuration });
  console.waitFor("U-Boot 20", 10);
  answersCommands(console);
});
