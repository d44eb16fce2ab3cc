// The instruction tables as a whole, and what their checker refuses.

import { describe, expect, it } from "vitest";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { isaProblems } from "../../spec/isa/check.ts";
import { elaborateEffect } from "../../spec/isa/effect-check.ts";
import { effectProblems } from "../../spec/isa/effect-rules.ts";
import { effectOf, operandRole } from "../../spec/isa/isa.ts";
import { defineIsa } from "../../spec/isa/isa.ts";
import { ins, instructions } from "../../spec/isa/rows.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { InstructionRow, Isa } from "../../spec/isa/schema.ts";

describe.each([riscv64, arm64])("$name", (isa) => {
  it("has no problems", () => {
    expect(isaProblems(isa)).toEqual([]);
  });

  it("has effects that survive as plain data", () => {
    for (const i of isa.instructions) expect(structuredClone(effectOf(isa, i))).toEqual(effectOf(isa, i));
  });
});

describe("riscv64", () => {
  it("has every extension", () => {
    const counts = Object.fromEntries(
      riscv64.groups.map((g) => [g.name, riscv64.instructions.filter((i) => i.group === g.name).length]),
    );
    expect(counts).toEqual({
      I: 53,
      M: 13,
      A: 22,
      F: 30,
      D: 32,
      C: 33,
      Zcd: 4,
      Zicsr: 6,
      Zifencei: 1,
      Privileged: 4,
      Zba: 8,
      Zbb: 24,
      Zbs: 8,
      Zicond: 2,
    });
  });

  it.each([
    ["add", "rd", "def"],
    ["add", "rs1", "use"],
    ["addi", "imm", "imm"],
    ["sw", "rs2", "use"],
    ["c.addi", "rd", "both"],
    ["c.lw", "rd'", "def"],
    ["csrrw", "rd", "both"],
    ["beq", "target", "imm"],
    ["amoadd.w", "order", "imm"],
  ])("role of %s %s is %s", (name, operand, role) => {
    expect(operandRole(riscv64, riscv64.instruction(name), operand)).toBe(role);
  });
});

function withRows(rows: readonly InstructionRow[]): Isa {
  return defineIsa({ ...riscv64, groups: [instructions("test", () => rows)], aliases: [] });
}

describe("the checker refuses", () => {
  const good = "0000000 rs2:5 rs1:5 000 rd:5 0110011";
  it.each<[string, InstructionRow[], RegExp]>([
    ["a width that is not 16 or 32", [ins("x", "00 rd:5 11", "rd", "rd = 1")], /has 9 bits/],
    [
      "a field with a hole",
      [ins("x", "imm[11:6] imm[4:0] 00000000 rd:5 00000011", "rd, imm", "rd = imm")],
      /not whole/,
    ],
    [
      "a bit given twice",
      [ins("x", "imm[6:0] imm[4:0] 00000000 rd:5 0000011", "rd, imm", "rd = imm")],
      /not whole/,
    ],
    [
      "an unknown field",
      [ins("x", "0000000 q:5 rs1:5 000 rd:5 0110011", "rd, rs1, q", "rd = rs1")],
      /no operand kind/,
    ],
    ["two encodings that overlap", [ins("x", good, "rd, rs1, rs2", "rd = rs1 + rs2"), ins("y", good, "rd, rs1, rs2", "rd = rs1 - rs2")], /share words/], // prettier-ignore
    ["a field that is not written", [ins("x", good, "rd, rs1", "rd = rs1 + rs2")], /not in the syntax/],
    ["an operand without effect", [ins("x", good, "rd, rs1, rs2", "rd = rs1")], /`rs2` has no effect/],
    ["a name that stands twice", [ins("x", good, "rd, rs1, rs2", "rd = rs1 + rs2"), ins("x", "0100000 rs2:5 rs1:5 000 rd:5 0110011", "rd, rs1, rs2", "rd = rs1 - rs2")], /stands twice/], // prettier-ignore
    ["low bits of another length", [ins("x", "0000000 rs2:5 rs1:5 000 rd:5 0110001", "rd, rs1, rs2", "rd = rs1 + rs2")], /do not fit its length/], // prettier-ignore
  ])("%s", (_, rows, message) => {
    const problems = ((): string[] => {
      try {
        return isaProblems(withRows(rows));
      } catch (e) {
        return [String(e)];
      }
    })();
    expect(problems.join("\n")).toMatch(message);
  });
});

describe("effects", () => {
  const scope = { isa: riscv64, operands: riscv64.instruction("sw").operands };
  const problemsOf = (text: string): string => {
    try {
      return effectProblems(elaborateEffect(text, scope), riscv64).join("; ");
    } catch (e) {
      return e instanceof Error ? e.message : String(e);
    }
  };

  it.each([
    ["rs2 = trunc32(rs1)", /E1: expected 64 bits, found 32/],
    ["rs2 = rs1 + load32(rs1)", /E1/],
    ["rs2 = rs1 << rs1", /E1: expected 6 bits, found 64/],
    ["store32(rs1, rs2)", /E1/],
    ["rs2 = load64(load64(rs1))", /E3: 2 accesses/],
    ["rs2 = rs1 == 0 ? load64(rs1) : 0", /E3: an access in an arm/],
    ["rs2 = rs1; store64(rs1, 0)", /E4: a trap after a write/],
    ["pc = rs1; trap breakpoint", /E4/],
    ["rs2 = 1; pc = rs1", /E5: a register read after a write/],
    ["if (rs1 == 0) let t = 1; rs2 = t", /E6: `t` is not bound on every path/],
    ["let t = 1; let t = 2", /E6: `t` is bound twice/],
    ["let rs1 = 1", /already means something else/],
    ["rs2 = unknown", /unknown name `unknown`/],
    ["rs2 = x[32]", /has no register 32/],
    ["rs2 = zext8(rs1[70:63])", /bits above 63/],
    ["trap nonsense", /unknown trap/],
    ["fence(1)", /takes 3/],
    ["imm = 1", /cannot be assigned/],
    ["rs2 = (rs1", /expected `\)`/],
    ["rs2 = rs1 <q rs1", /unexpected character `<`/],
    ["rs2 = trunc8(imm)", /E1/],
    ["rs2 = zext8(imm[3:0])", /bits above 3/],
    ["let r = fadd64(rs1, rs2, 0)", /`fadd64` takes 2, a mode and flags/],
    ["let r = fadd32(rs1, rs2, 0, fflags)", /E1: expected 32 bits, found 64/],
    ["let r = fadd64(rs1, rs2, rs1, fflags)", /E1: expected 3 bits, found 64/],
    ["rs2 = fadd64(rs1, rs2, 0, fflags)", /E1: expected 64 bits, found 69/],
    ["let r = fsqrt64(load64(rs1), 0, load8(rs1)[4:0])", /E3: 2 accesses/],
    ["fflags = 0; let r = fsqrt64(rs1, frm, fflags)", /E5: a register read after a write/],
    ["let r = f64tof48(rs1, 0, fflags)", /unknown function/],
  ])("%s is refused", (text, message) => {
    expect(problemsOf(text)).toMatch(message);
  });

  it.each([
    "rs2 = rs1 + imm",
    "let t = rs1 & 1; if (t == 1) rs2 = 5 else { rs2 = 6; pc = rs1 }".replace("; pc = rs1", ""),
    "x[1] = next; pc = pc + imm",
    "rs2 = sext32(atomic32(rs1, old -> old + trunc32(imm)))",
    "rs2 = concat(rs1[31:0], rs1[63:32])",
    "if (rs1 >=u 4) trap illegalInstruction(rs1)",
    "let r = fma64(rs1, rs2, 0, frm, fflags); rs2 = r[63:0]; fflags = r[68:64]",
    "let r = s64tof32(rs1, 3, 0, fflags); rs2 = zext32(r); fflags = r[36:32]",
  ])("%s is accepted", (text) => {
    expect(problemsOf(text)).toBe("");
  });
});
