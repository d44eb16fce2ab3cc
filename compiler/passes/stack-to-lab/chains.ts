// The order of blocks: chains along the edges that run most often (Pettis and Hansen), cold blocks last.
//
// An edge of a jump counts twice, because falling through saves an instruction there and only a taken branch at a
// branch: so a loop's header ends up below its body, and one branch a turn is left. Cost: n log n.

import { bug } from "../../source/bug.ts";
import type { Block, Label } from "../../lang/stack/ast.ts";
import { endTargets } from "../../lang/stack/register-use.ts";
import { blockFrequencies } from "../analysis/block-frequency.ts";
import { loopStructure } from "../analysis/loop-depth.ts";

/** Blocks in the order of the code, the entry first, with the guess how often each runs. */
export interface BlockOrder {
  readonly blocks: readonly Block[];
  readonly frequency: ReadonlyMap<Label, number>;
}

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

// Blocks that run less often than this, the entry being 1, go last.
const COLD = 0.5;
// How much of a branch goes to the side that stays in the loop.
const STAYING = 0.875;

export function orderBlocks(blocks: readonly Block[]): BlockOrder {
  const position = new Map(blocks.map((b, i) => [b.label, i]));
  const successors = blocks.map((b) =>
    endTargets(b.end).map((label) => position.get(label) ?? bug(`no block b${String(label)}`)),
  );
  const frequency = blockFrequencies(
    successors,
    blocks.map((b) => b.end.kind === "trap"),
  );
  const { order, depth } = loopStructure(successors);
  const chains = joinChains(blocks.length, weighEdges(successors, { frequency, depth }));
  const rank = new Int32Array(blocks.length);
  order.forEach((block, i) => {
    rank[block] = i;
  });
  const laid = layChains(chains, { frequency, rank });
  return {
    blocks: laid.map((i) => blocks[i] ?? bug("a block that is not there")),
    frequency: new Map(blocks.map((b, i) => [b.label, frequency[i] ?? 0])),
  };
}

interface Weights {
  readonly frequency: Float64Array;
  readonly depth: Int32Array;
}

// Heaviest first; among equals a branch's second edge, which falls through as it stands.
function weighEdges(
  successors: readonly (readonly number[])[],
  { frequency, depth }: Weights,
): readonly Edge[] {
  const edges: Edge[] = [];
  successors.forEach((targets, from) => {
    const often = frequency[from] ?? 0;
    const [first, second] = targets;
    if (first === undefined) return;
    if (second === undefined) {
      edges.push({ from, to: first, weight: 2 * often });
      return;
    }
    const share = firstShare(first, second, { frequency, depth });
    edges.push({ from, to: second, weight: often * (1 - share) });
    edges.push({ from, to: first, weight: often * share });
  });
  return edges.sort((a, b) => b.weight - a.weight);
}

// How much of a branch goes to its first target.
function firstShare(first: number, second: number, { frequency, depth }: Weights): number {
  const [f1, f2] = [frequency[first] ?? 0, frequency[second] ?? 0];
  if (f1 < COLD || f2 < COLD) return f1 / (f1 + f2);
  const [d1, d2] = [depth[first] ?? 0, depth[second] ?? 0];
  if (d1 === d2) return 0.5;
  return d1 > d2 ? STAYING : 1 - STAYING;
}

// Joins the end of one chain to the beginning of another along each edge in turn.
function joinChains(count: number, edges: readonly Edge[]): readonly (readonly number[])[] {
  const next = new Int32Array(count).fill(-1);
  const hasBefore = new Uint8Array(count);
  const root = Int32Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => {
    let at = i;
    while (root[at] !== at) {
      root[at] = root[root[at] ?? at] ?? at;
      at = root[at] ?? at;
    }
    return at;
  };
  for (const { from, to } of edges) {
    if (to === 0 || next[from] !== -1 || hasBefore[to] === 1 || find(from) === find(to)) continue;
    next[from] = to;
    hasBefore[to] = 1;
    root[find(to)] = find(from);
  }
  const chains: number[][] = [];
  for (let start = 0; start < count; start += 1) {
    if (hasBefore[start] === 1) continue;
    const chain: number[] = [];
    for (let at = start; at >= 0; at = next[at] ?? -1) chain.push(at);
    chains.push(chain);
  }
  return chains;
}

interface Placing {
  readonly frequency: Float64Array;
  readonly rank: Int32Array;
}

// The entry's chain, then the others by where control reaches them first; chains that are cold throughout last.
function layChains(chains: readonly (readonly number[])[], { frequency, rank }: Placing): readonly number[] {
  const keyed = chains.map((chain) => {
    const often = chain.reduce((most, b) => Math.max(most, frequency[b] ?? 0), 0);
    const first = chain.reduce((least, b) => Math.min(least, rank[b] ?? 0), Infinity);
    const group = chain.includes(0) ? 0 : often < COLD ? 2 : 1;
    return { chain, group, first };
  });
  keyed.sort((a, b) => a.group - b.group || a.first - b.first);
  return keyed.flatMap(({ chain }) => chain);
}
