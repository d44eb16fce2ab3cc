// Loads and stores of stack words at any offset from the stack pointer.
//
// Offsets that do not fit an instruction: a load builds the address in its own destination, a store in the scratch
// register, and a store of the scratch register itself in another register, kept meanwhile in a spare word of the frame.

import type { Instr, Register } from "../../lang/stack/ast.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import type { Code, Convention } from "../../target/convention.ts";
import { slotOffset, zoneOffset, type FrameLayout } from "./layout.ts";

/** `code` as an instruction without an access. */
export function plain(code: Code, span: Span): Instr {
  return { kind: "machine", ...code, memory: null, span };
}

/** `code` as an access to the stack. */
export function stackAccess(code: Code, span: Span): Instr {
  return { kind: "machine", ...code, memory: "stack", span };
}

/** Slots and transfer words become memory accesses; everything else stays. */
export function lowerStackInstr(instr: Instr, layout: FrameLayout, convention: Convention): readonly Instr[] {
  switch (instr.kind) {
    case "slotLoad":
      return loadAt(slotOffset(layout, instr.slot), instr, convention);
    case "transferLoad":
      return loadAt(zoneOffset(layout, instr.zone, instr.index), instr, convention);
    case "slotStore":
      return storeAt(slotOffset(layout, instr.slot), instr, layout, convention);
    case "transferStore":
      return storeAt(zoneOffset(layout, instr.zone, instr.index), instr, layout, convention);
    case "machine":
    case "address":
    case "call":
    case "foreignCall":
      return [instr];
  }
}

function loadAt(
  offset: number,
  { dest, span }: { readonly dest: Register; readonly span: Span },
  convention: Convention,
): readonly Instr[] {
  const { base, low, code } = reach(offset, dest, convention);
  return [...code.map((c) => plain(c, span)), stackAccess(convention.loadWord(dest, base, low), span)];
}

function storeAt(
  offset: number,
  { source, span }: { readonly source: Register; readonly span: Span },
  layout: FrameLayout,
  convention: Convention,
): readonly Instr[] {
  const store = (through: Register): readonly Instr[] => {
    const { base, low, code } = reach(offset, through, convention);
    return [...code.map((c) => plain(c, span)), stackAccess(convention.storeWord(source, base, low), span)];
  };
  if (convention.offsetFits(offset) || source !== convention.scratch) return store(convention.scratch);
  const { borrowed } = layout;
  const spare = layout.spareOffset ?? bug("the frame has no spare word", span);
  const sp = convention.stackPointer;
  return [
    stackAccess(convention.storeWord(borrowed, sp, spare), span),
    ...store(borrowed),
    stackAccess(convention.loadWord(borrowed, sp, spare), span),
  ];
}

// A base register and the rest of the offset; `through` may be overwritten to make the base.
function reach(
  offset: number,
  through: Register,
  convention: Convention,
): { readonly base: Register; readonly low: number; readonly code: readonly Code[] } {
  const sp = convention.stackPointer;
  if (convention.offsetFits(offset)) return { base: sp, low: offset, code: [] };
  const low = convention.lowOffset(offset);
  const code = [...convention.constant(through, offset - low), convention.add(through, through, sp)];
  return { base: through, low, code };
}
