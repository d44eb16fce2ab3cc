// For big functions: homes chosen before the interference graph is built, so that at no point more than MAX_LIVE
// temporaries want a register. So the graph has at most MAX_LIVE edges a definition, and memory and time stay near
// linear in the function. Small functions are left alone: there the graph itself decides better.
//
// Walks every block backwards once; where too many live, the cheapest one by cost goes to memory for good. If even the
// lists of what lives at the borders would be too long, covering intervals are thinned first. Cost: n log n.

import { coveringIntervals } from "./intervals.ts";
import { liveSet } from "./live-set.ts";
import { liveness, livenessWithin, MOST_LIVE } from "./liveness.ts";
import { minHeap } from "./heap.ts";
import type { Homes, Problem, Temp } from "./problem.ts";
import { walkBackward } from "./walk.ts";

/** Functions with more temporaries than this are limited. */
export const BIG_FUNCTION_TEMPS = 3000;
const MAX_LIVE = 48;

type Chosen = Map<Temp, "memory" | "constant">;

/** Homes for the temporaries that must leave; empty for functions that are not big. */
export function limitPressure(problem: Problem, cost: Float64Array, pinned: Uint8Array): Homes {
  const homes: Chosen = new Map();
  if (problem.tempCount < BIG_FUNCTION_TEMPS) return homes;
  const wanted = (temp: Temp): boolean => !homes.has(temp);
  const candidate = { problem, cost, pinned };
  if (livenessWithin(problem, wanted, MOST_LIVE) === null) thinIntervals(candidate, homes);
  const walk = { problem, liveness: liveness(problem, wanted), wanted, live: liveSet(problem.tempCount) };
  const { count } = problem.convention;
  problem.blocks.forEach((_, b) => {
    // What is live or was live in this block, cheapest first.
    const candidates = minHeap();
    const queued = new Set<Temp>();
    walkBackward(walk, b, () => {
      for (let i = 0; i < walk.live.size; i += 1) {
        const temp = walk.live.at(i);
        if (temp < count || queued.has(temp) || pinned[temp] === 1) continue;
        queued.add(temp);
        candidates.push(temp, cost[temp] ?? 0);
      }
      while (walk.live.size > MAX_LIVE) {
        const next = candidates.pop();
        if (next === null) break;
        queued.delete(next.item);
        if (!walk.live.has(next.item)) continue;
        homes.set(next.item, homeOf(problem, next.item));
        walk.live.delete(next.item);
      }
    });
  });
  return homes;
}

function homeOf(problem: Problem, temp: Temp): "memory" | "constant" {
  return problem.constants.has(temp) ? "constant" : "memory";
}

interface Candidates {
  readonly problem: Problem;
  readonly cost: Float64Array;
  readonly pinned: Uint8Array;
}

// Sweeps over the intervals; where more than MAX_LIVE overlap, the cheapest one goes.
function thinIntervals({ problem, cost, pinned }: Candidates, homes: Chosen): void {
  const ends = minHeap();
  const cheapest = minHeap();
  const active = new Set<Temp>();
  for (const { temp, start, end } of coveringIntervals(problem, (t) => pinned[t] !== 1)) {
    for (let first = ends.pop(); first !== null; first = ends.pop()) {
      if (first.key >= start) {
        ends.push(first.item, first.key);
        break;
      }
      active.delete(first.item);
    }
    active.add(temp);
    ends.push(temp, end);
    cheapest.push(temp, cost[temp] ?? 0);
    while (active.size > MAX_LIVE) {
      const next = cheapest.pop();
      if (next === null) break;
      if (active.delete(next.item)) homes.set(next.item, homeOf(problem, next.item));
    }
  }
}
