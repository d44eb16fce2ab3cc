// LabLang's text form: print and parse are inverse on whatever the passes make.

import { expect, test } from "vitest";
import { parse, print } from "../../../compiler/lang/lab/index.ts";
import { randomProgram } from "../../passes/alloc/random-word.ts";
import { stagesOf } from "../../passes/alloc/run-stages.ts";
import { machineTargets } from "../../support/machine-targets.ts";

test.each(machineTargets)("what is printed reads back the same: %s", (target) => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const profile = { functions: 3, statements: 30, reach: 20, words: 20 };
    const { lab, joined } = stagesOf(randomProgram(seed, profile, target));
    for (const program of [lab, joined]) {
      const text = print(program);
      const parsed = parse(text);
      expect(parsed.ok ? print(parsed.value) : parsed.message).toBe(text);
    }
  }
});

test("a mistake has its place", () => {
  const parsed = parse("isa riscv64;\nentry f;\nsection f(0) -> 0 frame 0 {\n  if beq a0 then b1\n}\n");
  expect(parsed).toMatchObject({ ok: false, line: 4 });
});
