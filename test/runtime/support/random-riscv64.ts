// What random RISC-V programs are made of. Relies on random-code.ts.

import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Instruction } from "../../../spec/isa/schema.ts";
import type { Chosen, RandomIsa } from "./random-code.ts";

const RA = 1;
const [S0, S1, S2] = [8, 9, 18] as const;
const kept: ReadonlySet<number> = new Set([2, S0, S1, S2]);
const free = Array.from({ length: 32 }, (_, i) => i).filter((i) => !kept.has(i));

const arithmeticGroups: ReadonlySet<string> = new Set(["I", "M", "Zba", "Zbb", "Zbs", "Zicond", "F", "D"]);
const isJump = (i: Instruction): boolean => i.operands.some((o) => o.name === "target") || i.name === "jalr";
const isAccess = (i: Instruction): boolean =>
  i.meaning.text.match(/load|store|atomic|reserve|conditional/) !== null;
const writesSomething = (i: Instruction): boolean =>
  i.operands.some((o) => o.name === "rd" || o.name === "frd");
const inGroups =
  (...groups: string[]) =>
  (i: Instruction): boolean =>
    groups.includes(i.group);

const csrNamed = (name: string): number => riscv64.csrs.find((c) => c.name === name)?.number ?? 0;
const counters = ["cycle", "instret"].map(csrNamed);
const frm = csrNamed("frm");
/** Rounding modes that frm may hold. */
const ROUNDINGS = 5;
const named = (name: string): readonly Instruction[] => [riscv64.instruction(name)];

/** RV64GC with the bit extensions. */
export const randomRiscv64: RandomIsa = {
  isa: riscv64,
  free,
  zero: 0,
  bases: [S0, S1],
  counter: S2,
  link: RA,
  generalClasses: new Set(["x"]),
  arithmetic: riscv64.instructions.filter(
    (i) => arithmeticGroups.has(i.group) && !isJump(i) && !isAccess(i) && writesSomething(i),
  ),
  accesses: [
    {
      percent: 23,
      instructions: riscv64.instructions.filter((i) => inGroups("I", "F", "D")(i) && isAccess(i)),
      prepare: null,
    },
    // Atomics demand alignment, which the bases have.
    { percent: 6, instructions: riscv64.instructions.filter(inGroups("A")), prepare: null },
  ],
  others: [
    {
      percent: 1,
      instructions: named("csrrs"),
      prepare: (_, random) => ({ before: [], operands: { csr: random.pick(counters), rs1: 0 } }),
    },
    {
      percent: 2,
      instructions: named("csrrwi"),
      prepare: (_, random) => ({ before: [], operands: { csr: frm, zimm: random.below(ROUNDINGS) } }),
    },
    { percent: 1, instructions: named("fence.i"), prepare: null },
    { percent: 1, instructions: named("fence"), prepare: null },
  ],
  base: new Set(["rs1"]),
  branches: riscv64.instructions.filter((i) => i.group === "I" && /^b/.test(i.name) && isJump(i)),
  constant(rd, value, spread) {
    const low = ((value & 0xfff) ^ 0x800) - 0x800;
    const upper = ((value - low) >>> 12) & 0xfffff;
    const start: Chosen[] = [
      ["lui", { rd, upper }],
      ["addi", { rd, rs1: rd, imm: low }],
    ];
    if (spread === null) return start;
    return [
      ...start,
      ["slli", { rd, rs1: rd, shamt: spread.shift }],
      ["xori", { rd, rs1: rd, imm: -spread.mask }],
    ];
  },
  // The body may be longer than a branch reaches: jump over a jump.
  loopEnd: (distance) => [
    ["addi", { rd: S2, rs1: S2, imm: -1 }],
    ["beq", { rs1: S2, rs2: 0, target: 8 }],
    ["jal", { rd: 0, target: 4 * distance }],
  ],
  jump: (words) => ["jal", { rd: 0, target: 4 * words }],
  call: (words) => ["jal", { rd: RA, target: 4 * words }],
  back: ["jalr", { rd: 0, rs1: RA, imm: 0 }],
  exit: () => [
    ...free.map((register): Chosen => ["xor", { rd: 10, rs1: 10, rs2: register }]),
    ["addi", { rd: 17, rs1: 0, imm: 93 }],
    ["ecall", {}],
  ],
};
