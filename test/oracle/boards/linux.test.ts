// Debian's kernel and busybox, as they are in the package archive, on virt-arm64.

import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scratchFolder } from "../../cli/pancake.ts";
import { newcArchive } from "../../support/newc-archive.ts";
import { busyboxInArchive, DEBIAN_FOLDER, debianObstacle } from "./support/debian-arm64.ts";
import { MachineProcess } from "./support/machine-process.ts";

const BOOT_MS = 500_000;
const STEP_MS = 60_000;

const INIT = `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo "the shell is up: $(uname -sm)"
exec sh
`;

const obstacle = debianObstacle();
if (obstacle !== null) console.log(`Debian's kernel is not tested: ${obstacle}`);

describe.runIf(obstacle === null)("Debian's arm64 kernel", () => {
  const folder = scratchFolder();

  test("boots to a shell that answers, and switches the board off", async () => {
    const initrd = folder.write(
      "initrd",
      newcArchive(
        [busyboxInArchive(), { path: "init", content: INIT, isExecutable: true }],
        ["proc", "sys", "dev"],
      ),
    );
    const machine = new MachineProcess([
      ...["--machine", "virt-arm64", "--memory", "512", "--append", "console=ttyAMA0"],
      ...["--kernel", join(DEBIAN_FOLDER, "vmlinuz"), "--initrd", initrd],
    ]);
    onTestFinished(() => machine.stop());
    await machine.shows("the shell is up: Linux aarch64", BOOT_MS);
    machine.type("echo $((6 * 7)) is the answer\n");
    await machine.shows("\n42 is the answer", STEP_MS);
    machine.type("poweroff -f\n");
    expect(await machine.end()).toBe(0);
    expect(machine.output).not.toMatch(/pancake: note|Oops|BUG:/);
  });
});
