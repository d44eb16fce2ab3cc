// Orders moves that happen at the same time: as few instructions as possible, cycles through the scratch register.
//
// A move whose destination nobody still reads goes first; what is left then are pure cycles. A cycle keeps one word
// aside: in the scratch register, or, if a move before the last one stores to memory, in a spare word of the transfer
// zone: the store may need the scratch register for its address or, from memory, for its word.

import type { Register, TransferZone } from "../../lang/stack/ast.ts";

export type Location =
  | { readonly kind: "register"; readonly register: Register }
  | { readonly kind: "slot"; readonly slot: number }
  | { readonly kind: "transfer"; readonly zone: TransferZone; readonly index: number };

/** A source may also be made out of nothing: `constant` names what, for the caller. */
export type MoveSource<C> = Location | { readonly kind: "constant"; readonly constant: C };

export interface Move<C> {
  readonly dest: Location;
  readonly source: MoveSource<C>;
}

/** One step of the sequence: exactly one side is a register, or both are. */
export interface SingleMove<C> {
  readonly dest: Location;
  readonly source: MoveSource<C>;
}

export interface MoveResources {
  readonly scratch: Register;
  /** A transfer word of the callee's zone that no move touches. */
  readonly spareIndex: number;
}

interface Pending<C> {
  readonly move: Move<C>;
  readonly destKey: string;
  /** Null: a constant. */
  readonly sourceKey: string | null;
}

/** A sequence with the effect of all `moves` at once. Destinations are distinct. */
export function orderMoves<C>(moves: readonly Move<C>[], resources: MoveResources): readonly SingleMove<C>[] {
  const pending = new Map<string, Pending<C>>();
  const readers = new Map<string, number>();
  for (const move of moves) {
    const destKey = keyOf(move.dest);
    const sourceKey = move.source.kind === "constant" ? null : keyOf(move.source);
    if (destKey === sourceKey) continue;
    pending.set(destKey, { move, destKey, sourceKey });
    if (sourceKey !== null) readers.set(sourceKey, (readers.get(sourceKey) ?? 0) + 1);
  }
  const out: SingleMove<C>[] = [];
  const ready = [...pending.values()].filter((p) => !readers.has(p.destKey));
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    pending.delete(next.destKey);
    emitMove(next.move, resources, out);
    if (next.sourceKey === null) continue;
    const left = (readers.get(next.sourceKey) ?? 1) - 1;
    readers.set(next.sourceKey, left);
    const freed = pending.get(next.sourceKey);
    if (left === 0 && freed !== undefined) ready.push(freed);
  }
  for (const cycle of takeCycles(pending)) emitCycle(cycle, resources, out);
  return out;
}

function keyOf(location: Location): string {
  switch (location.kind) {
    case "register":
      return `r${String(location.register)}`;
    case "slot":
      return `s${String(location.slot)}`;
    case "transfer":
      return `${location.zone}${String(location.index)}`;
  }
}

// Each cycle in an order in which every move reads what the next one writes.
function takeCycles<C>(pending: Map<string, Pending<C>>): readonly (readonly Move<C>[])[] {
  const cycles: Move<C>[][] = [];
  for (const start of [...pending.keys()]) {
    const cycle: Move<C>[] = [];
    for (let at = pending.get(start); at !== undefined;) {
      pending.delete(at.destKey);
      cycle.push(at.move);
      at = at.sourceKey === null ? undefined : pending.get(at.sourceKey);
    }
    if (cycle.length > 0) cycles.push(cycle);
  }
  return cycles;
}

// Keeps the first destination's word aside, moves along the cycle, and fills the last destination with it.
function emitCycle<C>(cycle: readonly Move<C>[], resources: MoveResources, out: SingleMove<C>[]): void {
  const turned = startAfterStore(cycle);
  const [first, last] = [turned[0], turned.at(-1)];
  if (first === undefined || last === undefined) return;
  const scratch: Location = { kind: "register", register: resources.scratch };
  const spare: Location = { kind: "transfer", zone: "callee", index: resources.spareIndex };
  const aside = turned.slice(0, -1).some((m) => isMemory(m.dest)) ? spare : scratch;
  emitMove({ dest: aside, source: first.dest }, resources, out);
  for (const move of turned.slice(0, -1)) emitMove(move, resources, out);
  emitMove({ dest: last.dest, source: aside }, resources, out);
}

// The same cycle, beginning with a register whose move follows a store, if there is one: a single store is then last.
function startAfterStore<C>(cycle: readonly Move<C>[]): readonly Move<C>[] {
  const isRegister = (m: Move<C> | undefined): boolean => m?.dest.kind === "register";
  const afterStore = cycle.findIndex((m, i) => isRegister(m) && !isRegister(cycle.at(i - 1)));
  const at = Math.max(afterStore, 0);
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

function isMemory<C>(place: MoveSource<C>): boolean {
  return place.kind === "slot" || place.kind === "transfer";
}

function emitMove<C>(move: Move<C>, { scratch }: MoveResources, out: SingleMove<C>[]): void {
  if (move.dest.kind === "register" || move.source.kind === "register") {
    out.push(move);
    return;
  }
  const through: Location = { kind: "register", register: scratch };
  out.push({ dest: through, source: move.source }, { dest: move.dest, source: through });
}
