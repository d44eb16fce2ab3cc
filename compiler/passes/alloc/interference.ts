// The interference graph: which temporaries may not share a register, which copies would like to, what spilling costs.
//
// Two temporaries interfere if one is written while the other is live, but for a copy's own source. Temporaries with
// a home outside registers are not in it. Sizes: one adjacency list a temporary, pairs in a PairSet.

import type { Liveness } from "./liveness.ts";
import { liveSet } from "./live-set.ts";
import { pairSet, type PairSet } from "./pair-set.ts";
import {
  endUses,
  stepDefs,
  stepUses,
  type Copy,
  type Homes,
  type Problem,
  type Step,
  type Temp,
} from "./problem.ts";
import { walkBackward } from "./walk.ts";

/** A copy between two temporaries; `weight`: how often it runs. */
export interface MoveEdge {
  readonly a: Temp;
  readonly b: Temp;
  readonly weight: number;
}

export interface Graph {
  /** Neighbours of virtual temporaries (machine registers among them); lists may grow while coalescing. */
  readonly adjacency: readonly Temp[][];
  readonly pairs: PairSet;
  readonly moves: readonly MoveEdge[];
  /** Cost of memory accesses if the temporary had to live in memory. */
  readonly cost: Float64Array;
  /** 1: spilling it would free nothing. */
  readonly pinned: Uint8Array;
  /** The virtual temporaries that occur and want a register. */
  readonly nodes: readonly Temp[];
}

/** What a spilled word costs at a use or definition. */
export const MEMORY_COST = 2;
const MOVE_COST = 1;
// What making a constant costs; the address of a place takes two instructions.
const MAKE_COST = { machine: 1, address: 2 } as const;

export interface GraphInput {
  readonly problem: Problem;
  readonly liveness: Liveness;
  readonly homes: Homes;
  /** Temporaries of one instruction: nothing would be won by spilling them. */
  readonly shortLived: ReadonlySet<Temp>;
}

export function interferenceGraph(input: GraphInput): Graph {
  const { problem, liveness, homes } = input;
  const adjacency: Temp[][] = Array.from({ length: problem.tempCount }, () => []);
  const pairs = pairSet(problem.tempCount);
  const moves: MoveEdge[] = [];
  const wanted = (temp: Temp): boolean => !homes.has(temp);
  const walk = { problem, liveness, wanted, live: liveSet(problem.tempCount) };
  const clobbered = problem.convention.callerSaved.filter((r) => problem.convention.allocatable.includes(r));
  const { count } = problem.convention;
  const connect = (a: Temp, b: Temp): void => {
    if (a === b || (a < count && b < count) || !pairs.add(a, b)) return;
    if (a >= count) adjacency[a]?.push(b);
    if (b >= count) adjacency[b]?.push(a);
  };
  const connectLive = (temp: Temp, except: Temp | null): void => {
    for (let i = 0; i < walk.live.size; i += 1) {
      const other = walk.live.at(i);
      if (other !== except) connect(temp, other);
    }
  };
  problem.blocks.forEach((_, b) => {
    walkBackward(walk, b, (step) => {
      if (step.kind === "copies") {
        connectCopies(step.copies, { wanted, connect, connectLive });
        for (const copy of step.copies) noteMove(copy, { wanted, moves, weight: problem.frequency[b] ?? 0 });
        return;
      }
      for (const temp of stepDefs(step)) if (temp < count || wanted(temp)) connectLive(temp, null);
      if (step.kind !== "call" && step.kind !== "foreignCall") return;
      for (const register of clobbered) connectLive(register, null);
    });
  });
  return { adjacency, pairs, moves, ...spillCosts(input) };
}

interface Connecting {
  readonly wanted: (temp: Temp) => boolean;
  readonly connect: (a: Temp, b: Temp) => void;
  readonly connectLive: (temp: Temp, except: Temp | null) => void;
}

// All destinations are written at once: each against all that lives on and against the others.
function connectCopies(copies: readonly Copy[], { wanted, connect, connectLive }: Connecting): void {
  const written: Temp[] = [];
  for (const { dest, source } of copies) {
    if (dest.kind !== "temp" || !wanted(dest.temp)) continue;
    connectLive(dest.temp, source.kind === "temp" ? source.temp : null);
    for (const other of written) connect(dest.temp, other);
    written.push(dest.temp);
  }
}

interface MoveNotes {
  readonly wanted: (temp: Temp) => boolean;
  readonly moves: MoveEdge[];
  readonly weight: number;
}

function noteMove({ dest, source }: Copy, { wanted, moves, weight }: MoveNotes): void {
  if (dest.kind !== "temp" || source.kind !== "temp" || dest.temp === source.temp) return;
  if (wanted(dest.temp) && wanted(source.temp)) moves.push({ a: dest.temp, b: source.temp, weight });
}

/** What it costs to keep each temporary in memory, and which ones gain nothing by it. */
export function spillCosts(input: Omit<GraphInput, "liveness">): Pick<Graph, "cost" | "pinned" | "nodes"> {
  const { problem, homes, shortLived } = input;
  const cost = new Float64Array(problem.tempCount);
  const occurs = new Uint8Array(problem.tempCount);
  const charge = (temp: Temp, amount: number): void => {
    occurs[temp] = 1;
    cost[temp] = (cost[temp] ?? 0) + amount;
  };
  // The stretch without calls in which a temporary was met last: while its word may still be in the register that it
  // was stored from or loaded to, a use costs a move at most (alloc/tidy.ts).
  const met = new Int32Array(problem.tempCount).fill(-1);
  let stretch = 0;
  const useCost = (temp: Temp, isCopied: boolean): number => {
    const constant = problem.constants.get(temp);
    if (constant === undefined) return met[temp] === stretch ? MOVE_COST : MEMORY_COST;
    // A copy's destination gets the constant in place of the copy.
    return MAKE_COST[constant.kind] - (isCopied ? 1 : 0);
  };
  problem.blocks.forEach((block, b) => {
    const often = problem.frequency[b] ?? 0;
    const use = (temp: Temp, isCopied: boolean): void => {
      charge(temp, often * useCost(temp, isCopied));
      met[temp] = stretch;
    };
    stretch += 1;
    for (const step of block.steps) {
      for (const temp of stepUses(step)) use(temp, step.kind === "copies");
      if (step.kind === "call" || step.kind === "foreignCall") stretch += 1;
      for (const temp of stepDefs(step)) {
        const constant = problem.constants.get(temp);
        charge(temp, often * (constant === undefined ? MEMORY_COST : -MAKE_COST[constant.kind]));
        met[temp] = stretch;
      }
    }
    for (const temp of endUses(block.end)) use(temp, false);
  });
  const pinned = new Uint8Array(problem.tempCount);
  for (const temp of shortLived) pinned[temp] = 1;
  for (const temp of neighbouringUses(problem)) pinned[temp] = 1;
  const nodes: Temp[] = [];
  for (let t = problem.convention.count; t < problem.tempCount; t += 1) {
    if (occurs[t] === 1 && !homes.has(t)) nodes.push(t);
  }
  return { cost, pinned, nodes };
}

// Temporaries defined by one step and used by the next one only: spilling them frees nothing.
function neighbouringUses(problem: Problem): ReadonlySet<Temp> {
  const uses = new Int32Array(problem.tempCount);
  for (const block of problem.blocks) {
    for (const step of block.steps) for (const t of stepUses(step)) uses[t] = (uses[t] ?? 0) + 1;
    for (const t of endUses(block.end)) uses[t] = (uses[t] ?? 0) + 1;
  }
  const found = new Set<Temp>();
  for (const block of problem.blocks) {
    block.steps.forEach((step: Step, i) => {
      if (step.kind !== "machine" || step.memory !== null) return;
      const next = block.steps[i + 1];
      const read = next === undefined ? endUses(block.end) : stepUses(next);
      for (const t of step.defs) if (uses[t] === 1 && read.includes(t)) found.add(t);
    });
  }
  return found;
}
