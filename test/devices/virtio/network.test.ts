// virtio-net: frames both ways, with every form of header.

import { describe, expect, test } from "vitest";
import { VIRTIO_FEATURE, VIRTIO_INTERRUPT, VIRTIO_NETWORK } from "../../../spec/devices/virtio.ts";
import { VirtioNetwork } from "../../../runtime/devices/virtio/network.ts";
import type { DriverQueue } from "./driver.ts";
import { pattern, Rig, type RigOptions } from "./driver.ts";

const { header } = VIRTIO_NETWORK;
const MAC = [0x52, 0x54, 0, 1, 2, 3];

interface Stand {
  readonly rig: Rig;
  readonly card: VirtioNetwork;
  readonly sent: Uint8Array[];
  readonly receive: DriverQueue;
  readonly transmit: DriverQueue;
}

type Settings = RigOptions & { readonly withVersion1?: boolean; readonly features?: bigint };

function stand({ withVersion1 = true, features = 0n, ...options }: Settings = {}): Stand {
  const sent: Uint8Array[] = [];
  const card = new VirtioNetwork({ mac: Uint8Array.from(MAC), send: (frame) => sent.push(frame) });
  const rig = new Rig(card, options);
  const [receive, transmit] = rig.start(features, 2, { withVersion1 });
  if (receive === undefined || transmit === undefined) throw new Error("no queues");
  return { rig, card, sent, receive, transmit };
}

describe.each<[string, Settings, number]>([
  ["modern", {}, header.bytes],
  ["modern without version 1", { withVersion1: false }, header.legacyBytes],
  ["legacy", { isLegacy: true }, header.legacyBytes],
])("%s", (_, settings, headerBytes) => {
  test("sends a frame, its header apart, together or in pieces", () => {
    const { rig, sent, transmit } = stand(settings);
    const at = rig.put([...new Uint8Array(headerBytes), ...pattern(60)]);
    const cuts = [
      [headerBytes],
      [headerBytes + 60],
      [3, headerBytes + 10, headerBytes + 11],
      [headerBytes - 1],
    ];
    for (const cut of cuts) {
      const ends = [...cut.filter((end) => end < headerBytes + 60), headerBytes + 60];
      const parts = ends.map((end, i) => ({ at: at + (ends[i - 1] ?? 0), bytes: end - (ends[i - 1] ?? 0) }));
      const head = transmit.send(parts);
      expect(transmit.collect()).toEqual([{ head, written: 0 }]);
    }
    expect(sent).toEqual(cuts.map(() => pattern(60)));
    expect(rig.interrupt()).toBe(VIRTIO_INTERRUPT.usedBuffer);
    expect(rig.broken).toEqual([]);
  });

  test("receives frames in order, also those that come before their buffers", () => {
    const { rig, card, receive } = stand(settings);
    const room = rig.room(3 * 128);
    card.receive(pattern(60, 1));
    expect(rig.get("interrupt_status")).toBe(0);
    receive.send([
      { at: room, bytes: 5, isWritable: true },
      { at: room + 5, bytes: 123, isWritable: true },
    ]);
    receive.send([{ at: room + 128, bytes: 128, isWritable: true }]);
    card.receive(pattern(61, 2));
    card.receive(pattern(62, 3));
    receive.send([{ at: room + 256, bytes: 128, isWritable: true }]);
    expect(receive.collect().map(({ written }) => written)).toEqual([60, 61, 62].map((n) => n + headerBytes));
    for (const i of [0, 1, 2]) {
      const start = room + 128 * i;
      const count = headerBytes === header.bytes ? [1, 0] : [];
      expect(rig.bytesAt(start, headerBytes)).toEqual([...new Uint8Array(10), ...count]);
      expect(rig.bytesAt(start + headerBytes, 60 + i)).toEqual([...pattern(60 + i, i + 1)]);
    }
  });
});

test("a frame that does not fit is lost, and its buffer takes the next one", () => {
  const { rig, card, receive } = stand();
  const room = rig.room(128);
  card.receive(pattern(200));
  card.receive(pattern(50));
  const head = receive.send([{ at: room, bytes: 128, isWritable: true }]);
  expect(receive.collect()).toEqual([{ head, written: 62 }]);
  expect(card.saveState()).toEqual({ waiting: [], dropped: 1 });
});

test("frames wait in a bounded queue, and only for a driver that is ready", () => {
  const { rig, card } = stand();
  for (let i = 0; i < 300; i += 1) card.receive(pattern(1000));
  card.receive(new Uint8Array(1 << 17));
  expect(card.saveState()).toMatchObject({ dropped: 45 });
  rig.set("status", 0);
  expect(card.saveState()).toEqual({ waiting: [], dropped: 45 });
  card.receive(pattern(60));
  expect(card.saveState()).toEqual({ waiting: [], dropped: 46 });
});

test("a frame without its whole header breaks the queue; one without bytes is nothing", () => {
  const { rig, sent, transmit } = stand();
  const at = rig.room(12);
  transmit.send([{ at, bytes: 12 }]);
  expect(rig.broken).toEqual([]);
  transmit.send([{ at, bytes: 11 }]);
  expect(rig.broken).toEqual(["a frame without its header"]);
  expect(sent).toEqual([]);
});

test("the address and the state of the link", () => {
  const { rig } = stand();
  const bytes = Array.from({ length: 8 }, (_, i) => Number(rig.device.load(0x100 + i, 1)));
  expect(bytes).toEqual([...MAC, 1, 0]);
});

test("frames that wait are saved, and delivered elsewhere", () => {
  const features = VIRTIO_FEATURE.eventIndex;
  const first = stand({ features });
  first.card.receive(pattern(60, 1));
  const room = first.rig.room(128);
  const second = stand({ features });
  second.rig.memory.bytes.set(first.rig.memory.bytes);
  second.rig.device.restoreState(structuredClone(first.rig.device.saveState()));
  for (const { rig } of [first, second]) {
    const queue = first.receive.over(rig);
    queue.send([{ at: room, bytes: 128, isWritable: true }]);
    expect(queue.collect()).toEqual([{ head: 0, written: 72 }]);
  }
  expect(Buffer.compare(second.rig.memory.bytes, first.rig.memory.bytes)).toBe(0);
  expect(second.rig.device.saveState()).toEqual(first.rig.device.saveState());
  expect(second.rig.line).toBe(true);
});
