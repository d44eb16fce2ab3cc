// Which temporaries are live at the borders of blocks, as lists (not bit sets: most temporaries of a big function
// live in one block, so lists stay short where bit sets would be quadratic).
//
// Walks backwards from each use that its own block does not define, one temporary after the other. Cost: the size of
// the answer plus the size of the problem. Only temporaries that `wanted` accepts are looked at.

import { bug } from "../../source/bug.ts";
import { endUses, stepDefs, stepUses, type Problem, type Temp } from "./problem.ts";
import { predecessorLists } from "../analysis/loop-depth.ts";

export interface Liveness {
  /** By block. Machine registers are never in it: they do not live across borders. */
  readonly liveOut: readonly (readonly Temp[])[];
  readonly liveIn: readonly (readonly Temp[])[];
}

/** Beyond this many entries exact liveness is not worth its size; whoever can do without it does. */
export const MOST_LIVE = 2_000_000;

/** Blocks by temporary, as pairs in two arrays: a temporary's blocks follow one another. */
interface Occurrences {
  /** Blocks where the temporary is read before it is written. */
  readonly exposed: ReadonlyMap<Temp, number[]>;
  readonly defined: ReadonlyMap<Temp, number[]>;
}

/** The answer of `liveness` if it has at most `most` entries, else null, found out without much work. */
export function livenessWithin(
  problem: Problem,
  wanted: (temp: Temp) => boolean,
  most: number,
): Liveness | null {
  const { exposed, defined } = findOccurrences(problem, wanted);
  const predecessors = predecessorLists(problem.successors);
  const count = problem.blocks.length;
  const liveIn: Temp[][] = Array.from({ length: count }, () => []);
  const liveOut: Temp[][] = Array.from({ length: count }, () => []);
  // The temporary for which a block was last seen: defined there, live in, live out.
  const seenDefined = new Int32Array(count).fill(-1);
  const seenIn = new Int32Array(count).fill(-1);
  const seenOut = new Int32Array(count).fill(-1);
  let entries = 0;
  for (const [temp, blocks] of exposed) {
    for (const block of defined.get(temp) ?? []) seenDefined[block] = temp;
    const work = [...blocks];
    for (const block of work) seenIn[block] = temp;
    if (entries > most) return null;
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      liveIn[block]?.push(temp);
      entries += 1;
      for (const p of predecessors[block] ?? []) {
        if (seenOut[p] === temp) continue;
        seenOut[p] = temp;
        liveOut[p]?.push(temp);
        if (seenDefined[p] === temp || seenIn[p] === temp) continue;
        seenIn[p] = temp;
        work.push(p);
      }
    }
  }
  return { liveIn, liveOut };
}

export function liveness(problem: Problem, wanted: (temp: Temp) => boolean): Liveness {
  return livenessWithin(problem, wanted, Infinity) ?? bug("an answer of any size is allowed");
}

// Most temporaries live in one block: only for those that some block reads first are the definitions looked for.
function findOccurrences(problem: Problem, wanted: (temp: Temp) => boolean): Occurrences {
  const exposed = findExposed(problem, wanted);
  const isExposed = new Uint8Array(problem.tempCount);
  for (const temp of exposed.keys()) isExposed[temp] = 1;
  const defined = new Map<Temp, number[]>();
  problem.blocks.forEach((block, b) => {
    for (const step of block.steps) {
      for (const temp of stepDefs(step)) if (isExposed[temp] === 1) append(defined, temp, b);
    }
  });
  return { exposed, defined };
}

function findExposed(problem: Problem, wanted: (temp: Temp) => boolean): ReadonlyMap<Temp, number[]> {
  const exposed = new Map<Temp, number[]>();
  // The block that defines a temporary, or has been noted for it, most recently.
  const seenHere = new Int32Array(problem.tempCount).fill(-1);
  const { count } = problem.convention;
  problem.blocks.forEach((block, b) => {
    const use = (temp: Temp): void => {
      if (temp < count || seenHere[temp] === b || !wanted(temp)) return;
      seenHere[temp] = b;
      append(exposed, temp, b);
    };
    for (const step of block.steps) {
      for (const temp of stepUses(step)) use(temp);
      for (const temp of stepDefs(step)) seenHere[temp] = b;
    }
    for (const temp of endUses(block.end)) use(temp);
  });
  return exposed;
}

function append(lists: Map<Temp, number[]>, temp: Temp, block: number): void {
  const list = lists.get(temp);
  if (list === undefined) lists.set(temp, [block]);
  else list.push(block);
}
