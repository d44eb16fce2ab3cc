// Floating-point instructions against QEMU, bit by bit with flags, over states full of special numbers.
// PANCAKE_FLOAT_STATES says how many states each instruction gets.

import { expect, it } from "vitest";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { Random } from "../../isa/samples.ts";
import type { StateMachineText } from "./state-runner.ts";
import { differences, makeKernels } from "./state-runner.ts";

const SEED = Number(process.env["PANCAKE_SEED"] ?? 20261128);
const STATES = Number(process.env["PANCAKE_FLOAT_STATES"] ?? 120);
/** Choices of operands among which an instruction's states are divided. */
const OPERANDS = 8;

const [INPUT, OUTPUT, CELL, SCRATCH, COUNT] = ["x18", "x19", "x20", "x21", "x22"];

const riscvText: StateMachineText = {
  isa: riscv64,
  reserved: [18, 19, 20, 21, 22],
  tools: "riscv64-linux-gnu-",
  assemble: ["-march=rv64gc", "-mno-relax"],
  qemu: ["qemu-riscv64", "-cpu", "rv64"],
  start: ({ cell, input, output }) =>
    [
      [CELL, cell],
      [INPUT, input],
      [OUTPUT, output],
    ].map(([register, at]) => `li ${String(register)}, ${String(at)}`),
  load: (file, index, offset) => {
    const from = `${String(offset)}(${INPUT})`;
    if (file === "x") return [`ld x${String(index)}, ${from}`];
    if (file === "f") return [`fld f${String(index)}, ${from}`];
    return [`ld ${SCRATCH}, ${from}`, `csrw ${file}, ${SCRATCH}`];
  },
  store: (file, index, offset) => {
    const to = `${String(offset)}(${OUTPUT})`;
    if (file === "x") return [`sd x${String(index)}, ${to}`];
    if (file === "f") return [`fsd f${String(index)}, ${to}`];
    return [`csrr ${SCRATCH}, ${file}`, `sd ${SCRATCH}, ${to}`];
  },
  fillCell: (at, offset) => [
    `ld ${SCRATCH}, ${String(offset)}(${INPUT})`,
    `sd ${SCRATCH}, ${String(at)}(${CELL})`,
  ],
  dumpCell: (at, offset) => [
    `ld ${SCRATCH}, ${String(at)}(${CELL})`,
    `sd ${SCRATCH}, ${String(offset)}(${OUTPUT})`,
  ],
  loop: (count, bytes, body) => [
    `li ${COUNT}, ${String(count)}`,
    "1:",
    ...body,
    `addi ${INPUT}, ${INPUT}, ${String(bytes)}`,
    `addi ${OUTPUT}, ${OUTPUT}, ${String(bytes)}`,
    `addi ${COUNT}, ${COUNT}, -1`,
    `bnez ${COUNT}, 1b`,
  ],
  finish: (bytes) => [
    "li a0, 1",
    "li a1, 0x70000000",
    `li a2, ${String(bytes)}`,
    "li a7, 64",
    "ecall",
    "li a0, 0",
    "li a7, 93",
    "ecall",
  ],
  control: (file, random) => {
    if (file === "frm") return BigInt(random.below(5));
    return file === "fflags" ? BigInt(random.below(2) * random.below(32)) : null;
  },
  // One in eight is no single at all.
  box: (value, width, random) =>
    random.below(8) === 0 ? value : BigInt.asUintN(64, (-1n << BigInt(width)) | value),
};

it.each([{ text: riscvText, groups: ["F", "D", "Zcd"] }])("$text.isa.name: $groups", ({ text, groups }) => {
  const random = new Random(SEED);
  const counts = { operands: OPERANDS, states: Math.ceil(STATES / OPERANDS) };
  const kernels = text.isa.instructions
    .filter((i) => groups.includes(i.group))
    .flatMap((instruction) => makeKernels(text, instruction, counts, random));
  expect(kernels.length).toBeGreaterThan(groups.length * OPERANDS);
  expect(differences(text, kernels).slice(0, 20)).toEqual([]);
});
