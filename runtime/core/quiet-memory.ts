// Physical memory as a debugger looks at it: RAM and ROM, with no effect of looking.
//
// Relies on address-space.ts. Pages that were never touched read as zero and stay untouched; devices are not asked;
// what a walk of page tables would write is thrown away.

import type { AddressSpace } from "./address-space.ts";
import type { AccessBytes, AccessKind, Memory, MemoryFault } from "./memory.ts";
import { PAGE_BYTES } from "./ram.ts";

const PAGE = BigInt(PAGE_BYTES);

export class QuietMemory implements Memory {
  private readonly space: AddressSpace;

  constructor(space: AddressSpace) {
    this.space = space;
  }

  load(address: bigint, bytes: AccessBytes): bigint | MemoryFault {
    return this.number(address, bytes, "load");
  }

  store(): MemoryFault | null {
    return null;
  }

  fetch(address: bigint, bytes: 2 | 4): number | MemoryFault {
    const value = this.number(address, bytes, "fetch");
    return typeof value === "bigint" ? Number(value) : value;
  }

  /** Up to `length` bytes from `address` on: as many as are in memory, and in one page. */
  read(address: bigint, length: number): Uint8Array {
    const { space } = this;
    if (length <= 0 || space.regionAt(address) === null) return new Uint8Array(0);
    const offset = Number(address % PAGE);
    const count = Math.min(length, PAGE_BYTES - offset);
    const page = space.knownPage(address);
    return page === null
      ? new Uint8Array(count)
      : space.ram.u8.slice(page.frame + offset, page.frame + offset + count);
  }

  /** Writes what `read` would read, ROM too; false if it is not all there. */
  write(address: bigint, bytes: Uint8Array): boolean {
    const { space } = this;
    const end = address + BigInt(bytes.length);
    return space.isMapped(address, end) && space.fill(address, bytes) === null;
  }

  private number(address: bigint, bytes: number, access: AccessKind): bigint | MemoryFault {
    const first = this.read(address, bytes);
    const rest = this.read(address + BigInt(first.length), bytes - first.length);
    if (first.length + rest.length < bytes) return { kind: "fault", access, address, reason: "bus" };
    return [...first, ...rest].reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  }
}
