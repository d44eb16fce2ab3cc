// An sDDF-style UART driver in three files, by both link interfaces, against C that plays the device and the
// virtualisers (c/uart.c); and the same events from the evaluator after every pass.

import { afterAll, describe, expect, test } from "vitest";
import { Workshop } from "../object/toolchain.ts";
import { analyseDriver, compileDriver, evaluatedStages, optionsOf, runDriver, type Route } from "./build.ts";
import { complaints, replay } from "./trace.ts";

const shop = new Workshop();
afterAll(() => {
  shop.close();
});

const FILES = ["sddf-uart/util.pnk", "sddf-uart/serial_queue.pnk", "sddf-uart/uart.pnk"];
const analysis = analyseDriver(FILES);
const routes: readonly Route[] = ["cake", "linux", "none"];
const wirings = [
  ["WIDTH=1", "SHIFT=0"],
  ["WIDTH=4", "SHIFT=2"],
];

describe("the driver and its device", () => {
  for (const route of routes) {
    for (const level of [0, 1, 2] as const) {
      test(`${route} -O${String(level)}`, () => {
        const driver = compileDriver(shop, analysis, optionsOf(route, level));
        for (const defines of wirings) {
          const trace = runDriver(shop, driver, { script: "uart.c", defines, route });
          expect(complaints(trace)).toEqual([]);
          expect(trace.length).toBeGreaterThan(2000);
        }
      });
    }
  }
});

describe("evaluators see the events of the machine code", () => {
  const trace = runDriver(shop, compileDriver(shop, analysis, optionsOf("linux", 1)), {
    script: "uart.c",
    defines: ["WIDTH=4", "SHIFT=2"],
    route: "linux",
  });
  for (const level of [0, 1] as const) {
    for (const { pass, evaluated } of evaluatedStages(analysis, optionsOf("linux", level))) {
      test(`-O${String(level)} after ${pass}`, () => {
        replay(trace, evaluated);
      });
    }
  }
});
