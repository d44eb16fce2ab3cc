// Registers of 128 bits and of one bit: the fast executor gives the states of the reference executor.

import { expect, test } from "vitest";
import { EXECUTE, READ, WRITE, AddressSpace } from "../../runtime/core/address-space.ts";
import { Hart } from "../../runtime/core/hart.ts";
import { Ram } from "../../runtime/core/ram.ts";
import { hashHart, hashMemory, StateHasher } from "../../runtime/core/state-hash.ts";
import { FastExecutor, type EngineSettings } from "../../runtime/engine/fast-executor.ts";
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

function randomProgram(random: SeededRandom): number[] {
  const words: number[] = [];
  const plain = [5, 6, 7, 10, 11, 12];
  for (let i = 0; i < LENGTH; i += 1) {
    const isAccess = random.chance(25);
    const name = random.pick(isAccess ? WIDE.accessing : WIDE.computing);
    const { operands } = wideIsa.instruction(name);
    const value = (operand: string): number => {
      if (operand === "rs1") return isAccess ? BASE : random.pick(plain);
      return operand === "rd" ? random.pick(plain) : random.below(8);
    };
    words.push(encode(wideIsa, name, Object.fromEntries(operands.map((o) => [o.name, value(o.name)]))));
    if (random.chance(30))
      words.push(
        encode(wideIsa, "addi", {
          rd: random.pick(plain),
          rs1: random.pick(plain),
          imm: random.below(4000) - 2000,
        }),
      );
  }
  words.push(encode(wideIsa, "addi", { rd: COUNT, rs1: COUNT, imm: -1 }));
  words.push(encode(wideIsa, "bne", { rs1: COUNT, rs2: 0, target: -4 * words.length }));
  words.push(encode(wideIsa, "ecall", {}));
  return words;
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
    hart.write("v", i, random.chance(20) ? -1n : value >> BigInt(random.below(100)));
  }
  const context = { hart, memory, binding: wideBinding, port: wideBinding.userPort };
  const executor =
    engine === null ? new ReferenceExecutor(context) : new FastExecutor(context, memory, engine);
  return { hart, memory, executor };
}

function run(words: readonly number[], engine: Partial<EngineSettings> | null): object {
  const { hart, memory, executor } = start(words, engine);
  const stop: Stop = executor.run(100_000);
  // Nothing of this instruction set is left to the reference executor but what is new.
  if (executor instanceof FastExecutor) {
    expect(BigInt(executor.statistics().cold)).toBeLessThan(hart.retired / 10n);
  }
  const hasher = new StateHasher();
  hashHart(hasher, hart);
  hashMemory(hasher, memory);
  const registers = Array.from({ length: 8 }, (_, i) => hart.read("v", i));
  return { stop, pc: hart.pc, retired: hart.retired, registers, hash: hasher.digest() };
}

test("random programs over wide registers and a flag", () => {
  for (let seed = 1; seed <= 25; seed += 1) {
    const words = randomProgram(new SeededRandom(seed));
    const expected = run(words, null);
    expect(expected).toMatchObject({ stop: { trap: { cause: "environmentCall" } } });
    expect(run(words, { hotArrivals: 1, interpretAfter: NEVER }), `regions, seed ${String(seed)}`).toEqual(
      expected,
    );
    expect(
      run(words, { hotArrivals: NEVER, interpretAfter: 0 }),
      `interpreter, seed ${String(seed)}`,
    ).toEqual(expected);
  }
});
