// Physical memory as page tables and debuggers see it: RAM and ROM first, devices everywhere else.
// Relies on address-space.ts and bus.ts. Guarantees: stores to ROM go to the device behind it, if there is one (flash), else
// nowhere; what nobody answers is a fault of reason `bus`.

import type { AddressSpace } from "./address-space.ts";
import type { Bus } from "./bus.ts";
import type { AccessBytes, Memory, MemoryFault } from "./memory.ts";

export class PhysicalMemory implements Memory {
  private readonly space: AddressSpace;
  private readonly bus: Bus;

  constructor(space: AddressSpace, bus: Bus) {
    this.space = space;
    this.bus = bus;
  }

  load(address: bigint, bytes: AccessBytes): bigint | MemoryFault {
    const value = this.space.load(address, bytes);
    return typeof value === "object" && value.reason === "unmapped" ? this.bus.load(address, bytes) : value;
  }

  store(address: bigint, value: bigint, bytes: AccessBytes): MemoryFault | null {
    const fault = this.space.store(address, value, bytes);
    if (fault?.reason === "protected") {
      this.bus.store(address, value, bytes);
      return null;
    }
    return fault?.reason === "unmapped" ? this.bus.store(address, value, bytes) : fault;
  }

  /** Instructions come from RAM and ROM alone. */
  fetch(address: bigint, bytes: 2 | 4): number | MemoryFault {
    const value = this.space.fetch(address, bytes);
    return typeof value === "object" && value.reason === "unmapped" ? { ...value, reason: "bus" } : value;
  }
}
