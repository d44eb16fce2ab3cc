// Where the words of a function's frame are, relative to the stack pointer inside the function.
//
// From low to high: restored registers, slots, the function's own transfer words. `base` is 0 where the prologue
// moves the stack pointer; a frame in the zone below an unmoved stack pointer has a negative base.

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
  /** A word of the callee's transfer zone that the body never uses. */
  readonly spareIndex: number;
  /** Bytes below the body's stack pointer that the function's own words take. */
  readonly belowBytes: number;
}

export function frameLayout(f: Function, convention: Convention): FrameLayout {
  const spareIndex = transferWords(f, "callee");
  const borrowed = convention.calleeSaved[0] ?? convention.entryScratch;
  const ownWords = transferWords(f, "own");
  const size = (saved: number): number => WORD_BYTES * (Number(f.calls) + saved + f.slots + ownWords);
  const isBig = !convention.offsetFits(size(f.saved.length + 1) + WORD_BYTES * spareIndex);
  const saved = isBig && storesScratch(f, convention) ? withRegister(f.saved, borrowed) : f.saved;
  const kept = [...(f.calls ? [convention.link] : []), ...saved];
  const bytes = size(saved.length);
  const zoneBytes = WORD_BYTES * (spareIndex + Number(isBig));
  const rest = { kept, saved, borrowed, spareIndex, belowBytes: zoneBytes };
  if (!f.calls && bytes <= LEAF_BYTES) {
    return { ...rest, frameBytes: 0, base: -bytes, border: 0, belowBytes: bytes + zoneBytes };
  }
  const frameBytes = Math.ceil(bytes / STACK_ALIGN_BYTES) * STACK_ALIGN_BYTES;
  return { frameBytes, base: 0, border: frameBytes, ...rest };
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
  return layout.base + WORD_BYTES * (layout.kept.length + slot);
}

export function zoneOffset(layout: FrameLayout, zone: TransferZone, index: number): number {
  return (zone === "own" ? layout.border : layout.base) + transferOffset(index);
}
