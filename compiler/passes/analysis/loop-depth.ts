// Dominators and loop depths of a control-flow graph given as successor lists; block 0 is the entry.
//
// Relies on nothing but the numbers, so Word and Stack graphs both fit. A loop is natural: an edge to a block that
// dominates its source, with everything that reaches the edge without passing that block. Blocks that cannot be
// reached have depth 0 and no dominator. Cost: near-linear, times the nesting depth.

/** What the shape of a graph says about its blocks, by block number. */
export interface LoopStructure {
  /** Reachable blocks, every block before its successors but for back edges. */
  readonly order: readonly number[];
  /** Immediate dominator; -1 for the entry and for blocks that cannot be reached. */
  readonly dominator: Int32Array;
  /** Number of loops around a block. */
  readonly depth: Int32Array;
  /** Blocks that head a loop. */
  readonly headers: ReadonlySet<number>;
}

export function loopStructure(successors: readonly (readonly number[])[]): LoopStructure {
  const order = reversePostorder(successors);
  const predecessors = predecessorLists(successors);
  const rank = new Int32Array(successors.length).fill(-1);
  order.forEach((block, i) => {
    rank[block] = i;
  });
  const dominator = immediateDominators(order, predecessors, rank);
  const loops = backEdges(order, successors, dominator);
  const depth = new Int32Array(successors.length);
  for (const [header, latches] of loops) markLoop(header, latches, { predecessors, rank, depth });
  return { order, dominator, depth, headers: new Set(loops.keys()) };
}

/** Predecessors by block, one entry an edge. */
export function predecessorLists(successors: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const lists: number[][] = successors.map(() => []);
  successors.forEach((targets, from) => {
    for (const to of targets) lists[to]?.push(from);
  });
  return lists;
}

// Depth first without recursion: functions may have tens of thousands of blocks.
function reversePostorder(successors: readonly (readonly number[])[]): readonly number[] {
  const next = new Int32Array(successors.length);
  const seen = new Uint8Array(successors.length);
  const post: number[] = [];
  const path: number[] = successors.length === 0 ? [] : [0];
  seen[0] = 1;
  for (let block = path.at(-1); block !== undefined; block = path.at(-1)) {
    const child = successors[block]?.[next[block] ?? 0];
    next[block] = (next[block] ?? 0) + 1;
    if (child === undefined) {
      post.push(block);
      path.pop();
    } else if (seen[child] === 0) {
      seen[child] = 1;
      path.push(child);
    }
  }
  return post.reverse();
}

// Cooper, Harvey and Kennedy: intersect along the tree until nothing changes; two rounds for reducible graphs.
function immediateDominators(
  order: readonly number[],
  predecessors: readonly (readonly number[])[],
  rank: Int32Array,
): Int32Array {
  const dominator = new Int32Array(rank.length).fill(-1);
  const up = (block: number): number => dominator[block] ?? -1;
  const rankOf = (block: number): number => rank[block] ?? -1;
  const meet = (a: number, b: number): number => {
    let [x, y] = [a, b];
    while (x !== y) {
      while (rankOf(x) > rankOf(y)) x = up(x);
      while (rankOf(y) > rankOf(x)) y = up(y);
    }
    return x;
  };
  dominator[0] = 0;
  for (let changed = true; changed;) {
    changed = false;
    for (const block of order.slice(1)) {
      let best = -1;
      for (const p of predecessors[block] ?? []) if (up(p) >= 0) best = best < 0 ? p : meet(p, best);
      if (best === up(block)) continue;
      dominator[block] = best;
      changed = true;
    }
  }
  dominator[0] = -1;
  return dominator;
}

// Headers in order with the sources of their back edges.
function backEdges(
  order: readonly number[],
  successors: readonly (readonly number[])[],
  dominator: Int32Array,
): ReadonlyMap<number, readonly number[]> {
  const dominates = dominanceTest(order, dominator);
  const loops = new Map<number, number[]>();
  for (const from of order) {
    for (const to of successors[from] ?? []) {
      if (!dominates(to, from)) continue;
      const latches = loops.get(to);
      if (latches === undefined) loops.set(to, [from]);
      else latches.push(from);
    }
  }
  return loops;
}

// Entry and exit times of a walk over the dominator tree answer "a dominates b" at once.
function dominanceTest(order: readonly number[], dominator: Int32Array): (a: number, b: number) => boolean {
  const children: number[][] = Array.from(dominator, () => []);
  for (const block of order) if (block !== 0) children[dominator[block] ?? 0]?.push(block);
  const enter = new Int32Array(dominator.length);
  const leave = new Int32Array(dominator.length);
  const position = new Int32Array(dominator.length);
  const path = order.length === 0 ? [] : [0];
  let time = 0;
  for (let block = path.at(-1); block !== undefined; block = path.at(-1)) {
    const at = position[block] ?? 0;
    if (at === 0) enter[block] = time++;
    position[block] = at + 1;
    const child = children[block]?.[at];
    if (child !== undefined) path.push(child);
    else leave[path.pop() ?? 0] = time++;
  }
  return (a, b) => (enter[a] ?? 0) <= (enter[b] ?? 0) && (leave[b] ?? 0) <= (leave[a] ?? 0);
}

interface LoopMarks {
  readonly predecessors: readonly (readonly number[])[];
  readonly rank: Int32Array;
  readonly depth: Int32Array;
}

function markLoop(header: number, latches: readonly number[], marks: LoopMarks): void {
  const inside = new Set<number>([header]);
  const work = latches.filter((block) => block !== header);
  for (const block of work) inside.add(block);
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    for (const p of marks.predecessors[block] ?? []) {
      if (inside.has(p) || (marks.rank[p] ?? -1) < 0) continue;
      inside.add(p);
      work.push(p);
    }
  }
  for (const block of inside) marks.depth[block] = (marks.depth[block] ?? 0) + 1;
}
