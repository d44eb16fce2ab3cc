// Registers of 128 bits and of one bit: the fast executor gives the states of the reference executor.

import { expect, test } from "vitest";
import { EXECUTE, READ, WRITE, AddressSpace } from "../../runtime/core/address-space.ts";
import { Hart } from "../../runtime/core/hart.ts";
import { Ram } from "../../runtime/core/ram.ts";
import { hashHart, hashMemory, StateHasher } from "../../runtime/core/state-hash.ts";
import { FastExecutor, type EngineSettings } from "../../runtime/engine/fast-executor.ts";
import { userContext } from "../../runtime/isa/effect-machine.ts";
import type { Executor, Stop } from "../../runtime/isa/executor.ts";
import { ReferenceExecutor } from "../../runtime/isa/reference-executor.ts";
import { encode } from "../../spec/isa/encoding.ts";
import { SeededRandom } from "./support/random-code.ts";
import { WIDE, wideBinding, wideIsa } from "./support/wide-isa.ts";

const CODE_AT = 0x10000n;
const DATA_AT = 0x40000n;
const [BASE, COUNT] = [8, 9];
const LENGTH = 120;
const NEVER = 1e9;

// How often a program has instructions of a kind, in percent; the rest computes on wide registers.
interface Mix {
  readonly accessing: number;
  readonly floating: number;
  readonly controlling: number;
}

function randomProgram(random: SeededRandom, mix: Mix): number[] {
  const words: number[] = [];
  const plain = [5, 6, 7, 10, 11, 12];
  for (let i = 0; i < LENGTH; i += 1) {
    const kind = (["accessing", "floating", "controlling"] as const).find((k) => random.chance(mix[k]));
    const name = random.pick(WIDE[kind ?? "computing"]);
    const { operands } = wideIsa.instruction(name);
    const value = (operand: string): number => {
      if (operand === "rs1") return kind === "accessing" ? BASE : random.pick(plain);
      return operand === "rd" ? random.pick(plain) : random.below(8);
    };
    words.push(encode(wideIsa, name, Object.fromEntries(operands.map((o) => [o.name, value(o.name)]))));
    if (!random.chance(30)) continue;
    const [rd, rs1, imm] = [random.pick(plain), random.pick(plain), random.below(4000) - 2000];
    words.push(encode(wideIsa, "addi", { rd, rs1, imm }));
  }
  words.push(encode(wideIsa, "addi", { rd: COUNT, rs1: COUNT, imm: -1 }));
  words.push(encode(wideIsa, "bne", { rs1: COUNT, rs2: 0, target: -4 * words.length }));
  words.push(encode(wideIsa, "ecall", {}));
  return words;
}

// Doubles and pairs of singles near the edges of their formats, and ordinary ones.
const edges = [
  0,
  -0,
  1,
  -1.5,
  2 ** 53,
  2 ** -1022,
  2 ** -1074,
  1.7e308,
  Infinity,
  NaN,
  1 / 3,
  1e-200,
  3.4e38,
  2 ** 63,
];

function floatBits(random: SeededRandom): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const scale = random.pick([1, 1000, 2 ** 40, 2 ** -300]);
  const value = random.chance(30) ? random.pick(edges) : (random.below(2 ** 31) - 2 ** 30) / scale;
  if (random.chance(50)) view.setFloat64(0, value);
  else view.setFloat32(4, value);
  return view.getBigUint64(0);
}

function start(
  words: readonly number[],
  engine: Partial<EngineSettings> | null,
): { hart: Hart; memory: AddressSpace; executor: Executor } {
  const ram = new Ram(2 ** 24);
  const hart = new Hart(ram, wideIsa.files);
  const memory = new AddressSpace(ram);
  memory.map({ start: CODE_AT, end: CODE_AT + 0x1000n, permissions: READ | EXECUTE, name: "code" });
  memory.map({ start: DATA_AT, end: DATA_AT + 0x1000n, permissions: READ | WRITE, name: "data" });
  memory.fill(CODE_AT, new Uint8Array(new Uint32Array(words).buffer));
  hart.pc = CODE_AT;
  hart.write("x", BASE, DATA_AT + 0x108n);
  hart.write("x", COUNT, 30n);
  const random = new SeededRandom(words.length);
  for (let i = 0; i < 8; i += 1) {
    let value = 0n;
    for (let part = 0; part < 5; part += 1) value = (value << 29n) | BigInt(random.below(2 ** 29));
    const whole = random.chance(20) ? -1n : value >> BigInt(random.below(100));
    hart.write("v", i, random.chance(70) ? floatBits(random) : whole);
  }
  const context = userContext({ hart, memory, binding: wideBinding });
  const executor =
    engine === null ? new ReferenceExecutor(context) : new FastExecutor(context, memory, engine);
  return { hart, memory, executor };
}

// What the fast executors of one test did.
interface Tally {
  cold: bigint;
  retired: bigint;
}

function run(words: readonly number[], engine: Partial<EngineSettings> | null, tally: Tally): object {
  const { hart, memory, executor } = start(words, engine);
  const stop: Stop = executor.run(100_000);
  if (executor instanceof FastExecutor) {
    tally.cold += BigInt(executor.statistics().cold);
    tally.retired += hart.retired;
  }
  const hasher = new StateHasher();
  hashHart(hasher, hart);
  hashMemory(hasher, memory);
  const registers = Array.from({ length: 8 }, (_, i) => hart.read("v", i));
  return { stop, pc: hart.pc, retired: hart.retired, registers, hash: hasher.digest() };
}

function allRun(seed: number, mix: Mix, tally: Tally): void {
  const words = randomProgram(new SeededRandom(seed), mix);
  const expected = run(words, null, tally);
  expect(expected).toMatchObject({ stop: { trap: { cause: "environmentCall" } } });
  const ways: Record<string, Partial<EngineSettings>> = {
    regions: { hotArrivals: 1, interpretAfter: NEVER },
    interpreter: { hotArrivals: NEVER, interpretAfter: 0 },
  };
  for (const [name, engine] of Object.entries(ways)) {
    expect(run(words, engine, tally), `${name}, seed ${String(seed)}`).toEqual(expected);
  }
}

test("random programs over wide registers and a flag", () => {
  const tally = { cold: 0n, retired: 0n };
  for (let seed = 1; seed <= 25; seed += 1)
    allRun(seed, { accessing: 25, floating: 0, controlling: 0 }, tally);
  // Nothing of these is left to the reference executor but what is new.
  expect(tally.cold).toBeLessThan(tally.retired / 10n);
});

test("random programs over floats: values, flags, roundings", () => {
  const tally = { cold: 0n, retired: 0n };
  for (let seed = 1; seed <= 40; seed += 1)
    allRun(seed, { accessing: 5, floating: 80, controlling: 3 }, tally);
  expect(tally.cold).toBeLessThan((2n * tally.retired) / 3n);
});
