// Physical memory protection: which physical addresses a privilege may touch.
//
// Relies on privileged-state.ts. Decoded entries are remembered until `changed`. Source: privileged manual 1.12, 3.7.
// As on QEMU, W without R (reserved) allows stores only.

import { MATCHING, PRIVILEGE, PROTECTION, PROTECTION_ENTRIES } from "../../../spec/isa/riscv64/status.ts";
import { readField } from "../../core/bit-field.ts";
import type { AccessKind } from "../../core/memory.ts";
import { EXECUTE, PERMISSION, READ, WRITE } from "../../core/paged-memory.ts";
import type { PrivilegedState } from "./privileged-state.ts";

/** Addresses `start` to `end - 1` and what an entry says of them. */
interface Entry {
  readonly start: bigint;
  readonly end: bigint;
  readonly permissions: number;
  /** Binds machine mode too. */
  readonly isLocked: boolean;
}

const ALL_PERMISSIONS = READ | WRITE | EXECUTE;
/** Address registers count in units of four bytes. */
const GRANULE_SHIFT = 2n;
const PAGE_MASK = 0xfffn;

/** What is allowed: for the access, and for all of its page (0 if that is not one answer). */
export interface Allowed {
  readonly access: boolean;
  readonly page: number;
}

export class Protection {
  private readonly state: PrivilegedState;
  private entries: readonly Entry[] | null = null;

  constructor(state: PrivilegedState) {
    this.state = state;
  }

  /** Configuration or addresses changed. */
  changed(): void {
    this.entries = null;
  }

  /** May `privilege` make this access of `bytes` bytes, all in one page? */
  check(physical: bigint, bytes: number, access: AccessKind, privilege: bigint): Allowed {
    const last = physical + BigInt(bytes) - 1n;
    const own = this.permissions(physical, last, privilege);
    const page = physical & ~PAGE_MASK;
    const whole = this.permissions(page, page | PAGE_MASK, privilege);
    return { access: own !== null && (own & PERMISSION[access]) !== 0, page: whole ?? 0 };
  }

  // By the first entry that matches any byte; null if it does not match all of them.
  private permissions(first: bigint, last: bigint, privilege: bigint): number | null {
    this.entries ??= decodeEntries(this.state);
    const isMachine = privilege === PRIVILEGE.machine;
    const entry = this.entries.find(({ start, end }) => start <= last && first < end);
    if (entry === undefined) return isMachine ? ALL_PERMISSIONS : 0;
    if (entry.start > first || last >= entry.end) return null;
    return isMachine && !entry.isLocked ? ALL_PERMISSIONS : entry.permissions;
  }
}

function decodeEntries(state: PrivilegedState): readonly Entry[] {
  const entries: Entry[] = [];
  for (let i = 0; i < PROTECTION_ENTRIES.count; i += 1) {
    const config = state.hart.read("pmpcfg", i);
    const range = matchedRange(state, i, readField(config, PROTECTION.matching));
    if (range === null || range.start >= range.end) continue;
    const permissions =
      (readField(config, PROTECTION.R) === 1n ? READ : 0) |
      (readField(config, PROTECTION.W) === 1n ? WRITE : 0) |
      (readField(config, PROTECTION.X) === 1n ? EXECUTE : 0);
    entries.push({ ...range, permissions, isLocked: readField(config, PROTECTION.L) === 1n });
  }
  return entries;
}

function matchedRange(
  { hart }: PrivilegedState,
  index: number,
  matching: bigint,
): { readonly start: bigint; readonly end: bigint } | null {
  if (matching === MATCHING.off) return null;
  const address = hart.read("pmpaddr", index);
  if (matching === MATCHING.topOfRange) {
    const below = index === 0 ? 0n : hart.read("pmpaddr", index - 1);
    return { start: below << GRANULE_SHIFT, end: address << GRANULE_SHIFT };
  }
  if (matching === MATCHING.four) {
    return { start: address << GRANULE_SHIFT, end: (address + 1n) << GRANULE_SHIFT };
  }
  // The ones at the low end say how large: n of them are 2^(n + 3) bytes.
  const ones = address ^ (address + 1n);
  const start = (address & ~ones) << GRANULE_SHIFT;
  return { start, end: start + ((ones + 1n) << GRANULE_SHIFT) };
}

/** True if entry `index` may not be written: it is locked, or it is the start of a locked range. */
export function isAddressLocked({ hart }: PrivilegedState, index: number): boolean {
  const config = (i: number): bigint => (i < PROTECTION_ENTRIES.count ? hart.read("pmpcfg", i) : 0n);
  if (readField(config(index), PROTECTION.L) === 1n) return true;
  const next = config(index + 1);
  return readField(next, PROTECTION.L) === 1n && readField(next, PROTECTION.matching) === MATCHING.topOfRange;
}

/** True if the configuration of entry `index` may not be written. */
export function isConfigurationLocked({ hart }: PrivilegedState, index: number): boolean {
  return readField(hart.read("pmpcfg", index), PROTECTION.L) === 1n;
}
