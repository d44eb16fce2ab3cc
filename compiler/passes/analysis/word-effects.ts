// What calling each function of a WordLang program may change: local memory, which globals.
//
// Relies on: foreign calls may write all of local memory but no global (pancake-language.md, 7.6; exported functions are
// not entered during one). The least solution over the calls.

import type { Function, Program } from "../../lang/word/ast.ts";

export interface CallEffects {
  readonly writesLocal: boolean;
  /** Indices of globals that may be written. */
  readonly writesGlobals: ReadonlySet<number>;
}

interface MutableEffects {
  writesLocal: boolean;
  readonly writesGlobals: Set<number>;
}

/** The effects of a call of each function, everything that it calls included. Generic instructions only. */
export function callEffects(program: Program): ReadonlyMap<string, CallEffects> {
  const effects = new Map<string, MutableEffects>();
  const callers = new Map<string, Set<string>>();
  for (const f of program.functions) effects.set(f.name, ownEffects(f, callers));
  const work = program.functions.map((f) => f.name);
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    const from = effects.get(name);
    for (const caller of callers.get(name) ?? []) {
      const to = effects.get(caller);
      if (from !== undefined && to !== undefined && addEffects(to, from)) work.push(caller);
    }
  }
  return effects;
}

function ownEffects(f: Function, callers: Map<string, Set<string>>): MutableEffects {
  const own: MutableEffects = { writesLocal: false, writesGlobals: new Set() };
  const call = (callee: string): void => {
    const list = callers.get(callee) ?? new Set();
    callers.set(callee, list.add(f.name));
  };
  for (const block of f.blocks) {
    for (const instr of block.body) {
      if (instr.kind === "store" || instr.kind === "foreignCall") own.writesLocal = true;
      if (instr.kind === "setGlobal") own.writesGlobals.add(instr.index);
      if (instr.kind === "call") call(instr.callee);
    }
    if (block.end.kind === "tailCall") call(block.end.callee);
  }
  return own;
}

// True if `to` grew.
function addEffects(to: MutableEffects, from: MutableEffects): boolean {
  const before = to.writesGlobals.size;
  for (const index of from.writesGlobals) to.writesGlobals.add(index);
  const grew = to.writesGlobals.size > before || (from.writesLocal && !to.writesLocal);
  to.writesLocal ||= from.writesLocal;
  return grew;
}
