// A sample of hostile guests for each virtio device; `npm run test:virtio` runs as many as you like.

import { expect, test } from "vitest";
import { hostileRun, victims } from "./hostile.ts";

const GUESTS = 20;

test.each(Object.keys(victims))("%s: within its bounds, and the same when restored in between", (name) => {
  for (let seed = 1; seed <= GUESTS; seed += 1) {
    const [stayed, went] = [hostileRun(name, seed, false), hostileRun(name, seed, true)];
    const step = stayed.findIndex((line, i) => went[i] !== line);
    if (step !== -1) expect(went[step], `seed ${String(seed)}, step ${String(step)}`).toBe(stayed[step]);
  }
});
