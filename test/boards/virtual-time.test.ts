// A guest reads its clock in code that is cold, interpreted and translated, between traps: all executors read the same.

import { expect, test } from "vitest";
import type { MachineOptions } from "../../runtime/boards/machine.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine, type TestSetting } from "./support.ts";

// Readings from several places of a block, of a callee and after a trap; the multiplication keeps each one's trace.
const riscv64 = `
  .globl _start
_start:
  li s0, 3000
  li s2, 31
1:
  rdtime t0
  mul s1, s1, s2
  add s1, s1, t0
  jal read
  rdtime t1
  add s1, s1, t1
  andi t2, s0, 63
  bnez t2, 2f
  li a7, 0x10
  li a6, 0
  ecall
2:
  rdtime t0
  xor s1, s1, t0
  addi s0, s0, -1
  bnez s0, 1b
3:
  j 3b
read:
  nop
  rdtime t0
  add s1, s1, t0
  ret
`;

const arm64 = `
  .globl _start
_start:
  mov x19, #3000
  mov x21, #31
1:
  mrs x0, cntvct_el0
  madd x20, x20, x21, x0
  bl read
  isb
  mrs x1, cntpct_el0
  add x20, x20, x1
  tst x19, #63
  b.ne 2f
  mov w0, #0x84000000
  hvc #0
2:
  mrs x0, cntvct_el0
  eor x20, x20, x0
  subs x19, x19, #1
  b.ne 1b
3:
  b 3b
read:
  nop
  mrs x0, cntpct_el0
  add x20, x20, x0
  ret
`;

const settings = [
  { isa: "riscv64", files: { kernel: assembled(riscv64, "riscv64", 0x8020_0000n) } },
  { isa: "arm64", files: { kernel: assembled(arm64, "arm64", 0x4008_0000n) } },
] as const satisfies readonly TestSetting[];

interface Way {
  readonly options: Partial<MachineOptions>;
  readonly hasRegions: boolean;
}

const ways: readonly Way[] = [
  { options: { engine: { interpretAfter: 0, hotArrivals: 1_000_000 } }, hasRegions: false },
  { options: { engine: { interpretAfter: 500, hotArrivals: 20 } }, hasRegions: true },
];

// Slices of a length that no loop has.
const SLICE_NS = 70_070n;
const SLICES = 10;

function states(setting: TestSetting, { options, hasRegions }: Way): readonly string[] {
  const { machine } = testMachine({ ...setting, options });
  const found = Array.from({ length: SLICES }, () => {
    expect(machine.run(machine.now() + SLICE_NS, true).kind).toBe("limit");
    return machine.stateHash();
  });
  expect((machine.engineStatistics()[0]?.regions ?? 0) > 0).toBe(hasRegions);
  return found;
}

test.each(settings)("$isa", (setting) => {
  const expected = states(setting, { options: { executor: "reference" }, hasRegions: false });
  for (const way of ways) expect(states(setting, way)).toEqual(expected);
});
