// A virtio driver for tests: a transport over a memory of its own, queues laid out in it, chains made and collected.
//
// Relies on test/devices/support. Guarantees: the memory counts what devices do to it, and says no outside of itself.

import { VIRTIO_FEATURE, VIRTIO_STATUS, VIRTQ_DESCRIPTOR } from "../../../spec/devices/virtio.ts";
import { virtioMmio } from "../../../spec/devices/virtio-mmio.ts";
import type { DeviceBytes } from "../../../runtime/core/bus.ts";
import type { VirtioFunction } from "../../../runtime/devices/virtio/function.ts";
import type { GuestMemory } from "../../../runtime/devices/virtio/guest-memory.ts";
import { VirtioMmio } from "../../../runtime/devices/virtio/transport.ts";
import { Bench } from "../support/bench.ts";

export const WINDOW_BYTES = 0x200;
export const MEMORY_START = 0x8000_0000n;
const PAGE_BYTES = 4096;

const offsets = new Map(virtioMmio(WINDOW_BYTES).registers.map(({ name, offset }) => [name, offset]));

/** Where a register of the transport is. */
export function registerOffset(name: string): number {
  const offset = offsets.get(name);
  if (offset === undefined) throw new Error(`virtio-mmio has no ${name}`);
  return offset;
}

/** Memory of `bytes` from `start` on, and nothing else. */
export class FakeMemory implements GuestMemory {
  readonly start: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Bytes that the device has moved, and the most at once. */
  moved = 0;
  largest = 0;

  constructor(bytes: number, start = MEMORY_START) {
    this.start = start;
    this.bytes = new Uint8Array(bytes);
    this.view = new DataView(this.bytes.buffer);
  }

  read(address: bigint, bytes: number): Uint8Array | null {
    const at = this.place(address, bytes);
    return at === null ? null : this.bytes.slice(at, at + bytes);
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    const at = this.place(address, bytes.length);
    if (at !== null) this.bytes.set(bytes, at);
    return at !== null;
  }

  private place(address: bigint, bytes: number): number | null {
    const at = address - this.start;
    if (at < 0n || at + BigInt(bytes) > BigInt(this.bytes.length)) return null;
    this.moved += bytes;
    this.largest = Math.max(this.largest, bytes);
    return Number(at);
  }
}

/** Part of a chain. */
export interface Part {
  readonly at: number;
  readonly bytes: number;
  readonly isWritable?: boolean;
}

export interface UsedEntry {
  readonly head: number;
  readonly written: number;
}

export interface RigOptions {
  readonly isLegacy?: boolean;
  readonly memoryBytes?: number;
  readonly memoryStart?: bigint;
}

/** A device in its slot, with memory, a clock and a line. Offsets are from the memory's start. */
export class Rig {
  readonly bench = new Bench();
  readonly memory: FakeMemory;
  readonly device: VirtioMmio;
  readonly broken: string[] = [];
  readonly unknown: number[] = [];
  readonly isLegacy: boolean;
  private free = PAGE_BYTES;

  constructor(plugged: VirtioFunction | null, options: RigOptions = {}) {
    const { isLegacy = false, memoryBytes = 1 << 20, memoryStart = MEMORY_START } = options;
    this.memory = new FakeMemory(memoryBytes, memoryStart);
    this.isLegacy = isLegacy;
    this.device = new VirtioMmio({
      name: "virtio0",
      bytes: WINDOW_BYTES,
      isLegacy,
      plugged,
      memory: this.memory,
      timeline: this.bench.timeline,
      line: this.bench.line("virtio0"),
      onMalformed: (why) => this.broken.push(why),
      onUnknown: (offset) => this.unknown.push(offset),
    });
  }

  /** Every access of the driver to the device's window. */
  load(offset: number, bytes: DeviceBytes): bigint {
    return this.device.load(offset, bytes);
  }

  store(offset: number, value: bigint, bytes: DeviceBytes): void {
    this.device.store(offset, value, bytes);
  }

  get(name: string): number {
    return Number(this.load(registerOffset(name), 4));
  }

  set(name: string, value: number): void {
    this.store(registerOffset(name), BigInt(value >>> 0), 4);
  }

  get line(): boolean {
    return this.bench.levels["virtio0"] === true;
  }

  /** Takes the interrupt: its causes. */
  interrupt(): number {
    const causes = this.get("interrupt_status");
    this.set("interrupt_ack", causes);
    return causes;
  }

  offered(): bigint {
    return [0, 1].reduce((all, word) => {
      this.set("device_features_sel", word);
      return all | (BigInt(this.get("device_features")) << BigInt(32 * word));
    }, 0n);
  }

  accept(features: bigint): void {
    for (const word of [0, 1]) {
      this.set("driver_features_sel", word);
      this.set("driver_features", Number((features >> BigInt(32 * word)) & 0xffff_ffffn));
    }
  }

  /** Everything up to DRIVER_OK; queues of `size`. Version 1 is accepted on a modern transport, unless told. */
  start(features: bigint, queues: number, { size = 8, withVersion1 = true } = {}): DriverQueue[] {
    const { acknowledge, driver, featuresOk, driverOk } = VIRTIO_STATUS;
    if (this.isLegacy) this.set("guest_page_size", PAGE_BYTES);
    this.set("status", 0);
    let status = acknowledge | driver;
    this.set("status", status);
    this.accept(features | (withVersion1 && !this.isLegacy ? VIRTIO_FEATURE.version1 : 0n));
    if (!this.isLegacy) status |= featuresOk;
    this.set("status", status);
    const made = Array.from({ length: queues }, (_, index) => this.queue(index, size, features));
    this.set("status", status | driverOk);
    return made;
  }

  /** Room for `bytes` in memory. */
  room(bytes: number, align = 16): number {
    const at = Math.ceil(this.free / align) * align;
    this.free = at + bytes;
    if (this.free > this.memory.bytes.length) throw new Error("the test's memory is too small");
    return at;
  }

  /** A copy of those bytes in memory. */
  put(bytes: Uint8Array | readonly number[]): number {
    const at = this.room(bytes.length, 1);
    this.memory.bytes.set(bytes, at);
    return at;
  }

  bytesAt(at: number, bytes: number): readonly number[] {
    return [...this.memory.bytes.subarray(at, at + bytes)];
  }

  private queue(index: number, size: number, features: bigint): DriverQueue {
    const at = this.room(legacyBytes(size, PAGE_BYTES), PAGE_BYTES);
    const driver = at + size * VIRTQ_DESCRIPTOR.bytes;
    const device = at + Math.ceil((size * 18 + 6) / PAGE_BYTES) * PAGE_BYTES;
    this.set("queue_sel", index);
    this.set("queue_num", size);
    if (this.isLegacy) {
      this.set("queue_align", PAGE_BYTES);
      this.set("queue_pfn", (Number(this.memory.start) + at) / PAGE_BYTES);
    } else {
      const places = { desc: at, driver, device };
      for (const [name, offset] of Object.entries(places)) {
        this.set(`queue_${name}_high`, 0);
        this.set(`queue_${name}_low`, Number(this.memory.start) + offset);
      }
      this.set("queue_ready", 1);
    }
    const hasEvents = (features & VIRTIO_FEATURE.eventIndex) !== 0n;
    return new DriverQueue(this, { index, size, descriptors: at, driver, device, hasEvents });
  }
}

function legacyBytes(size: number, align: number): number {
  return Math.ceil((size * 18 + 6) / align) * align + size * 8 + 6;
}

interface QueuePlace {
  readonly index: number;
  readonly size: number;
  readonly descriptors: number;
  readonly driver: number;
  readonly device: number;
  readonly hasEvents: boolean;
}

/** The driver's side of a queue. */
export class DriverQueue {
  readonly place: QueuePlace;
  /** How often the device was told. */
  kicks = 0;
  private readonly rig: Rig;
  private next = 0;
  private added = 0;
  private seen = 0;

  constructor(rig: Rig, place: QueuePlace) {
    this.rig = rig;
    this.place = place;
  }

  /** A driver that is as far as this one, of a machine that was restored from this one's. */
  over(rig: Rig): DriverQueue {
    return Object.assign(new DriverQueue(rig, this.place), {
      next: this.next,
      added: this.added,
      seen: this.seen,
    });
  }

  /** Makes a chain available; the number of its first descriptor. Descriptors are taken in turn. */
  add(parts: readonly Part[]): number {
    const { size, descriptors } = this.place;
    const head = this.next;
    parts.forEach((part, i) => {
      const following = i + 1 < parts.length ? (this.next + 1) % size : null;
      this.describe(descriptors, this.next, { ...part, following });
      this.next = (this.next + 1) % size;
    });
    this.publish(head);
    return head;
  }

  /** The same with all of its parts, or those from `from` on, in an indirect table. */
  addIndirect(parts: readonly Part[], from = 0): number {
    const { size, descriptors } = this.place;
    const inside = parts.slice(from);
    const table = this.rig.room(inside.length * VIRTQ_DESCRIPTOR.bytes);
    inside.forEach((part, i) => {
      this.describe(table, i, { ...part, following: i + 1 < inside.length ? i + 1 : null });
    });
    const head = this.next;
    for (const part of parts.slice(0, from)) {
      this.describe(descriptors, this.next, { ...part, following: (this.next + 1) % size });
      this.next = (this.next + 1) % size;
    }
    this.describe(descriptors, this.next, { at: table, bytes: 16 * inside.length, following: null });
    this.setFlags(this.next, VIRTQ_DESCRIPTOR.flag.indirect);
    this.next = (this.next + 1) % size;
    this.publish(head);
    return head;
  }

  /** Writes any descriptor. */
  describe(table: number, index: number, part: Part & { readonly following: number | null }): void {
    const { view } = this.rig.memory;
    const { flag, bytes, length, flags, next } = VIRTQ_DESCRIPTOR;
    const at = table + index * bytes;
    view.setBigUint64(at, this.rig.memory.start + BigInt(part.at), true);
    view.setUint32(at + length, part.bytes, true);
    const hasNext = part.following === null ? 0 : flag.next;
    view.setUint16(at + flags, hasNext | (part.isWritable === true ? flag.deviceWrites : 0), true);
    view.setUint16(at + next, part.following ?? 0, true);
  }

  setFlags(index: number, flags: number): void {
    const at = this.place.descriptors + index * VIRTQ_DESCRIPTOR.bytes + VIRTQ_DESCRIPTOR.flags;
    this.rig.memory.view.setUint16(at, flags, true);
  }

  /** Puts a head into the ring. */
  publish(head: number): void {
    const { driver, size } = this.place;
    const { view } = this.rig.memory;
    view.setUint16(driver + 4 + 2 * (this.added % size), head, true);
    this.added = (this.added + 1) & 0xffff;
    view.setUint16(driver + 2, this.added, true);
  }

  /** Tells the device; with event indexes only if it asked for that. */
  kick(before = (this.added - 1) & 0xffff): void {
    const { device, size, index, hasEvents } = this.place;
    const event = this.rig.memory.view.getUint16(device + 4 + 8 * size, true);
    const isWanted = ((this.added - event - 1) & 0xffff) < ((this.added - before) & 0xffff);
    if (hasEvents && !isWanted) return;
    this.kicks += 1;
    this.rig.set("queue_notify", index);
  }

  /** Adds one chain and tells. */
  send(parts: readonly Part[]): number {
    const head = this.add(parts);
    this.kick();
    return head;
  }

  /** Interrupt when that many more have been used. */
  wakeAfter(count: number): void {
    const { driver, size } = this.place;
    this.rig.memory.view.setUint16(driver + 4 + 2 * size, (this.seen + count - 1) & 0xffff, true);
  }

  /** No interrupts, or as usual again. */
  suppress(isSuppressed: boolean): void {
    this.rig.memory.view.setUint16(this.place.driver, isSuppressed ? 1 : 0, true);
  }

  /** What came back since the last call. */
  collect(): UsedEntry[] {
    const { device, size } = this.place;
    const { view } = this.rig.memory;
    const used: UsedEntry[] = [];
    while (this.seen !== view.getUint16(device + 2, true)) {
      const at = device + 4 + 8 * (this.seen % size);
      used.push({ head: view.getUint32(at, true), written: view.getUint32(at + 4, true) });
      this.seen = (this.seen + 1) & 0xffff;
    }
    return used;
  }
}

/** Bytes that can be told apart. */
export function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13 + seed) & 0xff);
}
