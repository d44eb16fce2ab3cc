// Parallel moves: the ordered sequence has the effect of all moves at once, with as few steps as possible.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  orderMoves,
  type Location,
  type Move,
  type MoveSource,
  type SingleMove,
} from "../../../compiler/passes/alloc/parallel-moves.ts";

const SCRATCH = 31;
const SPARE = 9;

const register = fc.integer({ min: 5, max: 12 }).map((r): Location => ({ kind: "register", register: r }));
const slot = fc.integer({ min: 0, max: 4 }).map((s): Location => ({ kind: "slot", slot: s }));
const transfer = fc
  .record({ zone: fc.constantFrom("own" as const, "callee" as const), index: fc.integer({ min: 0, max: 3 }) })
  .map((t): Location => ({ kind: "transfer", ...t }));
const constant = fc
  .integer({ min: 0, max: 99 })
  .map((c): MoveSource<number> => ({ kind: "constant", constant: c }));
const location = fc.oneof(register, slot, transfer);

const key = (l: Location): string => JSON.stringify(l);

function movesOver(places: fc.Arbitrary<Location>): fc.Arbitrary<Move<number>[]> {
  const sources: fc.Arbitrary<MoveSource<number>> = fc.oneof({ weight: 6, arbitrary: places }, constant);
  return fc.uniqueArray(fc.record({ dest: places, source: sources }), {
    selector: (m) => key(m.dest),
    maxLength: 14,
  });
}

// A place holds its own name at first.
function valueIn(state: ReadonlyMap<string, string>, source: MoveSource<number>): string {
  return source.kind === "constant"
    ? `constant ${String(source.constant)}`
    : (state.get(key(source)) ?? key(source));
}

// A store far from the stack pointer makes its address in the scratch register, unless that is what it stores.
function run(steps: readonly SingleMove<number>[]): Map<string, string> {
  const state = new Map<string, string>();
  const scratch = key({ kind: "register", register: SCRATCH });
  for (const { dest, source } of steps) {
    state.set(key(dest), valueIn(state, source));
    const storesScratch = source.kind === "register" && source.register === SCRATCH;
    if (dest.kind !== "register" && !storesScratch) state.set(scratch, "an address");
  }
  return state;
}

function check(moves: readonly Move<number>[]): readonly SingleMove<number>[] {
  const steps = orderMoves(moves, { scratch: SCRATCH, spareIndex: SPARE });
  const after = run(steps);
  const written = new Set(moves.map((m) => key(m.dest)));
  for (const { dest, source } of moves)
    expect(after.get(key(dest)) ?? key(dest)).toBe(valueIn(new Map(), source));
  const allowed = new Set([
    key({ kind: "register", register: SCRATCH }),
    key({ kind: "transfer", zone: "callee", index: SPARE }),
  ]);
  for (const place of after.keys()) expect(written.has(place) || allowed.has(place)).toBe(true);
  for (const { dest, source } of steps)
    expect(dest.kind === "register" || source.kind === "register").toBe(true);
  return steps;
}

test("any moves between registers, slots, transfer words and constants", () => {
  fc.assert(
    fc.property(movesOver(location), (moves) => {
      check(moves);
    }),
    { seed: 7, numRuns: 2000 },
  );
});

test("cycles through registers and memory", () => {
  const places = fc.uniqueArray(location, { selector: key, minLength: 2, maxLength: 8 });
  const permutation = places.chain((of) =>
    fc.shuffledSubarray(of, { minLength: of.length }).map((to) =>
      of.flatMap((source, i) => {
        const dest = to[i];
        return dest === undefined ? [] : [{ dest, source }];
      }),
    ),
  );
  fc.assert(
    fc.property(permutation, (moves) => {
      check(moves);
    }),
    { seed: 9, numRuns: 2000 },
  );
});

test("registers only: one step a move, one more a cycle", () => {
  fc.assert(
    fc.property(movesOver(register), (moves) => {
      const steps = check(moves);
      const real = moves.filter((m) => m.source.kind === "constant" || key(m.source) !== key(m.dest));
      expect(steps.length).toBe(real.length + cyclesOf(real));
    }),
    { seed: 8, numRuns: 2000 },
  );
});

// Cycles that no other destination reads from: one that somebody reads from has a place to keep its word.
function cyclesOf(moves: readonly Move<number>[]): number {
  const source = new Map(moves.map((m) => [key(m.dest), m.source.kind === "constant" ? "" : key(m.source)]));
  const seen = new Set<string>();
  let cycles = 0;
  for (const start of source.keys()) {
    const path: string[] = [];
    let at: string | undefined = start;
    while (at !== undefined && source.has(at) && !path.includes(at) && !seen.has(at)) {
      path.push(at);
      at = source.get(at);
    }
    if (at !== undefined && path.includes(at)) cycles += 1;
    for (const p of path) seen.add(p);
  }
  return cycles;
}

test("a cycle with one store keeps its word in the scratch register", () => {
  const [a, b, c]: Location[] = [
    { kind: "register", register: 5 },
    { kind: "register", register: 6 },
    { kind: "slot", slot: 0 },
  ];
  if (a === undefined || b === undefined || c === undefined) return;
  for (const turned of [
    [a, b, c],
    [b, c, a],
    [c, a, b],
  ]) {
    const steps = check(turned.map((dest, i) => ({ dest, source: turned[(i + 1) % 3] ?? dest })));
    expect(steps.length).toBe(4);
    expect(steps.some((m) => m.dest.kind === "transfer")).toBe(false);
  }
});

test("a swap of two slots keeps one word in the transfer zone", () => {
  const [a, b]: Location[] = [
    { kind: "slot", slot: 0 },
    { kind: "slot", slot: 1 },
  ];
  if (a === undefined || b === undefined) return;
  const steps = check([
    { dest: a, source: b },
    { dest: b, source: a },
  ]);
  expect(steps.length).toBe(6);
});
