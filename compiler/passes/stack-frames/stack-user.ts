// A Stack function as stack-depth.ts sees it: its frame and whom it calls.

import { TRANSFER_ZONE_BYTES, WORD_BYTES } from "../../../spec/abi/internal-calls.ts";
import type { Function } from "../../lang/stack/ast.ts";
import type { Convention } from "../../target/convention.ts";
import type { StackUser } from "../analysis/stack-depth.ts";

export function stackUser(f: Function, frameBytes: number, convention: Convention): StackUser {
  const calls = new Set<string>();
  const tailCalls = new Set<string>();
  let words = Math.max(f.paramWords, f.resultWords);
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
  const bytes = frameBytes + Math.max(0, transferBytes - TRANSFER_ZONE_BYTES);
  return { name: f.name, bytes, calls: [...calls], tailCalls: [...tailCalls] };
}
