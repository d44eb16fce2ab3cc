// The virtio transport: identity, features, queues, interrupts, resets, and what a driver must not do.

import { describe, expect, test } from "vitest";
import {
  VIRTIO_DEVICE,
  VIRTIO_FEATURE,
  VIRTIO_STATUS,
  VIRTQ_DESCRIPTOR,
} from "../../../spec/devices/virtio.ts";
import { BYTES_AT_ONCE, serveQueue, type VirtioFunction, type VirtioPort } from "../../../runtime/devices/virtio/function.ts"; // prettier-ignore
import type { Chain } from "../../../runtime/devices/virtio/virtqueue.ts";
import type { DriverQueue } from "./driver.ts";
import { MEMORY_START, registerOffset, Rig, type RigOptions } from "./driver.ts";

/** Gives every chain back at once. */
class Taker implements VirtioFunction {
  readonly deviceId = VIRTIO_DEVICE.entropy;
  readonly queues = 2;
  readonly features = 1n << 3n;
  readonly taken: Chain[] = [];
  resets = 0;
  private port: VirtioPort | null = null;

  plug(port: VirtioPort): void {
    this.port = port;
  }

  readConfiguration(): number {
    return 0x5a;
  }

  notified(index: number): void {
    if (this.port === null) return;
    serveQueue(this.port, index, (chain) => {
      this.taken.push(chain);
      return 0;
    });
  }

  reset(): void {
    this.resets += 1;
  }

  saveState(): unknown {
    return null;
  }

  restoreState(): void {
    // Nothing to remember.
  }
}

interface Stand {
  readonly rig: Rig;
  readonly taker: Taker;
  readonly queue: DriverQueue;
}

function stand(features = 0n, options: RigOptions & { readonly size?: number } = {}): Stand {
  const taker = new Taker();
  const rig = new Rig(taker, options);
  const [queue] = rig.start(features, 2, { size: options.size ?? 8 });
  if (queue === undefined) throw new Error("no queue");
  return { rig, taker, queue };
}

const part = { at: 0, bytes: 4 };
const needsReset = (rig: Rig): boolean => (rig.get("status") & VIRTIO_STATUS.needsReset) !== 0;

describe("registers", () => {
  test("identity; an empty slot has nothing else", () => {
    const modern = new Rig(new Taker());
    expect([modern.get("magic_value"), modern.get("version"), modern.get("device_id")]).toEqual([
      0x74726976, 2, 4,
    ]);
    expect(new Rig(new Taker(), { isLegacy: true }).get("version")).toBe(1);
    const empty = new Rig(null);
    empty.set("status", 7);
    expect([empty.get("magic_value"), empty.get("device_id"), empty.get("status")]).toEqual([
      0x74726976, 0, 0,
    ]);
    expect(empty.get("queue_num_max")).toBe(0);
  });

  test("control registers have 32 bits; configuration any width", () => {
    const { rig } = stand();
    expect(rig.device.load(0, 1)).toBe(0n);
    rig.device.store(registerOffset("status"), 0n, 2);
    expect(rig.get("status")).not.toBe(0);
    expect(rig.unknown).toEqual([0, registerOffset("status")]);
    expect(rig.device.load(0, 8)).toBe(0x2_7472_6976n);
    expect([1, 2, 4, 8].map((bytes) => rig.device.load(0x100, bytes as 1))).toEqual([0x5an, 0x5a5an, 0x5a5a_5a5an, 0x5a5a_5a5a_5a5a_5a5an]); // prettier-ignore
  });

  test("features: what is offered, word by word, and what counts when", () => {
    const { indirectDescriptors, eventIndex, version1, notifyOnEmpty, anyLayout } = VIRTIO_FEATURE;
    const taker = new Taker();
    const modern = new Rig(taker);
    expect(modern.offered()).toBe(taker.features | indirectDescriptors | eventIndex | version1);
    modern.set("device_features_sel", 2);
    expect(modern.get("device_features")).toBe(0);
    modern.accept((1n << 64n) - 1n);
    expect(modern.device.has(version1)).toBe(false);
    modern.set("status", VIRTIO_STATUS.featuresOk);
    expect(modern.device.has(version1)).toBe(true);
    expect(modern.device.has(anyLayout)).toBe(false);
    modern.accept(0n);
    modern.set("status", VIRTIO_STATUS.featuresOk | VIRTIO_STATUS.driver);
    expect(modern.device.has(version1)).toBe(true);
    const legacy = new Rig(new Taker(), { isLegacy: true });
    expect(legacy.offered()).toBe(
      taker.features | indirectDescriptors | eventIndex | notifyOnEmpty | anyLayout,
    );
    legacy.accept(eventIndex | version1);
    expect([legacy.device.has(eventIndex), legacy.device.has(version1)]).toEqual([true, false]);
  });

  test("a queue is ready with a size that is a power of two, and keeps its place meanwhile", () => {
    const { rig } = stand();
    expect([rig.get("queue_num_max"), rig.get("queue_ready")]).toEqual([1024, 1]);
    rig.set("queue_sel", 2);
    expect([rig.get("queue_num_max"), rig.get("queue_ready")]).toEqual([0, 0]);
    rig.set("queue_ready", 1);
    rig.set("status", 0);
    for (const [size, ready] of [
      [0, 0],
      [6, 0],
      [2048, 0],
      [0x8000_0000, 0],
      [1024, 1],
      [1, 1],
    ] as const) {
      rig.set("queue_sel", 0);
      rig.set("queue_ready", 0);
      rig.set("queue_num", size);
      rig.set("queue_ready", 1);
      expect(rig.get("queue_ready"), String(size)).toBe(ready);
    }
  });
});

describe("a driver's life", () => {
  test("nothing is taken before DRIVER_OK; then what is there", () => {
    const taker = new Taker();
    const rig = new Rig(taker);
    const { acknowledge, driverOk } = VIRTIO_STATUS;
    const [queue] = rig.start(0n, 1);
    // Back to before DRIVER_OK without a reset: a driver may not, but the device waits.
    rig.set("status", acknowledge);
    queue?.send([part]);
    expect(taker.taken).toHaveLength(0);
    rig.set("status", acknowledge | driverOk);
    expect(taker.taken).toHaveLength(1);
    expect(queue?.collect()).toHaveLength(1);
  });

  test("a queue that is not ready, or does not exist, is not touched", () => {
    const { rig, taker, queue } = stand();
    rig.set("queue_sel", 0);
    rig.set("queue_ready", 0);
    queue.send([part]);
    rig.set("queue_notify", 2);
    rig.set("queue_notify", 0xffff_ffff);
    expect(taker.taken).toHaveLength(0);
    // Ready again where it was, with a ring that begins anew.
    rig.set("queue_ready", 1);
    queue.kick();
    expect(queue.collect()).toHaveLength(1);
  });

  test("a reset takes back everything but what a legacy driver says once", () => {
    const { rig, taker, queue } = stand(0n, { isLegacy: true });
    queue.send([part]);
    expect(rig.line).toBe(true);
    rig.set("status", 0);
    expect([rig.line, rig.get("status"), rig.get("interrupt_status"), taker.resets]).toEqual([
      false,
      0,
      0,
      2,
    ]);
    rig.set("queue_sel", 1);
    expect(rig.get("queue_pfn")).toBe(0);
    // The page size was written before the reset.
    rig.set("queue_num", 8);
    rig.set("queue_pfn", 0x80001);
    expect(rig.get("queue_pfn")).toBe(0x80001);
    expect(rig.device.saveState().queues[1]).toMatchObject({
      descriptors: MEMORY_START + 0x1000n,
      driver: MEMORY_START + 0x1080n,
      device: MEMORY_START + 0x2000n,
    });
    rig.set("queue_align", 64);
    rig.set("queue_pfn", 0x80001);
    expect(rig.device.saveState().queues[1]?.device).toBe(MEMORY_START + 0x10c0n);
  });
});

describe("interrupts", () => {
  test("each batch one, none if the driver wants none", () => {
    const { rig, queue } = stand();
    queue.add([part]);
    queue.send([part]);
    expect([rig.line, rig.interrupt(), rig.line]).toEqual([true, 1, false]);
    queue.suppress(true);
    queue.send([part]);
    expect(rig.line).toBe(false);
    queue.suppress(false);
    expect(rig.line).toBe(false);
    queue.send([part]);
    expect(rig.interrupt()).toBe(1);
    expect(queue.collect()).toHaveLength(4);
  });

  test("event indexes: when the asked number was passed, both ways, over the wrap of 2^16", () => {
    const { rig, queue } = stand(VIRTIO_FEATURE.eventIndex);
    for (let round = 0; round < 22_000; round += 1) {
      queue.wakeAfter(3);
      for (const expected of [false, false, true]) {
        queue.send([part]);
        if (rig.line !== expected) expect(rig.line, `round ${String(round)}`).toBe(expected);
      }
      rig.interrupt();
      if (queue.collect().length !== 3) throw new Error(`round ${String(round)}: not three`);
    }
    // The device asked to be told each time.
    expect(queue.kicks).toBe(66_000);
  });

  test("legacy: an empty queue interrupts even a driver that wants none", () => {
    const quiet = stand(0n, { isLegacy: true });
    quiet.queue.suppress(true);
    quiet.queue.send([part]);
    expect(quiet.rig.line).toBe(false);
    const agreed = stand(VIRTIO_FEATURE.notifyOnEmpty, { isLegacy: true });
    agreed.queue.suppress(true);
    agreed.queue.send([part]);
    expect(agreed.rig.line).toBe(true);
  });
});

/** Each puts something wrong into the queue, which has 8 entries. */
const mistakes: Readonly<Record<string, { readonly why: RegExp; readonly make: (stand: Stand) => void }>> = {
  "a loop": {
    why: /without end/,
    make: ({ queue }) => {
      queue.describe(queue.place.descriptors, 0, { ...part, following: 1 });
      queue.describe(queue.place.descriptors, 1, { ...part, following: 0 });
      queue.publish(0);
    },
  },
  "a head outside of the queue": { why: /descriptor 8 of 8/, make: ({ queue }) => queue.publish(8) },
  "a next descriptor outside": {
    why: /descriptor 9 of 8/,
    make: ({ queue }) => {
      queue.describe(queue.place.descriptors, 0, { ...part, following: 9 });
      queue.publish(0);
    },
  },
  "more chains than entries": {
    why: /more chains/,
    make: ({ queue }) => {
      for (let i = 0; i < 9; i += 1) queue.publish(0);
    },
  },
  "input behind output": {
    why: /input behind/,
    make: ({ queue }) => queue.add([{ ...part, isWritable: true }, part]),
  },
  "no bytes": { why: /without bytes/, make: ({ queue }) => queue.add([{ at: 0, bytes: 0 }]) },
  "a table of half a descriptor": {
    why: /table of 24 bytes/,
    make: ({ queue }) => {
      const head = queue.addIndirect([part]);
      queue.describe(queue.place.descriptors, head, { at: 0, bytes: 24, following: null });
      queue.setFlags(head, VIRTQ_DESCRIPTOR.flag.indirect);
    },
  },
  "a table in a table": {
    why: /inside another/,
    make: ({ queue, rig }) => {
      queue.addIndirect([{ at: rig.room(16), bytes: 16 }]);
      const table = Number(rig.memory.view.getBigUint64(queue.place.descriptors, true) - MEMORY_START);
      rig.memory.view.setUint16(table + VIRTQ_DESCRIPTOR.flags, VIRTQ_DESCRIPTOR.flag.indirect, true);
    },
  },
};

test.each(Object.entries(mistakes))(
  "%s: the device wants a reset, and works again after it",
  (_, { why, make }) => {
    const at = stand(VIRTIO_FEATURE.indirectDescriptors);
    make(at);
    at.queue.kick();
    expect(at.rig.broken).toHaveLength(1);
    expect(at.rig.broken[0]).toMatch(why);
    expect(needsReset(at.rig)).toBe(true);
    expect(at.rig.interrupt()).toBe(2);
    at.rig.set("status", VIRTIO_STATUS.driverOk);
    at.rig.set("queue_notify", 0);
    expect(needsReset(at.rig)).toBe(true);
    expect(at.taker.taken).toHaveLength(0);
    const [again] = at.rig.start(0n, 2);
    again?.send([part]);
    expect(again?.collect()).toHaveLength(1);
  },
);

test("indirect tables must be agreed on; a legacy driver is not told of mistakes", () => {
  const { rig, queue } = stand(0n, { isLegacy: true });
  queue.addIndirect([part]);
  queue.kick();
  expect(rig.broken).toEqual(["an indirect table was not agreed on"]);
  expect([needsReset(rig), rig.line]).toEqual([false, false]);
  queue.send([part]);
  expect(queue.collect()).toEqual([]);
});

test("what came before the mistake is announced", () => {
  const { rig, queue } = stand();
  queue.add([part]);
  queue.publish(77);
  queue.kick();
  expect(queue.collect()).toHaveLength(1);
  expect(rig.interrupt()).toBe(3);
});

test("rings at the end of the address space are not memory", () => {
  const { rig } = stand();
  rig.set("status", 0);
  rig.set("queue_sel", 0);
  rig.set("queue_num", 1024);
  for (const name of ["desc", "driver", "device"]) {
    rig.set(`queue_${name}_high`, 0xffff_ffff);
    rig.set(`queue_${name}_low`, 0xffff_ffff);
  }
  rig.set("queue_ready", 1);
  rig.set("status", VIRTIO_STATUS.driverOk);
  expect(rig.broken).toEqual(["nothing to read at 0x10000000000000001"]);
});

test("much work is done in turns", () => {
  const { rig, taker, queue } = stand();
  const bytes = BYTES_AT_ONCE / 2;
  for (let i = 0; i < 5; i += 1) queue.add([{ at: 0, bytes }]);
  queue.kick();
  expect(taker.taken).toHaveLength(2);
  rig.bench.advance(1000n);
  expect(taker.taken).toHaveLength(4);
  rig.bench.advance(1_000_000n);
  expect(taker.taken).toHaveLength(5);
  expect(rig.bench.timeline.nextDeadline()).toBeNull();
  for (let i = 0; i < 3; i += 1) queue.add([{ at: 0, bytes }]);
  queue.kick();
  rig.set("status", 0);
  expect(rig.bench.timeline.nextDeadline()).toBeNull();
});
