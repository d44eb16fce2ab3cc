// RISC-V's traps, returns and privileged instructions against QEMU, from random states: delegation, vectors, saved
// state, what TVM, TW, TSR and FS forbid, and interrupts in order of their priority.

import { expect, test } from "vitest";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { STATUS } from "../../../spec/isa/riscv64/status.ts";
import type { OperandValues } from "../../../spec/isa/schema.ts";
import { fieldMask } from "../../../runtime/core/bit-field.ts";
import { Random, wordOf } from "../../isa/samples.ts";
import { compareStates, RAM, Riscv64Pair, type PrivilegedSetup, type Sample } from "./riscv64-pair.ts";
import { anyPrivilege, anyRegisters, anyStatus, CODE, pick } from "./riscv64-random.ts";

const COUNT = Number(process.env["SYSTEM_ORACLE_STATES"] ?? 400);
const DATA = RAM.start + 0x30_0000n;
const POINTER = 10;
const FLOAT_RESULT = 7;

/** Instructions whose outcome depends on privileged state, or that trap. */
const instructions: readonly (readonly [name: string, operands: OperandValues])[] = [
  ["mret", {}],
  ["sret", {}],
  ["wfi", {}],
  ["ecall", {}],
  ["ebreak", {}],
  ["sfence.vma", { rs1: 0, rs2: 0 }],
  ["sfence.vma", { rs1: POINTER, rs2: POINTER }],
  ["fence.i", {}],
  ["fadd.d", { frd: 1, frs1: 2, frs2: 3, rm: 0 }],
  ["fld", { frd: 1, imm: 0, rs1: POINTER }],
  ["fsd", { frs2: 1, imm: 0, rs1: POINTER }],
  ["fmv.x.d", { rd: FLOAT_RESULT, frs1: 1 }],
  ["fmv.d.x", { frd: 1, rs1: POINTER }],
  ["csrrs", { csr: 3, rs1: 0, rd: FLOAT_RESULT }],
  ["csrrw", { csr: 2, rs1: POINTER, rd: 0 }],
  ["csrrsi", { csr: 1, zimm: 3, rd: 0 }],
  ["lw", { rd: 6, imm: 1, rs1: POINTER }],
  ["ld", { rd: 6, imm: 8, rs1: 0 }],
  ["sd", { rs2: POINTER, imm: 8, rs1: 0 }],
  ["lr.w", { order: 0, rd: 6, rs1: POINTER }],
  ["amoadd.d", { order: 0, rd: 6, rs1: POINTER, rs2: POINTER }],
  ["jalr", { rd: 1, imm: 1, rs1: POINTER }],
];

/** Words that are no instruction: reserved encodings, 16 and 32 bits; and fences with fields that count for nothing. */
const undefinedWords = [0x0000, 0x8c00_0001, 0xffff_ffff, 0x0000_707b, 0x3020_0074, 0x9c41];
const oddFences = [
  0x0ff0_008f, 0x0ff2_800f, 0x1ff0_000f, 0x8010_000f, 0x8330_008f, 0xf000_000f, 0x0000_108f, 0xfff2_900f,
];

async function check(
  takesInterrupts: boolean,
  count: number,
  make: (random: Random) => Sample,
): Promise<void> {
  const pair = await Riscv64Pair.start(takesInterrupts);
  const random = new Random(takesInterrupts ? 7 : 5);
  expect(await compareStates(pair, count, random, make)).toEqual([]);
}

// Jumps to itself: QEMU's step of a wait that ends at once goes one instruction further.
const SELF = 0x6fn;

function sample(text: string, word: number, random: Random): Sample {
  // QEMU says of a misaligned amo that it is a load; the manual that it is a store (A, 3.1.15).
  const misaligned = text.startsWith("amo") || random.below(4) > 0 ? 0n : BigInt(random.below(8));
  // QEMU's returns keep MPRV, as manuals before 1.12 had it.
  const mprv = text.endsWith("ret") ? fieldMask(STATUS.MPRV) : 0n;
  const setup = {
    privilege: anyPrivilege(random),
    pc: CODE,
    x: { [POINTER]: DATA + misaligned },
    // The timer's interrupt is always pending; enabled, it keeps QEMU from waiting in wfi, which no step ends.
    registers: [
      ...anyRegisters(random),
      ["mstatus", anyStatus(random) & ~mprv],
      ["mie", (random.value64() & 0xaaan) | 0x80n],
    ] as const,
    memory: [
      [CODE, BigInt(word) | (SELF << 32n)],
      [DATA, 0x0123_4567_89ab_cdefn],
    ] as const,
  };
  return { text, setup, watched: { memory: [DATA] } };
}

test("instructions that trap or depend on the privilege", async () => {
  await check(false, COUNT, (random) => {
    const [name, operands] = pick(random, instructions);
    return sample(name, wordOf(riscv64, riscv64.instruction(name), operands), random);
  });
});

test("words that are no instruction", async () => {
  await check(false, COUNT / 4, (random) => {
    const word = pick(random, [...undefinedWords, ...oddFences]);
    return sample(word.toString(16), word, random);
  });
});

// At most one that the machine's handler gets and one that the supervisor's gets: without its interrupt architecture
// QEMU takes the lowest number first, the manual says an order (3.1.9).
function onePerHandler(random: Random): PrivilegedSetup["registers"] {
  const delegated = random.value64() & 0x222n;
  const one = (codes: readonly number[]): bigint => 1n << BigInt(pick(random, codes));
  const all = [1, 5, 7, 9];
  const isDelegated = (code: number): boolean => ((delegated >> BigInt(code)) & 1n) === 1n;
  const machines = one(all.filter((code) => !isDelegated(code)));
  const supervisors = delegated === 0n ? 0n : one(all.filter(isDelegated));
  return [
    ["mideleg", delegated],
    ["mie", machines | supervisors],
  ];
}

test("interrupts", async () => {
  await check(true, COUNT / 2, (random) => {
    const { text, setup, watched } = sample("nop", 0x13, random);
    const registers = [...setup.registers, ...onePerHandler(random)];
    return { text, setup: { ...setup, registers }, watched };
  });
});
