// StackLang's text form: print and parse are inverse on whatever the passes make, and mistakes have a place.

import { expect, test } from "vitest";
import { parse, print } from "../../../compiler/lang/stack/index.ts";
import { randomProgram } from "../../passes/alloc/random-word.ts";
import { stagesOf } from "../../passes/alloc/run-stages.ts";
import { machineTargets } from "../../support/machine-targets.ts";

test.each(machineTargets)("what is printed reads back the same: %s", (target) => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const profile = { functions: 3, statements: 30, reach: 40, words: 20 };
    const { stack, framed } = stagesOf(randomProgram(seed, profile, target));
    for (const program of [stack, framed]) {
      const text = print(program);
      const parsed = parse(text);
      expect(parsed.ok ? print(parsed.value) : parsed.message).toBe(text);
    }
  }
});

const FORMS = `isa riscv64;
entry main;
globals 2;
export fun main(15) -> 1 slots 2 saved s0, s1 calls {
b0:
  ld a0, -8(a1) : shared
  a0 = @globals + 8
  slot 1 = a0
  a0 = slot 1
  a0 = own 1
  callee 0 = a0
  foreign out
  if bltu a0, zero then b1 else b2
b1:
  tailcall main(15)
b2:
  trap unreachable
}
`;

test("every form", () => {
  const parsed = parse(FORMS);
  expect(parsed.ok ? print(parsed.value) : parsed.message).toBe(FORMS);
});

test.each([
  ["a register that is none", "  addi q0, a1, 1", 5, "no register `q0`"],
  ["an instruction that is none", "  frob a0, a1", 5, "no instruction `frob` in riscv64"],
  ["a place that is none", "  a0 = @nowhere", 5, "expected a place"],
])("%s", (_, line, at, message) => {
  const parsed = parse(`isa riscv64;\nentry f;\nfun f(0) -> 0 {\nb0:\n${line}\n  return\n}\n`);
  expect(parsed).toMatchObject({ ok: false, line: at, message });
});
