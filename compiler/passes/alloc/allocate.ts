// Register allocation of one function: rounds of graph, coalescing and colouring until nothing more must be spilled.
//
// Guarantees: every temporary that occurs has a register, a frame slot, or is a constant made again at each use; two
// that live at the same time never share; values that live across a call are in callee-saved registers or in slots.

import { bug } from "../../source/bug.ts";
import { coalesce } from "./coalesce.ts";
import { colour, type Colouring } from "./colour.ts";
import { dropDeadSteps } from "./dead-steps.ts";
import { interferenceGraph, spillCosts } from "./interference.ts";
import { liveness } from "./liveness.ts";
import { limitPressure } from "./pressure.ts";
import { endUses, isRegister, stepUses, type Copy, type Homes, type Problem, type Temp } from "./problem.ts";
import { assignSlots, type Slots } from "./slots.ts";
import { rewriteHomed } from "./spill.ts";

/** The problem as rewritten for spilling, and a place for each temporary. */
export interface Allocation {
  readonly problem: Problem;
  readonly homes: Homes;
  /** By temporary; only meaningful for those without a home. */
  readonly registers: Int32Array;
  readonly slots: Slots;
}

const MAX_ROUNDS = 40;

export function allocate(given: Problem): Allocation {
  let problem = dropDeadSteps(given);
  const homes = new Map<Temp, "memory" | "constant">();
  const shortLived = new Set<Temp>();
  const rewrite = (added: Homes): void => {
    for (const [temp, home] of added) homes.set(temp, home);
    const rewritten = rewriteHomed(problem, added);
    problem = rewritten.problem;
    for (const temp of rewritten.shortLived) shortLived.add(temp);
  };
  const copied = copiedConstants(problem);
  if (copied.size > 0) rewrite(copied);
  const { cost, pinned } = spillCosts({ problem, homes, shortLived });
  const crowded = limitPressure(problem, cost, pinned);
  if (crowded.size > 0) rewrite(crowded);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { registers, spilled } = colourOnce(problem, homes, shortLived);
    if (spilled.length === 0) return { problem, homes, registers, slots: assignSlots(problem, homes) };
    rewrite(new Map(spilled.map((t) => [t, problem.constants.has(t) ? "constant" : "memory"] as const)));
  }
  return bug(`register allocation does not come to an end after ${String(MAX_ROUNDS)} rounds`);
}

// Constants of one instruction that only calls and exits want, in their registers: making one there costs what a copy
// costs. (On an edge between blocks a copy may cost nothing, so constants for block parameters are not among them.)
function copiedConstants(problem: Problem): Homes {
  const homes = new Map<Temp, "constant">();
  for (const [temp, step] of problem.constants) if (step.kind === "machine") homes.set(temp, "constant");
  for (const block of problem.blocks) {
    for (const step of block.steps) {
      if (step.kind !== "copies") for (const temp of stepUses(step)) homes.delete(temp);
      else for (const copy of step.copies) keepIfBorder(copy, problem, homes);
    }
    for (const temp of endUses(block.end)) homes.delete(temp);
  }
  return homes;
}

function keepIfBorder({ dest, source }: Copy, problem: Problem, homes: Map<Temp, "constant">): void {
  const isBorder = dest.kind === "transfer" || isRegister(problem, dest.temp);
  if (source.kind === "temp" && !isBorder) homes.delete(source.temp);
}

function colourOnce(problem: Problem, homes: Homes, shortLived: ReadonlySet<Temp>): Colouring {
  const live = liveness(problem, (temp) => !homes.has(temp));
  const graph = interferenceGraph({ problem, liveness: live, homes, shortLived });
  return colour(coalesce(graph, problem.convention), problem.convention);
}
