// Iterated register coalescing (George and Appel): simplify, coalesce, freeze, and choose what may have to be spilled.
//
// Takes an interference graph; answers in which order to colour and which temporaries became one. Coalescing is
// conservative: Briggs's test between two virtual temporaries, George's against a machine register. Worklists are
// stacks with stale entries, told apart by `state`. Cost: near-linear in the graph, log n for choosing spills.

import type { Convention } from "../../target/convention.ts";
import type { Graph, MoveEdge } from "./interference.ts";
import { minHeap, type Heap } from "./heap.ts";
import type { Temp } from "./problem.ts";

/** The answer. Colour `stack` from its end; a coalesced temporary takes the register of `alias` (follow to the end). */
export interface Coalesced {
  readonly graph: Graph;
  readonly stack: readonly Temp[];
  readonly alias: Int32Array;
  /** Numbers of moves by representative: of all that it stands for. */
  readonly movesOf: readonly number[][];
  /** Costs of representatives: sums over what they stand for. */
  readonly cost: Float64Array;
  readonly pinned: Uint8Array;
}

// Where a temporary is; 0: a machine register. Only one list holds it for real; other entries are stale.
const SIMPLIFY = 1;
const FREEZE = 2;
const SPILL = 3;
const STACKED = 4;
const MERGED = 5;

// Where a move is.
const WAITING = 0;
const ACTIVE = 1;
const DONE = 2;

interface State {
  readonly graph: Graph;
  readonly machineCount: number;
  readonly colours: number;
  readonly state: Uint8Array;
  readonly degree: Int32Array;
  readonly alias: Int32Array;
  readonly cost: Float64Array;
  readonly pinned: Uint8Array;
  readonly moveState: Uint8Array;
  /** Moves that may not be done yet, by representative. */
  readonly movesOf: number[][];
  /** How many of them are not. */
  readonly openMoves: Int32Array;
  readonly simplifyList: Temp[];
  readonly freezeList: Temp[];
  readonly spillList: Heap;
  readonly moveList: number[];
  readonly stack: Temp[];
  /** For tests over neighbours of two temporaries: the number of the test that saw one last. */
  readonly seen: Int32Array;
  test: number;
}

export function coalesce(graph: Graph, convention: Convention): Coalesced {
  const s = newState(graph, convention);
  for (const node of graph.nodes) enlist(s, node);
  for (;;) {
    if (simplifyOne(s) || coalesceOne(s) || freezeOne(s) || spillOne(s)) continue;
    const { stack, alias, cost, pinned } = s;
    return { graph, stack, alias, movesOf: movesByRepresentative(s), cost, pinned };
  }
}

function movesByRepresentative(s: State): readonly number[][] {
  const movesOf: number[][] = Array.from(s.alias, () => []);
  s.graph.moves.forEach((move, i) => {
    const [x, y] = [resolve(s, move.a), resolve(s, move.b)];
    if (x === y) return;
    movesOf[x]?.push(i);
    movesOf[y]?.push(i);
  });
  return movesOf;
}

function newState(graph: Graph, convention: Convention): State {
  const size = graph.adjacency.length;
  const movesOf: number[][] = Array.from({ length: size }, () => []);
  graph.moves.forEach((move, i) => {
    movesOf[move.a]?.push(i);
    movesOf[move.b]?.push(i);
  });
  const order = graph.moves.map((_, i) => i);
  order.sort((x, y) => (graph.moves[x]?.weight ?? 0) - (graph.moves[y]?.weight ?? 0) || y - x);
  return {
    graph,
    machineCount: convention.count,
    colours: convention.allocatable.length,
    state: new Uint8Array(size),
    degree: Int32Array.from(graph.adjacency, (list) => list.length),
    alias: Int32Array.from({ length: size }, (_, i) => i),
    cost: graph.cost.slice(),
    pinned: graph.pinned.slice(),
    moveState: new Uint8Array(graph.moves.length),
    movesOf,
    openMoves: Int32Array.from(movesOf, (list) => list.length),
    simplifyList: [],
    freezeList: [],
    spillList: minHeap(),
    moveList: order,
    stack: [],
    seen: new Int32Array(size),
    test: 0,
  };
}

function resolve(s: State, temp: Temp): Temp {
  let t = temp;
  while (s.alias[t] !== t) t = s.alias[t] ?? t;
  return t;
}

function isMoveRelated(s: State, temp: Temp): boolean {
  return (s.openMoves[temp] ?? 0) > 0;
}

// The move will not be looked at again; its ends are counted down.
function finishMove(s: State, m: number, move: MoveEdge): void {
  if (s.moveState[m] === DONE) return;
  s.moveState[m] = DONE;
  for (const end of [resolve(s, move.a), resolve(s, move.b)]) s.openMoves[end] = (s.openMoves[end] ?? 0) - 1;
}

function isSignificant(s: State, temp: Temp): boolean {
  return temp < s.machineCount || (s.degree[temp] ?? 0) >= s.colours;
}

// Neighbours that are still in the graph.
function forEachNeighbour(s: State, temp: Temp, visit: (t: Temp) => void): void {
  const list = s.graph.adjacency[temp] ?? [];
  for (const t of list) {
    const where = s.state[t];
    if (where !== STACKED && where !== MERGED) visit(t);
  }
}

// Puts a temporary on the list that it belongs to now.
function enlist(s: State, temp: Temp): void {
  if ((s.degree[temp] ?? 0) >= s.colours) {
    s.state[temp] = SPILL;
    s.spillList.push(temp, spillPriority(s, temp));
  } else if (isMoveRelated(s, temp)) {
    s.state[temp] = FREEZE;
    s.freezeList.push(temp);
  } else {
    s.state[temp] = SIMPLIFY;
    s.simplifyList.push(temp);
  }
}

function popIn(s: State, list: Temp[], where: number): Temp | null {
  for (let temp = list.pop(); temp !== undefined; temp = list.pop()) if (s.state[temp] === where) return temp;
  return null;
}

function simplifyOne(s: State): boolean {
  const temp = popIn(s, s.simplifyList, SIMPLIFY);
  if (temp === null) return false;
  s.state[temp] = STACKED;
  s.stack.push(temp);
  forEachNeighbour(s, temp, (t) => {
    loseNeighbour(s, t);
  });
  return true;
}

function loseNeighbour(s: State, temp: Temp): void {
  if (temp < s.machineCount) return;
  const before = s.degree[temp] ?? 0;
  s.degree[temp] = before - 1;
  if (before !== s.colours || s.state[temp] !== SPILL) return;
  wakeMoves(s, temp);
  forEachNeighbour(s, temp, (t) => {
    wakeMoves(s, t);
  });
  enlist(s, temp);
}

// Forgets finished moves on the way, so that walking the list again costs less.
function wakeMoves(s: State, temp: Temp): void {
  const list = s.movesOf[temp];
  if (list === undefined || list.length === 0 || !isMoveRelated(s, temp)) return;
  let kept = 0;
  for (const m of list) {
    if (s.moveState[m] === DONE) continue;
    list[kept] = m;
    kept += 1;
    if (s.moveState[m] !== ACTIVE) continue;
    s.moveState[m] = WAITING;
    s.moveList.push(m);
  }
  list.length = kept;
}

function coalesceOne(s: State): boolean {
  const m = s.moveList.pop();
  if (m === undefined) return false;
  const move = s.graph.moves[m];
  if (move === undefined || s.moveState[m] !== WAITING) return true;
  const [keep, lose] = inOrder(s, resolve(s, move.a), resolve(s, move.b));
  if (keep === lose || lose < s.machineCount || s.graph.pairs.has(keep, lose)) {
    finishMove(s, m, move);
    settle(s, keep);
    settle(s, lose);
  } else if (canMerge(s, keep, lose)) {
    finishMove(s, m, move);
    merge(s, keep, lose);
    settle(s, keep);
  } else {
    s.moveState[m] = ACTIVE;
  }
  return true;
}

// Which one would stay: a machine register if there is one, else the one with more neighbours.
function inOrder(s: State, x: Temp, y: Temp): readonly [Temp, Temp] {
  if (x < s.machineCount) return [x, y];
  if (y < s.machineCount) return [y, x];
  const size = (t: Temp): number => (s.graph.adjacency[t]?.length ?? 0) + (s.movesOf[t]?.length ?? 0);
  return size(x) >= size(y) ? [x, y] : [y, x];
}

// A temporary without moves left may be simplified.
function settle(s: State, temp: Temp): void {
  if (temp < s.machineCount || s.state[temp] !== FREEZE || isMoveRelated(s, temp)) return;
  if ((s.degree[temp] ?? 0) < s.colours) enlist(s, temp);
}

function canMerge(s: State, keep: Temp, lose: Temp): boolean {
  return keep < s.machineCount
    ? georgeTest(s, keep, lose)
    : briggsTest(s, keep, lose) || georgeTest(s, keep, lose);
}

// Every neighbour of `lose` either is harmless or interferes with `keep` already.
function georgeTest(s: State, keep: Temp, lose: Temp): boolean {
  for (const t of s.graph.adjacency[lose] ?? []) {
    const where = s.state[t];
    if (where === STACKED || where === MERGED || t === keep) continue;
    if (t < s.machineCount) {
      if (keep < s.machineCount || s.graph.pairs.has(keep, t)) continue;
      return false;
    }
    if ((s.degree[t] ?? 0) >= s.colours && !s.graph.pairs.has(keep, t)) return false;
  }
  return true;
}

// The merged temporary has fewer than `colours` neighbours of significant degree.
function briggsTest(s: State, keep: Temp, lose: Temp): boolean {
  s.test += 1;
  let significant = 0;
  for (const list of [s.graph.adjacency[keep] ?? [], s.graph.adjacency[lose] ?? []]) {
    for (const t of list) {
      const where = s.state[t];
      if (where === STACKED || where === MERGED || s.seen[t] === s.test) continue;
      s.seen[t] = s.test;
      if (isSignificant(s, t)) significant += 1;
      if (significant >= s.colours) return false;
    }
  }
  return true;
}

function merge(s: State, keep: Temp, lose: Temp): void {
  s.state[lose] = MERGED;
  s.alias[lose] = keep;
  wakeMoves(s, lose);
  for (const m of s.movesOf[lose] ?? []) s.movesOf[keep]?.push(m);
  s.openMoves[keep] = (s.openMoves[keep] ?? 0) + (s.openMoves[lose] ?? 0);
  if (keep >= s.machineCount) {
    s.cost[keep] = (s.cost[keep] ?? 0) + (s.cost[lose] ?? 0);
    s.pinned[keep] = (s.pinned[keep] ?? 0) & (s.pinned[lose] ?? 0);
  }
  forEachNeighbour(s, lose, (t) => {
    connect(s, t, keep);
    loseNeighbour(s, t);
  });
  if (keep < s.machineCount || s.state[keep] !== FREEZE || (s.degree[keep] ?? 0) < s.colours) return;
  s.state[keep] = SPILL;
  s.spillList.push(keep, spillPriority(s, keep));
}

function connect(s: State, a: Temp, b: Temp): void {
  if ((a < s.machineCount && b < s.machineCount) || !s.graph.pairs.add(a, b)) return;
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    if (from < s.machineCount) continue;
    s.graph.adjacency[from]?.push(to);
    s.degree[from] = (s.degree[from] ?? 0) + 1;
  }
}

// Gives up the moves of one temporary, so that it can be simplified.
function freezeOne(s: State): boolean {
  const temp = popIn(s, s.freezeList, FREEZE);
  if (temp === null) return false;
  freezeMoves(s, temp);
  s.state[temp] = SIMPLIFY;
  s.simplifyList.push(temp);
  return true;
}

function freezeMoves(s: State, temp: Temp): void {
  for (const m of s.movesOf[temp] ?? []) {
    const move = s.graph.moves[m];
    if (move === undefined || s.moveState[m] === DONE) continue;
    finishMove(s, m, move);
    const [x, y] = [resolve(s, move.a), resolve(s, move.b)];
    settle(s, x === temp ? y : x);
  }
}

// Takes the cheapest temporary out of the graph, hoping that it finds a colour in the end.
function spillOne(s: State): boolean {
  for (let entry = s.spillList.pop(); entry !== null; entry = s.spillList.pop()) {
    if (s.state[entry.item] !== SPILL) continue;
    const now = spillPriority(s, entry.item);
    if (now > entry.key) {
      s.spillList.push(entry.item, now);
      continue;
    }
    freezeMoves(s, entry.item);
    s.state[entry.item] = SIMPLIFY;
    s.simplifyList.push(entry.item);
    return true;
  }
  return false;
}

// Cheap and in many others' way comes first. Degrees only fall, so keys only grow: a stale key is too small.
function spillPriority(s: State, temp: Temp): number {
  if (s.pinned[temp] === 1) return Infinity;
  return (s.cost[temp] ?? 0) / Math.max(1, s.degree[temp] ?? 1);
}
