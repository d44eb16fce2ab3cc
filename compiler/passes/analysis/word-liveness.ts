// Which values are live where blocks of a WordLang function meet.
//
// A value is live at a point if a path from there reaches a use of it. Parameters of a block are defined at its head,
// so they are never in its `liveIn`; arguments of an edge are used at the end of the block that jumps. Function
// parameters are defined before the entry.
//
// Relies on SSA (W2): from each use the walk goes up predecessors until it meets the definition, so the cost is
// linear in the size of the answer, and sets are sparse (sorted arrays), not bits for every value of the function.

import type { Function, Label, Value } from "../../lang/word/ast.ts";
import { edgesOf, forEachDef, forEachEndUse, forEachUse, type Roles } from "../../lang/word/operands.ts";
import { wordGraph, type WordGraph } from "../../lang/word/graph.ts";

export interface WordLiveness {
  /** Values live at the head of the block, its own parameters left out; ascending. */
  liveIn(label: Label): readonly Value[];
  /** Values live after the block's last jump: the union of `liveIn` of its successors; ascending. */
  liveOut(label: Label): readonly Value[];
  isLiveIn(label: Label, value: Value): boolean;
  isLiveOut(label: Label, value: Value): boolean;
}

/** Liveness of `f`; unreachable blocks have empty sets. `graph`: that of `f`, if the caller has it already. */
export function wordLiveness(f: Function, roles: Roles, graph: WordGraph = wordGraph(f)): WordLiveness {
  const { home, users } = crossBlockUses(f, roles, graph);
  const liveIn = new Map<Label, Value[]>(graph.order.map((label) => [label, []]));
  const work: Label[] = [];
  for (const value of [...users.keys()].sort((a, b) => a - b)) {
    const definedIn = home[value];
    work.push(...(users.get(value) ?? []));
    for (let label = work.pop(); label !== undefined; label = work.pop()) {
      const set = liveIn.get(label);
      // Values come in ascending order, so one that is in the set already is its last member.
      if (label === definedIn || set === undefined || set.at(-1) === value) continue;
      set.push(value);
      work.push(...graph.predecessors(label));
    }
  }
  const liveOut = new Map(graph.order.map((label) => [label, unionOfSuccessors(label, graph, liveIn)]));
  const into = (label: Label): readonly Value[] => liveIn.get(label) ?? [];
  const out = (label: Label): readonly Value[] => liveOut.get(label) ?? [];
  return {
    liveIn: into,
    liveOut: out,
    isLiveIn: (label, value) => includesSorted(into(label), value),
    isLiveOut: (label, value) => includesSorted(out(label), value),
  };
}

interface CrossBlockUses {
  /** Block that defines a value; undefined for function parameters (defined above every block). */
  readonly home: readonly (Label | undefined)[];
  /** Blocks other than its home that use a value. */
  readonly users: ReadonlyMap<Value, readonly Label[]>;
}

function crossBlockUses(f: Function, roles: Roles, graph: WordGraph): CrossBlockUses {
  const home: (Label | undefined)[] = new Array<Label | undefined>(f.nextValue).fill(undefined);
  const users = new Map<Value, Label[]>();
  for (const label of graph.order) {
    const block = graph.block(label);
    for (const param of block.params) home[param] = label;
    for (const instr of block.body) forEachDef(instr, roles, (value) => (home[value] = label));
  }
  for (const label of graph.order) {
    const block = graph.block(label);
    const use = (value: Value): void => {
      if (home[value] === label) return;
      const list = users.get(value);
      if (list === undefined) users.set(value, [label]);
      else if (list.at(-1) !== label) list.push(label);
    };
    for (const instr of block.body) forEachUse(instr, roles, use);
    forEachEndUse(block.end, use);
  }
  return { home, users };
}

function unionOfSuccessors(
  label: Label,
  graph: WordGraph,
  liveIn: ReadonlyMap<Label, readonly Value[]>,
): readonly Value[] {
  const [first, second] = edgesOf(graph.block(label).end);
  const a = first === undefined ? [] : (liveIn.get(first.label) ?? []);
  if (second === undefined || second.label === first?.label) return a;
  return mergeSorted(a, liveIn.get(second.label) ?? []);
}

function mergeSorted(a: readonly Value[], b: readonly Value[]): readonly Value[] {
  const merged: Value[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i] ?? Infinity;
    const right = b[j] ?? Infinity;
    if (left <= right) i += 1;
    if (right <= left) j += 1;
    merged.push(Math.min(left, right));
  }
  return merged;
}

function includesSorted(values: readonly Value[], value: Value): boolean {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return values[low] === value;
}
