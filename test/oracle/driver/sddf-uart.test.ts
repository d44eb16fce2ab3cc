// An sDDF-style UART driver in three files, by both link interfaces, against C that plays the device and the
// virtualisers (c/uart.c); and the same events from the evaluator after every pass.

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

const FILES = ["sddf-uart/util.pnk", "sddf-uart/serial_queue.pnk", "sddf-uart/uart.pnk"];
const analysis = analyseDriver(FILES);
const routes: readonly Route[] = ["cake", "linux", "none"];
const wirings = [
  ["WIDTH=1", "SHIFT=0"],
  ["WIDTH=4", "SHIFT=2"],
];

describe.each(machineTargets)("the driver and its device: %s", (target) => {
  const shop = shopOf(target);
  for (const route of routes) {
    for (const level of [0, 1, 2] as const) {
      test(`${route} -O${String(level)}`, () => {
        const driver = compileDriver(shop, analysis, optionsOf(route, level, target));
        for (const defines of wirings) {
          const trace = runDriver(shop, driver, { script: "uart.c", defines, route });
          expect(complaints(trace)).toEqual([]);
          expect(trace.length).toBeGreaterThan(2000);
        }
      });
    }
  }
});

describe.each(machineTargets)("evaluators see the events of the machine code: %s", (target) => {
  const shop = shopOf(target);
  const trace = runDriver(shop, compileDriver(shop, analysis, optionsOf("linux", 1, target)), {
    script: "uart.c",
    defines: ["WIDTH=4", "SHIFT=2"],
    route: "linux",
  });
  for (const level of [0, 1] as const) {
    for (const { pass, evaluated } of evaluatedStages(analysis, optionsOf("linux", level, target))) {
      test(`-O${String(level)} after ${pass}`, () => {
        replay(trace, evaluated);
      });
    }
  }
});
