// The allocator's data structures against the obvious ones; graph analyses against their definitions.

import fc from "fast-check";
import { expect, test } from "vitest";
import { loopStructure } from "../../../compiler/passes/analysis/loop-depth.ts";
import { stackDepth, type StackUser } from "../../../compiler/passes/analysis/stack-depth.ts";
import { minHeap } from "../../../compiler/passes/alloc/heap.ts";
import { liveSet } from "../../../compiler/passes/alloc/live-set.ts";
import { pairSet } from "../../../compiler/passes/alloc/pair-set.ts";

test.each([100, 100_000])("pairs of members below %i", (members) => {
  const member = fc.integer({ min: 0, max: members - 1 });
  const pairs = fc.array(
    fc.tuple(member, member).filter(([a, b]) => a !== b),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(pairs, pairs, (added, asked) => {
      const set = pairSet(members);
      const known = new Set<string>();
      const name = (a: number, b: number): string => `${String(Math.min(a, b))} ${String(Math.max(a, b))}`;
      for (const [a, b] of added) {
        expect(set.add(a, b)).toBe(!known.has(name(a, b)));
        known.add(name(a, b));
      }
      for (const [a, b] of [...asked, ...added]) expect(set.has(b, a)).toBe(known.has(name(a, b)));
    }),
    { seed: 3, numRuns: 60 },
  );
});

test("many pairs make the table grow", () => {
  const set = pairSet(1_000_000);
  for (let i = 1; i < 100_000; i += 1) expect(set.add(i, i * 9)).toBe(true);
  for (let i = 1; i < 100_000; i += 1)
    if (!set.has(i * 9, i) || set.has(i, i * 9 + 1)) expect.fail(String(i));
});

test("the heap sorts", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 })), (keys) => {
      const heap = minHeap();
      keys.forEach((key, item) => {
        heap.push(item, key);
      });
      const out: number[] = [];
      for (let next = heap.pop(); next !== null; next = heap.pop()) out.push(next.key);
      expect(out).toEqual([...keys].sort((a, b) => a - b));
    }),
    { seed: 4 },
  );
});

test("the live set is a set", () => {
  const change = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20 }));
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const set = liveSet(21);
      const known = new Set<number>();
      for (const [adds, m] of changes) {
        if (adds) set.add(m);
        else set.delete(m);
        if (adds) known.add(m);
        else known.delete(m);
      }
      const members = Array.from({ length: set.size }, (_, i) => set.at(i)).sort((a, b) => a - b);
      expect(members).toEqual([...known].sort((a, b) => a - b));
    }),
    { seed: 5 },
  );
});

test("loops nest: depth and dominators of a double loop with an exit from the inside", () => {
  // 0 → 1; 1 → 2, 5; 2 → 3; 3 → 2 (inner), 4; 4 → 1 (outer), 5; 6 is unreachable
  const shape = loopStructure([[1], [2, 5], [3], [2, 4], [1, 5], [], [0]]);
  expect([...shape.depth]).toEqual([0, 1, 2, 2, 1, 0, 0]);
  expect([...shape.dominator]).toEqual([-1, 0, 1, 2, 3, 1, -1]);
  expect([...shape.headers].sort()).toEqual([1, 2]);
});

// `dominates` by its definition: no way from the entry avoids it.
test("dominators of random graphs", () => {
  const graph = fc.array(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 2 }), {
    minLength: 8,
    maxLength: 8,
  });
  fc.assert(
    fc.property(graph, (edges) => {
      const successors = edges.map((targets) => targets.filter((t) => t !== 0));
      const { dominator } = loopStructure(successors);
      const reach = (without: number): Set<number> => {
        const seen = new Set<number>();
        const work = without === 0 ? [] : [0];
        for (let b = work.pop(); b !== undefined; b = work.pop()) {
          if (seen.has(b) || b === without) continue;
          seen.add(b);
          work.push(...(successors[b] ?? []));
        }
        return seen;
      };
      const all = reach(-1);
      for (const block of all) {
        const strict = [...all].filter((d) => d !== block && !reach(d).has(block));
        const chain: number[] = [];
        for (let d = dominator[block] ?? -1; d >= 0; d = dominator[d] ?? -1) chain.push(d);
        expect(chain.sort()).toEqual(strict.sort());
      }
    }),
    { seed: 6, numRuns: 300 },
  );
});

test("stack depth: sums along calls, tail calls replace, recursion checks itself", () => {
  const user = (name: string, frameBytes: number, calls: string[], tailCalls: string[] = []): StackUser => ({
    name,
    frameBytes,
    belowBytes: name === "b" ? 8 : 0,
    calls,
    tailCalls,
  });
  const { need, checked } = stackDepth([
    user("main", 16, ["a", "even"]),
    user("a", 32, ["b"], ["big"]),
    user("b", 48, []),
    user("big", 320, []),
    user("even", 16, ["b"], ["odd"]),
    user("odd", 64, [], ["even"]),
    user("rec", 16, ["other"]),
    user("other", 32, ["b", "rec"]),
  ]);
  expect(Object.fromEntries(need)).toEqual({
    main: 336,
    a: 320,
    b: 56,
    big: 320,
    even: 72,
    odd: 72,
    rec: 0,
    other: 0,
  });
  expect(Object.fromEntries(checked)).toEqual({ rec: 16, other: 88 });
});
