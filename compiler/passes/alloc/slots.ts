// Gives frame slots to the temporaries that live in memory: those that do not live at the same time share one.
//
// Up to GRAPH_TEMPS such temporaries an interference graph is coloured, and a slot that a copy's other end has is
// preferred, so that the copy vanishes; beyond, intervals over the order of the blocks are packed (n log n). The most
// used temporaries get the lowest slots: compressed instructions reach only those.

import { liveSet } from "./live-set.ts";
import { liveness } from "./liveness.ts";
import { minHeap } from "./heap.ts";
import { pairSet } from "./pair-set.ts";
import { stepDefs, stepUses, type Homes, type Problem, type Temp } from "./problem.ts";
import { walkBackward } from "./walk.ts";

const GRAPH_TEMPS = 800;

export interface Slots {
  readonly slotOf: ReadonlyMap<Temp, number>;
  readonly count: number;
}

export function assignSlots(problem: Problem, homes: Homes): Slots {
  const uses = memoryUses(problem, homes);
  const slotOf = uses.size <= GRAPH_TEMPS ? colourSlots(problem, uses) : packIntervals(problem, uses);
  let count = 0;
  for (const slot of slotOf.values()) count = Math.max(count, slot + 1);
  return { slotOf, count };
}

// The temporaries in memory that occur, with how often they are touched.
function memoryUses(problem: Problem, homes: Homes): ReadonlyMap<Temp, number> {
  const uses = new Map<Temp, number>();
  problem.blocks.forEach((block, b) => {
    for (const step of block.steps) {
      for (const temp of [...stepUses(step), ...stepDefs(step)]) {
        if (homes.get(temp) !== "memory") continue;
        uses.set(temp, (uses.get(temp) ?? 0) + (problem.frequency[b] ?? 0));
      }
    }
  });
  return uses;
}

function byUse(uses: ReadonlyMap<Temp, number>): readonly Temp[] {
  return [...uses.keys()].sort((a, b) => (uses.get(b) ?? 0) - (uses.get(a) ?? 0) || a - b);
}

interface SlotGraph {
  readonly neighbours: ReadonlyMap<Temp, Temp[]>;
  /** Other ends of copies. */
  readonly partners: ReadonlyMap<Temp, Temp[]>;
}

function colourSlots(problem: Problem, uses: ReadonlyMap<Temp, number>): ReadonlyMap<Temp, number> {
  const { neighbours, partners } = slotGraph(problem, uses);
  const slotOf = new Map<Temp, number>();
  for (const temp of byUse(uses)) {
    const taken = new Set((neighbours.get(temp) ?? []).map((t) => slotOf.get(t)));
    const wished = (partners.get(temp) ?? []).map((t) => slotOf.get(t));
    let slot = wished.find((s) => s !== undefined && !taken.has(s)) ?? 0;
    while (taken.has(slot)) slot += 1;
    slotOf.set(temp, slot);
  }
  return slotOf;
}

function slotGraph(problem: Problem, uses: ReadonlyMap<Temp, number>): SlotGraph {
  const wanted = (temp: Temp): boolean => uses.has(temp);
  const walk = { problem, liveness: liveness(problem, wanted), wanted, live: liveSet(problem.tempCount) };
  const neighbours = new Map<Temp, Temp[]>([...uses.keys()].map((t) => [t, []]));
  const partners = new Map<Temp, Temp[]>([...uses.keys()].map((t) => [t, []]));
  const pairs = pairSet(problem.tempCount);
  const connect = (a: Temp, b: Temp): void => {
    if (a === b || !wanted(b) || !pairs.add(a, b)) return;
    neighbours.get(a)?.push(b);
    neighbours.get(b)?.push(a);
  };
  problem.blocks.forEach((_, b) => {
    walkBackward(walk, b, (step) => {
      if (step.kind !== "copies") return;
      const written = stepDefs(step).filter(wanted);
      for (const { dest, source } of step.copies) {
        if (dest.kind !== "temp" || !wanted(dest.temp)) continue;
        const from = source.kind === "temp" ? source.temp : null;
        for (let i = 0; i < walk.live.size; i += 1) {
          if (walk.live.at(i) !== from) connect(dest.temp, walk.live.at(i));
        }
        for (const other of written) connect(dest.temp, other);
        if (from === null || !wanted(from)) continue;
        partners.get(dest.temp)?.push(from);
        partners.get(from)?.push(dest.temp);
      }
    });
  });
  return { neighbours, partners };
}

interface Interval {
  readonly temp: Temp;
  start: number;
  end: number;
}

// From the first to the last place where a temporary is live, in the order of the blocks.
function packIntervals(problem: Problem, uses: ReadonlyMap<Temp, number>): ReadonlyMap<Temp, number> {
  const intervals = [...liveIntervals(problem, uses).values()].sort(
    (a, b) => a.start - b.start || a.temp - b.temp,
  );
  const busy = minHeap();
  const free = minHeap();
  const slotOf = new Map<Temp, number>();
  let used = 0;
  for (const { temp, start, end } of intervals) {
    for (let first = busy.pop(); first !== null; first = busy.pop()) {
      if (first.key >= start) {
        busy.push(first.item, first.key);
        break;
      }
      free.push(first.item, first.item);
    }
    const slot = free.pop()?.item ?? used++;
    slotOf.set(temp, slot);
    busy.push(slot, end);
  }
  return slotOf;
}

function liveIntervals(problem: Problem, uses: ReadonlyMap<Temp, number>): ReadonlyMap<Temp, Interval> {
  const { liveIn, liveOut } = liveness(problem, (temp) => uses.has(temp));
  const intervals = new Map<Temp, Interval>();
  const touch = (temp: Temp, at: number): void => {
    if (!uses.has(temp)) return;
    const known = intervals.get(temp);
    if (known === undefined) intervals.set(temp, { temp, start: at, end: at });
    else {
      known.start = Math.min(known.start, at);
      known.end = Math.max(known.end, at);
    }
  };
  let position = 0;
  problem.blocks.forEach((block, b) => {
    for (const temp of liveIn[b] ?? []) touch(temp, position);
    for (const step of block.steps) {
      position += 1;
      for (const temp of stepUses(step)) touch(temp, position);
      for (const temp of stepDefs(step)) touch(temp, position);
    }
    position += 1;
    for (const temp of liveOut[b] ?? []) touch(temp, position);
  });
  return intervals;
}
