// A split virtqueue as the device sees it: chains of buffers come in, used ones go back (VIRTIO 1.2, 2.7).
//
// Relies on guest-memory.ts. Everything in the rings is the guest's and may be wrong. Guarantees: no chain is longer
// than its table or MAX_QUEUE_SIZE, so loops end; nothing is read or written outside of memory; whatever breaks a rule
// (the rules that QEMU checks, and that indirect tables were agreed on) is a Malformed, after which the queue gives
// nothing more until the device is reset.

import { VIRTQ_AVAILABLE, VIRTQ_DESCRIPTOR, VIRTQ_USED } from "../../../spec/devices/virtio.ts";
import type { GuestMemory } from "./guest-memory.ts";

/** Largest size that a queue may be given; a power of two. */
export const MAX_QUEUE_SIZE = 1024;

/** A queue's registers and how far the device is: plain data. */
export interface QueueState {
  size: number;
  ready: boolean;
  descriptors: bigint;
  driver: bigint;
  device: bigint;
  /** Legacy: the device's ring lies at a multiple of this. */
  align: number;
  /** Entries of the driver's ring that were taken, and of the device's that were given back, modulo 2^16. */
  taken: number;
  given: number;
  /** Entries that had been given back when the driver was last interrupted. */
  announced: number;
  /** What rule the driver broke; null: none. */
  broken: string | null;
}

const DEFAULT_ALIGN = 4096;

export function emptyQueueState(): QueueState {
  return {
    size: 0,
    ready: false,
    descriptors: 0n,
    driver: 0n,
    device: 0n,
    align: DEFAULT_ALIGN,
    taken: 0,
    given: 0,
    announced: 0,
    broken: null,
  };
}

/** Part of a chain: `bytes` from `address` on. */
export interface Buffer {
  readonly address: bigint;
  readonly bytes: number;
}

/** What the driver hands over at once: first what it wrote for the device, then room for the answer. */
export interface Chain {
  readonly head: number;
  readonly readable: readonly Buffer[];
  readonly writable: readonly Buffer[];
}

/** Which optional features the driver has accepted. */
export interface QueueFeatures {
  readonly indirectDescriptors: boolean;
  readonly eventIndex: boolean;
  /** Legacy. */
  readonly notifyOnEmpty: boolean;
}

interface Descriptor {
  readonly address: bigint;
  readonly bytes: number;
  readonly flags: number;
  readonly next: number;
}

interface Table {
  readonly address: bigint;
  readonly size: number;
  readonly isIndirect: boolean;
}

/** Hears of chains as they pass: for traces. */
export interface QueueObserver {
  taken(chain: Chain): void;
  given(chain: Chain, written: number): void;
}

class Malformed extends Error {}

export class Virtqueue {
  observer: QueueObserver | null = null;
  private readonly memory: GuestMemory;
  private readonly state: () => QueueState;
  private readonly features: () => QueueFeatures;

  constructor(memory: GuestMemory, state: () => QueueState, features: () => QueueFeatures) {
    this.memory = memory;
    this.state = state;
    this.features = features;
  }

  /** The next chain that the driver made available; null if there is none, or if the queue is broken. */
  take(): Chain | null {
    return this.guarded(null, () => {
      const state = this.state();
      const { size, driver } = state;
      if (!state.ready || size === 0) return null;
      const available = this.read16(driver + BigInt(VIRTQ_AVAILABLE.index));
      const waiting = (available - state.taken) & 0xffff;
      if (waiting === 0) return null;
      if (waiting > size) throw new Malformed("more chains are available than the queue holds");
      const slot = state.taken & (size - 1);
      const head = this.read16(driver + BigInt(VIRTQ_AVAILABLE.ring + VIRTQ_AVAILABLE.entryBytes * slot));
      state.taken = (state.taken + 1) & 0xffff;
      if (this.features().eventIndex) this.askForNotification();
      const chain = this.chainAt(head);
      this.observer?.taken(chain);
      return chain;
    });
  }

  /** Takes the last chain back: it will be taken again. */
  putBack(): void {
    const state = this.state();
    state.taken = (state.taken - 1) & 0xffff;
  }

  /** Gives a chain back, `written` bytes of its room filled. */
  give(chain: Chain, written: number): void {
    this.guarded(undefined, () => {
      const state = this.state();
      const slot = state.given & (state.size - 1);
      const entry = new Uint8Array(VIRTQ_USED.entryBytes);
      const view = new DataView(entry.buffer);
      view.setUint32(0, chain.head, true);
      view.setUint32(4, written, true);
      this.write(state.device + BigInt(VIRTQ_USED.ring + VIRTQ_USED.entryBytes * slot), entry);
      state.given = (state.given + 1) & 0xffff;
      this.write16(state.device + BigInt(VIRTQ_USED.index), state.given);
      this.observer?.given(chain, written);
    });
  }

  /** True if the driver wants an interrupt for what was given back since the last one, be the queue broken since or not. */
  wantsInterrupt(): boolean {
    return this.attempt(false, () => {
      const state = this.state();
      const { given, announced, size, driver, taken } = state;
      if (given === announced) return false;
      state.announced = given;
      const { eventIndex, notifyOnEmpty } = this.features();
      if (notifyOnEmpty && this.read16(driver + BigInt(VIRTQ_AVAILABLE.index)) === taken) return true;
      if (!eventIndex) {
        return (this.read16(driver) & VIRTQ_AVAILABLE.flag.noInterrupt) === 0;
      }
      const event = this.read16(driver + BigInt(VIRTQ_AVAILABLE.ring + VIRTQ_AVAILABLE.entryBytes * size));
      // The index was passed: VIRTIO 1.2, 2.7.10.1.
      return ((given - event - 1) & 0xffff) < ((given - announced) & 0xffff);
    });
  }

  /** Marks the queue as broken from outside: a request that makes no sense. */
  fail(why: string): void {
    this.state().broken ??= why;
  }

  /** The bytes of the buffers from `skip` on, at most `limit`; null (and the queue is broken) outside of memory. */
  readBytes(buffers: readonly Buffer[], skip: number, limit: number): Uint8Array | null {
    return this.guarded(null, () => {
      const bytes = new Uint8Array(Math.min(limit, Math.max(0, totalBytes(buffers) - skip)));
      let at = 0;
      forEachPart(buffers, { skip, limit: bytes.length }, (address, count) => {
        bytes.set(this.read(address, count), at);
        at += count;
      });
      return bytes;
    });
  }

  /** Fills the buffers from `skip` on; answers how many bytes fitted. */
  writeBytes(buffers: readonly Buffer[], skip: number, bytes: Uint8Array): number {
    return this.guarded(0, () => {
      let at = 0;
      forEachPart(buffers, { skip, limit: bytes.length }, (address, count) => {
        this.write(address, bytes.subarray(at, at + count));
        at += count;
      });
      return at;
    });
  }

  private askForNotification(): void {
    const { device, size, taken } = this.state();
    this.write16(device + BigInt(VIRTQ_USED.ring + VIRTQ_USED.entryBytes * size), taken);
  }

  private chainAt(head: number): Chain {
    const { descriptors, size } = this.state();
    const readable: Buffer[] = [];
    const writable: Buffer[] = [];
    let table: Table = { address: descriptors, size, isIndirect: false };
    let index = head;
    for (let length = 1; ; length += 1) {
      const descriptor = this.descriptor(table, index);
      const { flag } = VIRTQ_DESCRIPTOR;
      if ((descriptor.flags & flag.indirect) !== 0) {
        table = this.indirectTable(table, descriptor);
        index = 0;
        length = 0;
        continue;
      }
      if (length > table.size || length > MAX_QUEUE_SIZE) throw new Malformed("a chain without end");
      if (descriptor.bytes === 0) throw new Malformed("a buffer without bytes");
      const isWritable = (descriptor.flags & flag.deviceWrites) !== 0;
      if (!isWritable && writable.length > 0) throw new Malformed("a chain has input behind room for output");
      (isWritable ? writable : readable).push({ address: descriptor.address, bytes: descriptor.bytes });
      if ((descriptor.flags & flag.next) === 0) return { head, readable, writable };
      index = descriptor.next;
    }
  }

  private indirectTable(outer: Table, descriptor: Descriptor): Table {
    if (!this.features().indirectDescriptors) throw new Malformed("an indirect table was not agreed on");
    if (outer.isIndirect) throw new Malformed("an indirect table inside another one");
    const size = descriptor.bytes / VIRTQ_DESCRIPTOR.bytes;
    if (!Number.isInteger(size) || size === 0) {
      throw new Malformed(`an indirect table of ${String(descriptor.bytes)} bytes`);
    }
    return { address: descriptor.address, size, isIndirect: true };
  }

  private descriptor(table: Table, index: number): Descriptor {
    if (index >= table.size) throw new Malformed(`descriptor ${String(index)} of ${String(table.size)}`);
    const at = table.address + BigInt(index * VIRTQ_DESCRIPTOR.bytes);
    const bytes = this.read(at, VIRTQ_DESCRIPTOR.bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return {
      address: view.getBigUint64(0, true),
      bytes: view.getUint32(VIRTQ_DESCRIPTOR.length, true),
      flags: view.getUint16(VIRTQ_DESCRIPTOR.flags, true),
      next: view.getUint16(VIRTQ_DESCRIPTOR.next, true),
    };
  }

  private read(address: bigint, bytes: number): Uint8Array {
    const read = this.memory.read(address, bytes);
    if (read === null) throw new Malformed(`nothing to read at 0x${address.toString(16)}`);
    return read;
  }

  private write(address: bigint, bytes: Uint8Array): void {
    if (!this.memory.write(address, bytes)) throw new Malformed(`no memory at 0x${address.toString(16)}`);
  }

  private read16(address: bigint): number {
    const bytes = this.read(address, 2);
    return (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  }

  private write16(address: bigint, value: number): void {
    this.write(address, new Uint8Array([value & 0xff, value >> 8]));
  }

  private guarded<T>(otherwise: T, action: () => T): T {
    return this.state().broken === null ? this.attempt(otherwise, action) : otherwise;
  }

  // The guest's mistakes end here: the queue is broken, and `otherwise` is the answer.
  private attempt<T>(otherwise: T, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.fail(error.message);
      return otherwise;
    }
  }
}

/** Bytes of all buffers together. */
export function totalBytes(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { bytes }) => sum + bytes, 0);
}

function forEachPart(
  buffers: readonly Buffer[],
  range: { readonly skip: number; readonly limit: number },
  visit: (address: bigint, count: number) => void,
): void {
  let { skip, limit } = range;
  for (const { address, bytes } of buffers) {
    if (limit === 0) return;
    const count = Math.min(Math.max(0, bytes - skip), limit);
    if (count > 0) visit(address + BigInt(Math.min(skip, bytes)), count);
    skip = Math.max(0, skip - bytes);
    limit -= count;
  }
}
