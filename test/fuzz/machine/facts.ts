// What an instruction of the tables does, as far as a generator of programs cares. Relies on spec/isa's effects.

import { forEachExpr, forEachStmt, isAccess, stmtExprs } from "../../../spec/isa/effect.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import type { Instruction, Isa } from "../../../spec/isa/schema.ts";

export interface Facts {
  readonly jumps: boolean;
  readonly accesses: boolean;
  /** Part of a reservation, or one access that reads and writes. */
  readonly isAtomic: boolean;
  /** Asks the machine for something, or traps. */
  readonly isSystem: boolean;
}

/** Facts about one instruction. */
export function factsOf(isa: Isa, instruction: Instruction): Facts {
  let [jumps, accesses, isSystem, isAtomic] = [false, false, false, false];
  let [traps, writes] = [false, false];
  forEachStmt(effectOf(isa, instruction).body, (s) => {
    if (s.kind === "setPc") jumps = true;
    if (s.kind === "store") accesses = true;
    if (s.kind === "helper" || s.kind === "setCsr") isSystem = true;
    if (s.kind === "trap") traps = true;
    if (s.kind === "setRegister") writes = true;
    for (const e of stmtExprs(s)) {
      forEachExpr(e, (node) => {
        if (node.kind === "csr" || node.kind === "helper") isSystem = true;
        else if (isAccess(node)) accesses = true;
        if (node.kind !== "load" && "access" in node) isAtomic = true;
      });
    }
  });
  // One that traps for bad operands only is no system instruction.
  return { jumps, accesses, isAtomic, isSystem: isSystem || (traps && !writes) };
}

/** All instructions of an architecture by what they are for; each is in one list. */
export interface InstructionKinds {
  readonly arithmetic: readonly Instruction[];
  readonly accesses: readonly Instruction[];
  readonly atomics: readonly Instruction[];
  readonly jumps: readonly Instruction[];
  readonly system: readonly Instruction[];
}

const known = new WeakMap<Isa, InstructionKinds>();

/** Sorts the tables of `isa`. */
export function instructionKinds(isa: Isa): InstructionKinds {
  const before = known.get(isa);
  if (before !== undefined) return before;
  const lists = { arithmetic: [], accesses: [], atomics: [], jumps: [], system: [] } as Record<
    keyof InstructionKinds,
    Instruction[]
  >;
  for (const instruction of isa.instructions) lists[kindOf(factsOf(isa, instruction))].push(instruction);
  known.set(isa, lists);
  return lists;
}

function kindOf({ jumps, accesses, isAtomic, isSystem }: Facts): keyof InstructionKinds {
  if (isSystem) return "system";
  if (jumps) return "jumps";
  if (isAtomic) return "atomics";
  return accesses ? "accesses" : "arithmetic";
}
