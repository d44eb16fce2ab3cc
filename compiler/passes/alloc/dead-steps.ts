// Drops copies and constants whose result nobody reads.
//
// Relies on Word's own dead-code pass for everything else. Repeats while something went, because a dropped copy may
// free the one before it, in its own block at once and in other blocks in the next round. Leaves functions alone whose
// liveness is too big to write down.

import { liveSet } from "./live-set.ts";
import { livenessWithin, MOST_LIVE } from "./liveness.ts";
import {
  copiesStep,
  endUses,
  stepDefs,
  stepUses,
  type Block,
  type Problem,
  type Step,
  type Temp,
} from "./problem.ts";

const MAX_ROUNDS = 4;

export function dropDeadSteps(problem: Problem): Problem {
  let current = problem;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const next = dropOnce(current);
    if (next === null) return current;
    current = next;
  }
  return current;
}

// Null if nothing was dead.
function dropOnce(problem: Problem): Problem | null {
  const liveOut = livenessWithin(problem, () => true, MOST_LIVE)?.liveOut;
  if (liveOut === undefined) return null;
  const live = liveSet(problem.tempCount);
  let dropped = 0;
  const blocks = problem.blocks.map((block, b): Block => {
    live.clear();
    liveOut[b]?.forEach(live.add);
    endUses(block.end).forEach(live.add);
    const kept: Step[] = [];
    for (const step of block.steps.toReversed()) {
      const rest = livingPart(step, { problem, isLive: live.has });
      if (rest !== step) dropped += 1;
      if (rest === null) continue;
      stepDefs(rest).forEach(live.delete);
      stepUses(rest).forEach(live.add);
      kept.push(rest);
    }
    return { ...block, steps: kept.reverse() };
  });
  return dropped > 0 ? { ...problem, blocks } : null;
}

interface DeadContext {
  readonly problem: Problem;
  readonly isLive: (temp: Temp) => boolean;
}

// The step without its dead results; null if nothing of it is left.
function livingPart(step: Step, { problem, isLive }: DeadContext): Step | null {
  if (step.kind === "copies") {
    const copies = step.copies.filter(({ dest }) => dest.kind !== "temp" || isLive(dest.temp));
    if (copies.length === step.copies.length) return step;
    return copies.length === 0 ? null : copiesStep(copies, step.span);
  }
  if (step.kind !== "machine" && step.kind !== "address") return step;
  const dest = step.kind === "address" ? step.dest : step.defs[0];
  const isDead = dest !== undefined && problem.constants.get(dest) === step && !isLive(dest);
  return isDead ? null : step;
}
