// A hart's addresses as its memory view sees them, and which of its remembered pages an invalidation concerns.
//
// Relies on address-translation.ts. Pages are remembered under the whole address; the architecture may ignore its top
// byte, so once an address had one, an invalidation of an address is one of everything.

import { FAULT } from "../../../spec/isa/arm64/privileged-translation.ts";
import type { AccessKind, MemoryFault } from "../../core/memory.ts";
import { PAGE_BYTES } from "../../core/ram.ts";
import type { Translation, Translator } from "../../core/translation.ts";
import { faultOf, UNTRANSLATED_BYTES, type AddressTranslation, type Regime } from "./address-translation.ts";
import type { ProcessorState } from "./processor-state.ts";
import { walkFault } from "./table-walk.ts";

const PAGE = BigInt(PAGE_BYTES);
const PAGE_START = BigInt.asUintN(64, -PAGE);
const ADDRESS_BITS = 56;

export class HartTranslator implements Translator {
  private readonly translation: AddressTranslation;
  private readonly state: ProcessorState | null;

  /** `state`: of the hart that remembers; null for who only looks. */
  constructor(translation: AddressTranslation, state: ProcessorState | null) {
    this.translation = translation;
    this.state = state;
  }

  translate(address: bigint, access: AccessKind): Translation | MemoryFault {
    // Nothing is fetched with a tag: the hart drops it (`Arm64Hart.takeTrap`) and comes again.
    if (access === "fetch" && this.translation.branchTarget(address) !== address)
      return faultOf(walkFault(FAULT.translation, false), address, access);
    return this.translateIn(this.translation.current(), address, access);
  }

  /** Addresses of EL1 as EL0 may use them. */
  asUser(): Translator {
    return {
      translate: (address, access) =>
        this.translateIn({ ...this.translation.current(), isUser: true }, address, access),
    };
  }

  private translateIn(regime: Regime, address: bigint, access: AccessKind): Translation | MemoryFault {
    const mapping = this.translation.translate(address, access, regime);
    if (mapping.kind === "walkFault") return faultOf(mapping, address, access);
    if (canonical(address) !== address) this.state?.set("tagged", 1n);
    const { physical, permissions, sizeBytes } = mapping;
    // Without translation nothing is ever invalidated.
    const pages = sizeBytes === UNTRANSLATED_BYTES ? 1 : Number(sizeBytes / PAGE);
    return { physical: physical & PAGE_START, permissions, pages };
  }

  /** The page to forget for an invalidation of `address`; null: everything must go. */
  pageToForget(address: bigint): bigint | null {
    return this.state?.get("tagged") === 1n ? null : canonical(address) & PAGE_START;
  }

  /** Nothing is remembered any more. */
  forgetAll(): void {
    this.state?.set("tagged", 0n);
  }
}

function canonical(address: bigint): bigint {
  return BigInt.asUintN(64, BigInt.asIntN(ADDRESS_BITS, address));
}
