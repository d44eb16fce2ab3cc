// Where the words of a function's frame are, relative to the stack pointer inside the function.
//
// From low to high: restored registers, a spare word if one is needed, slots, the function's own transfer words. `base`
// is 0 where the prologue moves the stack pointer; a frame in the zone below an unmoved stack pointer, as far as offsets
// reach there, has a negative base.

import {
  STACK_ALIGN_BYTES,
  TRANSFER_ZONE_BYTES,
  transferOffset,
  WORD_BYTES,
} from "../../../spec/abi/internal-calls.ts";
import type { Function, Register, TransferZone } from "../../lang/stack/ast.ts";
import type { Convention } from "../../target/convention.ts";

// Room for the transfer words that moves inside a leaf function may need besides its frame.
const LEAF_BYTES = TRANSFER_ZONE_BYTES - 8 * WORD_BYTES;

export interface FrameLayout {
  /** What the prologue subtracts from the stack pointer. */
  readonly frameBytes: number;
  /** Offset of the frame's lowest word. */
  readonly base: number;
  /** Offset after the frame's highest word: the stack pointer at the function's border. */
  readonly border: number;
  /** Registers to keep, in the order of their words: the link register, if the function calls, then `saved`. */
  readonly kept: readonly Register[];
  /** Callee-saved registers that the function may write, `borrowed` among them if it is needed. */
  readonly saved: readonly Register[];
  /** Makes addresses for stores of the scratch register that an offset does not reach. */
  readonly borrowed: Register;
  /** Keeps `borrowed` meanwhile; null: it is never needed. */
  readonly spareOffset: number | null;
  /** Bytes below the body's stack pointer that the function's own words take. */
  readonly belowBytes: number;
}

export function frameLayout(f: Function, convention: Convention): FrameLayout {
  const zoneBytes = WORD_BYTES * transferWords(f, "callee");
  const borrowed = convention.calleeSaved[0] ?? convention.entryScratch;
  const ownWords = transferWords(f, "own");
  const size = (others: number): number => WORD_BYTES * (Number(f.calls) + others + f.slots + ownWords);
  const isBig = ![size(f.saved.length + 2), -zoneBytes].every((offset) => convention.offsetFits(offset));
  const borrows = isBig && storesScratch(f, convention);
  const saved = borrows ? withRegister(f.saved, borrowed) : f.saved;
  const kept = [...(f.calls ? [convention.link] : []), ...saved];
  const bytes = size(saved.length + Number(borrows));
  const isLeaf = !f.calls && bytes <= LEAF_BYTES && convention.offsetFits(-bytes - zoneBytes);
  const base = isLeaf ? -bytes : 0;
  const rest = { kept, saved, borrowed, spareOffset: borrows ? base + WORD_BYTES * kept.length : null };
  if (isLeaf) return { ...rest, frameBytes: 0, base, border: 0, belowBytes: bytes + zoneBytes };
  const frameBytes = Math.ceil(bytes / STACK_ALIGN_BYTES) * STACK_ALIGN_BYTES;
  return { ...rest, frameBytes, base, border: frameBytes, belowBytes: zoneBytes };
}

function storesScratch(f: Function, convention: Convention): boolean {
  return f.blocks.some((b) => b.body.some((i) => "source" in i && i.source === convention.scratch));
}

function withRegister(registers: readonly Register[], added: Register): readonly Register[] {
  return registers.includes(added) ? registers : [...registers, added].sort((a, b) => a - b);
}

/** Words of a zone that the body touches. */
function transferWords(f: Function, zone: TransferZone): number {
  let words = 0;
  for (const { body } of f.blocks) {
    for (const instr of body) {
      if (instr.kind !== "transferLoad" && instr.kind !== "transferStore") continue;
      if (instr.zone === zone) words = Math.max(words, instr.index + 1);
    }
  }
  return words;
}

/** Offset of the word in which kept register number `i` waits. */
export function keptOffset(layout: FrameLayout, i: number): number {
  return layout.base + WORD_BYTES * i;
}

export function slotOffset(layout: FrameLayout, slot: number): number {
  const below = layout.kept.length + Number(layout.spareOffset !== null);
  return layout.base + WORD_BYTES * (below + slot);
}

export function zoneOffset(layout: FrameLayout, zone: TransferZone, index: number): number {
  return (zone === "own" ? layout.border : layout.base) + transferOffset(index);
}
