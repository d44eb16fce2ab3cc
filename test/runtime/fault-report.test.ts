// What people read when a program goes wrong: the kind of fault, why, the function and the source line.

import { expect, test } from "vitest";
import {
  memoryHost,
  renderFaultReport,
  renderRegisters,
  runUserProgram,
  type ExecutorName,
} from "../../runtime/index.ts";
import { assembled } from "./support/assembled.ts";

function reportOf(
  text: string,
  executor: ExecutorName = "fast",
  machine: "riscv64" | "arm64" = "riscv64",
): string {
  const image = assembled(`    .globl _start\n${text}`, machine);
  const result = runUserProgram(image, {
    host: memoryHost(),
    executor,
    engine: { hotArrivals: 1 },
    maxInstructions: 1e6,
  });
  if (result.kind !== "fault") throw new Error(`ended with ${result.kind}`);
  return renderFaultReport(result.report);
}

test("a store through a null pointer: function, line, instruction, where memory is", () => {
  const text = `
_start:
    call    broken
    .type   broken, @function
broken:
    li      a0, 8
    li      a1, 1
    sd      a1, 16(a0)
    ret
    .size   broken, . - broken
`;
  for (const executor of ["reference", "fast"] as const) {
    expect(reportOf(text, executor).split("\n")).toEqual([
      "error[R0102]: store of 8 bytes to 0x00000018: nothing is mapped there (a null pointer?)",
      expect.stringMatching(/^ {2}--> broken\+0x4 \(0x[0-9a-f]+\) at test.s:9$/),
      expect.stringMatching(/^ {6}called from _start\+0x[48] \(0x[0-9a-f]+\) at test.s:4$/),
      "   = instruction: sd a1, 16(a0)",
      expect.stringMatching(/^ {3}= note: code is 0x[0-9a-f]+\.\.0x[0-9a-f]+$/),
      expect.stringMatching(/^ {3}= note: stack is 0x[0-9a-f]+\.\.0x[0-9a-f]+$/),
    ]);
  }
});

test("loads, jumps and stores that a region does not permit", () => {
  expect(reportOf("_start:\n    li a0, 0x12345\n    slli a0, a0, 20\n    lbu a1, 0(a0)\n")).toContain(
    "R0101]: load of 1 byte from 0x1234500000: nothing is mapped there",
  );
  expect(reportOf("_start:\n    li a0, 64\n    jalr a0\n")).toContain("R0103]: jump to 0x00000040");
  expect(reportOf("_start:\n    la a0, _start\n    sw a0, 0(a0)\n")).toMatch(
    /store of 4 bytes to 0x[0-9a-f]+: code there is not writable/,
  );
  expect(reportOf("_start:\n    mv a0, sp\n    jr a0\n")).toContain("stack there is not executable");
});

test("undefined instructions, breakpoints, misaligned atomics", () => {
  expect(reportOf("_start:\n    .word 0xffffffff\n")).toContain("R0104]: undefined instruction 0xffffffff");
  expect(reportOf("_start:\n    csrr a0, mstatus\n")).toContain("R0104]: undefined instruction");
  expect(reportOf("_start:\n    ebreak\n")).toContain("R0105]: breakpoint instruction");
  expect(reportOf("_start:\n    addi a0, sp, 2\n    amoadd.w a1, a1, (a0)\n")).toMatch(
    /R0110\]: atomic access of 4 bytes at 0x[0-9a-f]+: expected a multiple of 4 bytes/,
  );
});

test("Arm64: undefined instructions, breakpoints, misaligned exclusives, a misaligned stack", () => {
  for (const executor of ["reference", "fast"] as const) {
    const report = (text: string): string => reportOf(`_start:\n${text}`, executor, "arm64");
    expect(report("    .word 0xffffffff\n")).toContain("R0104]: undefined instruction 0xffffffff");
    expect(report("    udf #5\n")).toContain("R0104]: undefined instruction 0x00000005");
    expect(report("    mrs x0, sctlr_el1\n")).toContain("R0104]: undefined instruction");
    expect(report("    brk #1\n")).toContain("R0105]: breakpoint instruction");
    expect(report("    add x0, sp, #4\n    ldxr x1, [x0]\n")).toMatch(
      /R0110\]: atomic access of 8 bytes at 0x[0-9a-f]+: expected a multiple of 8 bytes/,
    );
    const misaligned = report(
      "    sub sp, sp, #8\n    add x0, sp, #0\n    str x0, [x0]\n    str x0, [sp, #8]\n",
    );
    expect(misaligned).toMatch(
      /R0114\]: access by a misaligned stack pointer 0x[0-9a-f]+8: expected a multiple of 16/,
    );
    expect(misaligned).toContain("   = instruction: str x0, [sp, #0x8]");
    expect(misaligned).toMatch(/--> _start\+0xc \(0x[0-9a-f]+\) at test.s:6/);
  }
  expect(reportOf("_start:\n    mov x0, #64\n    ldr x1, [x0]\n", "fast", "arm64")).toContain("null pointer");
});

test("Arm64: a jump to half of an instruction, from cold code and from a loop that is translated", () => {
  // The two halves of the words there would be an instruction.
  const text = (turns: number): string => `
_start:
    mov     x1, #${String(turns)}
    adr     x0, target
again:
    subs    x1, x1, #1
    cset    x2, eq
    add     x2, x0, x2, lsl #1
    br      x2
target:
    b       again
    .word   0xd2800ba8
`;
  for (const executor of ["reference", "fast"] as const) {
    for (const turns of [1, 5000]) {
      expect(reportOf(text(turns), executor, "arm64")).toMatch(
        /R0103]: jump to 0x[0-9a-f]+: instructions are at multiples of 4\n/,
      );
    }
  }
});

test("recursion without an end is an exhausted stack", () => {
  const text = `
_start:
    addi    sp, sp, -2000
    sd      ra, 0(sp)
    call    _start
`;
  expect(reportOf(text)).toContain("error[R0106]: the stack is exhausted");
});

test("Pancake's trap labels say what happened, and where the program went there", () => {
  const text = (reason: string): string => `
_start:
    nop
    jal     t6, pancake_trap_${reason}
    .type   pancake_trap_${reason}, @function
pancake_trap_${reason}:
    ebreak
    .size   pancake_trap_${reason}, . - pancake_trap_${reason}
`;
  const uncaught = reportOf(text("uncaughtException"));
  expect(uncaught).toContain("error[R0107]: an exception was raised and no caller handles it");
  expect(uncaught).toMatch(/--> _start\+0x6 \(0x[0-9a-f]+\) at test.s:5/);
  expect(uncaught).not.toContain("ebreak");
  expect(reportOf(text("stackExhausted"))).toContain("error[R0106]");
  expect(reportOf(text("unreachable"))).toContain("error[R0111]");
});

test("`@base` and `@top` are named if the program has them", () => {
  const text = `
_start:
    li      a0, -8
    ld      a0, 0(a0)
    .bss
    .balign 16
    .globl pancake_heap, pancake_heap_end
pancake_heap:
    .space 64
pancake_heap_end:
    .space 8
`;
  expect(reportOf(`${text}\n    .text\n    la a0, pancake_heap\n    la a1, pancake_heap_end\n`)).toMatch(
    /note: local memory \(`@base`..`@top`\) is 0x[0-9a-f]+\.\.0x[0-9a-f]+/,
  );
});

test("registers are printed on request", () => {
  const image = assembled("    .globl _start\n_start:\n    li a0, 0x77\n    ebreak\n");
  const result = runUserProgram(image, { host: memoryHost() });
  if (result.kind !== "fault") throw new Error(result.kind);
  expect(renderRegisters(result.machine)).toContain("a0 0000000000000077");
  const arm = runUserProgram(assembled("    .globl _start\n_start:\n    mov x5, #7\n    brk #0\n", "arm64"), {
    host: memoryHost(),
  });
  if (arm.kind !== "fault") throw new Error(arm.kind);
  const registers = renderRegisters(arm.machine);
  for (const name of ["x5 0000000000000007", "sp 0000003f", "v31 ", "flagN 0"])
    expect(registers).toContain(name);
  expect(registers).not.toContain("w5");
});
