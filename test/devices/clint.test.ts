// CLINT: software interrupts, comparison with mtime, stores to mtime.

import { expect, test } from "vitest";
import { Clint } from "../../runtime/devices/clint.ts";
import { Bench, load32, store32 } from "./support/bench.ts";

const MSIP1 = 0x4;
const MTIMECMP0 = 0x4000;
const MTIME = 0xbff8;

function clintOn(bench: Bench): Clint {
  const lines = [0, 1].map((hart) => ({
    software: bench.line(`software${hart}`),
    timer: bench.line(`timer${hart}`),
  }));
  return new Clint({ name: "clint", timeline: bench.timeline, lines });
}

test("msip raises one hart's line and keeps one bit", () => {
  const bench = new Bench();
  const clint = clintOn(bench);
  store32(clint, MSIP1, 0xffffffff);
  expect(load32(clint, MSIP1)).toBe(1);
  expect(bench.levels).toMatchObject({ software0: false, software1: true });
  store32(clint, MSIP1, 0);
  expect(bench.levels["software1"]).toBe(false);
});

test("the timer line rises when mtime reaches mtimecmp and falls when that is moved away", () => {
  const bench = new Bench();
  const clint = clintOn(bench);
  expect(bench.levels["timer0"]).toBe(true);
  clint.store(MTIMECMP0, 10n, 8);
  expect(bench.levels["timer0"]).toBe(false);
  bench.advance(999n);
  expect([bench.levels["timer0"], clint.load(MTIME, 8)]).toEqual([false, 9n]);
  bench.advance(1n);
  expect([bench.levels["timer0"], clint.load(MTIME, 8)]).toEqual([true, 10n]);
  // A 32-bit guest: the high half first, so that nothing fires in between.
  store32(clint, MTIMECMP0 + 4, 1);
  expect(bench.levels["timer0"]).toBe(false);
});

test("a store to mtime moves all deadlines", () => {
  const bench = new Bench();
  const clint = clintOn(bench);
  clint.store(MTIMECMP0, 1000n, 8);
  clint.store(MTIME, 990n, 8);
  bench.advance(1000n);
  expect(bench.levels["timer0"]).toBe(true);
  store32(clint, MTIME, 0);
  expect(bench.levels["timer0"]).toBe(false);
  expect(clint.mtime()).toBe(0n);
});
