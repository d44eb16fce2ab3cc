// Self-hosted debug of an Arm64 hart: software step, breakpoints, watchpoints, with both executors.

import { describe, expect, test } from "vitest";
import { assemble } from "../../compiler/target/assembler/assemble.ts";
import { arm64Target } from "../../compiler/target/assembler/arm64-target.ts";
import { csrNumber } from "../../runtime/isa/binding.ts";
import { arm64System } from "../../runtime/isa/arm64/system.ts";
import type { ExecutorName } from "../../runtime/isa/executor.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x4000_0000n, bytes: 1 << 20 };
const CODE = RAM.start;
const VECTORS = RAM.start + 0x1_0000n;
const DATA = RAM.start + 0x2_0000n;
const FROM_LOWER = VECTORS + 0x400n;
const FROM_SAME = VECTORS + 0x200n;
const STEP = 1n;
const OWN = 1n << 13n;
const MONITOR = 1n << 15n;
const SPSR_STEP = 1n << 21n;
const EL1_UNMASKED = 5n;

/** A board that runs `text` at CODE; every vector jumps to itself. */
function board(text: string, executor: ExecutorName): PlainBoard {
  const made = new PlainBoard(arm64System({ hasEl2: false }), RAM, executor);
  const object = assemble(`${text}\n`, arm64Target, { name: "code.s", lines: false, compress: false });
  expect(object.diagnostics).toEqual([]);
  const bytes = object.value.sections.find(({ name }) => name === ".text")?.bytes ?? new Uint8Array();
  bytes.forEach((byte, i) => made.space.store(CODE + BigInt(i), BigInt(byte), 1));
  for (let at = VECTORS; at < VECTORS + 0x800n; at += 0x80n) made.space.store(at, 0x1400_0000n, 4);
  made.system.reset({ pc: CODE, registers: new Map(), privilege: "EL1", isOn: true });
  set(made, { vbar_el1: VECTORS, oslar_el1: 0n, daif: 0n });
  return made;
}

const notRegisters = ["el", "spsel"];

// As software writes registers; EL and SPSel directly.
function set({ system, hart }: PlainBoard, values: Readonly<Record<string, bigint>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (notRegisters.includes(name)) hart.write(name, 0, value);
    else expect(system.inspector.writeCsr(csrNumber(arm64, name), value)).toBe(true);
  }
}

const read = ({ hart }: PlainBoard, name: string): bigint => hart.read(name, 0);
const syndrome = (made: PlainBoard): string => read(made, "esr_el1").toString(16);

// As a kernel that lets a program step: eret with SPSR.SS.
function returnTo(made: PlainBoard, pc: bigint, state: bigint): void {
  made.space.store(VECTORS + 0x8000n, 0xd69f_03e0n, 4);
  set(made, { elr_el1: pc, spsr_el1: state });
  made.hart.pc = VECTORS + 0x8000n;
  made.run(1);
}

describe.each(["reference", "fast"] as const)("%s", (executor) => {
  test("one instruction of EL0 is stepped, then the exception says that it was", () => {
    const made = board("nop\nldxr x0, [x1]\nsvc #1\nnop", executor);
    set(made, { mdscr_el1: STEP });
    returnTo(made, CODE, SPSR_STEP);
    made.run(2);
    expect([made.hart.pc, syndrome(made), read(made, "elr_el1")]).toEqual([
      FROM_LOWER,
      "cb000022",
      CODE + 4n,
    ]);
    expect(read(made, "spsr_el1") & SPSR_STEP).toBe(0n);
    made.hart.write("x", 1, DATA);
    returnTo(made, CODE + 4n, SPSR_STEP);
    made.run(2);
    expect([syndrome(made), read(made, "elr_el1")]).toEqual(["cb000062", CODE + 8n]);
    // A call is stepped into its handler; the return from there steps nothing.
    returnTo(made, CODE + 8n, SPSR_STEP);
    made.run(2);
    expect([syndrome(made), read(made, "spsr_el1") & SPSR_STEP]).toEqual(["56000001", 0n]);
    returnTo(made, CODE + 12n, 0n);
    made.run(2);
    expect([syndrome(made), read(made, "elr_el1")]).toEqual(["ca000022", CODE + 12n]);
  });

  test("an instruction that faults while it is stepped has not been stepped", () => {
    const made = board("udf #0", executor);
    set(made, { mdscr_el1: STEP });
    returnTo(made, CODE, SPSR_STEP);
    made.run(2);
    expect([syndrome(made), read(made, "spsr_el1") & SPSR_STEP]).toEqual(["2000000", SPSR_STEP]);
  });

  test("EL1 steps itself only with KDE and without the mask", () => {
    for (const [control, mask, isStepped] of [
      [STEP | OWN, 0n, true],
      [STEP, 0n, false],
      [STEP | OWN, 0x200n, false],
    ] as const) {
      const made = board("nop\n1: b 1b", executor);
      set(made, { mdscr_el1: control, daif: 0x3c0n });
      returnTo(made, CODE, EL1_UNMASKED | mask | SPSR_STEP);
      made.run(100);
      expect(made.hart.pc).toBe(isStepped ? FROM_SAME : CODE + 4n);
      if (isStepped) expect([syndrome(made), read(made, "elr_el1")]).toEqual(["cf000022", CODE + 4n]);
    }
  });

  test("the OS lock keeps debug exceptions away", () => {
    const made = board("1: b 1b", executor);
    set(made, { mdscr_el1: STEP, oslar_el1: 1n });
    returnTo(made, CODE, SPSR_STEP);
    made.run(50);
    expect(made.hart.pc).toBe(CODE);
  });

  test("a breakpoint is before its instruction, also one that is hot, and only where it applies", () => {
    const made = board("1: add x0, x0, #1\nsub x2, x0, #5\nadd x3, x3, #1\nb 1b", executor);
    set(made, { mdscr_el1: MONITOR, el: 0n, spsel: 0n });
    made.run(20_000);
    expect(made.hart.read("x", 0)).toBe(5000n);
    // EL0, all bytes.
    const control = (0xfn << 5n) | (2n << 1n) | 1n;
    set(made, { dbgbvr3_el1: CODE + 8n, dbgbcr3_el1: control });
    made.run(3);
    expect([made.hart.pc, syndrome(made), read(made, "elr_el1")]).toEqual([
      FROM_LOWER,
      "c2000022",
      CODE + 8n,
    ]);
    expect(made.hart.read("x", 3)).toBe(5000n);
    // Linked to a context that is another one.
    const context = (0xfn << 5n) | (3n << 20n) | 1n;
    set(made, {
      dbgbcr3_el1: control | (1n << 20n) | (5n << 16n),
      dbgbcr5_el1: context,
      dbgbvr5_el1: 7n,
      contextidr_el1: 6n,
      daif: 0n,
    });
    returnTo(made, CODE + 8n, 0n);
    made.run(4000);
    expect(made.hart.read("x", 3)).toBe(6000n);
    set(made, { contextidr_el1: 7n });
    made.run(10);
    expect(read(made, "elr_el1")).toBe(CODE + 8n);
  });

  test("a watchpoint is before the access, by bytes and kind", () => {
    const made = board("1: ldr x5, [x1]\nstr w2, [x1, #4]\nadd x2, x2, #1\nb 1b", executor);
    // Stores of bytes 6 and 7, from EL0.
    const control = (0xc0n << 5n) | (2n << 3n) | (2n << 1n) | 1n;
    set(made, { mdscr_el1: MONITOR, el: 0n, spsel: 0n });
    made.hart.write("x", 1, DATA);
    made.run(20_000);
    set(made, { dbgwvr0_el1: DATA, dbgwcr0_el1: control });
    made.run(5);
    expect([syndrome(made), read(made, "far_el1"), read(made, "elr_el1")]).toEqual([
      "d2000062",
      DATA + 6n,
      CODE + 4n,
    ]);
    expect(made.space.load(DATA + 4n, 4)).toBe(4999n);
    // Loads, anywhere in 16 bytes.
    set(made, { dbgwcr0_el1: (4n << 24n) | (1n << 3n) | (2n << 1n) | 1n, daif: 0n });
    returnTo(made, CODE + 4n, 0n);
    made.run(5);
    expect([syndrome(made), read(made, "far_el1"), read(made, "elr_el1")]).toEqual(["d2000022", DATA, CODE]);
  });

  test("ldtr at EL1 is watched as an access of EL0", () => {
    const made = board("ldr x2, [x1]\nldtr x2, [x1]", executor);
    made.hart.write("x", 1, DATA);
    const control = (0xffn << 5n) | (3n << 3n) | (2n << 1n) | 1n;
    set(made, { mdscr_el1: MONITOR | OWN, dbgwvr2_el1: DATA, dbgwcr2_el1: control });
    made.run(2);
    expect([made.hart.pc, syndrome(made), read(made, "elr_el1")]).toEqual([FROM_SAME, "d6000022", CODE + 4n]);
  });
});
