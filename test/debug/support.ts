// A small program on a board of each ISA, with a debugger: counts to five in memory, then switches off.

import { Session } from "../../runtime/boards/session.ts";
import { Debugger } from "../../runtime/debug/debugger.ts";
import { assembled } from "../runtime/support/assembled.ts";
import { testMachine, type TestMachine, type TestSetting } from "../boards/support.ts";

export type DebuggedIsa = TestSetting["isa"];

const MS = 1_000_000n;

interface Program {
  readonly address: bigint;
  readonly text: string;
  /** Registers that hold the counter's address and how often is left, and a system register. */
  readonly pointer: string;
  readonly left: string;
  readonly system: string;
}

export const programs: Readonly<Record<DebuggedIsa, Program>> = {
  riscv64: {
    address: 0x8020_0000n,
    pointer: "a0",
    left: "a1",
    system: "stvec",
    text: `
  .globl _start
_start:
  la a0, counter
  csrw stvec, a0
  li a1, 5
count:
  ld a2, 0(a0)
  addi a2, a2, 1
  sd a2, 0(a0)
  addi a1, a1, -1
  bnez a1, count
done:
  li a7, 0x53525354
  li a6, 0
  li a0, 0
  li a1, 0
  ecall
  .balign 8
counter:
  .quad 0
`,
  },
  arm64: {
    address: 0x4020_0000n,
    pointer: "x0",
    left: "x1",
    system: "vbar_el1",
    text: `
  .globl _start
_start:
  adr x0, counter
  and x3, x0, #0xfffffffffffff800
  msr vbar_el1, x3
  mov x1, #5
count:
  ldr x2, [x0]
  add x2, x2, #1
  str x2, [x0]
  sub x1, x1, #1
  cbnz x1, count
done:
  movz x0, #0x8400, lsl #16
  movk x0, #8
  hvc #0
  .balign 8
counter:
  .quad 0
`,
  },
};

export interface Debugged extends TestMachine {
  readonly control: Debugger;
  readonly elf: Uint8Array;
  /** Runs until the machine stands still or is off; the exit code of the latter. */
  readonly run: () => number | null;
}

/** The machine before its first instruction. */
export function debugged(isa: DebuggedIsa, harts = 1): Debugged {
  const { text, address } = programs[isa];
  const elf = assembled(text, isa, address);
  const made = testMachine({ isa, files: { kernel: elf }, configuration: { harts } });
  const control = new Debugger(new Session({ machine: made.machine, sinks: new Map() }), true);
  const run = (): number | null => {
    for (let slices = 0; slices < 1000 && !control.isHalted; slices += 1) {
      const outcome = control.run(made.machine.now() + MS, true);
      if (outcome.kind === "power") return outcome.request.exitCode;
    }
    return null;
  };
  return { ...made, control, elf, run };
}
