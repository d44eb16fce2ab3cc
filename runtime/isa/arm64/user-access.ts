// Accesses of memory that helpers make by themselves: ldtr and sttr with the rights of EL0, and DC ZVA.
//
// Relies on address-translation.ts. Each access translates anew; nothing is remembered, so nothing need be forgotten.

import {
  isFault,
  type AccessBytes,
  type AccessKind,
  type Memory,
  type MemoryFault,
} from "../../core/memory.ts";
import { PAGE_BYTES } from "../../core/ram.ts";
import { faultTrap } from "../effect-machine.ts";
import type { Trap } from "../../../spec/isa/effect-eval.ts";
import { faultOf, type AddressTranslation, type Regime } from "./address-translation.ts";
import { watchesNow } from "./debug-exceptions.ts";
import type { DebugMatch } from "./debug-match.ts";
import { bit, type ProcessorState } from "./processor-state.ts";
import { arm64Binding } from "./user.ts";
import { SCTLR } from "../../../spec/isa/arm64/privileged-state.ts";
import type { Level } from "../../../spec/isa/arm64/privileged.ts";

const PAGE = BigInt(PAGE_BYTES);
const WORD_BYTES = 8;

/** What these accesses need of their hart. */
export interface UserAccessParts {
  readonly state: ProcessorState;
  readonly translation: AddressTranslation;
  readonly physical: Memory;
  readonly debug: DebugMatch;
}

export class UserAccess {
  private readonly state: ProcessorState;
  private readonly translation: AddressTranslation;
  private readonly physical: Memory;
  private readonly debug: DebugMatch;

  constructor({ state, translation, physical, debug }: UserAccessParts) {
    this.state = state;
    this.translation = translation;
    this.physical = physical;
    this.debug = debug;
  }

  // At EL2 there is no EL0 of the same regime, so the access is an ordinary one.
  private userRegime(): Regime {
    const current = this.translation.current();
    return current.level === 2 ? current : { ...current, isUser: true };
  }

  /** Loads `bytes` with the rights of EL0. */
  load(address: bigint, bytes: AccessBytes): bigint | Trap {
    const trap = this.misaligned(address, bytes, "load");
    if (trap !== null) return trap;
    const parts = this.parts(address, bytes, "load", this.userRegime());
    if (isFault(parts)) return this.trapOf(parts, bytes);
    const watched = this.watched(0, { access: "load", address, bytes });
    if (watched !== null) return watched;
    let value = 0n;
    for (const [i, at] of parts.entries()) {
      const part = this.physical.load(at, parts.length === 1 ? bytes : 1);
      if (isFault(part)) return this.trapOf({ ...part, address: address + BigInt(i) }, bytes);
      value |= part << BigInt(8 * i);
    }
    return value;
  }

  /** Stores the low `bytes` of `value` with the rights of EL0. */
  store(address: bigint, value: bigint, bytes: AccessBytes): Trap | null {
    const trap = this.misaligned(address, bytes, "store");
    if (trap !== null) return trap;
    const parts = this.parts(address, bytes, "store", this.userRegime());
    if (isFault(parts)) return this.trapOf(parts, bytes);
    const watched = this.watched(0, { access: "store", address, bytes });
    if (watched !== null) return watched;
    const cut = BigInt.asUintN(8 * bytes, value);
    for (const [i, at] of parts.entries()) {
      const fault =
        parts.length === 1
          ? this.physical.store(at, cut, bytes)
          : this.physical.store(at, BigInt.asUintN(8, cut >> BigInt(8 * i)), 1);
      if (fault !== null) return this.trapOf({ ...fault, address: address + BigInt(i) }, bytes);
    }
    return null;
  }

  /** Clears the block of `bytes` around `address`; a fault names the address itself. */
  clearBlock(address: bigint, bytes: number): Trap | null {
    const mapped = this.physicalAddress(address, "store", this.translation.current());
    if (typeof mapped !== "bigint") return this.trapOf(mapped, bytes);
    const block = { access: "store", address: address & -BigInt(bytes), bytes } as const;
    const watched = this.watched(this.state.level, block);
    if (watched !== null) return watched;
    const start = mapped & -BigInt(bytes);
    for (let i = 0; i < bytes; i += WORD_BYTES) {
      const fault = this.physical.store(start + BigInt(i), 0n, WORD_BYTES);
      if (fault !== null) return this.trapOf({ ...fault, address }, bytes);
    }
    return null;
  }

  // At EL2 an access with the rights of EL0 is an ordinary one.
  private watched(
    level: Level,
    what: { readonly access: AccessKind; readonly address: bigint; readonly bytes: number },
  ): Trap | null {
    const { state, debug } = this;
    if (!watchesNow(state)) return null;
    const address = debug.hit(state.level === 2 ? 2 : level, what);
    return address === null
      ? null
      : this.trapOf({ kind: "fault", access: what.access, address, reason: "watched" }, what.bytes);
  }

  private misaligned(address: bigint, bytes: number, access: AccessKind): Trap | null {
    const aligns = bit(this.state.controlOf(this.state.level), SCTLR.align);
    if (!aligns || address % BigInt(bytes) === 0n) return null;
    return faultTrap(arm64Binding, { kind: "fault", access, address, reason: "misaligned" }, bytes);
  }

  // One physical address; or one for each byte, if the access crosses pages.
  private parts(
    address: bigint,
    bytes: number,
    access: AccessKind,
    regime: Regime,
  ): readonly bigint[] | MemoryFault {
    if ((address % PAGE) + BigInt(bytes) <= PAGE) {
      const at = this.physicalAddress(address, access, regime);
      return typeof at === "bigint" ? [at] : at;
    }
    const all: bigint[] = [];
    for (let i = 0; i < bytes; i += 1) {
      const at = this.physicalAddress(BigInt.asUintN(64, address + BigInt(i)), access, regime);
      if (typeof at !== "bigint") return at;
      all.push(at);
    }
    return all;
  }

  private physicalAddress(address: bigint, access: AccessKind, regime: Regime): bigint | MemoryFault {
    const mapping = this.translation.translate(address, access, regime);
    return mapping.kind === "walkFault" ? faultOf(mapping, address, access) : mapping.physical;
  }

  private trapOf(fault: MemoryFault, bytes: number): Trap {
    return faultTrap(arm64Binding, fault, bytes);
  }
}
