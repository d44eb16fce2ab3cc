// Jumps to addresses that no instruction can be at: every executor traps there, also between instructions that it knows.

import { expect, test } from "vitest";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine } from "./support.ts";

// The handler lets the next jump go one byte further; `x2` begins as `start`. What ubfm is decoded to has a second number.
const program = (start: string): string => `
  .globl _start
_start:
  adr x0, vectors
  msr vbar_el1, x0
  mov x1, #600
1:
  ldp x3, x4, [sp, #16]
  sub x1, x1, #1
  cbnz x1, 1b
  ${start}
again:
  add x2, x2, #1
  br x2
  .balign 2048
vectors:
  .zero 512
  b again
`;

function states(text: string): readonly string[] {
  const kernel = assembled(text, "arm64", 0x4020_0000n);
  return (["reference", "fast"] as const).map((executor) => {
    const engine = { interpretAfter: 100, hotArrivals: 100 };
    const { machine } = testMachine({ isa: "arm64", files: { kernel }, options: { executor, engine } });
    machine.run(100_000n, true);
    return machine.stateHash();
  });
}

test("a jump to address 1, 2 or 3 traps on each executor", () => {
  const [reference, fast] = states(program("mov x2, #0"));
  expect(fast).toBe(reference);
});

test("so does one into the middle of an instruction that was executed", () => {
  const [reference, fast] = states(program("adr x2, 1b"));
  expect(fast).toBe(reference);
});
