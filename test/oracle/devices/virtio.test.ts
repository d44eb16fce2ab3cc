// virtio of our board against QEMU's: one bare-metal guest (virtio-guest.c) drives a disk, a network card and a source of
// random bytes on both, and must print the same, leave the same disk and send the same frames.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { virtRiscv64 } from "../../../spec/boards/virt-riscv64.ts";
import { VirtioBlock } from "../../../runtime/devices/virtio/block.ts";
import { memoryImage, OverlayDisk } from "../../../runtime/devices/virtio/disk.ts";
import { VirtioEntropy } from "../../../runtime/devices/virtio/entropy.ts";
import { VirtioNetwork } from "../../../runtime/devices/virtio/network.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import { testMachine } from "../../boards/support.ts";

const SECTORS = 64;
const SECTOR_BYTES = 512;
const MAC = [0x52, 0x54, 0, 1, 2, 3];
const SERIAL = "disk-one";
const FIRST = "virtio0";
/** The slots that QEMU plugs three devices into, the first one first. */
const SLOTS = ["virtio7", "virtio6", "virtio5"];
const SECOND_NS = 1_000_000_000n;

const folder = mkdtempSync(join(tmpdir(), "pancake-virtio-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What a guest leaves behind. */
interface Traces {
  readonly transcript: string;
  readonly disk: Uint8Array;
  readonly frames: readonly string[];
}

const image = Uint8Array.from({ length: SECTORS * SECTOR_BYTES }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff);

function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
  expect(done.status, `${command}: ${done.stderr}`).toBe(0);
}

function guest(): string {
  const devices = virtRiscv64.devices(configuration);
  const at = (name: string): bigint => devices.find((device) => device.name === name)?.address ?? 0n;
  const slots = devices.filter(({ kind }) => kind === "virtio-mmio");
  const path = join(folder, "guest.elf");
  run("riscv64-linux-gnu-gcc", [
    ..."-O1 -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector -Wall -Werror".split(" "),
    ..."-march=rv64imac_zicsr -mabi=lp64 -mcmodel=medany -Wl,--build-id=none,-n".split(" "),
    `-Wl,-Ttext=0x${virtRiscv64.memory.address.toString(16)}`,
    `-DUART=0x${at("uart0").toString(16)}`,
    `-DFIRST_SLOT=0x${at(FIRST).toString(16)}`,
    `-DSLOTS=${String(slots.length)}`,
    `-DSLOT_BYTES=${String(at("virtio1") - at(FIRST))}`,
    ...["virtio-start-riscv64.S", "virtio-guest.c"].map((name) => join(import.meta.dirname, name)),
    ...["-o", path],
  ]);
  return path;
}

const configuration = {
  harts: 1,
  memoryBytes: 64n << 20n,
  hasHypervisor: false,
  gicVersion: 2,
  bootArguments: null,
  initrd: null,
  randomSeed: new Uint8Array(32),
} as const;

function onQemu(elf: string, isLegacy: boolean): Traces {
  const disk = join(folder, "disk.img");
  const capture = join(folder, "frames.pcap");
  // A pipe that is full would lose characters: the guest does not wait for the UART.
  const serial = join(folder, "serial.txt");
  writeFileSync(disk, image);
  const mac = MAC.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  run("qemu-system-riscv64", [
    ..."-M virt -m 64M -nodefaults -display none -bios none".split(" "),
    ...[
      "-kernel",
      elf,
      "-serial",
      `file:${serial}`,
      "-global",
      `virtio-mmio.force-legacy=${String(isLegacy)}`,
    ],
    ...["-drive", `file=${disk},format=raw,if=none,id=disk`],
    ...["-device", `virtio-blk-device,drive=disk,serial=${SERIAL}`],
    ...["-netdev", "user,id=net,ipv6=off", "-object", `filter-dump,id=dump,netdev=net,file=${capture}`],
    ...["-device", `virtio-net-device,netdev=net,mac=${mac}`, "-device", "virtio-rng-device"],
  ]);
  const transcript = readFileSync(serial, "latin1");
  return { transcript, disk: readFileSync(disk), frames: capturedFrames(readFileSync(capture)) };
}

// The frames of a pcap file: 24 bytes of header, then 16 and the frame each.
function capturedFrames(file: Uint8Array): readonly string[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const frames: string[] = [];
  for (let at = 24; at < file.length;) {
    const bytes = view.getUint32(at + 8, true);
    frames.push(Buffer.from(file.subarray(at + 16, at + 16 + bytes)).toString("hex"));
    at += 16 + bytes;
  }
  return frames;
}

function onOurs(elf: string, isLegacy: boolean, executor: ExecutorName): Traces {
  const frames: string[] = [];
  const disk = new OverlayDisk(memoryImage(image));
  const functions = [
    new VirtioBlock({ disk, serial: SERIAL }),
    new VirtioNetwork({
      mac: Uint8Array.from(MAC),
      send: (frame) => frames.push(Buffer.from(frame).toString("hex")),
    }),
    new VirtioEntropy(1n),
  ];
  const plugged = new Map(functions.map((made, i) => [SLOTS[i] ?? "", made]));
  const { machine, output } = testMachine({
    isa: "riscv64",
    files: { kernel: readFileSync(elf), bios: "none" },
    configuration,
    options: { plugged, isLegacyVirtio: isLegacy, executor },
  });
  machine.run(SECOND_NS, true);
  return { transcript: output(), disk: disk.read(0, SECTORS) ?? new Uint8Array(), frames };
}

const elf = guest();

test.each([
  ["modern", false],
  ["legacy", true],
] as const)("%s: the same transcript, disk and frames", (_, isLegacy) => {
  const theirs = onQemu(elf, isLegacy);
  expect(theirs.transcript).toContain("\nend\n");
  expect(theirs.frames).toHaveLength(2);
  for (const executor of ["reference", "fast"] as const) {
    const ours = onOurs(elf, isLegacy, executor);
    expect(ours.transcript).toBe(theirs.transcript);
    expect(ours.frames).toEqual(theirs.frames);
    expect(Buffer.compare(ours.disk, theirs.disk)).toBe(0);
  }
});
