// Translations that a hart remembers although its tables have changed belong to the machine's state: what looks at it,
// saves it or stops it keeps them. The guest maps a page, reads it, maps another in its place without a fence, reads again.

import { expect, test } from "vitest";
import type { Machine } from "../../runtime/boards/machine.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine } from "./support.ts";

const RAM = 0x8020_0000n;
const US = 1000n;

// Root entry 2 is all of RAM, entry 4 leads to the page that moves. s1 counts the pages that the second reads saw.
const program = `
  .globl _start
_start:
  la s2, root
  la s3, middle
  la s4, leaf
  la s5, pages
  li t0, 0x20000000
  ori t0, t0, 0xcf
  sd t0, 16(s2)
  srli t0, s3, 2
  ori t0, t0, 1
  sd t0, 32(s2)
  srli t0, s4, 2
  ori t0, t0, 1
  sd t0, 0(s3)
  srli t0, s5, 2
  ori t0, t0, 0xc7
  sd t0, 0(s4)
  li t1, 1
  sd t1, 0(s5)
  lui t2, 1
  add t2, t2, s5
  li t1, 2
  sd t1, 0(t2)
  srli t0, s2, 12
  li t1, 8
  slli t1, t1, 60
  or t0, t0, t1
  csrw satp, t0
  li s6, 1
  slli s6, s6, 32
  ld s0, 0(s6)
  srli t0, t2, 2
  ori t0, t0, 0xc7
  sd t0, 0(s4)
  li t0, 100
1:
  addi t0, t0, -1
  bnez t0, 1b
  ld s1, 0(s6)
2:
  j 2b
  .balign 4096
root:
  .zero 4096
middle:
  .zero 4096
leaf:
  .zero 4096
pages:
  .zero 8192
`;
const kernel = assembled(program, "riscv64", RAM);
const WAITING = US;
const END = 4n * US;

function machine(): Machine {
  return testMachine({ isa: "riscv64", files: { kernel } }).machine;
}

function ended(at: Machine): { readonly seen: bigint | undefined; readonly hash: string } {
  at.run(END, true);
  return { seen: at.harts[0]?.hart.read("x", 9), hash: at.stateHash() };
}

test("the hart reads through what it remembers", () => {
  expect(ended(machine()).seen).toBe(1n);
});

test("a snapshot keeps it", () => {
  const [first, second] = [machine(), machine()];
  first.run(WAITING, true);
  second.restore(structuredClone(first.snapshot()));
  expect(second.stateHash()).toBe(first.stateHash());
  expect(ended(second)).toEqual(ended(machine()));
});

test("a debugger's stops keep it", () => {
  const first = machine();
  first.run(WAITING, true);
  first.stopAt([{ address: RAM, bytes: 8, access: "both" }]);
  first.stopAt([]);
  expect(ended(first)).toEqual(ended(machine()));
});

// Waits until there is an interpreter, then jumps to where no instruction can be.
const misaligned = `
  .globl _start
_start:
  adr x0, page
  mov x1, #600
1:
  sub x1, x1, #1
  cbnz x1, 1b
  add x0, x0, #2
  br x0
  .balign 4096
page:
  .word 0
`;

test("no executor remembers the page of a jump to a misaligned address", () => {
  const states = (["reference", "fast"] as const).map((executor) => {
    const files = { kernel: assembled(misaligned, "arm64", 0x4020_0000n) };
    const engine = { interpretAfter: 0, hotArrivals: 1e9 };
    const made = testMachine({ isa: "arm64", files, options: { executor, engine } });
    made.machine.run(20n * US, true);
    return made.machine.stateHash();
  });
  expect(states[1]).toBe(states[0]);
});

test("what is remembered is part of the state's fingerprint", () => {
  const [first, second] = [machine(), machine()];
  first.run(WAITING, true);
  second.run(WAITING, true);
  second.flushTranslations({ address: null, everywhere: true });
  expect(second.stateHash()).not.toBe(first.stateHash());
});
