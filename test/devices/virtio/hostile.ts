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
import { silentChannel } from "../../../runtime/devices/byte-channel.ts";
import { VirtioConsole } from "../../../runtime/devices/virtio/console.ts";
import { memoryImage, OverlayDisk } from "../../../runtime/devices/virtio/disk.ts";
import { VirtioEntropy } from "../../../runtime/devices/virtio/entropy.ts";
import type { VirtioFunction } from "../../../runtime/devices/virtio/function.ts";
import { VirtioNetwork } from "../../../runtime/devices/virtio/network.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { pattern, registerOffset, Rig, WINDOW_BYTES } from "./driver.ts";

export const MEMORY_BYTES = 1 << 16;
/** A turn of 16 MiB, one request more, and the descriptors: see serveQueue. Disks here are no larger than that. */
export const STEP_BYTES = 64 << 20;
export const COPY_BYTES = 1 << 20;
export const STATE_BYTES = 24 << 20;
const SIZE = 8;
/** Actions of one guest. */
export const STEPS = 400;
const WIDTHS: readonly DeviceBytes[] = [1, 2, 4, 8];
/** Where tables, rings and buffers like to be, so that they meet and overlap now and then. */
const TABLES = [0, 0x100];
const RINGS = [0x200, 0x280, 0x300, 0x400, 0x500, 0x600];
const BUFFERS = [0x1000, 0x1001, 0x1010, 0x2000, 0x4000, 0x8000];
const CORNERS = [0, 0x200, 0x202, 0x404, MEMORY_BYTES - 16, MEMORY_BYTES - 1];
const ALL = (1n << 64n) - 1n;
/** A header and sectors, mostly; sectors and a status. */
const READ_SIZES = [16, 16, 16, 528, 1040, 512, 4, 12];
const WRITTEN_SIZES = [1, 1, 512, 513, 1024, 1025, 20];

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
  ports: () => {
    const device = new VirtioConsole(silentChannel, silentChannel, silentChannel);
    return {
      plugged: device,
      stimulate: (random) => device.input(random.below(4)).receive(new Uint8Array(random.below(6000))),
    };
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
    seen.push(`${hostileAction(scene)} ${step % 16 === 0 ? String(checksum(memory.bytes)) : ""}`);
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
  return { victim, rig: new Rig(victim.plugged, { isLegacy, memoryBytes: MEMORY_BYTES }), random, rings: [] };
}

function moved(from: Scene, to: Scene): Scene {
  const { rig } = to;
  rig.memory.bytes.set(from.rig.memory.bytes);
  rig.bench.advance(from.rig.bench.now);
  rig.bench.timeline.restoreState(structuredClone(from.rig.bench.timeline.saveState()));
  rig.device.restoreState(structuredClone(from.rig.device.saveState()));
  rig.broken.push(...from.rig.broken);
  to.rings.push(...from.rings);
  return to;
}

/** A driver that means harm, and its device. */
export interface Scene {
  readonly rig: Rig;
  readonly victim: Pick<Victim, "stimulate">;
  readonly random: Random;
  /** Where the driver's rings were put last. */
  readonly rings: number[];
  /** Addresses of the machine around the rig's memory; without it any number. */
  readonly elsewhere?: (random: Random) => bigint;
}

/** The driver's next action; answers what it saw. */
export function hostileAction(scene: Scene): string {
  return scene.random.weighted(actions)(scene);
}

const actions: readonly (readonly [number, (scene: Scene) => string])[] = [
  [3, anyAccess],
  [10, anyDescriptor],
  [15, anyRing],
  [8, freshStart],
  [8, notify],
  [3, ({ victim, random }): string => (victim.stimulate(random), "event")],
  [3, ({ rig, random }): string => (rig.bench.advance(BigInt(random.below(5000))), "time")],
  [6, request],
  [1, ({ rig, random }): string => (rig.memory.bytes.fill(random.below(256), 0, 0x1000), "fill")],
];

function anyAccess({ rig, random }: Scene): string {
  const width = random.pick(WIDTHS);
  const offset = random.below(WINDOW_BYTES / width) * width;
  if (random.chance(40)) {
    const value = rig.load(offset, width);
    if (BigInt.asUintN(8 * width, value) !== value) throw new Error(`${String(offset)} is too wide`);
    return `${String(offset)}: ${String(value)} ${String(rig.line)}`;
  }
  // Mostly kept alive: a reset is an action of its own.
  if (offset === registerOffset("status") && random.chance(80)) return "kept";
  rig.store(offset, BigInt.asUintN(8 * width, random.word()), width);
  return `${String(offset)}= ${String(rig.line)}`;
}

// One of `usual`, a corner of the memory, or anything.
function anyAddress({ rig, random, elsewhere }: Scene, usual: readonly number[]): bigint {
  if (random.chance(2)) return elsewhere?.(random) ?? random.word();
  return rig.memory.start + BigInt(random.pick(random.chance(97) ? usual : CORNERS));
}

function describeAny(scene: Scene, table: number, index: number): void {
  const { rig, random } = scene;
  const { bytes, length, flags, next, flag } = VIRTQ_DESCRIPTOR;
  const at = table + index * bytes;
  const { view } = rig.memory;
  const isTable = random.chance(10);
  const sizes = isTable ? [16, 32, 128, 128, 128, 20] : index % 2 === 0 ? READ_SIZES : WRITTEN_SIZES;
  const huge = [0, 4096, 0x8000_0000, 0xffff_ffff];
  view.setBigUint64(at, anyAddress(scene, isTable ? TABLES : BUFFERS), true);
  view.setUint32(at + length, random.pick(random.chance(96) ? sizes : huge), true);
  // Even ones are read and go on, odd ones are written: most chains are in order.
  const writes = index % 2 === 1 ? flag.deviceWrites : 0;
  const goesOn = random.chance(index % 2 === 0 ? 80 : 30) ? flag.next : 0;
  const usual = isTable ? flag.indirect : writes | goesOn;
  view.setUint16(at + flags, random.chance(97) ? usual : random.below(65536), true);
  const following = random.below(SIZE / 2) * 2 + (random.chance(80) ? 1 : 0);
  view.setUint16(at + next, random.chance(98) ? following : random.below(65536), true);
}

function anyDescriptor(scene: Scene): string {
  describeAny(scene, scene.random.pick(TABLES), scene.random.below(SIZE));
  return "descriptor";
}

// Makes chains available, mostly as a driver would.
function anyRing({ rig, random, rings }: Scene): string {
  const { view } = rig.memory;
  const at = rings.length === 0 ? random.pick(RINGS) : random.pick(rings);
  const index = view.getUint16(at + 2, true);
  const step = random.chance(98) ? random.below(4) : random.below(65536);
  for (let i = 0; i < step && i < SIZE; i += 1) {
    const head = random.chance(99) ? random.below(SIZE / 2) * 2 : random.below(65536);
    view.setUint16(at + 4 + 2 * ((index + i) % SIZE), head, true);
  }
  view.setUint16(at + 2, (index + step) & 0xffff, true);
  view.setUint16(at, random.chance(80) ? 0 : random.below(65536), true);
  view.setUint16(at + 4 + 2 * SIZE, random.chance(50) ? index : random.below(65536), true);
  rig.set("queue_notify", random.below(2));
  return `ring ${String(rig.get("status"))} ${String(random.chance(70) ? rig.interrupt() : 0)} ${String(rig.line)}`;
}

// A device that is set up, with rings that may lie over each other.
function freshStart(scene: Scene): string {
  const { rig, random, rings } = scene;
  rig.set("status", 0);
  const { indirectDescriptors, eventIndex, version1 } = VIRTIO_FEATURE;
  const both = indirectDescriptors | eventIndex;
  rig.accept(random.pick([0n, version1, version1 | indirectDescriptors, version1 | both, both, ALL]));
  if (!rig.isLegacy) rig.set("status", VIRTIO_STATUS.featuresOk);
  rings.splice(0);
  for (const queue of [0, 1]) {
    rig.set("queue_sel", queue);
    rig.set("queue_num", random.chance(98) ? SIZE : random.pick([0, 1, 3, 1024, 0xffff_ffff]));
    if (rig.isLegacy) placeLegacy(scene);
    else placeModern(scene);
  }
  for (const table of TABLES) for (let i = 0; i < SIZE; i += 1) describeAny(scene, table, i);
  rig.set("status", VIRTIO_STATUS.driverOk | (rig.isLegacy ? 0 : VIRTIO_STATUS.featuresOk));
  return `start ${String(rig.get("status"))}`;
}

function placeModern(scene: Scene): void {
  const { rig, rings } = scene;
  for (const name of ["desc", "driver", "device"]) {
    const address = anyAddress(scene, name === "desc" ? TABLES : RINGS);
    rig.set(`queue_${name}_low`, Number(address & 0xffff_ffffn));
    rig.set(`queue_${name}_high`, Number(address >> 32n));
    clearRing(rig, name === "desc" ? -1 : Number(BigInt.asIntN(52, address - rig.memory.start)));
    if (name === "driver") addRing(rings, Number(BigInt.asIntN(52, address - rig.memory.start)));
  }
  rig.set("queue_ready", 1);
}

function placeLegacy({ rig, random, rings }: Scene): void {
  const [page, align] = random.chance(95)
    ? [256, 64]
    : [random.pick([0, 3, 4096]), random.pick([0, 1, 0xffff_ffff])];
  const start = random.pick(TABLES);
  rig.set("guest_page_size", page);
  rig.set("queue_align", align);
  const driver = start + SIZE * VIRTQ_DESCRIPTOR.bytes;
  addRing(rings, driver);
  for (const at of [driver, Math.ceil((driver + 2 * SIZE + 6) / align) * align]) clearRing(rig, at);
  rig.set("queue_pfn", random.chance(98) ? Number(rig.memory.start / 256n) + start / 256 : Number(random.word() & 0xffff_ffffn)); // prettier-ignore
}

function addRing(rings: number[], at: number): void {
  if (at >= 0 && at < MEMORY_BYTES - 64) rings.push(at);
}

function clearRing(rig: Rig, at: number): void {
  if (at >= 0 && at < MEMORY_BYTES - 64) rig.memory.view.setUint32(at, 0, true);
}

function notify({ rig, random }: Scene): string {
  rig.set("queue_notify", random.chance(95) ? random.below(3) : Number(random.word() & 0xffff_ffffn));
  return `notify ${String(rig.get("status"))} ${String(random.chance(70) ? rig.interrupt() : 0)} ${String(rig.line)}`;
}

// A block request somewhere: also what other devices may get to read.
function request({ rig, random }: Scene): string {
  const at = random.pick(BUFFERS);
  const { request: types, header } = VIRTIO_BLOCK;
  rig.memory.view.setUint32(at + header.type, random.pick(Object.values(types)), true);
  rig.memory.view.setBigUint64(
    at + header.sector,
    random.chance(80) ? BigInt(random.below(140)) : random.word(),
    true,
  );
  return "request";
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const word of new Uint32Array(bytes.buffer)) sum = (Math.imul(sum, 31) + word) | 0;
  return sum;
}

function stateBytes(state: unknown): number {
  if (state instanceof Uint8Array) return state.length;
  if (state instanceof Map) return stateBytes([...state.values()]);
  if (typeof state !== "object" || state === null) return 8;
  return Object.values(state).reduce((sum: number, value) => sum + stateBytes(value), 0);
}
