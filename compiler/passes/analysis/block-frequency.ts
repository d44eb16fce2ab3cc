// How often blocks run, as a guess from the shape of the graph: loops often, ways to a trap hardly ever.
//
// Relies on loop-depth.ts. The entry is 1; each loop multiplies by LOOP up to MAX_DEPTH; a block all of whose ways
// end in a trap counts COLD.

import { loopStructure } from "./loop-depth.ts";

const LOOP = 8;
const MAX_DEPTH = 6;
const COLD = 0.01;

/** By block; `trapping`: the block itself ends in a trap. Unreachable blocks count COLD. */
export function blockFrequencies(
  successors: readonly (readonly number[])[],
  trapping: readonly boolean[],
): Float64Array {
  const { order, depth } = loopStructure(successors);
  const frequency = new Float64Array(successors.length).fill(COLD);
  const cold = coldBlocks(successors, trapping, order);
  for (const block of order) {
    const level = Math.min(depth[block] ?? 0, MAX_DEPTH);
    frequency[block] = cold[block] === 1 ? COLD : LOOP ** level;
  }
  return frequency;
}

/** 1 for blocks from which every way (but for loops) leads to a trap. */
export function coldBlocks(
  successors: readonly (readonly number[])[],
  trapping: readonly boolean[],
  order: readonly number[],
): Uint8Array {
  const cold = new Uint8Array(successors.length);
  for (let i = order.length - 1; i >= 0; i -= 1) {
    const block = order[i] ?? 0;
    const next = successors[block] ?? [];
    if (trapping[block] === true || (next.length > 0 && next.every((s) => cold[s] === 1))) cold[block] = 1;
  }
  return cold;
}
