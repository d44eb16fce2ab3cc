// How debuggers look through a hart's translation: whatever kind of access gets there. Relies on core/translation.ts.

import type { AccessKind } from "../core/memory.ts";
import { PAGE_BYTES } from "../core/ram.ts";
import type { Translator } from "../core/translation.ts";

const KINDS: readonly AccessKind[] = ["load", "fetch", "store"];
const PAGE = BigInt(PAGE_BYTES);

/** The physical address, if one kind of access may go there. `translator` must have no effects. */
export function mappedAddress(translator: Translator, address: bigint): bigint | null {
  for (const kind of KINDS) {
    const found = translator.translate(address, kind, 1);
    if (!("kind" in found)) return found.physical | (address % PAGE);
  }
  return null;
}
