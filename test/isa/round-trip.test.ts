// Encode, decode, print and parse are each other's inverses over all instructions; short forms mean what they replace.

import { describe, expect, it } from "vitest";
import { createDecoder, namedValues } from "../../runtime/isa/decoder.ts";
import { createDisassembler } from "../../runtime/isa/disassembler.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { shortForm } from "../../spec/isa/compress.ts";
import { evaluateEffect } from "../../spec/isa/effect-eval.ts";
import {
  decodeOperands,
  encode,
  encodeInstruction,
  immediateRange,
  inRange,
  matchesEncoding,
  operandForNumber,
} from "../../spec/isa/encoding.ts";
import { immediateCodes } from "../../spec/isa/immediate-codes.ts";
import { effectOf } from "../../spec/isa/isa.ts";
import { PlainMachine } from "../../spec/isa/plain-machine.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { Instruction, Isa, OperandValues } from "../../spec/isa/schema.ts";
import { parseInstruction, printInstruction, printWithAliases } from "../../spec/isa/syntax.ts";
import { formCount, Random, sampleValues, wordOf } from "./samples.ts";

const SEED = 20261104;

function samples(isa: Isa, rounds: number): { instruction: Instruction; values: OperandValues }[] {
  const random = new Random(SEED);
  return isa.instructions.flatMap((instruction) =>
    Array.from({ length: Math.min(rounds, formCount(instruction)) }, (_, round) => ({
      instruction,
      values: sampleValues(isa, instruction, random, round),
    })),
  );
}

// Arm64 has seven times as many instructions.
describe.each([
  { isa: riscv64, rounds: 40 },
  { isa: arm64, rounds: 8 },
])("every instruction of $isa.name", ({ isa, rounds }) => {
  const decoder = createDecoder(isa);

  it("decodes to what was encoded", () => {
    for (const { instruction, values } of samples(isa, rounds)) {
      const word = wordOf(isa, instruction, values);
      const decoded = decoder.decode(word);
      expect(decoded?.instruction.name).toBe(instruction.name);
      if (decoded === null) continue;
      expect(namedValues(decoded)).toEqual(decodeOperands(isa, instruction, word));
      expect(wordOf(isa, instruction, namedValues(decoded))).toBe(word);
      expect(decoded.lengthBytes * 8).toBe(instruction.encoding.bits);
    }
  });

  it("reads the text that it prints, with and without aliases", () => {
    for (const { instruction, values } of samples(isa, rounds)) {
      const word = wordOf(isa, instruction, values);
      for (const print of [printInstruction, printWithAliases]) {
        const text = print(isa, instruction, values);
        const parsed = parseInstruction(isa, text);
        expect(parsed, text).not.toBeNull();
        if (parsed !== null) expect(wordOf(isa, parsed.instruction, parsed.values), text).toBe(word);
      }
    }
  });

  it("is found by the decision tree as by trying all", () => {
    const random = new Random(SEED + 1);
    for (let i = 0; i < 4000; i += 1) {
      const word = random.next();
      const bits = 8 * decoder.lengthOf(word & 0xffff);
      const seen = bits === 16 ? word & 0xffff : word;
      const found = isa.instructions.filter((c) => c.encoding.bits === bits && matchesEncoding(c, seen));
      expect(found.length).toBeLessThanOrEqual(1);
      expect(decoder.decode(word)?.instruction.name).toBe(found[0]?.name);
    }
  });
});

describe("codes of immediates", () => {
  it("say every number that a field can mean", () => {
    const widths = new Map(
      arm64.instructions
        .flatMap((instruction) => instruction.operands)
        .flatMap(({ kind, field }) => (kind.kind === "code" ? [[kind.code, field.width] as const] : [])),
    );
    expect(widths.size).toBeGreaterThan(8);
    for (const [name, width] of widths) {
      const { decode, encode } = immediateCodes[name];
      for (let bits = 0; bits < 2 ** width; bits += 1) {
        const value = decode(bits);
        if (value === null) continue;
        const chosen = encode(value);
        expect(chosen === null ? null : decode(chosen), `${name}: ${String(bits)}`).toBe(value);
      }
    }
  });

  it.each([
    ["and:imm", "mask", 0xff00n, true],
    ["and:imm", "mask", 0x5555555555555555n, true],
    ["and:imm", "mask", 5n, false],
    ["and:imm", "mask", 0n, false],
    ["and:w:imm", "wmask", 0xfffffffen, true],
    ["add:imm", "imm", 4095n, true],
    ["add:imm", "imm", 4096n, false],
  ])("%s takes %s = %i: %s", (name, operandName, value, holds) => {
    const instruction = arm64.instruction(name);
    const operand = instruction.operands.find((o) => o.name === operandName);
    if (operand === undefined) throw new Error(`${name} has no ${operandName}`);
    expect(operandForNumber(arm64, instruction, operand, value) !== null).toBe(holds);
  });
});

describe("known words", () => {
  it.each([
    [0x00000013, "nop"],
    [0x00c58533, "add a0, a1, a2"],
    [0xfff50513, "addi a0, a0, -1"],
    [0x800000b7, "lui ra, 0x80000"],
    [0xfe9ff06f, "j .-24"],
    [0x00008067, "ret"],
    [0x0005b503, "ld a0, 0(a1)"],
    [0xfea43423, "sd a0, -24(s0)"],
    [0x00b50463, "beq a0, a1, .+8"],
    [0x02c5d533, "divu a0, a1, a2"],
    [0x1605252f, "lr.w.aqrl a0, (a0)"],
    [0x30529073, "csrw mtvec, t0"],
    [0x20c5a533, "sh1add a0, a1, a2"],
    [0x30200073, "mret"],
    [0x0001, "nop"],
    [0x8082, "ret"],
    [0x1141, "addi sp, sp, -16"],
    [0xe406, "sd ra, 8(sp)"],
  ])("%i is %s", (word, text) => {
    const decoded = createDecoder(riscv64).decodeExpanded(word);
    expect(decoded && printWithAliases(riscv64, decoded.instruction, namedValues(decoded))).toBe(text);
  });

  it.each([
    [0xd503201f, "nop"],
    [0xd65f03c0, "ret"],
    [0xa9bf7bfd, "stp x29, x30, [sp, #-16]!"],
    [0x910003fd, "mov x29, sp"],
    [0xaa0103e0, "mov x0, x1"],
    [0xd2800540, "mov x0, #0x2a"],
    [0xf100041f, "cmp x0, #0x1"],
    [0x54000041, "b.ne .+8"],
    [0x1a9f17e0, "cset w0, eq"],
    [0xd37df020, "lsl x0, x1, #3"],
    [0x9b037c41, "mul x1, x2, x3"],
    [0x92401c20, "and x0, x1, #0xff"],
    [0xf8637841, "ldr x1, [x2, x3, lsl #3]"],
    [0x36180040, "tbz w0, #3, .+8"],
    [0xd53bd040, "mrs x0, tpidr_el0"],
    [0xd50b7421, "dc zva, x1"],
    [0x4ea18400, "add v0.4s, v0.4s, v1.4s"],
    [0x0f0c8443, "shrn v3.8b, v2.8h, #4"],
  ])("%i is %s on Arm64", (word, text) => {
    const decoded = createDecoder(arm64).decode(word);
    expect(decoded && printWithAliases(arm64, decoded.instruction, namedValues(decoded))).toBe(text);
  });

  it.each([0x00000000, 0xffffffff, 0x0000, 0x8002, 0x6101, 0x9c41, 0x4002, 0x00004073])(
    "%i is none",
    (word) => {
      expect(createDecoder(riscv64).decode(word)).toBeNull();
    },
  );
});

describe("operand ranges", () => {
  it("are what the encoding can hold", () => {
    expect(immediateRange(riscv64, "addi", "imm")).toEqual({
      min: -2048,
      max: 2047,
      step: 1,
      excluded: [],
      code: null,
    });
    expect(immediateRange(riscv64, "beq", "target")).toEqual({
      min: -4096,
      max: 4094,
      step: 2,
      excluded: [],
      code: null,
    });
    expect(immediateRange(riscv64, "slliw", "shamt")).toEqual({
      min: 0,
      max: 31,
      step: 1,
      excluded: [],
      code: null,
    });
    expect(immediateRange(riscv64, "c.sdsp", "uimm")).toEqual({
      min: 0,
      max: 504,
      step: 8,
      excluded: [],
      code: null,
    });
    expect(immediateRange(riscv64, "c.addi16sp", "imm").excluded).toEqual([0]);
    expect(inRange(immediateRange(riscv64, "jal", "target"), 3)).toBe(false);
  });

  it("come back with a value that does not fit", () => {
    const result = encodeInstruction(riscv64, riscv64.instruction("lw"), { rd: 1, rs1: 2, imm: 2048 });
    expect(result).toEqual({
      ok: false,
      operand: "imm",
      value: 2048,
      range: { min: -2048, max: 2047, step: 1, excluded: [], code: null },
    });
    expect(() => encode(riscv64, "lw", { rd: 1, rs1: 2, imm: 0.5 })).toThrow(/imm = 0.5/);
    expect(() => encode(riscv64, "lw", { rd: 32, rs1: 2, imm: 0 })).toThrow(/rd = 32/);
  });
});

// Registers and memory after an instruction whose accesses all hit a small memory.
function stateAfter(instruction: Instruction, values: OperandValues, random: Random): string {
  const machine = new PlainMachine();
  for (let i = 1; i < 32; i += 1) machine.writeReg("x", i, 0x2000n + BigInt(random.below(64)));
  for (let at = 0x1fc0n; at < 0x2200n; at += 1n) machine.memory.set(at, Number(at % 251n));
  const outcome = evaluateEffect(
    effectOf(riscv64, instruction),
    { operands: values, pc: 0x100n, lengthBytes: 4 },
    machine,
  );
  const registers = [...machine.registers].map(([name, value]) => `${name}=${String(value)}`).sort();
  let sum = 0;
  for (const [at, byte] of machine.memory) sum = (sum * 31 + Number(at) * byte) % 1_000_000_007;
  return JSON.stringify([outcome.kind === "next" ? String(outcome.pc) : outcome.cause, registers, sum]);
}

describe("short forms", () => {
  it("have the effect of the instruction that they replace", () => {
    const random = new Random(SEED + 2);
    const used = new Set<string>();
    for (let round = 0; round < 100; round += 1) {
      for (const instruction of riscv64.instructions) {
        if (instruction.encoding.bits === 16) continue;
        // Few registers and small numbers, so that short forms exist.
        const values = Object.fromEntries(
          instruction.operands.map((o) => [o.name, o.kind.kind === "register" ? ([0, 2, 8, 9, 10][random.below(5)] ?? 0) : 4 * random.below(8)]), // prettier-ignore
        );
        if (!encodeInstruction(riscv64, instruction, values).ok) continue;
        const short = shortForm(riscv64, instruction, values);
        if (short === null) continue;
        used.add(short.instruction.name);
        const seed = random.next();
        const [long, brief] = [new Random(seed), new Random(seed)];
        expect(stateAfter(short.instruction, short.values, brief), short.instruction.name).toBe(
          stateAfter(instruction, values, long),
        );
      }
    }
    expect(used.size).toBeGreaterThan(24);
  });
});

describe("listings", () => {
  it("show data, cut-off instructions and symbols", () => {
    const bytes = Uint8Array.from([0x82, 0x80, 0xff, 0xff, 0xff, 0xff, 0x6f, 0xf0, 0xbf, 0xff, 0x13, 0x05]);
    const symbolAt = (address: bigint): string =>
      address === 0x1000n ? "1000 <start>" : address.toString(16);
    const lines = createDisassembler(riscv64, { symbolAt }).listing(bytes, 0x1000n);
    expect(lines.map((l) => [l.address, l.text, l.known])).toEqual([
      [0x1000n, "ret", true],
      [0x1002n, ".word 0xffffffff", false],
      [0x1006n, "j 1000 <start>", true],
      [0x100an, ".half 0x0513", false],
    ]);
  });
});
