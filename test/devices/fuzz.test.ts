// A guest that does anything to any device: nothing throws, values fit their width, states stay small, and a device
// that was restored goes on as the one that was saved.

import { describe, expect, test } from "vitest";
import type { DeviceBytes } from "../../runtime/core/bus.ts";
import { newRandom, type Random } from "../support/random-program/prng.ts";
import { Bench } from "./support/bench.ts";
import { everyDevice, type DeviceUnderTest } from "./support/every-device.ts";

const STEPS = 3000;
const SEEDS = Number(process.env["PANCAKE_DEVICE_SEEDS"] ?? 4);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 1);
const MAX_STATE_BYTES = 4 << 20;
const WIDTHS: readonly DeviceBytes[] = [1, 2, 4, 8];

type Maker = (bench: Bench) => DeviceUnderTest;
type Stand = DeviceUnderTest & { readonly bench: Bench };

function stand(make: Maker): Stand {
  const bench = new Bench();
  return { ...make(bench), bench };
}

/** One random access, event or lapse of time; what a guest and the lines show of it. */
function step(at: Stand, random: Random): string {
  const { device, bench } = at;
  at.before?.(random);
  if (random.chance(10)) at.stimulate(random);
  if (random.chance(10)) bench.advance(BigInt(random.below(random.chance(10) ? 2_000_000_000 : 5000)));
  const width = random.pick(WIDTHS);
  const anywhere = random.chance(20)
    ? random.below(device.bytes)
    : random.pick(at.registers) + (random.chance(20) ? random.below(8) : 0);
  const offset = Math.min(anywhere - (anywhere % width), device.bytes - width);
  if (random.chance(50)) {
    const value = device.load(offset, width);
    if (BigInt.asUintN(8 * width, value) !== value) throw new Error(`${offset}: ${value} is too wide`);
    return `${value} ${JSON.stringify(bench.levels)}`;
  }
  device.store(offset, BigInt.asUintN(8 * width, random.word()), width);
  return JSON.stringify(bench.levels);
}

function moved(from: Stand, make: Maker): Stand {
  const to = stand(make);
  to.bench.advance(from.bench.now);
  to.bench.timeline.restoreState(structuredClone(from.bench.timeline.saveState()));
  to.device.restoreState(from.device.saveState());
  return to;
}

describe.each(Object.entries(everyDevice))("%s", (name, make) => {
  test("answers anything, stays small, goes on after restoring", () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const random = newRandom(seed);
      const first = stand(make);
      let second = moved(first, make);
      for (let index = 0; index < STEPS; index += 1) {
        const stepSeed = random.below(0x7fffffff);
        const here = step(first, newRandom(stepSeed));
        const there = step(second, newRandom(stepSeed));
        if (there !== here) expect(there, `${name}, seed ${seed}, step ${index}`).toBe(here);
        if (random.chance(1)) second = moved(first, make);
      }
      expect(second.device.saveState()).toEqual(first.device.saveState());
      expect(second.bench.timeline.saveState()).toEqual(first.bench.timeline.saveState());
      const size = JSON.stringify(first.device.saveState(), (_, v: unknown) =>
        typeof v === "bigint" ? `${v}` : v,
      );
      expect(size.length).toBeLessThan(MAX_STATE_BYTES);
    }
  });

  test("is as new after reset", () => {
    const used = stand(make);
    const random = newRandom(FIRST_SEED);
    for (let index = 0; index < 500; index += 1) step(used, random);
    used.device.reset();
    const fresh = stand(make);
    fresh.bench.advance(used.bench.now);
    fresh.device.reset();
    const volatile = ({ device, nonVolatile = [] }: Stand): object =>
      Object.fromEntries(
        Object.entries(device.saveState() as object).filter(([name]) => !nonVolatile.includes(name)),
      );
    expect(volatile(used)).toEqual(volatile(fresh));
    expect(used.bench.levels).toEqual(fresh.bench.levels);
    expect(used.bench.timeline.saveState()).toEqual(fresh.bench.timeline.saveState());
  });
});
