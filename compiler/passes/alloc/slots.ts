// Gives frame slots to the temporaries that live in memory: those that do not live at the same time share one.
//
// Up to GRAPH_TEMPS such temporaries an interference graph is coloured, and a slot that a copy's other end has is
// preferred, so that the copy vanishes; beyond, covering intervals are packed (n log n). The most used temporaries
// get the lowest slots: compressed instructions reach only those.

import { liveSet } from "./live-set.ts";
import { liveness } from "./liveness.ts";
import { minHeap } from "./heap.ts";
import { coveringIntervals } from "./intervals.ts";
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

// First free slot for each interval in order of their starts.
function packIntervals(problem: Problem, uses: ReadonlyMap<Temp, number>): ReadonlyMap<Temp, number> {
  const busy = minHeap();
  const free = minHeap();
  const slotOf = new Map<Temp, number>();
  let used = 0;
  for (const { temp, start, end } of coveringIntervals(problem, (t) => uses.has(t))) {
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
