// virtio-blk: requests of every kind and layout, modern and legacy.

import { truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { VIRTIO_BLOCK, VIRTIO_FEATURE } from "../../../spec/devices/virtio.ts";
import { VirtioBlock } from "../../../runtime/devices/virtio/block.ts";
import { memoryImage, OverlayDisk, type Disk } from "../../../runtime/devices/virtio/disk.ts";
import { fileImage, FileDisk } from "../../../runtime/host/node-disk.ts";
import { scratchFolder } from "../../cli/pancake.ts";
import type { DriverQueue } from "./driver.ts";
import { pattern, Rig, type Part, type RigOptions } from "./driver.ts";

const { request, status, sectorBytes, header } = VIRTIO_BLOCK;
const SECTORS = 64;
const scratch = scratchFolder();
const transports: readonly [string, RigOptions][] = [
  ["modern", {}],
  ["legacy", { isLegacy: true }],
];

interface Stand {
  readonly rig: Rig;
  readonly queue: DriverQueue;
  readonly disk: Disk;
}

function stand(options: RigOptions = {}, changes: Partial<Disk> = {}, features = 0n): Stand {
  const disk = Object.assign(new OverlayDisk(memoryImage(pattern(SECTORS * sectorBytes))), changes);
  const rig = new Rig(new VirtioBlock({ disk, serial: "disk-one" }), options);
  const [queue] = rig.start(features, 1);
  if (queue === undefined) throw new Error("no queue");
  return { rig, queue, disk };
}

function requestHeader(type: number, sector: number | bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(header.bytes));
  view.setUint32(header.type, type, true);
  view.setBigUint64(header.sector, BigInt(sector), true);
  return new Uint8Array(view.buffer);
}

interface Asked {
  readonly type: number;
  readonly sector?: number | bigint;
  readonly data?: Part | null;
}

/** One request in the usual three parts: what came back, and its status. */
function ask(
  { rig, queue }: Stand,
  { type, sector = 0, data = null }: Asked,
): { status: number; written: number } {
  const at = rig.put([0xee]);
  const start = rig.put(requestHeader(type, sector));
  const parts = [
    { at: start, bytes: header.bytes },
    ...(data === null ? [] : [data]),
    { at, bytes: 1, isWritable: true },
  ];
  const head = queue.send(parts);
  const [used] = queue.collect();
  expect(used?.head).toBe(head);
  return { status: rig.memory.bytes[at] ?? -1, written: used?.written ?? -1 };
}

describe.each(transports)("%s", (_, options) => {
  test("reads, writes, flushes and names itself", () => {
    let flushes = 0;
    const at = stand(options, { flush: () => (flushes += 1) > 0 });
    const { rig } = at;
    const room = rig.room(1024);
    const read = { at: room, bytes: 1024, isWritable: true };
    expect(ask(at, { type: request.in, sector: 3, data: read })).toEqual({
      status: status.ok,
      written: 1025,
    });
    expect(rig.bytesAt(room, 1024)).toEqual([...pattern(SECTORS * sectorBytes).subarray(3 * 512, 5 * 512)]);
    const news = pattern(1024, 99);
    const write = { at: rig.put(news), bytes: 1024 };
    expect(ask(at, { type: request.out, sector: 62, data: write })).toEqual({
      status: status.ok,
      written: 1,
    });
    ask(at, { type: request.in, sector: 62, data: read });
    expect(rig.bytesAt(room, 1024)).toEqual([...news]);
    expect(ask(at, { type: request.flush }).status).toBe(status.ok);
    expect(flushes).toBe(1);
    const id = rig.room(20);
    expect(ask(at, { type: request.getId, data: { at: id, bytes: 20, isWritable: true } }).status).toBe(
      status.ok,
    );
    expect(String.fromCharCode(...rig.bytesAt(id, 20))).toBe("disk-one".padEnd(20, "\0"));
    expect(rig.broken).toEqual([]);
    expect(rig.line).toBe(true);
    expect(rig.interrupt()).toBe(1);
    expect(rig.line).toBe(false);
  });

  test("any cut of header, data and status into descriptors", () => {
    const at = stand(options);
    const { rig, queue } = at;
    const start = rig.put(requestHeader(request.in, 1));
    const room = rig.room(512);
    const end = rig.room(1);
    // The header in two, the data in three, the status behind data in one buffer.
    queue.send([
      { at: start, bytes: 5 },
      { at: start + 5, bytes: 11 },
      { at: room, bytes: 1, isWritable: true },
      { at: room + 1, bytes: 510, isWritable: true },
      { at: room + 511, bytes: 1, isWritable: true },
      { at: end, bytes: 1, isWritable: true },
    ]);
    expect(queue.collect()).toEqual([{ head: 0, written: 513 }]);
    expect(rig.bytesAt(room, 512)).toEqual([...pattern(1024).subarray(512)]);
    const together = rig.room(513);
    queue.send([
      { at: start, bytes: 16 },
      { at: together, bytes: 513, isWritable: true },
    ]);
    expect(queue.collect()).toEqual([{ head: 6, written: 513 }]);
    expect(rig.bytesAt(together, 513)).toEqual([...pattern(1024).subarray(512), status.ok]);
    // Header and data in one.
    const whole = rig.put([...requestHeader(request.out, 9), ...pattern(512, 5)]);
    queue.send([
      { at: whole, bytes: 528 },
      { at: end, bytes: 1, isWritable: true },
    ]);
    expect(queue.collect()).toEqual([{ head: 0, written: 1 }]);
    ask(
      { ...at, disk: new OverlayDisk(memoryImage(new Uint8Array(0))) },
      { type: request.in, sector: 9, data: { at: room, bytes: 512, isWritable: true } },
    );
    expect(rig.bytesAt(room, 512)).toEqual([...pattern(512, 5)]);
  });
});

test("hundreds of one-byte descriptors in an indirect table", () => {
  const { rig, queue } = stand({}, {}, VIRTIO_FEATURE.indirectDescriptors);
  const start = rig.put(requestHeader(request.in, 7));
  const room = rig.room(513);
  const bytes = (at: number, count: number, isWritable: boolean): Part[] =>
    Array.from({ length: count }, (_, i) => ({ at: at + i, bytes: 1, isWritable }));
  queue.addIndirect([...bytes(start, 16, false), ...bytes(room, 513, true)]);
  // The same again with its header outside of the table.
  queue.addIndirect([{ at: start, bytes: 16 }, ...bytes(room, 513, true)], 1);
  queue.kick();
  expect(queue.collect()).toEqual([
    { head: 0, written: 513 },
    { head: 1, written: 513 },
  ]);
  expect(rig.bytesAt(room, 513)).toEqual([...pattern(8 * 512).subarray(7 * 512), status.ok]);
  expect(rig.broken).toEqual([]);
});

test("what cannot be done is answered so", () => {
  const at = stand();
  const { rig } = at;
  const bytes = 512;
  const room = rig.room(1024);
  const read = { at: room, bytes, isWritable: true };
  const failed = { status: status.failed, written: bytes + 1 };
  expect(ask(at, { type: request.in, sector: SECTORS, data: read })).toEqual(failed);
  expect(ask(at, { type: request.in, sector: SECTORS - 1, data: { ...read, bytes: 1024 } }).status).toBe(
    status.failed,
  );
  expect(ask(at, { type: request.in, sector: (1n << 64n) - 1n, data: read })).toEqual(failed);
  expect(ask(at, { type: request.in, data: { ...read, bytes: 511 } }).status).toBe(status.failed);
  expect(ask(at, { type: request.out, sector: SECTORS, data: { at: room, bytes } }).status).toBe(
    status.failed,
  );
  expect(ask(at, { type: 77, data: read })).toEqual({ status: status.unsupported, written: bytes + 1 });
  expect(rig.broken).toEqual([]);
});

test("a disk that is only read says so and keeps what it has", () => {
  const at = stand({}, { isReadOnly: true });
  expect(at.rig.offered() & VIRTIO_BLOCK.feature.readOnly).not.toBe(0n);
  const data = { at: at.rig.put(new Uint8Array(512)), bytes: 512 };
  expect(ask(at, { type: request.out, data }).status).toBe(status.failed);
  expect(at.disk.read(0, 1)).toEqual(pattern(512));
});

test("requests without header, status or memory break the queue", () => {
  const short = stand();
  short.queue.send([{ at: short.rig.room(16), bytes: 15 }, { at: short.rig.room(1), bytes: 1, isWritable: true }]); // prettier-ignore
  expect(short.rig.broken).toEqual(["a block request without header or status"]);
  expect(short.queue.collect()).toEqual([]);
  const silent = stand();
  silent.queue.send([{ at: silent.rig.room(16), bytes: 16 }]);
  expect(silent.rig.broken).toHaveLength(1);
  const lost = stand();
  const start = lost.rig.put(requestHeader(request.in, 0));
  lost.queue.send([
    { at: start, bytes: 16 },
    { at: 1 << 30, bytes: 512, isWritable: true },
    { at: lost.rig.room(1), bytes: 1, isWritable: true },
  ]);
  expect(lost.rig.broken).toEqual(["no memory at 0xc0000000"]);
  expect(lost.queue.collect()).toEqual([]);
});

test("the configuration, whatever the width", () => {
  const { rig } = stand();
  expect(rig.device.load(0x100, 8)).toBe(BigInt(SECTORS));
  expect(rig.device.load(0x100, 1)).toBe(BigInt(SECTORS));
  expect(rig.device.load(0x114, 4)).toBe(512n);
  expect(rig.device.load(0x114, 2)).toBe(512n);
  expect(rig.device.load(0x115, 1)).toBe(2n);
});

test("a saved disk goes on in another machine", () => {
  const first = stand();
  const data = { at: first.rig.put(pattern(512, 42)), bytes: 512 };
  ask(first, { type: request.out, sector: 5, data });
  const [head, room] = [first.rig.put(requestHeader(request.in, 5)), first.rig.room(513)];
  const second = stand();
  second.rig.memory.bytes.set(first.rig.memory.bytes);
  second.rig.device.restoreState(structuredClone(first.rig.device.saveState()));
  expect(second.rig.line).toBe(true);
  expect(second.disk.read(5, 1)).toEqual(pattern(512, 42));
  for (const { rig } of [first, second]) {
    first.queue.over(rig).send([
      { at: head, bytes: 16 },
      { at: room, bytes: 513, isWritable: true },
    ]);
  }
  expect(second.rig.bytesAt(room, 513)).toEqual([...pattern(512, 42), status.ok]);
  expect(Buffer.compare(second.rig.memory.bytes, first.rig.memory.bytes)).toBe(0);
  expect(second.rig.device.saveState()).toEqual(first.rig.device.saveState());
});

test("what the host refuses is a failed request, and the owner hears of it", () => {
  const path = scratch.write("disk", pattern(SECTORS * sectorBytes));
  const heard: string[] = [];
  const failed = (error: unknown): void => void heard.push(String(error));
  const disks = [new FileDisk(path, false, failed), new OverlayDisk(fileImage(path, failed))];
  truncateSync(path, sectorBytes);
  for (const disk of disks) {
    const at = stand(
      {},
      { read: (...range) => disk.read(...range), write: (...range) => disk.write(...range) },
    );
    const data = { at: at.rig.room(512), bytes: 512, isWritable: true };
    expect(ask(at, { type: request.in, sector: 0, data }).status).toBe(status.ok);
    expect(ask(at, { type: request.in, sector: 9, data }).status).toBe(status.failed);
  }
  expect(heard).toEqual(Array(2).fill("Error: the file has become shorter than 32768 bytes"));
  // A device that is always full; it has no size of its own.
  const full = new FileDisk("/dev/full", false, failed);
  const at = stand({}, { write: (...range) => full.write(...range), flush: () => full.flush() });
  const data = { at: at.rig.put(pattern(512)), bytes: 512 };
  expect(ask(at, { type: request.out, sector: 1, data }).status).toBe(status.failed);
  expect(ask(at, { type: request.flush }).status).toBe(status.failed);
  expect(heard[2]).toContain("ENOSPC");
});
