// Memory as devices reach it (DMA). Relies on core/address-space.ts.
// Guarantees: addresses outside of memory give null or false and change nothing; nothing is copied but what exists.

import type { AddressSpace } from "../../core/address-space.ts";
import { isFault } from "../../core/memory.ts";

/** Physical memory; every address and length may come from a guest. */
export interface GuestMemory {
  /** A copy; null if part of it is not memory. */
  read(address: bigint, bytes: number): Uint8Array | null;
  /** False (and nothing is written) if part of it is not memory. */
  write(address: bigint, bytes: Uint8Array): boolean;
}

/** The memory of a board. */
export function guestMemory(physical: AddressSpace): GuestMemory {
  const holds = (address: bigint, bytes: number): boolean =>
    physical.isMapped(address, address + BigInt(bytes));
  return {
    read(address, bytes) {
      if (!holds(address, bytes)) return null;
      const read = physical.readBlock(address, bytes);
      return isFault(read) ? null : read;
    },
    write: (address, bytes) => holds(address, bytes.length) && physical.writeBlock(address, bytes) === null,
  };
}
