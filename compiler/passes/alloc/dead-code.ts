// After allocation: drops instructions that only write registers and flags which nobody reads, and stores to slots that
// nobody loads. Relies on registersLiveIn; what tidy.ts made dead in a block goes in one walk, from its end.

import type { Block, Function, Instr, Register } from "../../lang/stack/ast.ts";
import { machineRoles } from "../../lang/stack/machine-roles.ts";
import { endTargets, forEachEndRead, forEachRead, forEachWrite } from "../../lang/stack/register-use.ts";
import type { Convention } from "../../target/convention.ts";
import { hasRegister, registersLiveIn, type RegisterSet } from "../analysis/register-liveness.ts";
import { isPureInstruction } from "./constant-instruction.ts";

export function dropDeadCode(
  f: Pick<Function, "blocks" | "resultWords">,
  convention: Convention,
): readonly Block[] {
  const liveIn = registersLiveIn(f, convention);
  const results = setOf(convention.words.slice(0, f.resultWords));
  const blocks = f.blocks.map((block): Block => {
    let live = block.end.kind === "return" ? results : 0;
    for (const label of endTargets(block.end)) live |= liveIn.get(label) ?? 0;
    forEachEndRead(block.end, convention, (r) => {
      live |= 1 << r;
    });
    return { ...block, body: livingPart(block, live, convention) };
  });
  return dropUnreadSlots(blocks);
}

function setOf(registers: readonly Register[]): RegisterSet {
  return registers.reduce((set, r) => set | (1 << r), 0);
}

// Flags live inside of a block only.
function livingPart({ body, end }: Block, liveOut: RegisterSet, convention: Convention): readonly Instr[] {
  const kept: Instr[] = [];
  const spoilt = setOf(convention.callerSaved);
  let live = liveOut;
  let flagsLive = flagUse(end, convention).readsFlags;
  for (const instr of body.toReversed()) {
    const { readsFlags, writesFlags } = flagUse(instr, convention);
    if (!(writesFlags && flagsLive) && isDead(instr, live, convention)) continue;
    kept.push(instr);
    flagsLive = readsFlags || (flagsLive && !writesFlags);
    if (instr.kind === "call" || instr.kind === "foreignCall") live &= ~spoilt;
    forEachWrite(instr, convention, (r) => {
      live &= ~(1 << r);
    });
    forEachRead(instr, convention, (r) => {
      live |= 1 << r;
    });
  }
  return kept.reverse();
}

interface FlagUse {
  readonly readsFlags: boolean;
  readonly writesFlags: boolean;
}

const NO_FLAGS: FlagUse = { readsFlags: false, writesFlags: false };

function flagUse(code: Instr | Block["end"], { isa }: Convention): FlagUse {
  if (code.kind !== "machine" && code.kind !== "machineBranch") return NO_FLAGS;
  return machineRoles(isa, code.ins)?.use ?? NO_FLAGS;
}

// True if nobody reads the registers that it writes.
function isDead(instr: Instr, live: RegisterSet, convention: Convention): boolean {
  switch (instr.kind) {
    case "machine": {
      if (instr.memory !== null || !isPureInstruction(instr.ins, convention)) return false;
      const written: Register[] = [];
      forEachWrite(instr, convention, (r) => written.push(r));
      return !written.some((r) => hasRegister(live, r));
    }
    case "address":
    case "slotLoad":
    case "transferLoad":
      return !hasRegister(live, instr.dest);
    case "slotStore":
    case "transferStore":
    case "call":
    case "foreignCall":
      return false;
  }
}

function dropUnreadSlots(blocks: readonly Block[]): readonly Block[] {
  const read = new Set<number>();
  for (const { body } of blocks) {
    for (const instr of body) if (instr.kind === "slotLoad") read.add(instr.slot);
  }
  return blocks.map((b) => ({
    ...b,
    body: b.body.filter((instr) => instr.kind !== "slotStore" || read.has(instr.slot)),
  }));
}
