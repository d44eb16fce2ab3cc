// Natural loops of a WordLang function: which blocks, nested in which, and whether they call.
//
// Relies on dominators; blocks of irreducible cycles belong to no loop of theirs. Near linear.

import type { Label } from "../../lang/word/ast.ts";
import type { Dominators } from "../../lang/word/dominators.ts";
import type { WordGraph } from "../../lang/word/graph.ts";
import { edgesOf } from "../../lang/word/operands.ts";

export interface WordLoop {
  readonly header: Label;
  readonly blocks: ReadonlySet<Label>;
  /** The smallest loop around it; null for an outermost one. */
  readonly parent: WordLoop | null;
  /** True if a call or a foreign call is in it. */
  readonly calls: boolean;
}

export interface WordLoops {
  /** The innermost loop that the block is in, null outside of loops. */
  loopOf(label: Label): WordLoop | null;
  /** All loops, outer ones first. */
  readonly all: readonly WordLoop[];
}

export function wordLoops(graph: WordGraph, dominators: Dominators): WordLoops {
  const bodies = loopBodies(graph, dominators);
  const headers = [...bodies.keys()].sort((a, b) => sizeOf(bodies, b) - sizeOf(bodies, a));
  const innermost = new Map<Label, WordLoop>();
  const all: WordLoop[] = [];
  // Larger loops first: a later one that a block is in lies inside of the earlier ones.
  for (const header of headers) {
    const blocks = bodies.get(header) ?? new Set();
    const calls = [...blocks].some((label) => graph.block(label).body.some(isCall));
    const loop: WordLoop = { header, blocks, parent: innermost.get(header) ?? null, calls };
    all.push(loop);
    for (const label of blocks) innermost.set(label, loop);
  }
  return { loopOf: (label) => innermost.get(label) ?? null, all };
}

function sizeOf(bodies: ReadonlyMap<Label, ReadonlySet<Label>>, header: Label): number {
  return bodies.get(header)?.size ?? 0;
}

function isCall({ kind }: { readonly kind: string }): boolean {
  return kind === "call" || kind === "foreignCall";
}

// By header: everything that reaches a jump back to it without passing it.
function loopBodies(graph: WordGraph, dominators: Dominators): ReadonlyMap<Label, ReadonlySet<Label>> {
  const bodies = new Map<Label, Set<Label>>();
  for (const label of graph.order) {
    for (const { label: header } of edgesOf(graph.block(label).end)) {
      if (!dominators.dominates(header, label)) continue;
      const body = bodies.get(header) ?? new Set([header]);
      bodies.set(header, body);
      const work = [label];
      for (let at = work.pop(); at !== undefined; at = work.pop()) {
        if (body.has(at)) continue;
        body.add(at);
        work.push(...graph.predecessors(at));
      }
    }
  }
  return bodies;
}
