// What `pancake lower` prints is stock Pancake: strict mode accepts it, and it means the same Pan program.

import fc from "fast-check";
import { expect, test } from "vitest";
import { print } from "../../compiler/lang/pan/index.ts";
import { lowerConveniences } from "../../compiler/passes/lower-conveniences.ts";
import { surfaceToPan } from "../../compiler/passes/surface-to-pan.ts";
import { checkProgram } from "../../compiler/static/index.ts";
import { parseUnit, printProgram } from "../../compiler/syntax/index.ts";
import { programFromTape } from "./random-program.ts";

const SEED = 20261124;
const tape = fc.array(fc.nat(9999), { minLength: 50, maxLength: 600, size: "max" });

test("random programs, lowered and printed, are read back as the same stock program", () => {
  fc.assert(
    fc.property(tape, (choices) => {
      const program = programFromTape(choices);
      const lowered = lowerConveniences(program, checkProgram(program).value);
      const text = printProgram(lowered);
      const again = parseUnit([{ path: "lowered.pnk", text }], { strict: true });
      expect(again.diagnostics.map((d) => `${d.code} ${d.message}`)).toEqual([]);
      expect(checkProgram(again.program).diagnostics.filter((d) => d.severity === "error")).toEqual([]);
      expect(print(surfaceToPan(again.program))).toBe(print(surfaceToPan(lowered)));
    }),
    { seed: SEED, numRuns: 150 },
  );
});
