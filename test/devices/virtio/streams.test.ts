// virtio-console and virtio-rng: bytes in and out.

import { expect, test } from "vitest";
import { VIRTIO_CONSOLE } from "../../../spec/devices/virtio.ts";
import { INPUT_QUEUE_BYTES, silentChannel, type ByteChannel } from "../../../runtime/devices/byte-channel.ts";
import { VirtioConsole } from "../../../runtime/devices/virtio/console.ts";
import { VirtioEntropy } from "../../../runtime/devices/virtio/entropy.ts";
import type { DriverQueue } from "./driver.ts";
import { pattern, Rig, type RigOptions } from "./driver.ts";

interface ConsoleStand {
  readonly rig: Rig;
  readonly device: VirtioConsole;
  readonly sent: number[];
  readonly receive: DriverQueue;
  readonly transmit: DriverQueue;
  /** What the host does when there is room again. */
  onReady: () => void;
}

function consoleStand(options: RigOptions = {}): ConsoleStand {
  const sent: number[] = [];
  const own = { onReady: (): void => undefined };
  const device = new VirtioConsole({ send: (byte) => sent.push(byte), ready: () => made.onReady() });
  const rig = new Rig(device, options);
  const [receive, transmit] = rig.start(0n, 2);
  if (receive === undefined || transmit === undefined) throw new Error("no queues");
  const made = { rig, device, sent, receive, transmit, ...own };
  return made;
}

test.each([false, true])("console: bytes both ways (legacy: %s)", (isLegacy) => {
  const { rig, device, sent, receive, transmit } = consoleStand({ isLegacy });
  const at = rig.put(pattern(50));
  transmit.send([
    { at, bytes: 1 },
    { at: at + 1, bytes: 49 },
  ]);
  expect(sent).toEqual([...pattern(50)]);
  expect(transmit.collect()).toEqual([{ head: 0, written: 0 }]);
  expect(device.receive(pattern(10))).toBe(10);
  expect(rig.interrupt()).toBe(1);
  const room = rig.room(16);
  receive.send([{ at: room, bytes: 4, isWritable: true }]);
  receive.send([{ at: room + 4, bytes: 12, isWritable: true }]);
  expect(receive.collect().map(({ written }) => written)).toEqual([4, 6]);
  expect(rig.bytesAt(room, 10)).toEqual([...pattern(10)]);
  expect(rig.broken).toEqual([]);
});

test("console: a host that sends more from inside `ready` does not mix up the order", () => {
  const at = consoleStand();
  const text = pattern(INPUT_QUEUE_BYTES + 100);
  let sent = at.device.receive(text);
  expect(sent).toBe(INPUT_QUEUE_BYTES);
  at.onReady = () => (sent += at.device.receive(text.subarray(sent)));
  const room = at.rig.room(5000);
  at.receive.add([{ at: room, bytes: 4096, isWritable: true }]);
  at.receive.add([{ at: room + 4096, bytes: 100, isWritable: true }]);
  at.receive.kick();
  expect(at.receive.collect()).toEqual([
    { head: 0, written: 4096 },
    { head: 1, written: 100 },
  ]);
  expect(at.rig.bytesAt(room, text.length)).toEqual([...text]);
});

test("console: a reset drops the input and asks the host for more", () => {
  const at = consoleStand();
  let asked = 0;
  at.onReady = () => (asked += 1);
  at.device.receive(pattern(INPUT_QUEUE_BYTES + 1));
  at.rig.set("status", 0);
  expect(asked).toBe(1);
  expect(at.device.saveState()).toEqual({ inputs: [{ bytes: [], hostWaits: false }], messages: [] });
});

test("console: more than a megabyte in one chain is no output", () => {
  const { rig, sent, transmit } = consoleStand({ memoryBytes: 2 << 20 });
  transmit.send([{ at: 0, bytes: (1 << 20) + 1 }]);
  expect(rig.broken).toEqual(["1048577 bytes of output at once"]);
  expect(sent).toEqual([]);
});

function random(seed: bigint, bytes: number): readonly number[] {
  const rig = new Rig(new VirtioEntropy(seed));
  const [queue] = rig.start(0n, 1);
  const room = rig.room(bytes);
  queue?.send([{ at: room, bytes, isWritable: true }]);
  expect(queue?.collect()).toEqual([{ head: 0, written: Math.min(bytes, 4096) }]);
  return rig.bytesAt(room, bytes);
}

test("entropy: repeatable, different by seed, bounded", () => {
  expect(random(1n, 33)).toEqual(random(1n, 33));
  expect(random(1n, 32)).not.toEqual(random(2n, 32));
  // The first number of splitmix64 with seed 0 is 0xe220a8397b1dcdaf.
  expect(random(0n, 8)).toEqual([0xaf, 0xcd, 0x1d, 0x7b, 0x39, 0xa8, 0x20, 0xe2]);
  expect(random(1n, 5000).slice(4096)).toEqual([...new Uint8Array(904)]);
});

test("entropy: goes on elsewhere", () => {
  const [first, second] = [new Rig(new VirtioEntropy(3n)), new Rig(new VirtioEntropy(4n))];
  const [queue] = first.start(0n, 1);
  second.device.restoreState(structuredClone(first.device.saveState()));
  second.memory.bytes.set(first.memory.bytes);
  for (const rig of [first, second]) queue?.over(rig).send([{ at: 64, bytes: 32, isWritable: true }]);
  expect(second.bytesAt(64, 32)).toEqual(first.bytesAt(64, 32));
});

test("console: several ports, with their control messages", () => {
  const { feature, event, control } = VIRTIO_CONSOLE;
  const sent: string[] = [];
  const channel = (name: string): ByteChannel => ({
    send: (byte) => sent.push(`${name}${String(byte)}`),
    ready: () => undefined,
  });
  const device = new VirtioConsole(channel("a"), channel("b"), channel("c"));
  const rig = new Rig(device);
  expect(rig.device.load(0x104, 4)).toBe(3n);
  const [, transmit0, controlIn, controlOut, receive1, transmit1] = rig.start(feature.multiport, 8);
  const say = (port: number, what: number): void => {
    const view = new DataView(new ArrayBuffer(control.bytes));
    view.setUint32(0, port, true);
    view.setUint16(control.event, what, true);
    view.setUint16(control.value, 1, true);
    controlOut?.send([{ at: rig.put(new Uint8Array(view.buffer)), bytes: control.bytes }]);
  };
  const room = rig.room(8 * control.bytes);
  for (let i = 0; i < 8; i += 1) {
    controlIn?.add([{ at: room + i * control.bytes, bytes: control.bytes, isWritable: true }]);
  }
  controlIn?.kick();
  say(0, event.deviceReady);
  say(1, event.portReady);
  say(9, event.portReady);
  expect(controlIn?.collect()).toHaveLength(5);
  const words = new Uint16Array(Uint8Array.from(rig.bytesAt(room, 5 * control.bytes)).buffer);
  const messages = Array.from({ length: 5 }, (_, i) => [...words.subarray(4 * i, 4 * i + 4)]);
  expect(messages).toEqual([
    [0, 0, event.deviceAdd, 1],
    [1, 0, event.deviceAdd, 1],
    [2, 0, event.deviceAdd, 1],
    [1, 0, event.consolePort, 1],
    [1, 0, event.portOpen, 1],
  ]);
  transmit0?.send([{ at: rig.put([7]), bytes: 1 }]);
  transmit1?.send([{ at: rig.put([8]), bytes: 1 }]);
  expect(sent).toEqual(["a7", "b8"]);
  const input = rig.room(4);
  receive1?.send([{ at: input, bytes: 4, isWritable: true }]);
  expect(device.input(1).receive(pattern(4))).toBe(4);
  expect(receive1?.collect().map(({ written }) => written)).toEqual([4]);
  expect(rig.broken).toEqual([]);
});

test("console: messages for a driver that gives no room for them are bounded", () => {
  const device = new VirtioConsole(...Array.from({ length: 8 }, () => silentChannel));
  const rig = new Rig(device);
  const [, , , controlOut] = rig.start(VIRTIO_CONSOLE.feature.multiport, 4);
  const ready = { at: rig.put([0, 0, 0, 0, 0, 0, 1, 0]), bytes: 8 };
  for (let i = 0; i < 200; i += 1) {
    controlOut?.send([ready]);
    controlOut?.collect();
  }
  expect(device.saveState()).toHaveProperty("messages.length", 256);
});
