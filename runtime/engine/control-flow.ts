// The shape of a control-flow graph: order, dominators, loops, merge points, and the edges that no structure holds.
//
// Relies on nothing. Nodes are numbers, 0 is the entry. Dominators by iteration over reverse postorder (Cooper, Harvey,
// Kennedy: "A simple, fast dominance algorithm"). Unreachable nodes have order -1 and appear nowhere.

export interface FlowShape {
  /** The graph that was analysed. */
  readonly successors: readonly (readonly number[])[];
  /** Position in reverse postorder; -1 for an unreachable node. */
  readonly order: readonly number[];
  /** Nodes that the node immediately dominates and that several forward edges reach, latest first. */
  readonly mergesUnder: readonly (readonly number[])[];
  /** True for targets of backward edges. */
  readonly isLoop: readonly boolean[];
  /** True for nodes that at least two forward edges reach. */
  readonly isMerge: readonly boolean[];
  /** Backward edges into a node that does not dominate their source: with them the graph is not reducible. */
  readonly irreducible: readonly FlowEdge[];
}

export interface FlowEdge {
  readonly from: number;
  readonly to: number;
}

/** Analyses the graph whose node `n` leads to `successors[n]` (duplicates allowed, each counts as an edge). */
export function flowShape(successors: readonly (readonly number[])[]): FlowShape {
  const sequence = reversePostorder(successors);
  const order = successors.map(() => -1);
  sequence.forEach((node, i) => {
    order[node] = i;
  });
  const predecessors: number[][] = successors.map(() => []);
  for (const from of sequence) for (const to of at(successors, from)) at(predecessors, to).push(from);
  const dominator = dominators(sequence, order, predecessors);
  const isLoop = successors.map(() => false);
  const isMerge = successors.map(() => false);
  const irreducible: FlowEdge[] = [];
  for (const to of sequence) {
    let forward = 0;
    for (const from of at(predecessors, to)) {
      if (at(order, from) < at(order, to)) forward += 1;
      else if (dominates(to, from, { dominator, order })) isLoop[to] = true;
      else irreducible.push({ from, to });
    }
    isMerge[to] = forward > 1;
  }
  const mergesUnder: number[][] = successors.map(() => []);
  for (const node of sequence) if (isMerge[node] === true) at(mergesUnder, at(dominator, node)).unshift(node);
  return { successors, order, mergesUnder, isLoop, isMerge, irreducible };
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`control flow: no node ${String(index)}`);
  return value;
}

function reversePostorder(successors: readonly (readonly number[])[]): number[] {
  const seen = successors.map(() => false);
  const postorder: number[] = [];
  const stack: { readonly node: number; next: number }[] = [{ node: 0, next: 0 }];
  seen[0] = true;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const to = at(successors, top.node)[top.next];
    top.next += 1;
    if (to === undefined) {
      postorder.push(top.node);
      stack.pop();
    } else if (seen[to] !== true) {
      seen[to] = true;
      stack.push({ node: to, next: 0 });
    }
  }
  return postorder.reverse();
}

function dominators(
  sequence: readonly number[],
  order: readonly number[],
  predecessors: readonly (readonly number[])[],
): number[] {
  const dominator = order.map(() => -1);
  dominator[0] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (const node of sequence.slice(1)) {
      let best = -1;
      for (const from of at(predecessors, node)) {
        if (at(dominator, from) >= 0) best = best < 0 ? from : meet(best, from, { dominator, order });
      }
      if (dominator[node] === best) continue;
      dominator[node] = best;
      changed = true;
    }
  }
  return dominator;
}

interface Tree {
  readonly dominator: readonly number[];
  readonly order: readonly number[];
}

function meet(a: number, b: number, { dominator, order }: Tree): number {
  let [x, y] = [a, b];
  while (x !== y) {
    while (at(order, x) > at(order, y)) x = at(dominator, x);
    while (at(order, y) > at(order, x)) y = at(dominator, y);
  }
  return x;
}

function dominates(above: number, below: number, { dominator, order }: Tree): boolean {
  let node = below;
  while (at(order, node) > at(order, above)) node = at(dominator, node);
  return node === above;
}
