// RISC-V's address translation and memory protection against QEMU: random table entries at every level, every kind of
// access, with the flags that a walk leaves behind; random protection entries down to four bytes, locked ones too.

import { expect, test } from "vitest";
import { fieldMask, withField } from "../../../runtime/core/bit-field.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import { STATUS } from "../../../spec/isa/riscv64/status.ts";
import type { OperandValues } from "../../../spec/isa/schema.ts";
import { Random, wordOf } from "../../isa/samples.ts";
import { compareStates, Riscv64Pair, type Sample } from "./riscv64-pair.ts";
import * as random64 from "./riscv64-random.ts";
import { anyMapping, TABLES, TARGETS } from "./riscv64-tables.ts";

const { anyPrivilege, anyStatus, CODE, MACHINE_VECTOR, OPEN_MEMORY, pick, SUPERVISOR_VECTOR } = random64;

const COUNT = Number(process.env["SYSTEM_ORACLE_STATES"] ?? 300);
const LOCKED_MACHINES = 4;

const POINTER = 10;
const VALUE = 11;
const RESULT = 12;
const PAGE = 4096n;
const MPRV = fieldMask(STATUS.MPRV);

const schemes = [
  { mode: 8n, levels: 3 },
  { mode: 9n, levels: 4 },
  { mode: 10n, levels: 5 },
] as const;

const load = { rd: RESULT, imm: 0, rs1: POINTER };
const store = { rs2: VALUE, imm: 0, rs1: POINTER };
const amo = { order: 0, rd: RESULT, rs1: POINTER, rs2: VALUE };

const accesses: readonly (readonly [name: string, operands: OperandValues])[] = [
  ...["lb", "lhu", "lw", "ld"].map((name) => [name, load] as const),
  ...["sb", "sh", "sw", "sd"].map((name) => [name, store] as const),
  ["lr.d", { order: 0, rd: RESULT, rs1: POINTER }],
  ["amoadd.w", amo],
  ["amoswap.d", amo],
];

/** Causes and saved state of nothing, and handlers. */
const handlers = [
  ...["mepc", "mcause", "mtval", "sepc", "scause", "stval"].map((name) => [name, 0n] as const),
  ["mtvec", MACHINE_VECTOR],
  ["stvec", SUPERVISOR_VECTOR],
] as const;

// Instructions of a target are nops or undefined. (Over the page's end is a fence, whose unused fields QEMU ignores.)
const targets = [0n, 8n, PAGE - 8n, PAGE, 2n * PAGE - 8n].map(
  (at) => [TARGETS + at, (at === PAGE ? 0n : 0x13_0000_0013n) + (at << 40n)] as const,
);

// What was stored may be executed as floating point, which our hart marks as changed even if it then faults.
function dirtyStatus(random: Random): bigint {
  return anyStatus(random) | fieldMask(STATUS.FS);
}

/** An access, or a fetch from the address instead. */
interface Access {
  readonly text: string;
  readonly word: bigint;
  readonly target: bigint;
  readonly pc: bigint;
  /** What is not compared. */
  readonly except: readonly string[];
}

function anyAccess(random: Random, address: bigint, isFetch: boolean): Access {
  const [name, operands] = pick(random, accesses);
  const isAtomic = name.startsWith("amo");
  // QEMU's amo faults as the load that it begins with; the manual says store.
  const except = isAtomic && !isFetch ? ["mcause", "scause"] : [];
  const target = isAtomic || name.startsWith("lr") ? address & ~7n : address;
  const word = BigInt(wordOf(riscv64, riscv64.instruction(name), operands));
  const pc = isFetch ? address & ~1n : CODE;
  const text = isFetch ? `fetch at ${pc.toString(16)}` : `${name} at ${target.toString(16)}`;
  return { text, word, target, pc, except };
}

function translationSample(random: Random): Sample {
  const { mode, levels } = pick(random, schemes);
  const privilege = anyPrivilege(random);
  const isMachine = privilege === 3n;
  const isCodeUser = privilege === 0n;
  const isFetch = !isMachine && random.below(5) === 0;
  const isUser = random.below(4) === 0 ? !isCodeUser : isCodeUser;
  const { words, address } = anyMapping(random, { levels, isUser, isCodeUser });
  const access = anyAccess(random, address, isFetch);
  return {
    text: `${access.text}, mode ${String(mode)}, privilege ${String(privilege)}`,
    setup: {
      privilege,
      pc: access.pc,
      x: { [POINTER]: access.target, [VALUE]: 0x1122_3344_5566_7788n },
      registers: [
        ...OPEN_MEMORY,
        ...handlers,
        ["medeleg", pick(random, [0n, 0xb3ffn])],
        [
          "mstatus",
          isMachine
            ? withField(dirtyStatus(random) | MPRV, STATUS.MPP, pick(random, [0n, 1n]))
            : dirtyStatus(random),
        ],
        ["satp", (mode << 60n) | (TABLES / PAGE)],
      ],
      memory: [[CODE, access.word], ...targets, ...words],
    },
    watched: { memory: [...words, ...targets].map(([at]) => at), except: access.except },
  };
}

test("walks of random tables", async () => {
  const pair = await Riscv64Pair.start(false);
  expect(await compareStates(pair, COUNT, new Random(11), translationSample)).toEqual([]);
});

// Four entries about one page, then one for the code, then everything or nothing. Bits 7 of `locks` are set in some.
function anyProtection(random: Random, locks: boolean): readonly (readonly [string, bigint])[] {
  const near = (): bigint => (TARGETS + BigInt(random.below(1 << 12) & ~3)) >> 2n;
  const addresses = Array.from({ length: 4 }, (_, i) => {
    const ones = (1n << BigInt(random.below(11))) - 1n;
    return [`pmpaddr${String(i)}`, random.below(2) === 0 ? near() : near() | ones] as const;
  });
  const config = (): bigint => {
    const isLocked = locks && random.below(2) === 0;
    return BigInt((random.below(4) << 3) | random.below(8) | (isLocked ? 0x80 : 0));
  };
  const own = [config(), config(), config(), config()].reduce((all, c, i) => all | (c << BigInt(8 * i)), 0n);
  return [
    ["pmpcfg2", pick(random, [0x1fn << 56n, 0x1bn << 56n, 0n])],
    ["pmpaddr15", -1n],
    ["pmpaddr4", (CODE >> 2n) | 0x1ffn],
    ...addresses,
    ["pmpcfg0", own | (0x1fn << 32n)],
  ];
}

function protectionSample(random: Random, protection: readonly (readonly [string, bigint])[]): Sample {
  const privilege = anyPrivilege(random);
  const address = TARGETS + BigInt(random.below(1 << 12));
  const access = anyAccess(random, address, random.below(6) === 0);
  return {
    text: `${access.text}, privilege ${String(privilege)}, ${protection.map(([n, v]) => `${n} ${v.toString(16)}`).join(" ")}`,
    setup: {
      privilege,
      pc: access.pc,
      x: { [POINTER]: access.target, [VALUE]: 0x1122_3344_5566_7788n },
      registers: [
        ...protection,
        ...handlers,
        ["medeleg", pick(random, [0n, 0xb3ffn])],
        ["mstatus", dirtyStatus(random)],
        ["satp", 0n],
      ],
      memory: [[CODE, access.word], ...targets],
    },
    watched: { memory: targets.map(([at]) => at), except: access.except },
  };
}

test("random protection entries", async () => {
  const pair = await Riscv64Pair.start(false);
  const make = (random: Random): Sample => protectionSample(random, anyProtection(random, false));
  expect(await compareStates(pair, COUNT, new Random(13), make)).toEqual([]);
});

test("locked protection entries", async () => {
  for (let machine = 0; machine < LOCKED_MACHINES; machine += 1) {
    const pair = await Riscv64Pair.start(false);
    const random = new Random(100 + machine);
    const locked = anyProtection(random, true);
    const make = (r: Random): Sample => protectionSample(r, locked);
    expect(await compareStates(pair, COUNT / 10, random, make)).toEqual([]);
  }
});
