// Random well-defined programs: every language after every pass and both executors must agree, on every target
// and as WebAssembly. 200 programs here; `npm run test:long` runs thousands and adds QEMU. A failing seed shrinks to a small program that
// is printed.

import { describe, expect, test } from "vitest";
import { loadBinaryen } from "../../compiler/target/wasm32/assemble-module.ts";
import { moduleObservations } from "../../tools/differential/run-module.ts";
import { findDisagreement } from "../fuzz/differential.ts";
import { machineTargets } from "../support/machine-targets.ts";

const extra = moduleObservations(await loadBinaryen());
const SEEDS = 100;
const CHUNK = 25;

describe.each(machineTargets)("random programs behave the same everywhere: %s", (target) => {
  const start = target === "riscv64" ? 1 : 1 + SEEDS;
  for (let first = start; first < start + SEEDS; first += CHUNK) {
    test(`seeds ${String(first)} to ${String(first + CHUNK - 1)}`, () => {
      for (let seed = first; seed < first + CHUNK; seed++) {
        expect(findDisagreement(seed, { target, extra }), `seed ${String(seed)}`).toBeNull();
      }
    });
  }
});
