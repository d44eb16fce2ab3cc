// Walks a block backwards with the set of live temporaries at hand. Every analysis of the allocator goes through here,
// so that the meaning of copies (all at once) and of dead results is said once.

import type { Liveness } from "./liveness.ts";
import type { LiveSet } from "./live-set.ts";
import { endUses, stepDefs, stepUses, type Problem, type Step, type Temp } from "./problem.ts";

export interface Walk {
  readonly problem: Problem;
  readonly liveness: Liveness;
  /** Which virtual temporaries count; machine registers always do. */
  readonly wanted: (temp: Temp) => boolean;
  /** Capacity: the problem's temporaries. */
  readonly live: LiveSet;
}

/** Calls `visit(step, index)` from the last step to the first; `walk.live` is what lives just after the step. */
export function walkBackward(walk: Walk, block: number, visit: (step: Step, index: number) => void): void {
  const { problem, liveness, wanted, live } = walk;
  const found = problem.blocks[block];
  if (found === undefined) return;
  const { count } = problem.convention;
  const use = (temp: Temp): void => {
    if (temp < count || wanted(temp)) live.add(temp);
  };
  live.clear();
  liveness.liveOut[block]?.forEach(use);
  endUses(found.end).forEach(use);
  for (let i = found.steps.length - 1; i >= 0; i -= 1) {
    const step = found.steps[i];
    if (step === undefined) continue;
    visit(step, i);
    for (const temp of stepDefs(step)) live.delete(temp);
    stepUses(step).forEach(use);
  }
}
