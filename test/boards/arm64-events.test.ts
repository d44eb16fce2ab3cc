// Waits for events on an Arm board: who waits executes nothing until another hart, the counter or an interrupt ends it.

import { describe, expect, test } from "vitest";
import type { ExecutorName } from "../../runtime/isa/executor.ts";
import type { TestMachine } from "./support.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine } from "./support.ts";

const MS = 1_000_000n;
const RAM = 0x4008_0000n;
const executors: readonly ExecutorName[] = ["reference", "fast"];

const off = `
  ldr w0, =0x84000008
  hvc #0
`;

/** A first hart that starts a second one, whose first wait is none, and does `waiting`; the second one does `ending`. */
const together = (waiting: string, ending: string): string => `
  .globl _start
_start:
  ldr w0, =0xc4000003
  mov x1, #1
  adr x2, second
  hvc #0
  adr x9, flag
  wfe
  ${waiting}
  ${off}
second:
  adr x9, flag
  mov x1, #1000
1:
  subs x1, x1, #1
  b.ne 1b
  mov w0, #1
  ${ending}
  wfe
1:
  wfe
  b 1b
  .balign 8
flag:
  .word 0
`;

function machineWith(text: string, executor: ExecutorName, harts: number): TestMachine {
  const files = { kernel: assembled(text, "arm64", RAM) };
  return testMachine({ isa: "arm64", files, configuration: { harts }, options: { executor } });
}

describe.each(executors)("a wait for an event (%s)", (executor) => {
  const endsWith = (waiting: string, ending: string): void => {
    const { machine } = machineWith(together(waiting, ending), executor, 2);
    expect(machine.run(10n * MS, true).kind).toBe("power");
    expect(machine.harts[0]?.hart.retired).toBeLessThan(40n);
    expect(machine.harts[1]?.hart.retired).toBeGreaterThan(2000n);
  };

  test("ends when another hart signals one", () => {
    endsWith("1: wfe\nldr w0, [x9]\ncbz w0, 1b", "str w0, [x9]\nsev");
  });

  test("gives way to the hart whose store ends a reservation", () => {
    endsWith("1: ldxr w0, [x9]\ncbnz w0, 2f\nwfe\nb 1b\n2:", "str w0, [x9]");
  });

  test("lasts if there is nothing that could end it", () => {
    const { machine } = machineWith(
      "  .globl _start\n_start: wfe\nsevl\nwfe\nmov x1, #5\nwfe\nmov x1, #6",
      executor,
      1,
    );
    expect(machine.run(10n * MS, true)).toEqual({ kind: "idle", until: null });
    expect([machine.harts[0]?.hart.read("x", 1), machine.harts[0]?.isWaiting]).toEqual([5n, true]);
  });

  test("ends with the counter's events", () => {
    // Bit 7 of the counter rises every 256 ticks of 16 ns.
    const stream = `
  .globl _start
_start:
  mov x0, #0x74
  msr cntkctl_el1, x0
  wfe
  wfe
  mrs x1, cntvct_el0
  wfe
  wfe
  mrs x2, cntvct_el0
  ${off}`;
    const { machine } = machineWith(stream, executor, 1);
    expect(machine.run(10n * MS, true).kind).toBe("power");
    const counts = [1, 2].map((register) => (machine.harts[0]?.hart.read("x", register) ?? 0n) % 256n);
    expect(counts.every((count) => count >= 128n && count < 130n)).toBe(true);
  });
});
