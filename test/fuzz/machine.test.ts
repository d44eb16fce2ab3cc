// A sample of the machine fuzzer, with short programs; `npm run test:machine-fuzz` runs as many as you like.

import { expect, test } from "vitest";
import { checkProgram, printProgram } from "./machine/check.ts";
import { randomProgram } from "./machine/generate.ts";
import { fuzzIsas, type FuzzIsaName } from "./machine/program.ts";

const SEEDS = Number(process.env["PANCAKE_MACHINE_SEEDS"] ?? 4);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 1);
const SHORT_NS = 15_000n;

test.each(Object.keys(fuzzIsas) as FuzzIsaName[])(
  `random programs for the %s board from seed ${String(FIRST_SEED)}`,
  (isa) => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const program = { ...randomProgram(isa, seed), untilNs: SHORT_NS };
      expect(checkProgram(program), printProgram(program)).toBe(null);
    }
  },
);
