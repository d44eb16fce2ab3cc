// Intervals over a linear order of the steps that surely cover where temporaries live: for functions whose exact
// liveness would be too big to write down (every value live everywhere is quadratic).
//
// Blocks are taken in reverse postorder, so a way without a jump backwards only moves forwards. Whatever lives across
// a block's border and touches a loop is taken to live in the whole outermost loop.

import { loopStructure, type LoopStructure } from "../analysis/loop-depth.ts";
import { endUses, stepDefs, stepUses, type Problem, type Temp } from "./problem.ts";

export interface Interval {
  readonly temp: Temp;
  /** Positions of steps; both ends belong to the interval. */
  readonly start: number;
  readonly end: number;
}

interface Growing {
  readonly temp: Temp;
  start: number;
  end: number;
  readonly block: number;
  isLocal: boolean;
}

/** For the wanted temporaries that occur, in order of their starts. */
export function coveringIntervals(problem: Problem, wanted: (temp: Temp) => boolean): readonly Interval[] {
  const structure = loopStructure(problem.successors);
  const { growing, blockStart, blockEnd } = occurrences(problem, structure, wanted);
  const regions = loopRegions(problem, structure, { blockStart, blockEnd });
  const intervals = [...growing.values()].map((g): Interval => {
    if (g.isLocal) return { temp: g.temp, start: g.start, end: g.end };
    const [first, last] = [regionAt(regions, g.start), regionAt(regions, g.end)];
    return { temp: g.temp, start: first?.start ?? g.start, end: last?.end ?? g.end };
  });
  return intervals.sort((a, b) => a.start - b.start || a.temp - b.temp);
}

interface Occurrences {
  readonly growing: ReadonlyMap<Temp, Growing>;
  readonly blockStart: Int32Array;
  readonly blockEnd: Int32Array;
}

// A temporary that its first block reads before it writes it is not local to that block.
function occurrences(
  problem: Problem,
  { order }: LoopStructure,
  wanted: (temp: Temp) => boolean,
): Occurrences {
  const growing = new Map<Temp, Growing>();
  const blockStart = new Int32Array(problem.blocks.length);
  const blockEnd = new Int32Array(problem.blocks.length);
  let position = 0;
  for (const b of order) {
    const block = problem.blocks[b];
    if (block === undefined) continue;
    const touch = (temp: Temp, isRead: boolean): void => {
      if (temp < problem.convention.count || !wanted(temp)) return;
      const known = growing.get(temp);
      if (known === undefined) {
        growing.set(temp, { temp, start: position, end: position, block: b, isLocal: !isRead });
        return;
      }
      known.end = position;
      if (known.block !== b) known.isLocal = false;
    };
    blockStart[b] = position;
    for (const step of block.steps) {
      position += 1;
      for (const temp of stepUses(step)) touch(temp, true);
      for (const temp of stepDefs(step)) touch(temp, false);
    }
    position += 1;
    for (const temp of endUses(block.end)) touch(temp, true);
    blockEnd[b] = position;
    position += 1;
  }
  return { growing, blockStart, blockEnd };
}

interface Region {
  readonly start: number;
  end: number;
}

// Position ranges of loops, overlapping ones joined, in order: stretches of blocks inside of any loop that a jump
// backwards spans.
function loopRegions(
  problem: Problem,
  { order }: LoopStructure,
  { blockStart, blockEnd }: Pick<Occurrences, "blockStart" | "blockEnd">,
): readonly Region[] {
  const spans: Region[] = [];
  for (const from of order) {
    for (const to of problem.successors[from] ?? []) {
      const [start, end] = [blockStart[to] ?? 0, blockEnd[from] ?? 0];
      if (start <= (blockStart[from] ?? 0)) spans.push({ start, end });
    }
  }
  spans.sort((a, b) => a.start - b.start);
  const regions: Region[] = [];
  for (const span of spans) {
    const last = regions.at(-1);
    if (last !== undefined && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else regions.push({ ...span });
  }
  return regions;
}

function regionAt(regions: readonly Region[], position: number): Region | undefined {
  let [low, high] = [0, regions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((regions[middle]?.end ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  const found = regions[low];
  return found !== undefined && found.start <= position ? found : undefined;
}
