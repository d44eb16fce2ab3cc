// QEMU's words for a machine: what they become, and what is said about those that are not there.

import { describe, expect, test } from "vitest";
import { fromQemu } from "../../tools/cli/machine/qemu-words.ts";
import { pancake } from "./pancake.ts";

const OWN = [
  { short: "-M", long: "--machine", required: true },
  { short: "-m", long: "--memory", required: true },
  { long: "--append", required: true },
  { long: "--trace", required: true },
  { long: "--net", required: true },
  { long: "--stats", required: false },
];

function translated(text: string): string {
  return fromQemu(text.split(" "), OWN).words.join(" ");
}

test.each([
  ["-M virt-arm64 -m 1G -smp 2 -nographic", "-M virt-arm64 -m 1G --smp 2"],
  ["-machine virt-arm64 -kernel k -append -x", "--machine virt-arm64 --kernel k --append -x"],
  ["--append -nographic --stats", "--append -nographic --stats"],
  ["-display none -monitor none -serial mon:stdio -vga none", "--serial mon:stdio"],
  ["-s -S", "--gdb 1234 --wait"],
  ["-gdb tcp::99 -no-reboot", "--gdb tcp::99 --no-reboot"],
  ["-nic none", ""],
  ["-net nic,model=virtio -net user,hostfwd=tcp::1-:2", "--net user,hostfwd=tcp::1-:2"],
  ["-net none --net none", "--net none"],
  [
    "-nic user,model=virtio-net-pci,mac=52:54:0:0:0:1,hostfwd=tcp::1-:2",
    "--netdev user,hostfwd=tcp::1-:2,id=nic1 --device virtio-net-device,netdev=nic1,mac=52:54:0:0:0:1",
  ],
  ["-pflash f -hda d -snapshot", "--drive if=pflash,format=raw,file=f --disk d --snapshot"],
  ["-accel tcg,thread=multi -icount shift=0 -rtc base=utc -object rng-random,id=r", ""],
  ["-fw_cfg name=opt/a,string=b -name x", "--fw-cfg name=opt/a,string=b"],
  ["-unknown --stats", "-unknown --stats"],
])("%s becomes %s", (given, ours) => {
  expect(fromQemu(given.split(" "), OWN).refused).toBeNull();
  expect(translated(given)).toBe(ours);
});

test("what is so anyway and may surprise is said", () => {
  const { notes } = fromQemu(
    ["-icount", "shift=auto", "-rtc", "base=utc", "-object", "rng-builtin,id=r"],
    OWN,
  );
  expect(notes).toEqual([
    expect.stringContaining("virtual time always counts instructions"),
    expect.stringContaining("2026-01-01"),
    expect.stringContaining("seeded generator"),
  ]);
});

test.each([
  [["-display", "gtk"], "QEMU's `-display gtk`: that is not there"],
  [["-monitor", "stdio"], "there is no monitor"],
  [["-enable-kvm"], "guests are always emulated"],
  [["-accel", "kvm"], "always emulated"],
  [["-d", "int"], "write `--trace instructions,exceptions"],
  [["-rtc", "base=2020-01-01"], "that is not there"],
  [["-object", "memory-backend-ram,id=m"], "that is not there"],
  [["-loadvm", "x"], "write `--restore FILE`"],
  [["-kernel"], "-kernel needs a value"],
])("%j is refused with what to do", async (words, message) => {
  const shown = await pancake(["machine", "-M", "virt-arm64", ...words]);
  expect(shown.status).toBe(2);
  expect(shown.stderr).toMatch(/^error\[M0210\]/);
  expect(shown.stderr).toContain(message);
});

describe("words of the board", () => {
  test.each([
    [["-M", "virt"], "write `-M virt-riscv64`"],
    [["-M", "virt", "-cpu", "max"], "write `-M virt-riscv64`"],
    [["-M", "virt-arm64", "-cpu", "rv64"], "the cores of virt-arm64 are `cortex-a53`, found `rv64`"],
    [
      ["-M", "virt-riscv64", "-cpu", "max"],
      "note: the cores of virt-riscv64 are `rv64`, which stand in for `max`",
    ],
    [
      ["-M", "virt,highmem=off,secure=off", "-cpu", "cortex-a57", "-m", "size=1024"],
      "which stand in for `cortex-a57`",
    ],
    [["-M", "virt-riscv64,secure=on"], "secure is always `off` here"],
    [["-M", "virt-riscv64,gic-version=3"], "no property `gic-version`"],
    [["-M", "virt-arm64", "-smp", "x"], "--smp takes 1 to 4"],
    [["-M", "virt-arm64", "-smp", "4,cores=3"], "do not make up this topology"],
    [["-M", "virt-arm64", "-smp", "2,maxcpus=4"], "do not make up this topology"],
    [["-M", "virt-arm64", "-m", "size=3"], "there is nothing to run"],
    [["-M", "virt", "-cpu", "rv64", "-smp", "cpus=4,sockets=2"], "there is nothing to run"],
    [
      ["-M", "virt,accel=tcg,gic-version=3", "-cpu", "cortex-a53", "-smp", "4,cores=2,threads=1"],
      "there is nothing to run",
    ],
  ])("%j", async (words, message) => {
    const shown = await pancake(["machine", ...words]);
    expect(shown.stderr).toContain(message);
    expect(shown.status).toBe(2);
  });
});
