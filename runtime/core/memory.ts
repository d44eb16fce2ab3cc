// What executors ask of memory: accesses by guest address, faults as values. Relies on nothing.
// A user-mode address space (address-space.ts) and a hart's view of a board (virtual-memory.ts) implement it.

/** Why memory is touched. */
export type AccessKind = "load" | "store" | "fetch";

/** Sizes that one access may have, in bytes. */
export type AccessBytes = 1 | 2 | 4 | 8 | 16;

/**
 * unmapped: nothing there; protected: mapped, but not for this kind; exhausted: the host gives no more memory;
 * misaligned: an instruction cannot be at this address (found by who fetches, never by a memory), or a device cannot
 * be accessed like that; translation: the page tables do not allow it; bus: nothing answers at the physical address,
 * or physical memory protection forbids it; watched: the guest's own debug registers are about this access; debugger: a
 * debugger wants the hart to stop here, the guest sees nothing.
 */
export type FaultReason =
  "unmapped" | "protected" | "exhausted" | "misaligned" | "translation" | "bus" | "watched" | "debugger";

/** An access that could not be made. `address` is the first byte that failed. */
export interface MemoryFault {
  readonly kind: "fault";
  readonly access: AccessKind;
  readonly address: bigint;
  readonly reason: FaultReason;
  /** What the architecture's translation has to tell its exception entry, e.g. Arm's fault status; opaque elsewhere. */
  readonly status?: number;
  /** The address in between of two stages of translation, if the second one failed. */
  readonly intermediate?: bigint;
}

/** Memory as one hart sees it. Little-endian; any alignment; an access that faults has changed nothing. */
export interface Memory {
  load(address: bigint, bytes: AccessBytes): bigint | MemoryFault;
  store(address: bigint, value: bigint, bytes: AccessBytes): MemoryFault | null;
  /** Reads `bytes` of an instruction. */
  fetch(address: bigint, bytes: 2 | 4): number | MemoryFault;
}

/** True for the fault arm of a result. */
export function isFault(result: unknown): result is MemoryFault {
  return typeof result === "object" && result !== null && "kind" in result && result.kind === "fault";
}
