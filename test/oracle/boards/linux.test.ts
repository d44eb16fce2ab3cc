// Debian's kernels and busybox, as they are in the package archive, on our boards: their drivers of our devices, their file
// system on our disk, their network over our card to the user network, and back in through a forwarded port.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { Debian } from "../../../tools/debian/debian.ts";
import { scratchFolder } from "../../cli/pancake.ts";
import { fatImage } from "../../support/fat-image.ts";
import { machineTargets, type MachineTarget } from "../../support/machine-targets.ts";
import { MachineProcess } from "./support/machine-process.ts";

/** What a kernel calls its machine, and the console of the board. */
const KERNEL_WORDS: Readonly<Record<MachineTarget, { readonly machine: string; readonly console: string }>> =
  {
    riscv64: { machine: "riscv64", console: "ttyS0" },
    arm64: { machine: "aarch64", console: "ttyAMA0" },
  };

const BOOT_MS = 500_000;
const STEP_MS = 60_000;

const ON_DISK = "a line of a file on the disk\n".repeat(100);
const PAGE = "<p>a page from the guest</p>\n";
// The drivers, and the tables of characters that FAT's names need.
const MODULES = ["virtio_mmio", "virtio_blk", "virtio_net", "vfat", "nls_cp437", "nls_ascii"];

const SCRIPT = `ip link set eth0 up
udhcpc -n -q -f -i eth0 -s /lease
httpd -h /www
echo "the shell is up: $(uname -sm), $(nproc) processors"
`;

// What udhcpc runs with the lease in its environment.
const LEASE = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip address add $ip/$mask dev eth0
ip route add default via $router
echo "the lease: $ip/$mask via $router"
`;

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.each(machineTargets)("Debian's %s kernel", (isa) => {
  const folder = scratchFolder();
  const debian = new Debian(isa);
  if (debian.obstacle !== null) console.log(`skipped: Debian's ${isa} kernel: ${debian.obstacle}`);

  function initialDisk(): string {
    const files = [
      { path: "lease", content: LEASE, isExecutable: true },
      { path: "www/index.html", content: PAGE },
    ];
    return folder.write("initrd", debian.initialDisk(MODULES, SCRIPT, files));
  }

  test.skipIf(debian.obstacle !== null)("boots two harts to a shell with disk and network", async () => {
    const image = folder.write("disk.img", fatImage("HELLO   TXT", Buffer.from(ON_DISK)));
    const port = await freePort();
    const words = KERNEL_WORDS[isa];
    const machine = new MachineProcess([
      ...[
        "--machine",
        `virt-${isa}`,
        "--smp",
        "2",
        "--memory",
        "256",
        "--append",
        `console=${words.console}`,
      ],
      ...["--kernel", debian.kernel, "--initrd", initialDisk()],
      ...["--disk", `${image},snapshot`, "--net", `user,hostfwd=tcp:127.0.0.1:${port}-:80`],
    ]);
    onTestFinished(() => machine.stop());
    await machine.shows(`the shell is up: Linux ${words.machine}, 2 processors`, BOOT_MS);
    expect(machine.output).toContain("the lease: 10.0.2.15/24 via 10.0.2.2");
    const run = async (command: string): Promise<string> => machine.run(command, STEP_MS);

    expect(await run("echo $((6 * 7)) is the answer")).toBe("42 is the answer\n");
    expect(await run("mount -t vfat /dev/vda /mnt && md5sum < /mnt/hello.txt")).toContain(md5(ON_DISK));
    expect(await run("ping -c 2 10.0.2.2")).toContain("2 packets received, 0% packet loss");
    const page = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(STEP_MS) });
    expect([page.status, await page.text()]).toEqual([200, PAGE]);

    machine.type("poweroff -f\n");
    expect(await machine.end()).toBe(0);
    expect(machine.output).not.toMatch(/pancake: note|Oops|BUG:/);
  });
});
