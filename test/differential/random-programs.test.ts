// Random well-defined programs: every language after every pass and both executors must agree. 200 programs here;
// `npm run test:long` runs thousands and adds QEMU. A failing seed shrinks to a small program that is printed.

import { describe, expect, test } from "vitest";
import { findDisagreement } from "../fuzz/differential.ts";

const SEEDS = 200;
const CHUNK = 25;

describe("random programs behave the same everywhere", () => {
  for (let first = 1; first <= SEEDS; first += CHUNK) {
    test(`seeds ${String(first)} to ${String(first + CHUNK - 1)}`, () => {
      for (let seed = first; seed < first + CHUNK; seed++) {
        expect(findDisagreement(seed), `seed ${String(seed)}`).toBeNull();
      }
    });
  }
});
