// Walks of Arm64's tables: where addresses lead, what is allowed there, and what a fault says.

import { expect, test } from "vitest";
import { Hart } from "../../runtime/core/hart.ts";
import type { AccessKind } from "../../runtime/core/memory.ts";
import { EXECUTE, READ, WRITE } from "../../runtime/core/paged-memory.ts";
import { Ram } from "../../runtime/core/ram.ts";
import { AddressTranslation, type Regime } from "../../runtime/isa/arm64/address-translation.ts";
import { ProcessorState, systemFiles } from "../../runtime/isa/arm64/processor-state.ts";
import { TableBuilder, WordMemory } from "./support/arm64-tables.ts";

const KERNEL: Regime = { level: 1, isUser: false, withStage2: true };
const USER: Regime = { level: 1, isUser: true, withStage2: true };
const HYPERVISOR: Regime = { level: 2, isUser: false, withStage2: true };

const ACCESSED = 1n << 10n;
const PAGE = 3n | ACCESSED;
const BLOCK = 1n | ACCESSED;
const USER_PAGE = 1n << 6n;
const READ_ONLY = 1n << 7n;
const PXN = 1n << 53n;
const UXN = 1n << 54n;
// 48 bits of input in both halves, 4 KiB granules, 40 bits of output.
const TCR = 16n | (16n << 16n) | (2n << 30n) | (2n << 32n);
const UPPER = 0xffff_0000_0000_0000n;

interface World {
  readonly state: ProcessorState;
  readonly memory: WordMemory;
  readonly lower: TableBuilder;
  readonly upper: TableBuilder;
  readonly translate: (address: bigint, access: AccessKind, regime?: Regime) => object;
}

function world(hasEl2 = false): World {
  const state = new ProcessorState(new Hart(new Ram(2 ** 20), systemFiles), hasEl2);
  state.reset(1);
  const memory = new WordMemory();
  const lower = new TableBuilder(memory, 0x1_0000n);
  const upper = new TableBuilder(memory, 0x10_0000n);
  state.set("ttbr0_el1", lower.root);
  state.set("ttbr1_el1", upper.root);
  state.set("tcr_el1", TCR);
  state.set("sctlr_el1", 1n);
  const translation = new AddressTranslation(state, memory);
  const translate: World["translate"] = (address, access, regime = KERNEL) => {
    const result = translation.translate(address, access, regime);
    if (result.kind === "mapping") return { at: result.physical, rights: result.permissions };
    const { status, isStage2, isTableAccess, intermediate } = result;
    return isStage2 ? { status, isTableAccess, intermediate } : { status };
  };
  return { state, memory, lower, upper, translate };
}

test("pages and blocks of both halves", () => {
  const { lower, upper, translate } = world();
  lower.put(0x12_3456_7000n, 3, 0xab_cdef_0000n | PAGE);
  lower.put(0x8060_0000n, 2, 0x4020_0000n | BLOCK);
  upper.put(UPPER | 0x40_0000_0000n, 1, 0x1_4000_0000n | BLOCK);
  const rights = READ | WRITE | EXECUTE;
  expect(translate(0x12_3456_7abcn, "load")).toEqual({ at: 0xab_cdef_0abcn, rights });
  expect(translate(0x8071_2345n, "store")).toEqual({ at: 0x4031_2345n, rights });
  expect(translate(UPPER | 0x40_1234_5678n, "fetch")).toEqual({ at: 0x1_5234_5678n, rights });
});

test("a fault tells its kind and level", () => {
  const { state, lower, translate } = world();
  lower.put(0x1000n, 3, 0x5000n | PAGE);
  lower.put(0x2000n, 3, 0x5000n | 3n);
  lower.put(0x3000n, 3, 0x5000n | 1n | ACCESSED);
  lower.put(0x4000n, 3, (1n << 40n) | PAGE);
  lower.put(0x5000n, 3, 0x6000n | READ_ONLY | PAGE);
  expect(translate(0x80_0000_0000n, "load")).toEqual({ status: 0x04 });
  expect(translate(0x4000_0000n, "load")).toEqual({ status: 0x05 });
  expect(translate(0x20_0000n, "load")).toEqual({ status: 0x06 });
  expect(translate(0x6000n, "load")).toEqual({ status: 0x07 });
  expect(translate(0x3000n, "load")).toEqual({ status: 0x07 });
  expect(translate(0x2000n, "load")).toEqual({ status: 0x0b });
  expect(translate(0x4000n, "load")).toEqual({ status: 0x03 });
  expect(translate(0x5000n, "store")).toEqual({ status: 0x0f });
  // Outside of both halves, with the walks switched off, with a base address that is none, with a table that is not there.
  expect(translate(0x1_0000_0000_1000n, "load")).toEqual({ status: 0x04 });
  state.set("tcr_el1", TCR | (1n << 7n));
  expect(translate(0x1000n, "load")).toEqual({ status: 0x04 });
  state.set("tcr_el1", TCR);
  state.set("ttbr0_el1", 1n << 40n);
  expect(translate(0x1000n, "load")).toEqual({ status: 0x00 });
  state.set("ttbr0_el1", 0x7000_0000n);
  expect(translate(0x1000n, "load")).toEqual({ status: 0x14 });
});

test("rights of user and kernel follow AP, PXN, UXN and the tables above", () => {
  const rows: readonly (readonly [bigint, bigint, number, number])[] = [
    [0n, 0n, READ | WRITE | EXECUTE, EXECUTE],
    [USER_PAGE, 0n, READ | WRITE, READ | WRITE | EXECUTE],
    [READ_ONLY, 0n, READ | EXECUTE, EXECUTE],
    [USER_PAGE | READ_ONLY, 0n, READ | EXECUTE, READ | EXECUTE],
    [USER_PAGE | READ_ONLY | PXN, 0n, READ, READ | EXECUTE],
    [USER_PAGE | READ_ONLY | UXN, 0n, READ | EXECUTE, READ],
    [USER_PAGE, 1n << 61n, READ | WRITE | EXECUTE, EXECUTE],
    [USER_PAGE, 1n << 62n, READ | EXECUTE, READ | EXECUTE],
    [USER_PAGE | READ_ONLY, 1n << 60n, READ | EXECUTE, READ],
    [USER_PAGE | READ_ONLY, 1n << 59n, READ, READ | EXECUTE],
  ];
  for (const [attributes, limits, kernel, user] of rows) {
    const { lower, translate } = world();
    lower.put(0x1000n, 3, 0x5000n | PAGE | attributes, limits);
    const allowed = (regime: Regime): number =>
      (["load", "store", "fetch"] as const)
        .filter((access) => "at" in translate(0x1000n, access, regime))
        .reduce((all, access) => all | { load: READ, store: WRITE, fetch: EXECUTE }[access], 0);
    expect([allowed(KERNEL), allowed(USER)], String(attributes)).toEqual([kernel, user]);
  }
});

test("what may be written is not executed if SCTLR.WXN says so", () => {
  const { state, lower, translate } = world();
  lower.put(0x1000n, 3, 0x5000n | PAGE);
  state.set("sctlr_el1", 1n | (1n << 19n));
  expect(translate(0x1000n, "fetch")).toEqual({ status: 0x0f });
});

test("the top byte is ignored if TBI says so", () => {
  const { state, lower, translate } = world();
  lower.put(0x1000n, 3, 0x5000n | PAGE);
  expect(translate(0xab00_0000_0000_1000n, "load")).toEqual({ status: 0x04 });
  state.set("tcr_el1", TCR | (1n << 37n));
  expect(translate(0xab00_0000_0000_1000n, "load")).toMatchObject({ at: 0x5000n });
});

test("without translation an address is physical, up to 40 bits", () => {
  const { state, translate } = world();
  state.set("sctlr_el1", 0n);
  expect(translate(0xff_1234_5678n, "fetch")).toEqual({
    at: 0xff_1234_5678n,
    rights: READ | WRITE | EXECUTE,
  });
  expect(translate(0x100_0000_0000n, "load")).toEqual({ status: 0x00 });
});

test("64 KiB granules", () => {
  const { state, memory, translate } = world();
  // Two levels for 42 bits: 13 bits of index above 13 bits above 16 bits.
  state.set("tcr_el1", 22n | (1n << 14n) | (2n << 32n));
  state.set("ttbr0_el1", 0x2_0000n);
  memory.words.set(0x2_0000n, 0x3_0000n | 3n);
  memory.words.set(0x3_0000n + 8n * 2n, 0x4007_0000n | PAGE);
  expect(translate(0x2_1234n, "load")).toMatchObject({ at: 0x4007_1234n });
});

test("EL2 has one half and no user", () => {
  const { state, memory, translate } = world(true);
  const tables = new TableBuilder(memory, 0x20_0000n);
  tables.put(0x1000n, 3, 0x5000n | PAGE | USER_PAGE | UXN);
  state.set("ttbr0_el2", tables.root);
  state.set("tcr_el2", 16n | (2n << 16n));
  state.set("sctlr_el2", 1n);
  expect(translate(0x1000n, "store", HYPERVISOR)).toEqual({ at: 0x5000n, rights: READ | WRITE });
  expect(translate(UPPER | 0x1000n, "load", HYPERVISOR)).toEqual({ status: 0x04 });
});

test("a second stage translates what the first one gives, and its tables", () => {
  const { state, memory, lower, translate } = world(true);
  const guest = new TableBuilder(memory, 0x20_0000n, 1);
  // 39 bits from level 1.
  state.set("vtcr_el2", 25n | (1n << 6n) | (2n << 16n));
  state.set("vttbr_el2", guest.root);
  state.set("hcr_el2", (1n << 31n) | 1n);
  const readable = 1n << 6n;
  const writable = 1n << 7n;
  lower.put(0x1000n, 3, 0x9000n | PAGE);
  // The tables of the first stage are not mapped: a fault of the second, for the table's address.
  expect(translate(0x1000n, "load")).toEqual({ status: 0x05, isTableAccess: true, intermediate: 0x1_0000n });
  for (let page = 0x1_0000n; page < 0x2_0000n; page += 0x1000n) guest.put(page, 3, page | PAGE | readable);
  expect(translate(0x1000n, "load")).toEqual({ status: 0x07, isTableAccess: false, intermediate: 0x9000n });
  guest.put(0x9000n, 3, 0xa000n | PAGE | readable);
  expect(translate(0x1234n, "load")).toEqual({ at: 0xa234n, rights: READ | EXECUTE });
  expect(translate(0x1234n, "store")).toEqual({ status: 0x0f, isTableAccess: false, intermediate: 0x9234n });
  guest.put(0x9000n, 3, 0xa000n | PAGE | readable | writable | UXN);
  expect(translate(0x1234n, "store")).toEqual({ at: 0xa234n, rights: READ | WRITE });
});
