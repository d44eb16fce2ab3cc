// A whole RISC-V board with programs in supervisor mode over the built-in firmware.

import { expect, test } from "vitest";
import type { ExecutorName } from "../../runtime/isa/executor.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine, type TestSetting } from "./support.ts";

const MS = 1_000_000n;
const RAM = 0x8020_0000n;
const executors: readonly ExecutorName[] = ["reference", "fast"];

function program(text: string): Pick<TestSetting, "isa" | "files"> {
  return { isa: "riscv64", files: { kernel: assembled(text, "riscv64", RAM) } };
}

const shutdown = `
  li a7, 0x53525354
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
`;

// A line through the debug console, one through the UART, then off.
const hello = `
  .globl _start
_start:
  li a7, 0x4442434e
  li a6, 2
  li a0, 'A'
  ecall
  li t0, 0x10000000
  li t1, 'B'
  sb t1, 0(t0)
  ${shutdown}
`;

test.each(executors)("a kernel prints through firmware and device, and switches off (%s)", (executor) => {
  const { machine, output } = testMachine({ ...program(hello), options: { executor } });
  expect(machine.run(10n * MS, true)).toEqual({ kind: "power", request: { kind: "off", exitCode: 0 } });
  expect(output()).toBe("AB");
});

// Three timer interrupts a millisecond apart, waited for.
const ticks = `
  .globl _start
_start:
  la t0, handler
  csrw stvec, t0
  li s0, 3
  li t0, 32
  csrw sie, t0
  rdtime s1
  li t0, 10000
  add s1, s1, t0
  csrw stimecmp, s1
  csrsi sstatus, 2
1:
  wfi
  bnez s0, 1b
  ${shutdown}
  .balign 4
handler:
  li t0, 0x10000000
  li t1, '.'
  sb t1, 0(t0)
  addi s0, s0, -1
  li t0, 10000
  add s1, s1, t0
  csrw stimecmp, s1
  sret
`;

test("idle time is skipped to the next timer, or left to the caller", () => {
  const skipping = testMachine(program(ticks));
  expect(skipping.machine.run(100n * MS, true).kind).toBe("power");
  expect(skipping.output()).toBe("...");
  expect(skipping.machine.now()).toBeGreaterThan(3n * MS);
  expect(skipping.machine.now()).toBeLessThan(4n * MS);
  expect(skipping.machine.retired()).toBeLessThan(1000n);
  const waiting = testMachine(program(ticks));
  const outcome = waiting.machine.run(100n * MS, false);
  expect(outcome.kind).toBe("idle");
  if (outcome.kind === "idle") expect(outcome.until).toBeGreaterThan(1n * MS - 1000n);
});

// A trap handler that traps for ever.
const trapLoop = `
  .globl _start
_start:
  la t0, _start
  csrw stvec, t0
  .word 0
`;

test("a guest that does nothing but trap uses up its time", () => {
  const { machine } = testMachine(program(trapLoop));
  expect(machine.run(MS / 10n, true)).toEqual({ kind: "limit" });
});

// The second hart is started and prints; the first one waits for its word.
const second = `
  .globl _start
_start:
  li a7, 0x48534d
  li a6, 0
  li a0, 1
  la a1, other
  li a2, 'x'
  ecall
  la t0, flag
1:
  lw t1, 0(t0)
  beqz t1, 1b
  ${shutdown}
other:
  li t0, 0x10000000
  addi a0, a0, '0'
  sb a0, 0(t0)
  sb a1, 0(t0)
  la t0, flag
  li t1, 1
  sw t1, 0(t0)
2:
  wfi
  j 2b
  .balign 8
flag:
  .quad 0
`;

test("harts start each other and take turns", () => {
  const { machine, output } = testMachine({ ...program(second), configuration: { harts: 2 } });
  expect(machine.run(10n * MS, true).kind).toBe("power");
  expect(output()).toBe("1x");
});

// Stores at 300 offsets of the PLIC where there is nothing.
const trespasser = `
  .globl _start
_start:
  li t0, 0x0c000000 + 0x1f0000
  li t1, 300
1:
  sw zero, 0(t0)
  addi t0, t0, 4
  addi t1, t1, -1
  bnez t1, 1b
  ${shutdown}
`;

test("what a guest does wrong is told once each, and not without end", () => {
  const { machine, notices } = testMachine(program(trespasser));
  expect(machine.run(10n * MS, true)).toMatchObject({ kind: "power" });
  expect(notices[0]).toBe("plic: there is no register at offset 0x1f0000");
  expect(notices).toHaveLength(201);
  expect(notices.at(-1)).toBe("there is more of this kind, which is not told");
});
