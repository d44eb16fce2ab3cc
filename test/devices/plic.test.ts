// PLIC: choice by priority, thresholds, claim and completion per context.

import { expect, test } from "vitest";
import { Plic } from "../../runtime/devices/plic.ts";
import { Bench, load32, store32 } from "./support/bench.ts";

const PENDING = 0x1000;
const enable = (context: number): number => 0x2000 + 0x80 * context;
const threshold = (context: number): number => 0x200000 + 0x1000 * context;
const claim = (context: number): number => threshold(context) + 4;

function plicOn(bench: Bench): Plic {
  const lines = [bench.line("m"), bench.line("s")];
  const plic = new Plic({ name: "plic", sources: 96, contexts: 2, lines });
  for (const source of [3, 10, 11]) store32(plic, 4 * source, source === 3 ? 1 : 5);
  for (const context of [0, 1]) store32(plic, enable(context), (1 << 3) | (1 << 10) | (1 << 11));
  return plic;
}

test("the highest priority wins, then the lowest number; a claimed source is offered to nobody", () => {
  const bench = new Bench();
  const plic = plicOn(bench);
  for (const source of [3, 11, 10]) plic.input(source).set(true);
  expect(load32(plic, PENDING)).toBe((1 << 3) | (1 << 10) | (1 << 11));
  expect(load32(plic, claim(1))).toBe(10);
  expect(load32(plic, claim(0))).toBe(11);
  expect(load32(plic, claim(0))).toBe(3);
  expect(load32(plic, claim(1))).toBe(0);
  expect(bench.levels).toEqual({ m: false, s: false });
});

test("a threshold holds back what is not above it", () => {
  const bench = new Bench();
  const plic = plicOn(bench);
  store32(plic, threshold(1), 5);
  plic.input(10).set(true);
  expect(bench.levels).toEqual({ m: true, s: false });
  expect(load32(plic, claim(1))).toBe(0);
  store32(plic, threshold(1), 4);
  expect(bench.levels["s"]).toBe(true);
});

test("a completed source whose line is still high interrupts again; one whose line fell does not", () => {
  const bench = new Bench();
  const plic = plicOn(bench);
  plic.input(10).set(true);
  expect(load32(plic, claim(0))).toBe(10);
  store32(plic, claim(0), 11);
  expect(bench.levels["m"]).toBe(false);
  store32(plic, claim(0), 10);
  expect(bench.levels["m"]).toBe(true);
  expect(load32(plic, claim(0))).toBe(10);
  plic.input(10).set(false);
  store32(plic, claim(0), 10);
  expect(bench.levels["m"]).toBe(false);
});

test("source 0 and priority 0 never interrupt", () => {
  const bench = new Bench();
  const plic = plicOn(bench);
  store32(plic, enable(0), 0xffffffff);
  plic.input(20).set(true);
  expect(bench.levels["m"]).toBe(false);
  expect(() => plic.input(0)).toThrow("no source 0");
});

test("the word of the source that ends the device tree's count can be stored; what lies behind it is told once", () => {
  const told: number[] = [];
  const lines = [new Bench().line("m")];
  const plic = new Plic({
    name: "plic",
    sources: 96,
    contexts: 1,
    lines,
    onUnknown: (offset) => told.push(offset),
  });
  store32(plic, enable(0) + 12, 1);
  expect(load32(plic, enable(0) + 12)).toBe(0);
  expect(told).toEqual([]);
  store32(plic, enable(0) + 16, 1);
  expect(told).toEqual([enable(0) + 16]);
});
