// An access that translated code could not make because the translation tables did not have its page: what it was, for
// whoever brings the page in so that the instruction can be tried again.
//
// Relies on core/ram.ts. One place in the Ram for each executor, written just before the code leaves.

import { PAGE_BYTES, type Ram } from "../core/ram.ts";

/** Offsets in that place: the guest's address (i64), what kind of access (i32). */
export const MISSED = { address: 0, code: 8, bytes: 16 } as const;

const STORE = 32;
const AS_USER = 64;
const ALIGNED = 128;

/** A kind of access. */
export interface AccessForm {
  readonly bytes: number;
  readonly forStore: boolean;
  /** True if only multiples of `bytes` may be accessed. */
  readonly aligned: boolean;
  /** See Access. */
  readonly asUser: boolean;
}

/** The access that missed. */
export interface MissedAccess extends AccessForm {
  readonly address: bigint;
}

/** The number that stands for the kind. */
export function codeOfMissed({ bytes, forStore, aligned, asUser }: AccessForm): number {
  return bytes | (forStore ? STORE : 0) | (aligned ? ALIGNED : 0) | (asUser ? AS_USER : 0);
}

/** What was written last. */
export function missedAccess(ram: Ram, at: number): MissedAccess {
  const code = ram.u32[(at + MISSED.code) >> 2] ?? 0;
  return {
    address: ram.u64[(at + MISSED.address) >> 3] ?? 0n,
    bytes: code & (STORE - 1),
    forStore: (code & STORE) !== 0,
    aligned: (code & ALIGNED) !== 0,
    asUser: (code & AS_USER) !== 0,
  };
}

/** True if tables can help at all: the access is in one page, and aligned if it must be. */
export function isWithinPage({ address, bytes, aligned }: MissedAccess): boolean {
  const offset = Number(address & BigInt(PAGE_BYTES - 1));
  return offset + bytes <= PAGE_BYTES && (!aligned || offset % bytes === 0);
}
