// Dominators of a WordLang function's blocks, after Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm".
//
// Relies on the reverse postorder of graph.ts. Near linear on the graphs that structured source makes.

import type { Label } from "./ast.ts";
import type { WordGraph } from "./graph.ts";

export interface Dominators {
  /** The closest other block on every path from the entry; null for the entry. Reachable blocks only. */
  immediate(label: Label): Label | null;
  /** True if every path from the entry to `below` passes `above` (a block dominates itself). */
  dominates(above: Label, below: Label): boolean;
  /** Blocks whose immediate dominator is `label`, in reverse postorder. */
  children(label: Label): readonly Label[];
}

/** Dominators of the reachable blocks. */
export function dominatorsOf(graph: WordGraph): Dominators {
  const parent = immediateDominators(graph);
  const children: Label[][] = graph.order.map(() => []);
  parent.forEach((above, i) => {
    const label = graph.order[i];
    if (i > 0 && label !== undefined) children[above]?.push(label);
  });
  const { enter, leave } = numberTree(graph, children);
  const at = (label: Label): number => graph.position.get(label) ?? -1;
  return {
    immediate: (label) => (at(label) <= 0 ? null : (graph.order[parent[at(label)] ?? 0] ?? null)),
    dominates: (above, below) => {
      const a = at(above);
      const b = at(below);
      return (enter[a] ?? 1) <= (enter[b] ?? 0) && (leave[b] ?? 1) <= (leave[a] ?? 0);
    },
    children: (label) => children[at(label)] ?? [],
  };
}

// By position in the order; the entry is its own parent.
function immediateDominators(graph: WordGraph): number[] {
  const parent: number[] = new Array<number>(graph.order.length).fill(-1);
  parent[0] = 0;
  const meet = (left: number, right: number): number => {
    let a = left;
    let b = right;
    while (a !== b) {
      if (a > b) a = parent[a] ?? 0;
      else b = parent[b] ?? 0;
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 1; i < graph.order.length; i++) {
      let found = -1;
      for (const label of graph.predecessors(graph.order[i] ?? 0)) {
        const p = graph.position.get(label) ?? 0;
        if ((parent[p] ?? -1) >= 0) found = found < 0 ? p : meet(p, found);
      }
      if (parent[i] !== found) {
        parent[i] = found;
        changed = true;
      }
    }
  }
  return parent;
}

// Entry and exit times of a walk over the tree: an interval inside another is a block dominated by the other.
function numberTree(
  graph: WordGraph,
  children: readonly (readonly Label[])[],
): { readonly enter: readonly number[]; readonly leave: readonly number[] } {
  const enter: number[] = [];
  const leave: number[] = [];
  let time = 0;
  const stack: { at: number; next: number }[] = [{ at: 0, next: 0 }];
  enter[0] = time++;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const child = children[top.at]?.[top.next];
    top.next += 1;
    if (child === undefined) {
      leave[top.at] = time++;
      stack.pop();
    } else {
      const at = graph.position.get(child) ?? 0;
      enter[at] = time++;
      stack.push({ at, next: 0 });
    }
  }
  return { enter, leave };
}
