// Exceptions, returns and interrupts of an Arm64 hart, executed step by step on a board of RAM.

import { expect, test } from "vitest";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { arm64Target } from "../../compiler/target/assembler/arm64-target.ts";
import { arm64System } from "../../runtime/isa/arm64/system.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x4000_0000n, bytes: 1 << 20 };
const CODE = RAM.start;
const VECTORS = RAM.start + 0x1_0000n;

/** A board about to execute `text` at EL1, or EL2 if it has that. */
function board(text: string, hasEl2 = false): PlainBoard {
  const made = new PlainBoard(arm64System({ hasEl2 }), RAM);
  const object = assemble(`${text}\n`, arm64Target, { name: "code.s", lines: false, compress: false });
  expect(object.diagnostics).toEqual([]);
  const bytes = object.value.sections.find(({ name }) => name === ".text")?.bytes ?? new Uint8Array();
  bytes.forEach((byte, i) => made.space.store(CODE + BigInt(i), BigInt(byte), 1));
  made.system.reset({ pc: CODE, registers: new Map(), privilege: hasEl2 ? "EL2" : "EL1", isOn: true });
  made.hart.write("vbar_el1", 0, VECTORS);
  if (hasEl2) made.hart.write("vbar_el2", 0, VECTORS + 0x1000n);
  return made;
}

function run(made: PlainBoard, steps: number): PlainBoard {
  for (let i = 0; i < steps; i += 1) made.step();
  return made;
}

const read = ({ hart }: PlainBoard, name: string): bigint => hart.read(name, 0);

test("a call of EL0 comes to the vector for lower levels, and eret goes back behind it", () => {
  const made = board("svc #7\nmov x1, #1");
  made.hart.write("el", 0, 0n);
  made.hart.write("spsel", 0, 0n);
  made.hart.write("daif", 0, 0n);
  run(made, 1);
  expect(made.hart.pc).toBe(VECTORS + 0x400n);
  expect([read(made, "el"), read(made, "spsel"), read(made, "daif")]).toEqual([1n, 1n, 0x3c0n]);
  expect([read(made, "esr_el1"), read(made, "elr_el1"), read(made, "spsr_el1")]).toEqual([
    0x5600_0007n,
    CODE + 4n,
    0n,
  ]);
  made.space.store(made.hart.pc, 0xd69f_03e0n, 4);
  run(made, 2);
  expect([made.hart.pc, read(made, "el"), made.hart.read("x", 1)]).toEqual([CODE + 8n, 0n, 1n]);
});

test("stack pointers are those of the level", () => {
  const made = run(
    board(
      "mov x0, #64\nmov sp, x0\nmsr spsel, #0\nmov x0, #32\nmov sp, x0\nmsr spsel, #1\nmov x2, sp\nmrs x3, sp_el0",
    ),
    8,
  );
  expect([made.hart.read("x", 2), made.hart.read("x", 3)]).toEqual([64n, 32n]);
});

test.each(["nop", ".word 0x02000000"])("an illegal return makes every word an exception: %s", (word) => {
  const made = board(`mov x0, #0x3c9\nmsr spsr_el1, x0\nadr x0, 1f\nmsr elr_el1, x0\neret\n1: ${word}`);
  run(made, 6);
  expect([made.hart.pc, read(made, "esr_el1") >> 26n]).toEqual([VECTORS + 0x200n, 0x0en]);
  expect((read(made, "spsr_el1") >> 20n) & 1n).toBe(1n);
});

test("floating point is an exception until CPACR_EL1 allows it", () => {
  const made = board("fadd d0, d1, d2\nnop");
  run(made, 1);
  expect(read(made, "esr_el1")).toBe(0x1fe0_0000n);
  made.hart.pc = CODE;
  made.hart.write("cpacr_el1", 0, 3n << 20n);
  run(made, 1);
  expect(made.hart.pc).toBe(CODE + 4n);
});

test("a register that is not there is undefined, and told once by name", () => {
  const made = run(board("mrs x0, lorid_el1"), 1);
  expect(read(made, "esr_el1")).toBe(0x200_0000n);
  expect([...made.unknown]).toEqual(["system register lorid_el1"]);
});

test("a timer drives its line, which is an interrupt once it is not masked", () => {
  const made = board("mov x0, #1\nmsr cntv_tval_el0, x0\nmsr cntv_ctl_el0, x0\nmsr daifclr, #2\n1: b 1b");
  // b . at the vector for interrupts of this level.
  made.space.store(VECTORS + 0x280n, 0x1400_0000n, 4);
  made.system.output("cntv", made.system.input("irq"));
  run(made, 4);
  expect(read(made, "el")).toBe(1n);
  run(made, 20);
  expect(read(made, "irqLine")).toBe(1n);
  expect(read(made, "elr_el1")).toBe(CODE + 16n);
});

test("a wait ends with an interrupt, masked or not", () => {
  const made = run(board("wfi\nmov x1, #1"), 1);
  expect(made.system.isWaiting).toBe(true);
  made.system.input("fiq").set(true);
  expect(made.system.isWaiting).toBe(false);
  run(made, 1);
  expect(made.hart.read("x", 1)).toBe(1n);
});

test("ldtr has the rights of EL0, ldr those of EL1", () => {
  const made = board("ldr x1, [x3]\nldtr x2, [x3]");
  // One block of 1 GiB at 0x40000000 for EL1 alone.
  const table = RAM.start + 0x2_0000n;
  made.space.store(table + 8n, 0x4000_0000n | 1n | (1n << 10n), 8);
  made.space.store(RAM.start + 0x3_0000n, 77n, 8);
  made.hart.write("ttbr0_el1", 0, table);
  made.hart.write("tcr_el1", 0, 25n | (2n << 32n));
  made.hart.write("sctlr_el1", 0, 1n);
  made.hart.write("x", 3, RAM.start + 0x3_0000n);
  run(made, 1);
  expect(made.hart.read("x", 1)).toBe(77n);
  run(made, 1);
  expect([read(made, "esr_el1"), read(made, "far_el1")]).toEqual([0x9600_000dn, RAM.start + 0x3_0000n]);
});

test("a hypervisor call of EL1 goes to EL2; without EL2 it is undefined", () => {
  const made = board("mov x0, #0x3c5\nmsr spsr_el2, x0\nadr x0, 1f\nmsr elr_el2, x0\neret\n1: hvc #3", true);
  run(made, 6);
  expect([made.hart.pc, read(made, "esr_el2")]).toEqual([VECTORS + 0x1400n, 0x5a00_0003n]);
  expect(read(run(board("hvc #3"), 1), "esr_el1")).toBe(0x200_0000n);
});

test("a branch drops the tag of its address where the top byte is ignored, else it faults", () => {
  const text = "movz x0, #0x1200, lsl #48\nmovk x0, #0x4000, lsl #16\nadd x0, x0, #16\nbr x0\nmov x1, #1";
  const ignoring = board(text);
  ignoring.hart.write("tcr_el1", 0, 1n << 37n);
  run(ignoring, 6);
  expect([ignoring.hart.pc, ignoring.hart.read("x", 1)]).toEqual([CODE + 20n, 1n]);
  expect(run(board(text), 5).hart.pc).toBe(VECTORS + 0x200n);
});

test("a table that does not answer is an abort of the AT instruction", () => {
  const made = board("at s1e1r, x0", true);
  made.hart.write("ttbr0_el1", 0, 0x7000_0000n);
  made.hart.write("tcr_el1", 0, 16n | (2n << 32n));
  made.hart.write("sctlr_el1", 0, 1n);
  made.step();
  // From the same level, of a maintenance operation, which counts as a write; external on a walk of level 0.
  expect(read(made, "esr_el2")).toBe(0x9600_0154n);
});

test("a wait for an event ends with an interrupt that is not masked, and with a signal", () => {
  const made = run(board("wfe\nwfe\nwfe\nmov x1, #1"), 2);
  expect(made.system.isWaiting).toBe(true);
  made.system.input("irq").set(true);
  expect(made.system.isWaiting).toBe(true);
  made.hart.write("daif", 0, 0n);
  expect(made.system.isWaiting).toBe(false);
  made.hart.write("daif", 0, 0x3c0n);
  run(made, 1);
  expect(made.system.isWaiting).toBe(true);
  made.system.receiveEvent();
  expect(made.system.isWaiting).toBe(false);
  run(made, 1);
  expect(made.hart.read("x", 1)).toBe(1n);
});

test("wfe of EL0 is the kernel's unless SCTLR_EL1 allows it, if it would wait", () => {
  const made = board("wfe\nwfe");
  made.hart.write("el", 0, 0n);
  made.hart.write("spsel", 0, 0n);
  made.hart.write("sctlr_el1", 0, 0n);
  run(made, 1);
  expect(made.hart.pc).toBe(CODE + 4n);
  run(made, 1);
  expect([made.hart.pc, read(made, "esr_el1")]).toEqual([VECTORS + 0x400n, 0x7e0_0001n]);
});
