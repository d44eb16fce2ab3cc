// Debian's kernel and busybox, as they are in the package archive, on virt-arm64: its drivers of our devices, its file
// system on our disk, its network over our card to the user network, and back in through a forwarded port.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { scratchFolder } from "../../cli/pancake.ts";
import { fatImage } from "../../support/fat-image.ts";
import { newcArchive } from "../../support/newc-archive.ts";
import { busyboxInArchive, DEBIAN_FOLDER, debianObstacle, moduleInArchive, withDependencies } from "./support/debian-arm64.ts"; // prettier-ignore
import { MachineProcess } from "./support/machine-process.ts";

const BOOT_MS = 500_000;
const STEP_MS = 60_000;

const ON_DISK = "a line of a file on the disk\n".repeat(100);
const PAGE = "<p>a page from the guest</p>\n";
// The drivers, and the tables of characters that FAT's names need.
const MODULES = ["virtio_mmio", "virtio_blk", "virtio_net", "vfat", "nls_cp437", "nls_ascii"];

const init = (modules: readonly string[]): string => `#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in ${modules.join(" ")}; do insmod /modules/$module.ko; done
ip link set eth0 up
udhcpc -n -q -f -i eth0 -s /lease
httpd -h /www
echo "the shell is up: $(uname -sm)"
exec sh
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

const obstacle = debianObstacle();
if (obstacle !== null) console.log(`Debian's kernel is not tested: ${obstacle}`);

describe.runIf(obstacle === null)("Debian's arm64 kernel", () => {
  const folder = scratchFolder();

  function initialDisk(): string {
    const modules = withDependencies(MODULES);
    const files = [
      busyboxInArchive(),
      { path: "init", content: init(modules), isExecutable: true },
      { path: "lease", content: LEASE, isExecutable: true },
      { path: "www/index.html", content: PAGE },
      ...modules.map(moduleInArchive),
    ];
    return folder.write("initrd", newcArchive(files, ["proc", "sys", "dev", "mnt"]));
  }

  test("boots to a shell, reads a disk, uses the network, serves a page and switches off", async () => {
    const image = folder.write("disk.img", fatImage("HELLO   TXT", Buffer.from(ON_DISK)));
    const port = await freePort();
    const machine = new MachineProcess([
      ...["--machine", "virt-arm64", "--memory", "256", "--append", "console=ttyAMA0"],
      ...["--kernel", join(DEBIAN_FOLDER, "vmlinuz"), "--initrd", initialDisk()],
      ...["--disk", `${image},snapshot`, "--net", `user,hostfwd=tcp:127.0.0.1:${port}-:80`],
    ]);
    onTestFinished(() => machine.stop());
    await machine.shows("the shell is up: Linux aarch64", BOOT_MS);
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
