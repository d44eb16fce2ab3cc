// Jumps to the lowest addresses, which no instruction can be at: every executor traps there.

import { expect, test } from "vitest";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine } from "./support.ts";

// The handler counts in x2 and lets the next jump go one byte further.
const program = `
  .globl _start
_start:
  adr x0, vectors
  msr vbar_el1, x0
  mov x1, #600
1:
  sub x1, x1, #1
  cbnz x1, 1b
  mov x2, #0
again:
  add x2, x2, #1
  br x2
  .balign 2048
vectors:
  .zero 512
  b again
`;

test("a jump to address 1, 2 or 3 traps on each executor", () => {
  const kernel = assembled(program, "arm64", 0x4020_0000n);
  const states = (["reference", "fast"] as const).map((executor) => {
    const engine = { interpretAfter: 100, hotArrivals: 100 };
    const { machine } = testMachine({ isa: "arm64", files: { kernel }, options: { executor, engine } });
    machine.run(100_000n, true);
    return machine.stateHash();
  });
  expect(states[1]).toBe(states[0]);
});
