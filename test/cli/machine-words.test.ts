// Words of `pancake machine` that contradict each other, or that are nearly right: each is named, nothing is lost.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { echoGuest } from "./echo-guest.ts";
import { pancake, scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();
const guest = echoGuest({ isSlow: false });
const echo = scratch.write("echo.elf", guest);
const disk = scratch.write("disk.img", new Uint8Array(1024));
const packets = scratch.write("packets.txt", "no packets");
const none = join(scratch.path, "none");
const machine = ["machine", "-M", "virt-riscv64", "--kernel", echo, "--stop-at", "10"];
const twice = (option: string, text: string): readonly string[] => [option, text, option, text];

test.each([
  [["--record", echo], 2, "`--kernel` and `--record` name the same file"],
  [["--trace", `mmio,file=${echo}`], 2, "`--kernel` and `--trace` name the same file"],
  [["--disk", disk, "--serial", `file:${disk}`], 2, "`--disk` and `--serial` name the same file"],
  [twice("--disk", disk), 2, "`--disk` and `--disk` name the same file"],
  [["--net", `pcap,file=${disk}`, "--disk", disk], 2, "name the same file"],
  [["-m", "1T"], 2, "--memory takes whole MiB from 1M to 3072M, found `1T`"],
  [["-m", "0.5G"], 2, "--memory takes whole MiB from 1M to 3072M, found `0.5G`"],
  [["--smp", "1e0"], 2, "--smp takes 1 to 4 harts, found `1e0`"],
  [["--timeout", "1e999"], 2, "--timeout takes a number of seconds"],
  [["--until", ""], 2, "--until takes a text"],
  [["--trace", "mmio,file="], 2, "--trace: `file=` needs a path"],
  [["--semihosting-config", "yes"], 2, "--semihosting-config takes on, off or properties"],
  [["--disk", `${disk},cache=none`], 2, "--disk has no property `cache`"],
  [["--disk", ",snapshot"], 2, "--disk takes a file first"],
  [twice("--fw-cfg", "name=opt/x,string=1"), 2, "--fw-cfg: there are two files `opt/x`"],
  [twice("--netdev", "user,id=n"), 2, "--netdev: there are two with the name `n`"],
  [
    ["--netdev", "user,id=n", ...twice("--device", "virtio-net-device,netdev=n")],
    2,
    "another device has `netdev=n`",
  ],
  [["--initrd", none], 1, `--initrd: cannot read \`${none}\``],
  [["--restore", none], 1, `--restore: cannot read \`${none}\``],
  [["--record", `${none}/x`], 1, `--record: cannot write \`${none}/x\`: there is no folder \`${none}\``],
  [["--net", `replay,file=${none}`], 1, `error[M0134]: \`${none}\` cannot be read: there is no such file`],
  [["--net", `replay,file=${packets}`], 1, "error[M0130]"],
])("%j is refused", async (words, status, message) => {
  const shown = await pancake([...machine, ...words]);
  expect(shown.stderr).toContain(message);
  expect(shown.status).toBe(status);
  expect(readFileSync(echo)).toEqual(Buffer.from(guest));
});

test("a disk image of no whole sectors is said; files that are only read may be given twice", async () => {
  const odd = scratch.write("odd.img", new Uint8Array(1000));
  const shown = await pancake([...machine, "--disk", `${odd},snapshot`, "--disk", `${odd},snapshot`]);
  expect(shown.status).toBe(0);
  expect(shown.stderr).toContain(`warning[M0137]: the disk image \`${odd}\` has 1000 bytes`);
  expect(shown.stderr).toContain("the guest sees 2\n");
});

test("a snapshot may be gone on from and written again; a stop before it is said", async () => {
  const file = join(scratch.path, "again.snap");
  expect((await pancake([...machine, "--save", file])).status).toBe(0);
  const words = machine.slice(0, -2);
  const again = ["--restore", file, "--save", file, "--stop-at", "20"];
  expect(await pancake([...words, ...again])).toMatchObject({ status: 0, stderr: "" });
  const before = await pancake([...words, "--restore", file, "--stop-at", "5"]);
  expect(before.stderr).toContain(
    "`--stop-at` counts from power-on, and the snapshot is at 200ns, 20 instructions",
  );
});
