// Gives registers to the temporaries of a coalesced graph, in the reverse of the order in which they left it.
//
// Chooses the register that saves most moves, its own or its neighbours'; among equals the convention's order. A callee-saved register costs a
// store and a load at the entry and the exits: it is opened only where no other is free, and closed again in the end
// if all the temporaries that came to it together are cheaper in memory. Answers the temporaries without a register.

import { bug } from "../../source/bug.ts";
import type { Convention } from "../../target/convention.ts";
import type { Coalesced } from "./coalesce.ts";
import { MEMORY_COST } from "./interference.ts";
import type { Temp } from "./problem.ts";

export interface Colouring {
  /** Register by temporary; -1 for spilled ones and those that are not in the graph. */
  readonly registers: Int32Array;
  /** Representatives' members that must leave for memory (or be made again). */
  readonly spilled: readonly Temp[];
}

// A store at the entry, a load at an exit.
const SAVE_COST = 2 * MEMORY_COST;

interface Choosing {
  readonly coalesced: Coalesced;
  readonly convention: Convention;
  readonly registers: Int32Array;
  /** Bit `r`: the callee-saved register r must be saved anyway. */
  savedMask: number;
  readonly calleeSavedMask: number;
  readonly allocatableMask: number;
}

export function colour(coalesced: Coalesced, convention: Convention): Colouring {
  const registers = new Int32Array(coalesced.alias.length).fill(-1);
  for (let r = 0; r < convention.count; r += 1) registers[r] = r;
  const c: Choosing = {
    coalesced,
    convention,
    registers,
    savedMask: 0,
    calleeSavedMask: maskOf(convention.calleeSaved),
    allocatableMask: maskOf(convention.allocatable),
  };
  const lost = new Set<Temp>();
  for (let i = coalesced.stack.length - 1; i >= 0; i -= 1) {
    const temp = coalesced.stack[i] ?? 0;
    const register = chooseRegister(c, temp);
    if (register === null) lost.add(temp);
    else takeRegister(c, temp, register);
  }
  for (const temp of unprofitable(c)) lost.add(temp);
  return { registers, spilled: spreadToMembers(c, lost) };
}

// Temporaries in callee-saved registers that are not worth saving.
function unprofitable(c: Choosing): readonly Temp[] {
  const { stack, cost, pinned } = c.coalesced;
  const inRegister = new Map<number, Temp[]>(c.convention.calleeSaved.map((r) => [r, []]));
  for (const temp of stack) inRegister.get(c.registers[temp] ?? -1)?.push(temp);
  return [...inRegister.values()].flatMap((temps) => {
    const worth = temps.reduce((sum, t) => sum + (pinned[t] === 1 ? Infinity : (cost[t] ?? 0)), 0);
    return worth <= SAVE_COST ? temps : [];
  });
}

function maskOf(registers: readonly number[]): number {
  return registers.reduce((mask, r) => mask | (1 << r), 0);
}

function takeRegister(c: Choosing, temp: Temp, register: number): void {
  c.registers[temp] = register;
  c.savedMask |= c.calleeSavedMask & (1 << register);
}

// Coalesced temporaries share their representative's fate; each that is spilled is spilled by itself.
function spreadToMembers(c: Choosing, lost: ReadonlySet<Temp>): readonly Temp[] {
  const { alias, graph } = c.coalesced;
  const spilled: Temp[] = [];
  for (const temp of graph.nodes) {
    let end = temp;
    while (alias[end] !== end) end = alias[end] ?? end;
    if (lost.has(end)) spilled.push(temp);
    else c.registers[temp] = c.registers[end] ?? -1;
  }
  return spilled;
}

function chooseRegister(c: Choosing, temp: Temp): number | null {
  const free = c.allocatableMask & ~takenMask(c, temp);
  if (free === 0) {
    return c.coalesced.pinned[temp] === 1 ? bug(`no register for temporary ${String(temp)}`) : null;
  }
  const wishes = wishedRegisters(c, temp);
  for (const [register, weight] of neighboursWishes(c, temp)) {
    wishes.set(register, (wishes.get(register) ?? 0) - weight);
  }
  let best: number | null = null;
  let bestGain = -Infinity;
  for (const register of c.convention.allocatable) {
    if ((free & (1 << register)) === 0) continue;
    const gain = (wishes.get(register) ?? 0) - saveCost(c, register);
    if (gain <= bestGain) continue;
    best = register;
    bestGain = gain;
  }
  return best;
}

function saveCost(c: Choosing, register: number): number {
  const isNew = (c.calleeSavedMask & ~c.savedMask & (1 << register)) !== 0;
  return isNew ? SAVE_COST : 0;
}

// Registers of the neighbours, as far as they have one.
function takenMask(c: Choosing, temp: Temp): number {
  const { graph, alias } = c.coalesced;
  let taken = 0;
  for (const neighbour of graph.adjacency[temp] ?? []) {
    let end = neighbour;
    while (alias[end] !== end) end = alias[end] ?? end;
    const register = c.registers[end] ?? -1;
    if (register >= 0) taken |= 1 << register;
  }
  return taken;
}

const MANY_NEIGHBOURS = 64;
const MANY_MOVES = 8;
// A neighbour's wish may come to nothing anyway.
const NEIGHBOURS_SHARE = 0.5;

// Registers that neighbours without one could use; looked at only where that is little work.
function neighboursWishes(c: Choosing, temp: Temp): ReadonlyMap<number, number> {
  const { graph, movesOf, alias } = c.coalesced;
  const neighbours = graph.adjacency[temp] ?? [];
  const wishes = new Map<number, number>();
  if (neighbours.length > MANY_NEIGHBOURS) return wishes;
  for (const neighbour of neighbours) {
    const isOpen = (c.registers[neighbour] ?? -1) < 0 && alias[neighbour] === neighbour;
    if (!isOpen || (movesOf[neighbour]?.length ?? 0) > MANY_MOVES) continue;
    for (const [register, weight] of wishedRegisters(c, neighbour)) {
      wishes.set(register, (wishes.get(register) ?? 0) + NEIGHBOURS_SHARE * weight);
    }
  }
  return wishes;
}

// How many moves a register would save, weighted.
function wishedRegisters(c: Choosing, temp: Temp): Map<number, number> {
  const { graph, alias, movesOf } = c.coalesced;
  const wishes = new Map<number, number>();
  for (const m of movesOf[temp] ?? []) {
    const move = graph.moves[m];
    if (move === undefined) continue;
    for (let end of [move.a, move.b]) {
      while (alias[end] !== end) end = alias[end] ?? end;
      const register = c.registers[end] ?? -1;
      if (end !== temp && register >= 0) wishes.set(register, (wishes.get(register) ?? 0) + move.weight);
    }
  }
  return wishes;
}
