// Traces name what a machine does, in an order that is its own, and change nothing in it.

import { expect, test } from "vitest";
import { TRACE_KINDS, traced, type TraceKind } from "../../runtime/debug/trace.ts";
import { testMachine, type TestMachine } from "../boards/support.ts";
import { assembled } from "../runtime/support/assembled.ts";

const RAM = 0x8020_0000n;
const MS = 1_000_000n;

// A character, an illegal instruction, a timer interrupt, then off.
const text = `
  .globl _start
_start:
  la t0, handler
  csrw stvec, t0
  li t0, 0x10000000
  li t1, 'A'
  sb t1, 0(t0)
  .word 0
  rdtime t0
  addi t0, t0, 100
  csrw stimecmp, t0
  li t0, 32
  csrw sie, t0
  csrsi sstatus, 2
  wfi
off:
  li a7, 0x53525354
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
  .balign 4
handler:
  csrr t1, scause
  bltz t1, off
  csrr t1, sepc
  addi t1, t1, 4
  csrw sepc, t1
  sret
`;

function machine(): TestMachine {
  return testMachine({ isa: "riscv64", files: { kernel: assembled(text, "riscv64", RAM) } });
}

function trace(kinds: readonly TraceKind[], format: "text" | "ndjson") {
  const made = machine();
  const lines: string[] = [];
  const options = {
    machine: made.machine,
    kinds: new Set(kinds),
    format,
    write: (line: string) => lines.push(line),
  };
  const outcome = traced(made.machine, options).run(10n * MS, true);
  expect(outcome).toEqual({ kind: "power", request: { kind: "off", exitCode: 0 } });
  return { lines, hash: made.machine.stateHash() };
}

test("each kind has its lines", () => {
  const { lines } = trace(["mmio", "interrupts", "exceptions"], "text");
  expect(lines.map((line) => line.replace(/0x802\w+/g, "ADDRESS"))).toEqual([
    "50 mmio access=store device=uart0 register=thr bytes=1 value=0x41\n",
    "60 exception hart=0 mode=S pc=ADDRESS cause=illegalInstruction value=0x0\n",
    expect.stringMatching(/^\d+ interrupt hart=0 pc=ADDRESS mode=S handler=ADDRESS\n$/),
    expect.stringMatching(/^\d+ exception hart=0 mode=S pc=ADDRESS cause=environmentCall value=0x0\n$/),
  ]);
});

test("instructions are disassembled, an object a line", () => {
  const { lines } = trace(["instructions"], "ndjson");
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows[0]).toMatchObject({ kind: "instruction", hart: 0, pc: "0x80200000" });
  expect(rows.map((row) => row["text"])).toContain("wfi");
});

test("a traced run is the same run", () => {
  const plain = machine();
  plain.machine.run(10n * MS, true);
  const all = trace(TRACE_KINDS, "text");
  expect(all.hash).toBe(plain.machine.stateHash());
  expect(trace(TRACE_KINDS, "text").lines).toEqual(all.lines);
});
