// What the hostile virtio drivers of test/devices/virtio do, written down as stores and loads for a guest to make.
//
// Relies on hostile.ts, whose drivers act on a slot with nothing in it: so all of its memory is what the driver wrote.

import type { DeviceBytes } from "../../../runtime/core/bus.ts";
import { hostileAction, MEMORY_BYTES } from "../../devices/virtio/hostile.ts";
import { Rig } from "../../devices/virtio/driver.ts";
import type { Random } from "../../support/random-program/prng.ts";

/** An access of a guest; `value` is null for a load. */
export interface GuestAccess {
  readonly address: bigint;
  readonly bytes: DeviceBytes;
  readonly value: bigint | null;
}

export interface HostilePlace {
  /** Of the slot's window. */
  readonly window: bigint;
  /** Of the memory that the driver thinks of. */
  readonly memory: bigint;
  readonly isLegacy: boolean;
  /** Any address of the machine. */
  readonly elsewhere: (random: Random) => bigint;
}

const WORD = 8;

/** The accesses of each of `count` actions of a driver. */
export function hostileDriver(random: Random, place: HostilePlace, count: number): GuestAccess[][] {
  const rig = new RecordingRig(place);
  const scene = {
    rig,
    random,
    victim: { stimulate: () => undefined },
    rings: [],
    elsewhere: place.elsewhere,
  };
  return Array.from({ length: count }, () => {
    hostileAction(scene);
    rig.noteMemory();
    return rig.accesses.splice(0);
  });
}

class RecordingRig extends Rig {
  readonly accesses: GuestAccess[] = [];
  private readonly place: HostilePlace;
  private readonly known = new Uint8Array(MEMORY_BYTES);

  constructor(place: HostilePlace) {
    super(null, { isLegacy: place.isLegacy, memoryBytes: MEMORY_BYTES, memoryStart: place.memory });
    this.place = place;
  }

  override load(offset: number, bytes: DeviceBytes): bigint {
    this.noteMemory();
    this.accesses.push({ address: this.place.window + BigInt(offset), bytes, value: null });
    return super.load(offset, bytes);
  }

  override store(offset: number, value: bigint, bytes: DeviceBytes): void {
    this.noteMemory();
    this.accesses.push({ address: this.place.window + BigInt(offset), bytes, value });
    super.store(offset, value, bytes);
  }

  /** What the driver wrote into memory since the last time. */
  noteMemory(): void {
    const [now, before] = [this.memory.view, new DataView(this.known.buffer)];
    for (let at = 0; at < MEMORY_BYTES; at += WORD) {
      const value = now.getBigUint64(at, true);
      if (value === before.getBigUint64(at, true)) continue;
      before.setBigUint64(at, value, true);
      this.accesses.push({ address: this.place.memory + BigInt(at), bytes: WORD, value });
    }
  }
}
