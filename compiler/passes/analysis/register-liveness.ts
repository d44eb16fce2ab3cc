// Which registers are live where blocks of a Stack function start: one bit a register, solved backwards.
//
// Calls read their arguments' registers; a `return` is taken to read all result registers that the function has.

import type { Block, Function, Label, Register } from "../../lang/stack/ast.ts";
import { endTargets, forEachEndRead, forEachRead, forEachWrite } from "../../lang/stack/register-use.ts";
import type { Convention } from "../../target/convention.ts";

/** A set of registers as bits. */
export type RegisterSet = number;

export function hasRegister(set: RegisterSet, register: Register): boolean {
  return ((set >>> register) & 1) === 1;
}

/** By label. Targets have at most 32 registers. */
export function registersLiveIn(
  f: Pick<Function, "blocks" | "resultWords">,
  convention: Convention,
): ReadonlyMap<Label, RegisterSet> {
  const liveIn = new Map<Label, RegisterSet>(f.blocks.map((b) => [b.label, 0]));
  for (let changed = true; changed;) {
    changed = false;
    for (const block of f.blocks.toReversed()) {
      const live = transfer(block, f.resultWords, liveIn, convention);
      if (live === liveIn.get(block.label)) continue;
      liveIn.set(block.label, live);
      changed = true;
    }
  }
  return liveIn;
}

function bits(registers: readonly Register[]): RegisterSet {
  return registers.reduce((set, r) => set | (1 << r), 0);
}

function transfer(
  block: Block,
  resultWords: number,
  liveIn: ReadonlyMap<Label, RegisterSet>,
  convention: Convention,
): RegisterSet {
  let live = block.end.kind === "return" ? bits(convention.words.slice(0, resultWords)) : 0;
  for (const label of endTargets(block.end)) live |= liveIn.get(label) ?? 0;
  forEachEndRead(block.end, convention, (r) => {
    live |= 1 << r;
  });
  for (const instr of block.body.toReversed()) {
    if (instr.kind === "call" || instr.kind === "foreignCall") live &= ~bits(convention.callerSaved);
    forEachWrite(instr, convention, (r) => {
      live &= ~(1 << r);
    });
    forEachRead(instr, convention, (r) => {
      live |= 1 << r;
    });
  }
  return live;
}
