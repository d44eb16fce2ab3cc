// 200 random programs under QEMU as well (the default suite runs the same seeds on our own executors).

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findDisagreement } from "../../fuzz/differential.ts";
import { qemuObservations } from "../../fuzz/qemu.ts";

const SEEDS = 200;
const CHUNK = 50;
const FIRST = 1001;

describe("random programs behave as under qemu-riscv64", () => {
  const extra = qemuObservations(mkdtempSync(join(tmpdir(), "pancake-qemu-")));
  for (let first = FIRST; first < FIRST + SEEDS; first += CHUNK) {
    test(`seeds ${String(first)} to ${String(first + CHUNK - 1)}`, () => {
      for (let seed = first; seed < first + CHUNK; seed++) {
        expect(findDisagreement(seed, extra), `seed ${String(seed)}`).toBeNull();
      }
    });
  }
});
