// A larger sample of the machine fuzzer than the one in the ordinary tests, with programs of full length.

import { expect, test } from "vitest";
import { findFailure, printProgram } from "../../fuzz/machine/check.ts";
import { fuzzIsas, type FuzzIsaName } from "../../fuzz/machine/program.ts";

const SEEDS = Number(process.env["PANCAKE_MACHINE_SEEDS"] ?? 6);
const FIRST_SEED = Number(process.env["PANCAKE_SEED"] ?? 101);
const TRIES = 100;

test.each(Object.keys(fuzzIsas) as FuzzIsaName[])(
  `random programs for the %s board from seed ${String(FIRST_SEED)}`,
  (isa) => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
      const { failure } = findFailure(isa, seed, TRIES);
      expect(failure?.report ?? null, failure === null ? "" : printProgram(failure.program)).toBe(null);
    }
  },
);
