// Operators of the effect language against their definitions, and the promises about traps and order.

import { describe, expect, it } from "vitest";
import { elaborateEffect } from "../../spec/isa/effect-check.ts";
import {
  evaluateBinary,
  evaluateCompare,
  evaluateEffect,
  evaluateUnary,
} from "../../spec/isa/effect-eval.ts";
import type { EffectOutcome } from "../../spec/isa/effect-eval.ts";
import type { BinaryOp } from "../../spec/isa/effect.ts";
import { PlainMachine } from "../../spec/isa/plain-machine.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";

describe("operators", () => {
  it.each<[BinaryOp, number, bigint, bigint, bigint]>([
    ["add", 8, 200n, 100n, 44n],
    ["sub", 8, 1n, 2n, 255n],
    ["mul", 32, 0xffffffffn, 0xffffffffn, 1n],
    ["mulhss", 8, 0x80n, 0x80n, 0x40n],
    ["mulhsu", 8, 0x80n, 0xffn, 0x80n],
    ["mulhuu", 8, 0xffn, 0xffn, 0xfen],
    ["divs", 8, 0x80n, 0xffn, 0x80n],
    ["divs", 8, 7n, 0n, 0n],
    ["divs", 8, 0xf9n, 2n, 0xfdn],
    ["rems", 8, 0xf9n, 2n, 0xffn],
    ["rems", 8, 0x80n, 0xffn, 0n],
    ["remu", 8, 7n, 0n, 7n],
    ["shl", 8, 0x81n, 1n, 2n],
    ["shrs", 8, 0x80n, 7n, 0xffn],
    ["shru", 8, 0x80n, 7n, 1n],
    ["ror", 8, 0x01n, 1n, 0x80n],
    ["ror", 8, 0x5an, 0n, 0x5an],
  ])("%s of %i bits", (...[op, width, a, b, result]) => {
    expect(evaluateBinary(op, a, b, width)).toBe(result);
  });

  it("count and reverse", () => {
    expect(evaluateUnary("clz", 0n, 32)).toBe(32n);
    expect(evaluateUnary("clz", 1n, 32)).toBe(31n);
    expect(evaluateUnary("ctz", 0n, 32)).toBe(32n);
    expect(evaluateUnary("ctz", 0x80000000n, 32)).toBe(31n);
    expect(evaluateUnary("popcount", 0xf0f1n, 16)).toBe(9n);
    expect(evaluateUnary("reverseBytes", 0x0102n, 32)).toBe(0x02010000n);
    expect(evaluateUnary("neg", 0n, 8)).toBe(0n);
  });

  it("compare with and without sign", () => {
    expect(evaluateCompare("lts", 0xffn, 0n, 8)).toBe(true);
    expect(evaluateCompare("ltu", 0xffn, 0n, 8)).toBe(false);
    expect(evaluateCompare("les", 5n, 5n, 8)).toBe(true);
  });
});

function run(text: string, machine: PlainMachine, operands: Record<string, number> = {}): EffectOutcome {
  const effect = elaborateEffect(text, { isa: riscv64, operands: riscv64.instruction("sw").operands });
  const values = { rs1: 10, rs2: 11, imm: -1, ...operands };
  return evaluateEffect(effect, { operands: values, pc: 0x1000n, lengthBytes: 2 }, machine);
}

describe("instructions", () => {
  it("go on after themselves, or where the pc was set", () => {
    expect(run("rs2 = next", new PlainMachine())).toEqual({ kind: "next", pc: 0x1002n });
    expect(run("pc = pc + imm; rs2 = pc", new PlainMachine())).toEqual({ kind: "next", pc: 0xfffn });
    expect(run("pc = 0; pc = pc - 0x1001", new PlainMachine())).toEqual({
      kind: "next",
      pc: (1n << 64n) - 1n,
    });
  });

  it("change no register when they trap", () => {
    const machine = new PlainMachine();
    expect(run("rs2 = zext8(load8(rs1))", machine)).toEqual({ kind: "trap", cause: "loadAccess", value: 0n });
    expect(run("trap breakpoint(pc)", machine)).toEqual({
      kind: "trap",
      cause: "breakpoint",
      value: 0x1000n,
    });
    expect([...machine.registers]).toEqual([]);
  });

  it("read zero from the zero register and do not write it", () => {
    const machine = new PlainMachine();
    run("rs2 = 5", machine, { rs2: 0 });
    expect([...machine.registers]).toEqual([]);
    run("rs2 = rs1 + 1", machine, { rs1: 0 });
    expect(machine.readReg("x", 11)).toBe(1n);
  });

  it("evaluate both arms of nothing, one arm of if", () => {
    const machine = new PlainMachine();
    run("if (imm == -1) rs2 = imm else { store8(rs1, 0) }", machine);
    expect(machine.readReg("x", 11)).toBe((1n << 64n) - 1n);
  });

  it("call helpers with values of the listed widths", () => {
    const machine = new PlainMachine();
    run("fence(imm[3:0], 3, 1)", machine);
    expect(machine.helped).toEqual(["fence(15, 3, 1)"]);
  });
});
