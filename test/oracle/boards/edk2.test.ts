// Debian's EDK2 on virt-arm64: from reset in flash over its drivers and variables to the UEFI shell.

import { expect, test } from "vitest";
import { Console, imageOf } from "./support.ts";

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
});
