// RISC-V for fuzzing whole boards: start-up code and handlers, privileged registers, table entries.
// Relies on spec/isa/riscv64. Handlers keep a count of traps in mscratch and sscratch: they skip what trapped, and now
// and then go on somewhere else, in another mode, or from the start.

import { privilegedRegisters } from "../../../spec/isa/riscv64/privileged.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { STATUS, TABLE_ENTRY, TRANSLATION, type BitField } from "../../../spec/isa/riscv64/status.ts";
import type { Random } from "../../support/random-program/prng.ts";
import type { BootParts, Chosen, FuzzIsa, FuzzRegister, ModeChange } from "./fuzz-isa.ts";
import * as layout from "./layout.ts";

const [T4, T5, T6, SCRATCH, SECOND] = [29, 30, 31, 28, 27] as const;
/** Where `boot` finds the first count. */
const A3 = 13;
const PAGE_BITS = 12n;

const field = ({ low }: BitField, value: bigint): bigint => value << BigInt(low);

function numberOf(name: string): number {
  const csr = riscv64.csrs.find((c) => c.name === name);
  if (csr === undefined) throw new Error(`RISC-V has no ${name}`);
  return csr.number;
}

type Sensible = NonNullable<FuzzRegister["sensible"]>;

const codeAddress: Sensible = (random, around) => layout.codeAddress(random, around, 2);
/** satp with the tables of the layout. */
function translated(memory: bigint, space: bigint): bigint {
  const root = (memory + BigInt(layout.TABLES_AT)) >> PAGE_BITS;
  return field(TRANSLATION.mode, 8n) | field(TRANSLATION.space, space) | root;
}

const root: Sensible = (random, { memory }) =>
  random.chance(25) ? 0n : translated(memory, BigInt(random.below(3)));

const anywhere: Sensible = (random, around) => layout.anyAddress(random, around) >> 2n;

/** Values by register; `null`: none is sensible, so it is left alone. */
const sensible: Readonly<Record<string, Sensible | null>> = {
  satp: root,
  sepc: codeAddress,
  mepc: codeAddress,
  stvec: null,
  mtvec: null,
  pmpcfg0: (random) => BigInt(random.below(0x20)) | 0x1f_0000_0000_0000n | (BigInt(random.below(0x20)) << 8n),
  pmpcfg2: (random) => BigInt(random.below(0x20)),
  ...Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`pmpaddr${String(i)}`, anywhere])),
  pmpaddr6: () => (1n << 54n) - 1n,
};
const vital: ReadonlySet<string> = new Set(["stvec", "mtvec", "pmpcfg0", "pmpcfg2", "pmpaddr6", "satp"]);

const registers: readonly FuzzRegister[] = [
  ...privilegedRegisters.map(({ name }) => name),
  ...riscv64.csrs.filter(({ fields }) => fields !== undefined).map(({ name }) => name),
].map((name) => ({
  name,
  number: numberOf(name),
  isVital: vital.has(name),
  sensible: sensible[name] ?? null,
}));

function statusFor(random: Random, previous: BitField, levels: readonly bigint[]): bigint {
  const bits = [STATUS.SIE, STATUS.MIE, STATUS.SPIE, STATUS.MPIE, STATUS.SUM, STATUS.MXR, STATUS.MPRV];
  const set = bits.filter(() => random.chance(30)).reduce((all, bit) => all | field(bit, 1n), 0n);
  return set | field(STATUS.FS, BigInt(random.below(4))) | field(previous, random.pick(levels));
}

const modeChanges: readonly ModeChange[] = [
  {
    registers: (random, around) => [
      ["mepc", codeAddress(random, around)],
      ["mstatus", statusFor(random, STATUS.MPP, [0n, 1n, 3n])],
    ],
    instruction: ["mret", {}],
  },
  {
    registers: (random, around) => [
      ["sepc", codeAddress(random, around)],
      ["sstatus", statusFor(random, STATUS.SPP, [0n, 1n])],
    ],
    instruction: ["sret", {}],
  },
  { registers: () => [], instruction: ["ecall", {}] },
  { registers: () => [], instruction: ["ebreak", {}] },
];

// Pieces of 12 bits, most significant first, after the upper 32 bits.
function constant(rd: number, value: bigint): readonly Chosen[] {
  const signed = BigInt.asIntN(64, value);
  const low = BigInt.asIntN(12, signed);
  const rest = signed - low;
  if (BigInt.asIntN(32, signed) === signed) {
    const upper = Number(BigInt.asUintN(20, rest >> PAGE_BITS));
    const start: Chosen[] = upper === 0 ? [] : [["lui", { rd, upper }]];
    const rs1 = upper === 0 ? 0 : rd;
    return [...start, [upper === 0 ? "addi" : "addiw", { rd, rs1, imm: Number(low) }]];
  }
  let shift = 12n;
  while (((rest >> shift) & 1n) === 0n && shift < 63n) shift += 1n;
  const end: Chosen[] = low === 0n ? [] : [["addi", { rd, rs1: rd, imm: Number(low) }]];
  return [
    ...constant(rd, BigInt.asIntN(64, rest) >> shift),
    ["slli", { rd, rs1: rd, shamt: Number(shift) }],
    ...end,
  ];
}

const stores = { 1: "sb", 2: "sh", 4: "sw", 8: "sd" } as const;
const loads = { 1: "lbu", 2: "lhu", 4: "lw", 8: "ld" } as const;

// Goes on at a place that the count in t5 says.
function elsewhere(code: bigint, codeBytes: number): string {
  const mask = 2 ** Math.floor(Math.log2(codeBytes)) - 2;
  return `
  li t6, 0x9e3779b1
  mul t6, t6, t5
  srli t6, t6, 11
  srli t5, t6, 20
  andi t5, t5, 1
  slli t5, t5, 21
  li t4, ${String(mask)}
  and t4, t6, t4
  add t4, t4, t5
  srli t6, t6, 21
  andi t6, t6, 1
  li t5, 0x${code.toString(16)}
  bnez t6, 1f
  li t5, 0x${layout.WINDOW.toString(16)}
1:
  add t6, t4, t5`;
}

function handlerOf(level: "m" | "s", otherwise: string): string {
  return `
  .balign 64
${level}handler:
  csrr t6, ${level}cause
  bltz t6, ${level}interrupt
  csrr t5, ${level}scratch
  addi t5, t5, 1
  csrw ${level}scratch, t5
  addi t6, t6, -1
  beqz t6, ${level}elsewhere
  addi t6, t6, -11
  beqz t6, ${level}elsewhere
  andi t6, t5, 31
  beqz t6, ${otherwise}
  andi t6, t5, 7
  beqz t6, ${level}elsewhere
  csrr t6, ${level}epc
  addi t6, t6, 4
  csrw ${level}epc, t6
  ${level}ret
${level}interrupt:
  csrw ${level}ie, zero
  ${level}ret`;
}

/** Sources of the PLIC that devices of the board drive: all enabled in all contexts, of one priority. */
const SOURCES = 11;

function boot({ shape, code, codeBytes, random, addressOf }: BootParts): string {
  const plic = addressOf("plic");
  const words = [
    ...Array.from({ length: SOURCES }, (_, i) => [plic + BigInt(4 * (i + 1)), 1n] as const),
    ...Array.from(
      { length: 2 * shape.harts },
      (_, i) => [plic + 0x2000n + BigInt(0x80 * i), 0xffen] as const,
    ),
  ];
  const controller = words.map(([at, value]) => `li t0, ${String(at)}\n  li t1, ${String(value)}\n  sw t1, 0(t0)`).join("\n  "); // prettier-ignore
  const memory = code - BigInt(layout.CODE_AT);
  const satp = random.chance(70) ? translated(memory, 0n) : 0n;
  const delegated = random.chance(40) ? 0 : random.below(0x10000);
  const supervisorOnly = shape.privilege === "S";
  const machine = `
  csrw mscratch, a3
mstart:
  la t0, mhandler
  csrw mtvec, t0
  li t0, -1
  csrw pmpaddr6, t0
  li t0, 0x1f000000000000
  csrw pmpcfg0, t0
  csrw pmpcfg2, zero
  csrw mcounteren, t0
  csrw menvcfg, t0
  li t0, ${String(delegated)}
  csrw medeleg, t0
  li t0, 0x222
  csrw mideleg, t0
  li t0, 0xaaa
  csrw mie, t0
  li t0, 0x6000
  csrs mstatus, t0
  la t0, shandler
  csrw stvec, t0
  li t0, ${String(satp)}
  csrw satp, t0
  csrr t5, mscratch
melsewhere:
  ${elsewhere(code, codeBytes)}
  csrw mepc, t6
  csrr t5, mscratch
  slli t5, t5, 8
  li t6, 0x1800
  and t5, t5, t6
  csrc mstatus, t6
  ori t5, t5, 0x80
  csrs mstatus, t5
  mret
  ${handlerOf("m", "mstart")}`;
  return `
  .globl _start
_start:
  ${controller}
  csrw sscratch, a3
  ${supervisorOnly ? "" : machine}
sstart:
  la t0, shandler
  csrw stvec, t0
  li t0, ${String(satp)}
  csrw satp, t0
  li t0, 0x46000
  csrs sstatus, t0
  li t0, 0x222
  csrw sie, t0
  csrr t5, sscratch
selsewhere:
  ${elsewhere(code, codeBytes)}
  csrw sepc, t6
  csrr t5, sscratch
  slli t5, t5, 5
  li t6, 0x100
  and t5, t5, t6
  csrc sstatus, t6
  ori t5, t5, 0x20
  csrs sstatus, t5
  sret
  ${handlerOf("s", supervisorOnly ? "sstart" : "selsewhere")}
`;
}

const R = TABLE_ENTRY;
const leafBits = [R.V, R.R, R.W, R.X, R.A, R.D].reduce((all, bit) => all | field(bit, 1n), 0n);

export const riscv64Fuzz: FuzzIsa = {
  isa: riscv64,
  shape: (random) => {
    const hasFirmware = random.chance(30);
    return {
      harts: random.pick([1, 1, 1, 2, 4]),
      hasHypervisor: false,
      gicVersion: 2,
      privilege: hasFirmware ? "S" : "M",
      hasFirmware,
      isLegacyVirtio: random.chance(40),
    };
  },
  generalClasses: new Set(["x", "xc"]),
  base: new Set(["rs1"]),
  pointers: [8, 9, 10, 11, 18, 19],
  scratch: [SCRATCH, SECOND],
  handlerRegisters: [T4, T5, T6],
  registers,
  modeChanges,
  timers: [
    {
      now: "time",
      compare: "stimecmp",
      then: [
        ["sie", 0x222n],
        ["sstatus", 0x4_6002n],
      ],
    },
  ],
  translationSwitches: [["satp"]],
  translationFences: [
    ["sfence.vma", { rs1: 0, rs2: 0 }],
    ["sfence.vma", { rs1: 8, rs2: 0 }],
    ["sfence.vma", { rs1: 9, rs2: 9 }],
  ],
  codeFences: () => [["fence.i", {}]],
  waits: [["wfi", {}]],
  nop: ["addi", { rd: 0, rs1: 0, imm: 0 }],
  constant,
  add: (rd, rs2) => ["add", { rd, rs1: rd, rs2 }],
  readRegister: (rd, csr) => ["csrrs", { rd, csr, rs1: 0 }],
  writeRegister: (csr, rs1) => ["csrrw", { rd: 0, csr, rs1 }],
  flipRegister: (csr, bits) => [
    ...constant(SCRATCH, bits),
    ["csrrs", { rd: SECOND, csr, rs1: 0 }],
    ["xor", { rd: SCRATCH, rs1: SCRATCH, rs2: SECOND }],
    ["csrrw", { rd: 0, csr, rs1: SCRATCH }],
  ],
  store: (rs2, rs1, bytes) => [stores[bytes], { rs2, rs1, imm: 0 }],
  load: (rd, rs1, bytes) => [loads[bytes], { rd, rs1, imm: 0 }],
  reservation: (rs1, between) => [
    ["lr.d", { rd: SCRATCH, rs1, order: 0 }],
    ...between,
    ["sc.d", { rd: SECOND, rs1, rs2: SCRATCH, order: 0 }],
  ],
  jump: (rs1) => ["jalr", { rd: 1, rs1, imm: 0 }],
  jumpBy: (target) => ["jal", { rd: 0, target }],
  tableEntry: (random, physical, kind) => {
    const number = (physical >> PAGE_BITS) << BigInt(R.number.low);
    if (kind === "table") return number | field(R.V, 1n);
    const bits = [R.R, R.W, R.X, R.A, R.D].filter(() => random.chance(80));
    const user = random.chance(50) ? field(R.U, 1n) : 0n;
    const valid = random.chance(92) ? field(R.V, 1n) : 0n;
    return bits.reduce((all, bit) => all | field(bit, 1n), number | user | valid);
  },
  secondStageEntry: null,
  identityEntry: (physical) => ((physical / BigInt(layout.PAGE)) << BigInt(R.number.low)) | leafBits,
  boot,
  startRegisters: (_, hart, random) =>
    new Map([
      [10, BigInt(hart)],
      [A3, BigInt(8 * (3 + 4 * random.below(32)))],
    ]),
};
