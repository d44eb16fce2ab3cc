// Performance monitors of an Arm64 hart: what is counted where, overflows, and what EL2 keeps to itself.

import { expect, test } from "vitest";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { arm64Target } from "../../compiler/target/assembler/arm64-target.ts";
import { arm64System } from "../../runtime/isa/arm64/system.ts";
import { csrNumber } from "../../runtime/isa/binding.ts";
import type { ExecutorName } from "../../runtime/isa/executor.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { testMachine } from "../boards/support.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x4000_0000n, bytes: 1 << 20 };
const VECTORS = RAM.start + 0x1_0000n;
const ENABLE = 1n;
const RETIRED = 0x08n;
const CYCLES = 0x11n;
const CHAIN = 0x1en;
const NOT_EL1 = 1n << 31n;
const CYCLE_COUNTER = 1n << 31n;
const LOOP = "1: add x0, x0, #1\nb 1b";

function bytesOf(text: string): Uint8Array {
  const object = assemble(`${text}\n`, arm64Target, { name: "code.s", lines: false, compress: false });
  expect(object.diagnostics).toEqual([]);
  return object.value.sections.find(({ name }) => name === ".text")?.bytes ?? new Uint8Array();
}

function board(text: string, hasEl2 = false, executor: ExecutorName = "reference"): PlainBoard {
  const made = new PlainBoard(arm64System({ hasEl2 }), RAM, executor);
  bytesOf(text).forEach((byte, i) => made.space.store(RAM.start + BigInt(i), BigInt(byte), 1));
  for (let at = VECTORS; at < VECTORS + 0x800n; at += 0x80n) made.space.store(at, 0x1400_0000n, 4);
  made.system.reset({ pc: RAM.start, registers: new Map(), privilege: hasEl2 ? "EL2" : "EL1", isOn: true });
  made.hart.write("vbar_el1", 0, VECTORS);
  return made;
}

function set({ system }: PlainBoard, values: Readonly<Record<string, bigint>>): void {
  for (const [name, value] of Object.entries(values)) {
    expect(system.inspector.writeCsr(csrNumber(arm64, name), value)).toBe(true);
  }
}

function read({ system }: PlainBoard, ...names: readonly string[]): readonly (bigint | null)[] {
  return names.map((name) => system.inspector.readCsr(csrNumber(arm64, name)));
}

test.each(["reference", "fast"] as const)("instructions and cycles are counted by level, %s", (executor) => {
  const made = board(LOOP, false, executor);
  set(made, { pmevtyper0_el0: RETIRED, pmevtyper1_el0: RETIRED | NOT_EL1, pmevtyper2_el0: CYCLES });
  set(made, { pmcr_el0: ENABLE, pmcntenset_el0: CYCLE_COUNTER | 7n });
  made.run(5000);
  const names = ["pmevcntr0_el0", "pmevcntr1_el0", "pmevcntr2_el0", "pmccntr_el0"];
  expect(read(made, ...names)).toEqual([5000n, 0n, 5000n, 5000n]);
  set(made, { pmcntenclr_el0: 1n });
  made.run(100);
  expect(read(made, ...names)).toEqual([5000n, 0n, 5100n, 5100n]);
});

test("a call counts where it was made, and what is filtered is not counted on the other side", () => {
  const made = board("svc #0");
  set(made, {
    pmevtyper0_el0: RETIRED | NOT_EL1,
    pmevtyper1_el0: RETIRED,
    pmcr_el0: ENABLE,
    pmcntenset_el0: 3n,
  });
  made.hart.write("el", 0, 0n);
  made.hart.write("spsel", 0, 0n);
  made.run(21);
  expect(read(made, "pmevcntr0_el0", "pmevcntr1_el0")).toEqual([1n, 22n]);
});

test("a chained counter counts overflows of the one before; software counts what it likes", () => {
  const made = board(LOOP);
  set(made, { pmevtyper2_el0: RETIRED, pmevtyper3_el0: CHAIN, pmevcntr2_el0: 0xffff_fff0n });
  set(made, {
    pmevtyper0_el0: 0n,
    pmevtyper1_el0: CHAIN,
    pmevcntr0_el0: 0xffff_ffffn,
    pmcr_el0: ENABLE,
    pmcntenset_el0: 0xfn,
  });
  made.run(20);
  expect(read(made, "pmevcntr2_el0", "pmevcntr3_el0", "pmovsset_el0")).toEqual([4n, 1n, 4n]);
  set(made, { pmswinc_el0: 5n });
  expect(read(made, "pmevcntr0_el0", "pmevcntr1_el0", "pmevcntr2_el0")).toEqual([0n, 1n, 4n]);
  set(made, { pmovsclr_el0: 4n });
  expect(read(made, "pmovsset_el0")).toEqual([1n]);
});

test("an overflow of the cycle counter interrupts at once", () => {
  const made = board(LOOP);
  made.system.output("pmu", made.system.input("irq"));
  set(made, {
    pmccntr_el0: 0xffff_fff0n,
    pmcr_el0: ENABLE,
    pmcntenset_el0: CYCLE_COUNTER,
    pmintenset_el1: CYCLE_COUNTER,
    daif: 0n,
  });
  made.run(17);
  expect(made.hart.pc).toBe(VECTORS + 0x280n);
  expect(read(made, "elr_el1", "pmccntr_el0", "pmovsset_el0")).toEqual([
    RAM.start,
    0x1_0000_0001n,
    CYCLE_COUNTER,
  ]);
  set(made, { pmovsclr_el0: CYCLE_COUNTER });
  expect(made.hart.read("irqLine", 0)).toBe(0n);
});

test("what a hypervisor reserves is not there for EL1", () => {
  const made = board("nop", true);
  set(made, { mdcr_el2: 2n, pmevtyper3_el0: RETIRED, pmcntenset_el0: 0x3fn });
  expect(read(made, "pmcr_el0", "pmcntenset_el0")).toEqual([0x4103_3000n, 0x3fn]);
  made.hart.write("el", 0, 1n);
  expect(read(made, "pmcr_el0", "pmcntenset_el0", "pmevtyper3_el0")).toEqual([0x4103_1000n, 3n, 0n]);
});

// Counts 40,000 instructions until the interrupt, which is number 23; the other harts never start.
const COUNTS = `
  mov x3, #${String(RETIRED)}
  msr pmevtyper0_el0, x3
  mov x3, #-40000
  msr pmevcntr0_el0, x3
  adr x3, 2f
  msr vbar_el1, x3
  mov x3, #1
  msr pmintenset_el1, x3
  msr pmcntenset_el0, x3
  movz x4, #0x0800, lsl #16
  add x5, x4, #0x10000
  str w3, [x4]
  str w3, [x5]
  mov w6, #0xff
  str w6, [x5, #4]
  movz w6, #0x80, lsl #16
  str w6, [x4, #0x100]
  msr pmcr_el0, x3
  msr daifclr, #15
  mov x0, #0
1: add x0, x0, #1
  b 1b
.p2align 11
2: .zero 0x280
  mrs x8, pmevcntr0_el0
3: b 3b
`;

test("instructions overflow at the instruction", () => {
  const kernel = bytesOf(COUNTS);
  const configuration = { harts: 2, memoryBytes: 256n << 20n };
  for (const executor of ["reference", "fast"] as const) {
    const { machine } = testMachine({
      isa: "arm64",
      files: { kernel },
      configuration,
      options: { executor },
    });
    machine.run(2_000_000n, true);
    const hart = machine.harts[0]?.hart;
    expect([hart?.read("x", 0), hart?.read("x", 8)]).toEqual([19_999n, 0n]);
  }
});
