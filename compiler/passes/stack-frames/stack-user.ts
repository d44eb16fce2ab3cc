// A Stack function as stack-depth.ts sees it: its frame, what it touches below it, and whom it calls.

import { WORD_BYTES } from "../../../spec/abi/internal-calls.ts";
import type { Function, Instr } from "../../lang/stack/ast.ts";
import type { Convention } from "../../target/convention.ts";
import type { StackUser } from "../analysis/stack-depth.ts";

/** What a function does to the stack pointer, and how far below it the function's own words go. */
export interface StackUse {
  readonly frameBytes: number;
  readonly belowBytes: number;
}

/** The words that go to and come from callees are added to what `use` says. */
export function stackUser(f: Function, use: StackUse, convention: Convention): StackUser {
  const calls = new Set<string>();
  const tailCalls = new Set<string>();
  let words = 0;
  for (const { body, end } of f.blocks) {
    for (const instr of body) {
      if (instr.kind !== "call") continue;
      calls.add(instr.callee);
      words = Math.max(words, instr.argWords, instr.resultWords);
    }
    if (end.kind !== "tailCall") continue;
    tailCalls.add(end.callee);
    words = Math.max(words, end.argWords);
  }
  const transferBytes = WORD_BYTES * Math.max(0, words - convention.words.length);
  const belowBytes = Math.max(use.belowBytes, transferBytes);
  return {
    name: f.name,
    frameBytes: use.frameBytes,
    belowBytes,
    calls: [...calls],
    tailCalls: [...tailCalls],
  };
}

/** How far below the stack pointer the accesses of a function with explicit frames go. */
export function bytesBelow(f: Function, convention: Convention): number {
  return f.blocks.reduce(
    (most, { body }) =>
      body.reduce((bytes, instr) => Math.max(bytes, -lowestOffset(instr, convention)), most),
    0,
  );
}

// Accesses through other registers are words of frames and zones beyond the reach of an offset; `stackUser` counts them.
function lowestOffset(instr: Instr, { stackPointer }: Convention): number {
  if (instr.kind !== "machine" || instr.memory !== "stack") return 0;
  const isBase = instr.operands.some((o) => o.kind === "register" && o.register === stackPointer);
  if (!isBase) return 0;
  return instr.operands.reduce((low, o) => (o.kind === "imm" ? Math.min(low, Number(o.value)) : low), 0);
}
