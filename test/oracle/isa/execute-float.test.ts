// Floating-point instructions against QEMU, bit by bit with flags, over states full of special numbers.
// PANCAKE_FLOAT_STATES says how many states each instruction gets.

import { expect, it } from "vitest";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { Random } from "../../isa/samples.ts";
import type { StateMachineText } from "./state-runner.ts";
import { differences, makeKernels } from "./state-runner.ts";

const SEED = Number(process.env["PANCAKE_SEED"] ?? 20261128);
const STATES = Number(process.env["PANCAKE_FLOAT_STATES"] ?? 64);
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

const ARM = { input: "x18", output: "x19", cell: "x20", scratch: "x21", count: "x22", other: "x23" };

// Bits of the condition flags in the system register `nzcv`.
const flagBits: Readonly<Record<string, number>> = { flagN: 31, flagZ: 30, flagC: 29, flagV: 28 };

/** DN, FZ and RMode of fpcr; the sticky flags of fpsr. */
const FPCR = { rounding: 22n, flush: 1n << 24n, defaultNan: 1n << 25n };
const FPSR_FLAGS = 0x9fn;

const armText: StateMachineText = {
  isa: arm64,
  reserved: [18, 19, 20, 21, 22, 23],
  tools: "aarch64-linux-gnu-",
  assemble: ["-march=armv8-a"],
  qemu: ["qemu-aarch64"],
  start: ({ cell, input, output }) =>
    [
      [ARM.cell, cell],
      [ARM.input, input],
      [ARM.output, output],
    ].map(([register, at]) => `ldr ${String(register)}, =${String(at)}`),
  load: (file, index, offset) => {
    const from = `[${ARM.input}, ${String(offset)}]`;
    if (file === "v") return [`ldr q${String(index)}, ${from}`];
    if (file === "x") return [`ldr x${String(index)}, ${from}`];
    const bit = flagBits[file];
    if (bit === undefined) return [`ldr ${ARM.scratch}, ${from}`, `msr ${file}, ${ARM.scratch}`];
    const insert = `bfi ${ARM.scratch}, ${ARM.other}, ${String(bit)}, 1`;
    return [`ldr ${ARM.other}, ${from}`, `mrs ${ARM.scratch}, nzcv`, insert, `msr nzcv, ${ARM.scratch}`];
  },
  store: (file, index, offset) => {
    const to = `[${ARM.output}, ${String(offset)}]`;
    if (file === "v") return [`str q${String(index)}, ${to}`];
    if (file === "x") return [`str x${String(index)}, ${to}`];
    const bit = flagBits[file];
    if (bit === undefined) return [`mrs ${ARM.scratch}, ${file}`, `str ${ARM.scratch}, ${to}`];
    const extract = `ubfx ${ARM.scratch}, ${ARM.scratch}, ${String(bit)}, 1`;
    return [`mrs ${ARM.scratch}, nzcv`, extract, `str ${ARM.scratch}, ${to}`];
  },
  fillCell: (at, offset) => [
    `ldr ${ARM.scratch}, [${ARM.input}, ${String(offset)}]`,
    `str ${ARM.scratch}, [${ARM.cell}, ${String(at)}]`,
  ],
  dumpCell: (at, offset) => [
    `ldr ${ARM.scratch}, [${ARM.cell}, ${String(at)}]`,
    `str ${ARM.scratch}, [${ARM.output}, ${String(offset)}]`,
  ],
  loop: (count, bytes, body) => [
    `mov ${ARM.count}, ${String(count)}`,
    "1:",
    ...body,
    `add ${ARM.input}, ${ARM.input}, ${String(bytes)}`,
    `add ${ARM.output}, ${ARM.output}, ${String(bytes)}`,
    `sub ${ARM.count}, ${ARM.count}, 1`,
    `cbnz ${ARM.count}, 1b`,
  ],
  finish: (bytes) => [
    "mov x0, 1",
    "ldr x1, =0x70000000",
    `ldr x2, =${String(bytes)}`,
    "mov x8, 64",
    "svc 0",
    "mov x0, 0",
    "mov x8, 93",
    "svc 0",
    ".ltorg",
  ],
  control: (file, random) => {
    if (flagBits[file] !== undefined) return BigInt(random.below(2));
    if (file === "fpsr") return random.below(2) === 0 ? 0n : BigInt(random.next()) & FPSR_FLAGS;
    if (file !== "fpcr") return null;
    const rounding = BigInt(random.below(4)) << FPCR.rounding;
    const flush = random.below(4) === 0 ? FPCR.flush : 0n;
    return rounding | flush | (random.below(4) === 0 ? FPCR.defaultNan : 0n);
  },
  box: null,
};

it.each([
  { text: riscvText, groups: ["F", "D", "Zcd"] },
  { text: armText, groups: ["FloatScalar", "FloatVector"] },
])("$text.isa.name: $groups", ({ text, groups }) => {
  const random = new Random(SEED);
  const counts = { operands: OPERANDS, states: Math.ceil(STATES / OPERANDS) };
  const kernels = text.isa.instructions
    .filter((i) => groups.includes(i.group))
    .flatMap((instruction) => makeKernels(text, instruction, counts, random));
  expect(kernels.length).toBeGreaterThan(groups.length * OPERANDS);
  expect(differences(text, kernels).slice(0, 20)).toEqual([]);
});
