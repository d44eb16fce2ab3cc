// The drivers of test/corpus by every route, against C halves whose devices and clients behave by chance, and the
// same events from the evaluators.

import { afterAll, describe, expect, test } from "vitest";
import { machineTargets, type MachineTarget } from "../../support/machine-targets.ts";
import { Workshop } from "../object/toolchain.ts";
import { analyseDriver, compileDriver, evaluatedStages, optionsOf, runDriver, type Route } from "./build.ts";
import { complaints, replay } from "./trace.ts";

const shops = new Map(machineTargets.map((target) => [target, new Workshop(target)]));
const shopOf = (target: MachineTarget): Workshop => shops.get(target) ?? new Workshop(target);
afterAll(() => {
  for (const shop of shops.values()) shop.close();
});

const routes: readonly Route[] = ["cake", "linux", "none"];
const SEEDS = [1, 2, 3];

const drivers = ["uart", "timer", "ethernet"].flatMap((name) =>
  machineTargets.map((target) => ({ name, target })),
);

for (const { name, target } of drivers) {
  describe(`${name}.pnk, ${target}`, () => {
    const shop = shopOf(target);
    const analysis = analyseDriver([`${name}.pnk`]);
    for (const route of routes) {
      for (const level of [0, 1] as const) {
        test(`${route} -O${String(level)}: every event is what the evaluators do`, () => {
          const driver = compileDriver(shop, analysis, optionsOf(route, level, target));
          const stages = evaluatedStages(analysis, optionsOf(route, level, target));
          for (const seed of SEEDS) {
            const c = { script: `corpus-${name}.c`, defines: [`SEED=${String(seed)}`], route };
            const trace = runDriver(shop, driver, c);
            expect(complaints(trace)).toEqual([]);
            expect(trace.filter((line) => line.kind === "R").length).toBeGreaterThanOrEqual(100);
            const [first, last] = [stages[0], stages.at(-1)];
            for (const stage of [first, last]) if (stage !== undefined) replay(trace, stage.evaluated);
          }
        });
      }
    }
  });
}
