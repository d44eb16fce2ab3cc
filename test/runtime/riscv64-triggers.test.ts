// Debug triggers of a RISC-V hart with both executors; reserved fences; floating-point state after a fault.

import { describe, expect, test } from "vitest";
import { csrNumber } from "../../runtime/isa/binding.ts";
import { riscv64System } from "../../runtime/isa/riscv64/system.ts";
import type { ExecutorName } from "../../runtime/isa/executor.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { FLOAT_STATE } from "../../spec/isa/riscv64/status.ts";
import { wordOf } from "../isa/samples.ts";
import { PlainBoard } from "./support/plain-board.ts";

const RAM = { start: 0x8000_0000n, bytes: 1 << 20 };
const HANDLER = RAM.start + 0x1_0000n;
const DATA = RAM.start + 0x2_0000n;
const SELF = 0x6f;
const TYPE = 2n << 60n;
const [LOAD, STORE, EXECUTE, USER, MACHINE] = [1n, 2n, 4n, 8n, 64n];
const [COUNT, POINTER, VALUE] = [5, 10, 6];

type Line = readonly [name: string, operands: Readonly<Record<string, number>>];

function board(executor: ExecutorName, words: readonly number[]): PlainBoard {
  const made = new PlainBoard(riscv64System, RAM, executor);
  words.forEach((word, i) => made.physical.store(RAM.start + BigInt(4 * i), BigInt(word), 4));
  made.physical.store(HANDLER, BigInt(SELF), 4);
  made.system.reset({ pc: RAM.start, registers: new Map(), privilege: "M", isOn: true });
  set(made, { mtvec: HANDLER });
  made.hart.write("x", POINTER, DATA);
  return made;
}

const assembled = (lines: readonly Line[]): readonly number[] =>
  lines.map(([name, operands]) => wordOf(riscv64, riscv64.instruction(name), operands));

function set({ system }: PlainBoard, values: Readonly<Record<string, bigint>>): void {
  for (const [name, value] of Object.entries(values)) {
    expect(system.inspector.writeCsr(csrNumber(riscv64, name), value)).toBe(true);
  }
}

const read = ({ hart }: PlainBoard, ...files: readonly string[]): readonly bigint[] =>
  files.map((file) => hart.read(file, 0));

// A loop that counts, loads four bytes and stores eight.
const loop = assembled([
  ["addi", { rd: COUNT, rs1: COUNT, imm: 1 }],
  ["lw", { rd: VALUE, rs1: POINTER, imm: 0 }],
  ["sd", { rs2: COUNT, rs1: POINTER, imm: 8 }],
  ["jal", { rd: 0, target: -12 }],
]);

describe.each(["reference", "fast"] as const)("%s", (executor) => {
  test.each([
    ["the instruction", EXECUTE, RAM.start + 8n, 8n],
    ["a byte of the load", LOAD, DATA + 2n, 4n],
    ["a load of that size", LOAD | (3n << 16n), DATA, 4n],
    ["a store", STORE, DATA + 15n, 8n],
  ])("a trigger on %s fires before it, in a hot loop too", (_what, kind, address, offset) => {
    const made = board(executor, loop);
    made.run(20_000);
    set(made, { tdata2: address, tdata1: TYPE | MACHINE | kind });
    made.run(10);
    expect([made.hart.pc, ...read(made, "mcause", "mepc", "mtval")]).toEqual([
      HANDLER,
      3n,
      RAM.start + offset,
      address,
    ]);
    expect(made.hart.read("x", COUNT)).toBe(5001n);
  });

  test.each([
    ["another privilege", USER | EXECUTE, RAM.start + 8n],
    ["another size", MACHINE | LOAD | (2n << 16n), DATA],
    ["another kind", MACHINE | STORE, DATA],
  ])("a trigger on %s does not fire", (_what, kind, address) => {
    const made = board(executor, loop);
    set(made, { tselect: 1n, tdata2: address, tdata1: TYPE | kind });
    made.run(8000);
    expect(made.hart.read("x", COUNT)).toBe(2000n);
  });

  test("fences do not look at reserved fields", () => {
    const made = board(executor, [0x0ff0_008f, 0x5ff2_800f, 0x8010_000f, 0xfff2_900f, SELF]);
    made.run(5);
    expect(made.hart.pc).toBe(RAM.start + 16n);
  });

  test("floating-point state stays clean if the instruction that would change it faults", () => {
    const made = board(executor, assembled([["fld", { frd: 1, rs1: 0, imm: 0 }]]));
    set(made, { mstatus: FLOAT_STATE.clean << 13n });
    made.run(1);
    expect([...read(made, "mcause")]).toEqual([5n]);
    expect((made.hart.read("mstatus", 0) >> 13n) & 3n).toBe(FLOAT_STATE.clean);
    made.hart.pc = RAM.start;
    made.physical.store(
      RAM.start,
      BigInt(wordOf(riscv64, riscv64.instruction("fld"), { frd: 1, rs1: POINTER, imm: 0 })),
      8,
    );
    made.run(1);
    expect((made.hart.read("mstatus", 0) >> 13n) & 3n).toBe(FLOAT_STATE.dirty);
  });
});
