// A guest that means harm: random registers and rings for one virtio device, and what the device may do at most.
//
// Bounds that `hostileRun` holds each step to, whatever is in the rings: nothing is thrown; one access, turn or event
// moves at most STEP_BYTES through the guest's memory and at most COPY_BYTES of it at once; the saved state stays below
// STATE_BYTES; memory outside of the guest's is never touched (driver.ts has no other).

import {
  VIRTIO_BLOCK,
  VIRTIO_FEATURE,
  VIRTIO_STATUS,
  VIRTQ_DESCRIPTOR,
} from "../../../spec/devices/virtio.ts";
import type { DeviceBytes } from "../../../runtime/core/bus.ts";
import { VirtioBlock } from "../../../runtime/devices/virtio/block.ts";
import { VirtioConsole } from "../../../runtime/devices/virtio/console.ts";
import { memoryImage, OverlayDisk } from "../../../runtime/devices/virtio/disk.ts";
import { VirtioEntropy } from "../../../runtime/devices/virtio/entropy.ts";
import type { VirtioFunction } from "../../../runtime/devices/virtio/function.ts";
import { VirtioNetwork } from "../../../runtime/devices/virtio/network.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { MEMORY_START, pattern, registerOffset, Rig, WINDOW_BYTES } from "./driver.ts";

export const MEMORY_BYTES = 1 << 16;
/** A turn of 16 MiB, one request more, and the descriptors: see serveQueue. Disks here are no larger than that. */
export const STEP_BYTES = 64 << 20;
export const COPY_BYTES = 1 << 20;
export const STATE_BYTES = 24 << 20;
const SIZE = 8;
/** Actions of one guest. */
export const STEPS = 400;
const WIDTHS: readonly DeviceBytes[] = [1, 2, 4, 8];
/** Where rings and buffers like to be, so that they meet and overlap. */
const PLACES = [0, 0x100, 0x180, 0x200, 0x1000, 0x8000, MEMORY_BYTES - 16, MEMORY_BYTES - 1];

interface Victim {
  readonly plugged: VirtioFunction;
  /** Something comes from the host. */
  stimulate(random: Random): void;
}

/** Devices by name. `echo` is what the host remembers: it stays when the machine is restored elsewhere. */
export const victims: Readonly<Record<string, (echo: number[]) => Victim>> = {
  block: () => {
    const disk = new OverlayDisk(memoryImage(pattern(1 << 16)));
    return { plugged: new VirtioBlock({ disk, serial: "hostile" }), stimulate: () => undefined };
  },
  network: () => {
    // What is sent comes back: the worst host.
    const card: VirtioNetwork = new VirtioNetwork({
      mac: new Uint8Array(6),
      send: (frame) => {
        card.receive(frame);
      },
    });
    return {
      plugged: card,
      stimulate: (random) => {
        card.receive(new Uint8Array(random.below(random.chance(5) ? 100_000 : 2000)));
      },
    };
  },
  console: (echo) => {
    const device: VirtioConsole = new VirtioConsole({
      send: (byte) => {
        if (echo.length < 100) echo.push(byte);
      },
      ready: () => {
        device.receive(Uint8Array.from(echo.splice(0)));
      },
    });
    return { plugged: device, stimulate: (random) => device.receive(new Uint8Array(random.below(6000))) };
  },
  entropy: () => ({ plugged: new VirtioEntropy(1n), stimulate: () => undefined }),
};

/**
 * One guest's life with a device; throws at the first broken bound. The transcript is what the guest saw. `moves`: the
 * machine is saved and goes on in another one now and then, which must make no difference.
 */
export function hostileRun(name: string, seed: number, moves: boolean): string[] {
  const random = newRandom(seed);
  const moving = newRandom(seed + 1);
  const echo: number[] = [];
  const isLegacy = random.chance(30);
  let scene = newScene(name, { echo, isLegacy, random });
  const seen: string[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    if (moves && moving.chance(5)) scene = moved(scene, newScene(name, { echo, isLegacy, random }));
    const { memory, device } = scene.rig;
    memory.moved = 0;
    memory.largest = 0;
    seen.push(random.weighted(actions)(scene));
    const at = `${name}, seed ${String(seed)}, step ${String(step)}`;
    if (memory.moved > STEP_BYTES) throw new Error(`${at}: ${String(memory.moved)} bytes moved`);
    if (memory.largest > COPY_BYTES) throw new Error(`${at}: ${String(memory.largest)} bytes at once`);
    const bytes = moving.chance(2) ? stateBytes(device.saveState()) : 0;
    if (bytes > STATE_BYTES) throw new Error(`${at}: ${String(bytes)} bytes of state`);
  }
  return [...seen, ...scene.rig.broken];
}

interface Circumstances {
  readonly echo: number[];
  readonly isLegacy: boolean;
  readonly random: Random;
}

function newScene(name: string, { echo, isLegacy, random }: Circumstances): Scene {
  const victim = victims[name]?.(echo);
  if (victim === undefined) throw new Error(`there is no ${name}`);
  return { victim, rig: new Rig(victim.plugged, { isLegacy, memoryBytes: MEMORY_BYTES }), random };
}

function moved(from: Scene, to: Scene): Scene {
  const { rig } = to;
  rig.memory.bytes.set(from.rig.memory.bytes);
  rig.bench.advance(from.rig.bench.now);
  rig.bench.timeline.restoreState(structuredClone(from.rig.bench.timeline.saveState()));
  rig.device.restoreState(structuredClone(from.rig.device.saveState()));
  rig.broken.push(...from.rig.broken);
  return to;
}

interface Scene {
  readonly rig: Rig;
  readonly victim: Victim;
  readonly random: Random;
}

const actions: readonly (readonly [number, (scene: Scene) => string])[] = [
  [10, anyAccess],
  [10, anyDescriptor],
  [10, anyRing],
  [4, freshStart],
  [8, notify],
  [3, ({ victim, random }): string => (victim.stimulate(random), "event")],
  [3, ({ rig, random }): string => (rig.bench.advance(BigInt(random.below(5000))), "time")],
  [2, request],
  [1, ({ rig, random }): string => (rig.memory.bytes.fill(random.below(256)), "fill")],
];

function anyAccess({ rig, random }: Scene): string {
  const width = random.pick(WIDTHS);
  const offset = random.below(WINDOW_BYTES / width) * width;
  if (random.chance(40)) {
    const value = rig.device.load(offset, width);
    if (BigInt.asUintN(8 * width, value) !== value) throw new Error(`${String(offset)} is too wide`);
    return `${String(offset)}: ${String(value)} ${String(rig.line)}`;
  }
  // Mostly kept alive: a reset is an action of its own.
  if (offset === registerOffset("status") && random.chance(80)) return "kept";
  rig.device.store(offset, BigInt.asUintN(8 * width, random.word()), width);
  return `${String(offset)}= ${String(rig.line)}`;
}

function anyAddress(random: Random): bigint {
  return random.chance(85) ? MEMORY_START + BigInt(random.pick(PLACES)) : random.word();
}

function anyDescriptor({ rig, random }: Scene): string {
  const { bytes, length, flags, next } = VIRTQ_DESCRIPTOR;
  const at = random.pick(PLACES.slice(0, 6)) + random.below(SIZE) * bytes;
  const { view } = rig.memory;
  const sizes = [0, 1, 2, 12, 16, 20, 32, 128, 512, 513, 4096, 0xffff_ffff, 0x8000_0000];
  view.setBigUint64(at, anyAddress(random), true);
  view.setUint32(at + length, random.pick(sizes), true);
  view.setUint16(at + flags, random.chance(90) ? random.pick([0, 1, 2, 3, 4, 5]) : random.below(65536), true);
  view.setUint16(at + next, random.chance(90) ? random.below(SIZE) : random.below(65536), true);
  return "descriptor";
}

function anyRing({ rig, random }: Scene): string {
  const { view } = rig.memory;
  const at = random.pick(PLACES.slice(1, 6));
  const index = view.getUint16(at + 2, true);
  const step = random.chance(90) ? random.below(3) : random.below(65536);
  view.setUint16(at + 2, (index + step) & 0xffff, true);
  for (let i = 0; i < SIZE; i += 1)
    view.setUint16(at + 4 + 2 * i, random.below(random.chance(95) ? SIZE : 65536), true);
  view.setUint16(at, random.below(2), true);
  return "ring";
}

// A device that is set up, with rings that may lie over each other, and descriptors as they are.
function freshStart({ rig, random }: Scene): string {
  rig.set("status", 0);
  rig.set("guest_page_size", random.pick([1, 16, 256, 4096, 0, 3]));
  rig.set("queue_align", random.pick([0, 1, 4, 4096, 0xffff_ffff]));
  const { indirectDescriptors, eventIndex, version1 } = VIRTIO_FEATURE;
  rig.accept(
    random.pick([0n, version1, version1 | indirectDescriptors, version1 | eventIndex, (1n << 64n) - 1n]),
  );
  rig.set("status", VIRTIO_STATUS.featuresOk);
  for (const queue of [0, 1]) {
    rig.set("queue_sel", queue);
    rig.set("queue_num", random.chance(90) ? SIZE : random.pick([0, 1, 3, 1024, 0xffff_ffff]));
    for (const name of ["desc", "driver", "device"]) {
      const address = name === "desc" && random.chance(80) ? MEMORY_START : anyAddress(random);
      rig.set(`queue_${name}_low`, Number(address & 0xffff_ffffn));
      rig.set(`queue_${name}_high`, Number(address >> 32n));
    }
    rig.set("queue_ready", 1);
    rig.set("queue_pfn", Number(MEMORY_START >> 4n) + random.below(64));
  }
  for (const at of PLACES.slice(1, 4)) if (random.chance(70)) rig.memory.view.setUint32(at, 0, true);
  rig.set("status", VIRTIO_STATUS.driverOk | VIRTIO_STATUS.featuresOk);
  return `start ${String(rig.get("status"))}`;
}

function notify({ rig, random }: Scene): string {
  rig.set("queue_notify", random.chance(95) ? random.below(3) : Number(random.word() & 0xffff_ffffn));
  return `notify ${String(rig.get("status"))} ${String(rig.get("interrupt_status"))} ${String(rig.line)}`;
}

// A block request somewhere: also what other devices may get to read.
function request({ rig, random }: Scene): string {
  const at = random.pick(PLACES.slice(4, 6));
  const { request: types, header } = VIRTIO_BLOCK;
  rig.memory.view.setUint32(at + header.type, random.pick(Object.values(types)), true);
  rig.memory.view.setBigUint64(at + header.sector, random.word(), true);
  return "request";
}

function stateBytes(state: unknown): number {
  if (state instanceof Uint8Array) return state.length;
  if (state instanceof Map) return stateBytes([...state.values()]);
  if (typeof state !== "object" || state === null) return 8;
  return Object.values(state).reduce((sum: number, value) => sum + stateBytes(value), 0);
}
