// The control-flow graph of a WordLang function: blocks by label, predecessors, reverse postorder.
//
// Relies on: edges name blocks of the function (W1). Unreachable blocks have no place in the order.
// Linear in blocks and edges; no recursion, so long functions are safe.

import type { Block, Function, Label } from "./ast.ts";
import { edgesOf } from "./operands.ts";
import { bug } from "../../source/bug.ts";

export interface WordGraph {
  readonly entry: Label;
  /** The block with that label; throws for a label that no block has. */
  block(label: Label): Block;
  /** Blocks that jump to `label`, one entry an edge, in layout order. Unreachable blocks are left out. */
  predecessors(label: Label): readonly Label[];
  /** Labels of reachable blocks, each before its successors but for back edges; the entry first. */
  readonly order: readonly Label[];
  /** Position in `order`; undefined for unreachable blocks. */
  readonly position: ReadonlyMap<Label, number>;
}

/** Reads the graph of `f`. */
export function wordGraph(f: Function): WordGraph {
  const blocks = new Map(f.blocks.map((b) => [b.label, b]));
  const block = (label: Label): Block => blocks.get(label) ?? bug(`no block b${String(label)} in ${f.name}`);
  const entry = (f.blocks[0] ?? bug(`function ${f.name} has no blocks`)).label;
  const order = reversePostorder(entry, block);
  const position = new Map(order.map((label, i) => [label, i]));
  const predecessors = new Map<Label, Label[]>(order.map((label) => [label, []]));
  for (const b of f.blocks) {
    if (!position.has(b.label)) continue;
    for (const edge of edgesOf(b.end)) predecessors.get(edge.label)?.push(b.label);
  }
  return { entry, block, order, position, predecessors: (label) => predecessors.get(label) ?? [] };
}

function reversePostorder(entry: Label, block: (label: Label) => Block): Label[] {
  const seen = new Set([entry]);
  const postorder: Label[] = [];
  // Successors still to visit; the last edge first, so that the taken arm ends up nearer to its branch.
  const stack = [{ label: entry, todo: edgesOf(block(entry).end).map((e) => e.label) }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const next = top.todo.pop();
    if (next === undefined) {
      postorder.push(top.label);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push({ label: next, todo: edgesOf(block(next).end).map((e) => e.label) });
    }
  }
  return postorder.reverse();
}
