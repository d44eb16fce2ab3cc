// A random program for a whole board as plain data, and the machine that runs it.
//
// Relies on runtime/boards. A program is its seed, the shape of the board, and the steps of its code: shrinking takes
// steps away and keeps the rest. Start-up code, data and translation tables follow from seed and shape alone.

import { Machine, type MachineOptions } from "../../../runtime/boards/machine.ts";
import type { InputSink } from "../../../runtime/boards/session.ts";
import { VirtioBlock } from "../../../runtime/devices/virtio/block.ts";
import { VirtioConsole } from "../../../runtime/devices/virtio/console.ts";
import { memoryImage, OverlayDisk } from "../../../runtime/devices/virtio/disk.ts";
import { VirtioEntropy } from "../../../runtime/devices/virtio/entropy.ts";
import type { VirtioFunction } from "../../../runtime/devices/virtio/function.ts";
import { VirtioNetwork } from "../../../runtime/devices/virtio/network.ts";
import type { BootPlan } from "../../../runtime/boards/boot-plan.ts";
import { readKernelImage, type Load } from "../../../runtime/images/kernel-image.ts";
import { isProblem } from "../../../runtime/images/elf-file.ts";
import type { ExecutorName } from "../../../runtime/isa/executor.ts";
import { deviceNamed, type BoardConfiguration } from "../../../spec/boards/board.ts";
import { boards } from "../../boards/support.ts";
import { assembled } from "../../runtime/support/assembled.ts";
import { newRandom, type Random } from "../../support/random-program/prng.ts";
import { arm64Fuzz } from "./arm64.ts";
import type { BoardShape, FuzzIsa } from "./fuzz-isa.ts";
import * as layout from "./layout.ts";
import { riscv64Fuzz } from "./riscv64.ts";

export type FuzzIsaName = keyof typeof boards;

export const fuzzIsas: Readonly<Record<FuzzIsaName, FuzzIsa>> = { riscv64: riscv64Fuzz, arm64: arm64Fuzz };

/** An instruction's bits, and how many bytes they are. */
export interface Word {
  readonly bits: number;
  readonly bytes: 2 | 4;
}

export interface FuzzProgram {
  readonly isa: FuzzIsaName;
  readonly seed: number;
  readonly shape: BoardShape;
  readonly steps: readonly (readonly Word[])[];
  /** Virtual nanoseconds after which the run is over. */
  readonly untilNs: bigint;
  readonly engine: NonNullable<MachineOptions["engine"]>;
}

const DISK_BYTES = 1 << 16;

/** Bytes of a program's code. */
export function codeBytes({ steps }: Pick<FuzzProgram, "steps">): number {
  return steps.flat().reduce((sum, { bytes }) => sum + bytes, 0);
}

export function configurationOf({ shape, seed }: Pick<FuzzProgram, "shape" | "seed">): BoardConfiguration {
  return {
    harts: shape.harts,
    memoryBytes: BigInt(layout.MEMORY_BYTES),
    hasHypervisor: shape.hasHypervisor,
    gicVersion: shape.gicVersion,
    bootArguments: null,
    initrd: null,
    randomSeed: new Uint8Array(32).fill(seed),
  };
}

/** A machine with the program in it and something in four virtio slots, before the first instruction. */
export interface FuzzBoard {
  readonly machine: Machine;
  readonly sinks: ReadonlyMap<string, InputSink>;
}

/** Makes it. What the guest sends through its network comes back to it. */
export function fuzzBoard(program: FuzzProgram, executor: ExecutorName): FuzzBoard {
  const disk = new OverlayDisk(memoryImage(new Uint8Array(DISK_BYTES).fill(program.seed)));
  const card: VirtioNetwork = new VirtioNetwork({
    mac: Uint8Array.from([2, 0, 0, 0, 0, 1]),
    send: (frame) => {
      card.receive(frame);
    },
  });
  const console = new VirtioConsole({ send: () => undefined, ready: () => undefined });
  const machine = new Machine({
    board: boards[program.isa],
    plan: planOf(program),
    executor,
    channel: { send: () => undefined, ready: () => undefined },
    plugged: new Map<string, VirtioFunction>([
      ["virtio0", new VirtioBlock({ disk, serial: "fuzz" })],
      ["virtio1", card],
      ["virtio2", console],
      ["virtio3", new VirtioEntropy(BigInt(program.seed))],
    ]),
    isLegacyVirtio: program.shape.isLegacyVirtio,
    onNotice: () => undefined,
    engine: program.engine,
  });
  const sinks = new Map<string, InputSink>([
    ["serial", (bytes) => machine.serial?.receive(bytes) ?? 0],
    ["network", (bytes) => (card.receive(bytes), bytes.length)],
    ["console", (bytes) => console.receive(bytes)],
  ]);
  return { machine, sinks };
}

/** What is in memory and where harts begin. */
function planOf(program: FuzzProgram): BootPlan {
  const { isa, seed, shape } = program;
  const memory = boards[isa].memory.address;
  const random = newRandom(seed + 1);
  const fuzz = fuzzIsas[isa];
  const code = memory + BigInt(layout.CODE_AT);
  const devices = boards[isa].devices(configurationOf(program));
  const addressOf = (name: string): bigint => deviceNamed(devices, name).address;
  const text = fuzz.boot({ shape, code, codeBytes: Math.max(64, codeBytes(program)), random, addressOf });
  const image = readKernelImage(assembled(text, isa, memory + BigInt(layout.BOOT_AT)), isa);
  if (isProblem(image) || image.kind !== "elf") throw new Error("the start-up code is no program");
  const loads: Load[] = [
    ...image.loads,
    { address: code, bytes: bytesOf(program.steps.flat()) },
    { address: memory + BigInt(layout.DATA_AT), bytes: dataOf(random, program) },
    { address: memory + BigInt(layout.TABLES_AT), bytes: tablesOf(random, program) },
  ];
  const starts = Array.from({ length: shape.harts }, (_, hart) => ({
    pc: image.entry,
    registers: fuzz.startRegisters(shape, hart, random),
    privilege: shape.privilege,
    isOn: hart === 0 || !shape.hasFirmware,
  }));
  const { hasFirmware } = shape;
  return {
    loads: loads.map((load) => ({ ...load, what: "the program" })),
    flash: new Map(),
    firmwareFiles: [],
    firmwareEntries: new Map(),
    starts,
    hasFirmware,
    elf: null,
    configuration: configurationOf(program),
  };
}

function bytesOf(words: readonly Word[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(words.reduce((sum, { bytes }) => sum + bytes, 0)));
  let at = 0;
  for (const { bits, bytes } of words) {
    if (bytes === 2) view.setUint16(at, bits, true);
    else view.setUint32(at, bits, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

/** Random words, many of them addresses; the second half is zero. */
function dataOf(random: Random, { isa }: FuzzProgram): Uint8Array {
  const view = new DataView(new ArrayBuffer(layout.DATA_BYTES));
  const around = {
    memory: boards[isa].memory.address,
    codeBytes: layout.PAGE,
    devices: [{ name: "none", start: 0n, bytes: 8, registers: [] }],
  };
  for (let at = 0; at < 2048; at += 8) {
    view.setBigUint64(at, random.chance(40) ? layout.anyAddress(random, around) : random.word(), true);
  }
  return new Uint8Array(view.buffer);
}

/** The root, the middle table, and tables of pages that are mostly code and data. */
function tablesOf(random: Random, { isa }: FuzzProgram): Uint8Array {
  const { ENTRIES, LEAF_TABLES, PAGE, TABLES_AT, WINDOW_ENTRY } = layout;
  const memory = boards[isa].memory.address;
  const fuzz = fuzzIsas[isa];
  const view = new DataView(new ArrayBuffer((3 + LEAF_TABLES) * PAGE));
  const set = (table: number, index: number, entry: bigint): void => {
    view.setBigUint64(table * PAGE + index * 8, entry, true);
  };
  const table = (number: number): bigint =>
    fuzz.tableEntry(random, memory + BigInt(TABLES_AT + number * PAGE), "table");
  for (let i = 0; i < WINDOW_ENTRY; i += 1) set(0, i, fuzz.identityEntry(BigInt(i) << 30n));
  for (const index of [WINDOW_ENTRY, ENTRIES - 1]) set(0, index, table(1));
  for (let i = 0; i < LEAF_TABLES; i += 1) {
    set(1, i, table(2 + i));
    set(1, LEAF_TABLES + i, fuzz.tableEntry(random, memory + (BigInt(random.below(2)) << 21n), "block"));
    const start = i < layout.CODE_LEAVES ? layout.CODE_AT : i === layout.CODE_LEAVES ? layout.DATA_AT : layout.BOOT_AT; // prettier-ignore
    for (let index = 0; index < ENTRIES; index += 1) {
      const usual = start / PAGE + (index % layout.REPEATED_PAGES);
      const page = random.chance(97) ? usual : random.below(layout.MEMORY_BYTES / PAGE);
      set(2 + i, index, fuzz.tableEntry(random, memory + BigInt(page * PAGE), "page"));
    }
  }
  const { secondStageEntry } = fuzz;
  if (secondStageEntry !== null)
    for (let i = 0; i < WINDOW_ENTRY; i += 1) set(2 + LEAF_TABLES, i, secondStageEntry(BigInt(i) << 30n));
  return new Uint8Array(view.buffer);
}
