// Debian's EDK2 on virt-arm64: from reset in flash over its drivers and variables to the UEFI shell
// and its commands.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Debian } from "../../../tools/debian/debian.ts";
import { Console, imageOf } from "./support/console.ts";

const ESCAPE = "\x1b";

const debian = new Debian("arm64");
const edk2 = imageOf("qemu-efi-aarch64", "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd");

test.skipIf(edk2 === null)("EDK2 in flash starts its shell", () => {
  const console = new Console({
    isa: "arm64",
    files: { bios: edk2 },
    configuration: { memoryBytes: 512n << 20n },
  });
  console.waitFor("UEFI firmware", 10);
  console.waitFor('BdsDxe: starting Boot0001 "EFI Internal Shell"', 30);
  expect(console.waitFor("to skip", 10)).toContain("UEFI Interactive Shell");
  console.type(ESCAPE);
  console.waitFor("Shell> ", 10);
  console.type("memmap\r");
  expect(console.waitFor("Total Memory", 10)).toContain("BS_Code");
  console.type("echo %uefishellversion%\r");
  console.waitFor("2.2", 10);
});

test.skipIf(edk2 === null || debian.obstacle !== null)("EDK2 starts Debian's kernel from fw_cfg", () => {
  const console = new Console({
    isa: "arm64",
    files: {
      bios: edk2,
      kernel: new Uint8Array(readFileSync(debian.kernel)),
      initrd: debian.initialDisk([], ""),
    },
    configuration: { memoryBytes: 512n << 20n, bootArguments: "console=ttyAMA0 cryptomgr.notests" },
  });
  console.waitFor("EFI stub: Booting Linux Kernel", 30);
  console.waitFor("EFI stub: Loaded initrd", 10);
  console.waitFor("efi: EFI v2.70 by EDK II", 10);
  console.waitFor("Run /init as init process", 30);
  console.waitFor("built-in shell", 10);
});
