// 100 random programs for each target under QEMU as well (the default suite runs the same seeds on our own executors).

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findDisagreement } from "../../fuzz/differential.ts";
import { qemuObservations } from "../../fuzz/qemu.ts";
import { machineTargets } from "../../support/machine-targets.ts";

const SEEDS = 100;
const CHUNK = 50;
const FIRST = 1001;

describe.each(machineTargets)("random programs behave as under QEMU: %s", (target) => {
  const extra = qemuObservations(mkdtempSync(join(tmpdir(), "pancake-qemu-")));
  for (let first = FIRST; first < FIRST + SEEDS; first += CHUNK) {
    test(`seeds ${String(first)} to ${String(first + CHUNK - 1)}`, () => {
      for (let seed = first; seed < first + CHUNK; seed++) {
        expect(findDisagreement(seed, { target, extra }), `seed ${String(seed)}`).toBeNull();
      }
    });
  }
});
