// Random programs as drivers: devices that never answer the same, foreign functions that write local memory, exported
// functions called again and again. The machine code under qemu and every stage's evaluator do the same.

import { afterAll, describe, expect, test } from "vitest";
import { defaultOptions } from "../../../compiler/options.ts";
import { programSource, randomProgram } from "../../support/random-program.ts";
import { machineTargets, type MachineTarget } from "../../support/machine-targets.ts";
import { Workshop } from "../object/toolchain.ts";
import { adversaryRun, analyseSource, firstDifference, MEMORY_BYTES } from "./adversary.ts";
import { compileDriver, evaluatedStages, optionsOf, runDriver } from "./build.ts";
import { eventful, randomDefines } from "./random.ts";
import { complaints, replay } from "./trace.ts";

const shops = new Map(machineTargets.map((target) => [target, new Workshop(target)]));
const shopOf = (target: MachineTarget): Workshop => shops.get(target) ?? new Workshop(target);
afterAll(() => {
  for (const shop of shops.values()) shop.close();
});

const SIZES = [10, 20, 30, 40, 60, 100];
const SEEDS = [1, 2, 3, 4, 5, 6];

describe.each(machineTargets)("random drivers: %s", (target) => {
  const shop = shopOf(target);
  for (const seed of SEEDS) {
    const tree = eventful(randomProgram(seed, SIZES[seed % SIZES.length] ?? 20).tree, seed);
    const analysis = analyseSource(programSource(tree, seed));

    test(`seed ${String(seed)}: stages agree`, () => {
      const [first, ...rest] = [1, 0].flatMap((level) => {
        const options = {
          ...defaultOptions,
          target,
          optimise: level === 1 ? 1 : 0,
          heapBytes: MEMORY_BYTES,
        } as const;
        return evaluatedStages(analysis, options).map(({ pass, evaluated }) => ({
          where: `-O${String(level)} after ${pass}`,
          run: adversaryRun(tree, evaluated, seed),
        }));
      });
      for (const { where, run } of rest) expect(firstDifference(first?.run ?? [], run), where).toBeNull();
    });

    test(`seed ${String(seed)}: the machine code does what the evaluator does`, () => {
      for (const level of [0, 1] as const) {
        const driver = compileDriver(shop, analysis, optionsOf("cake", level, target));
        const c = { script: "random.c", route: "cake", defines: randomDefines(tree, seed) } as const;
        const trace = runDriver(shop, driver, c);
        expect(complaints(trace)).toEqual([]);
        const [first] = evaluatedStages(analysis, optionsOf("cake", level, target));
        if (first !== undefined) replay(trace, first.evaluated);
      }
    });
  }
});
