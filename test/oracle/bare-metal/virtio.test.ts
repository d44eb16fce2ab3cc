// virtio of our boards against QEMU's: bare-metal programs (programs/virtio.c, rings.c) drive a disk, which may be
// read-only, a network card and a source of random bytes on both, and must print the same, leave the same disk and send
// the same frames.

import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { VirtioBlock } from "../../../runtime/devices/virtio/block.ts";
import { memoryImage, OverlayDisk, type Disk } from "../../../runtime/devices/virtio/disk.ts";
import { VirtioEntropy } from "../../../runtime/devices/virtio/entropy.ts";
import { VirtioNetwork } from "../../../runtime/devices/virtio/network.ts";
import { FileDisk } from "../../../runtime/host/node-disk.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import { Bench, onOurs, virtioSlots, type Isa, type Setting } from "./machines.ts";

const SECTORS = 64;
const SECTOR_BYTES = 512;
const MAC = [0x52, 0x54, 0, 1, 2, 3];
const SERIAL = "disk-one";

const bench = new Bench();
afterAll(() => {
  bench.close();
});

/** What a guest leaves behind. */
interface Traces {
  readonly transcript: string;
  readonly disk: Uint8Array;
  readonly frames: readonly string[];
}

const image = Uint8Array.from({ length: SECTORS * SECTOR_BYTES }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff);

/** A board, and what is plugged into it. */
interface VirtioSetting extends Setting {
  readonly isLegacy: boolean;
  readonly isReadOnly: boolean;
}

function onQemu(elf: string, setting: VirtioSetting): Traces {
  const { isLegacy, isReadOnly } = setting;
  const disk = bench.path("disk.img");
  const capture = bench.path("frames.pcap");
  writeFileSync(disk, image);
  const mac = MAC.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  const transcript = bench.onQemu(elf, setting, [
    ...["-global", `virtio-mmio.force-legacy=${String(isLegacy)}`],
    ...["-drive", `file=${disk},format=raw,if=none,id=disk,readonly=${isReadOnly ? "on" : "off"}`],
    ...["-device", `virtio-blk-device,drive=disk,serial=${SERIAL}`],
    ...["-netdev", "user,id=net,ipv6=off", "-object", `filter-dump,id=dump,netdev=net,file=${capture}`],
    ...["-device", `virtio-net-device,netdev=net,mac=${mac}`, "-device", "virtio-rng-device"],
  ]);
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

function ourDisk(isReadOnly: boolean): Disk {
  if (!isReadOnly) return new OverlayDisk(memoryImage(image));
  const path = bench.path("read-only.img");
  writeFileSync(path, image);
  return new FileDisk(path, true, (error) => {
    throw new Error("the host refused", { cause: error });
  });
}

function onOurBoard(elf: string, setting: VirtioSetting, executor: ExecutorName): Traces {
  const { isLegacy, isReadOnly } = setting;
  const frames: string[] = [];
  const disk = ourDisk(isReadOnly);
  const functions = [
    new VirtioBlock({ disk, serial: SERIAL }),
    new VirtioNetwork({
      mac: Uint8Array.from(MAC),
      send: (frame) => frames.push(Buffer.from(frame).toString("hex")),
    }),
    new VirtioEntropy(1n),
  ];
  // QEMU fills slots from the last one down.
  const slots = [...virtioSlots(setting)].reverse();
  const plugged = new Map(functions.map((made, i) => [slots[i] ?? "", made]));
  const options = { plugged, isLegacyVirtio: isLegacy };
  const { transcript } = onOurs(elf, setting, executor, options);
  return { transcript, disk: disk.read(0, SECTORS) ?? new Uint8Array(), frames };
}

const isas: readonly Isa[] = ["riscv64", "arm64"];
const cases = isas.flatMap((isa) => [
  { isa, source: "virtio.c", isLegacy: false, isReadOnly: false, frames: 3 },
  { isa, source: "virtio.c", isLegacy: true, isReadOnly: false, frames: 3 },
  { isa, source: "virtio.c", isLegacy: false, isReadOnly: true, frames: 3 },
  { isa, source: "rings.c", isLegacy: false, isReadOnly: false, frames: 0 },
]);

test.each(cases)(
  "$source on $isa, legacy $isLegacy, read-only $isReadOnly: the same transcript, disk and frames",
  ({ source, frames, ...setting }) => {
    const elf = bench.compile(source, setting);
    const theirs = onQemu(elf, setting);
    expect(theirs.transcript).toMatch(/\nend\n$/);
    expect(theirs.frames).toHaveLength(frames);
    if (setting.isReadOnly) expect(Buffer.compare(theirs.disk, image)).toBe(0);
    for (const executor of ["reference", "fast"] as const) {
      const ours = onOurBoard(elf, setting, executor);
      expect(ours.transcript).toBe(theirs.transcript);
      expect(ours.frames).toEqual(theirs.frames);
      expect(Buffer.compare(ours.disk, theirs.disk)).toBe(0);
    }
  },
);
