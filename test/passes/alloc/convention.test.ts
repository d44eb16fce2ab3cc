// The instructions that a convention gives to frames and moves do what they are for, by their effects, and leave flags
// alone; branches are negated right; two joined instructions are as one.

import { describe, expect, test } from "vitest";
import { arm64Convention } from "../../../compiler/target/arm64/convention.ts";
import { conventionNamed } from "../../../compiler/target/convention-named.ts";
import type { Code, Convention } from "../../../compiler/target/convention.ts";
import { instructionUse } from "../../../compiler/target/instruction-use.ts";
import { conditions } from "../../../spec/isa/arm64/operands.ts";
import { evaluateEffect } from "../../../spec/isa/effect-eval.ts";
import { effectOf } from "../../../spec/isa/isa.ts";
import { PlainMachine } from "../../../spec/isa/plain-machine.ts";
import { newRandom } from "../../support/random-program/prng.ts";
import { machineTargets } from "../../support/machine-targets.ts";

const PC = 0x1000n;
const TAKEN = 64;
const MEMORY = 0x8000n;

class Bench {
  readonly machine = new PlainMachine();
  readonly convention: Convention;

  constructor(convention: Convention) {
    this.convention = convention;
    for (let i = 0n; i < 0x2000n; i += 1n) this.machine.memory.set(MEMORY - 0x1000n + i, Number(i & 255n));
  }

  /** Runs the code; true if the last instruction branched. */
  run(codes: readonly Code[]): boolean {
    const { isa } = this.convention;
    let pc = PC;
    for (const { ins, operands } of codes) {
      const instruction = isa.instruction(ins);
      const values: Record<string, number> = {};
      let next = 0;
      for (const { name, kind } of instruction.operands) {
        const given = kind.kind === "target" ? null : operands[next++];
        values[name] =
          given === null ? TAKEN : given?.kind === "register" ? given.register : Number(given?.value);
      }
      const outcome = evaluateEffect(
        effectOf(isa, instruction),
        { operands: values, pc: PC, lengthBytes: 4 },
        this.machine,
      );
      if (outcome.kind === "trap") throw new Error(`${ins}: ${outcome.cause}`);
      pc = outcome.pc;
    }
    return pc === PC + BigInt(TAKEN);
  }

  get(register: number): bigint {
    return this.machine.readReg(this.convention.file, register);
  }

  set(register: number, value: bigint): void {
    this.machine.writeReg(this.convention.file, register, BigInt.asUintN(64, value));
  }
}

describe.each(machineTargets)("%s", (target) => {
  const convention = conventionNamed(target);
  const [a = 0, b = 0, c = 0] = convention.allocatable;
  const sp = convention.stackPointer;
  const word = (value: number): bigint => BigInt.asUintN(64, BigInt(value));
  const numbers = [0, 1, -1, 8, -8, 255, -256, 2047, -2048, 2048, 4095, -4096, 4096, 32760, 65536, -65536, 0x7fffffff, -0x80000000]; // prettier-ignore

  test("moves, constants and sums, the stack pointer among them", () => {
    const bench = new Bench(convention);
    bench.set(b, 77n);
    bench.run([convention.move(a, b)]);
    expect(bench.get(a)).toBe(77n);
    for (const value of numbers) {
      bench.run(convention.constant(a, value));
      expect(bench.get(a), String(value)).toBe(word(value));
      bench.set(sp, MEMORY);
      if (convention.constantFits(value)) {
        bench.run([convention.addConstant(c, sp, value)]);
        expect(bench.get(c)).toBe(BigInt.asUintN(64, MEMORY + BigInt(value)));
      }
      for (const code of [convention.add(c, a, sp), convention.add(c, sp, a)]) {
        bench.run([code]);
        expect(bench.get(c)).toBe(BigInt.asUintN(64, MEMORY + BigInt(value)));
      }
      bench.run([convention.add(sp, sp, a)]);
      expect(bench.get(sp)).toBe(BigInt.asUintN(64, MEMORY + BigInt(value)));
    }
  });

  test("words at every offset that fits, and offsets that do not are parted", () => {
    const bench = new Bench(convention);
    bench.set(sp, MEMORY);
    for (let offset = -0x800; offset < 0x800; offset += 8) {
      if (!convention.offsetFits(offset)) continue;
      bench.set(a, BigInt(offset) * 3n);
      bench.run([convention.storeWord(a, sp, offset), convention.loadWord(b, sp, offset)]);
      expect(bench.get(b), String(offset)).toBe(bench.get(a));
    }
    for (const offset of [40000, -40000, 100008, -5000, -257 * 8])
      expect(convention.offsetFits(convention.lowOffset(offset)), String(offset)).toBe(true);
  });

  test("nothing that frames and moves are made of writes flags", () => {
    const codes = [
      convention.move(a, b),
      ...numbers.flatMap((value) => convention.constant(a, value)),
      ...numbers.filter((v) => convention.constantFits(v)).map((v) => convention.addConstant(a, b, v)),
      convention.add(a, b, c),
      convention.add(sp, sp, a),
      convention.loadWord(a, sp, 0),
      convention.storeWord(a, sp, 0),
    ];
    for (const { ins } of codes) {
      expect(instructionUse(convention.isa, convention.isa.instruction(ins)).writesFlags, ins).toBe(false);
    }
  });

  test("the comparison of stack checks, and its negation", () => {
    const bench = new Bench(convention);
    const { compare, branch } = convention.branchLower(a, b);
    const negated = convention.negated(branch);
    expect(negated).not.toBeNull();
    for (const [left, right] of [
      [1n, 2n],
      [2n, 1n],
      [5n, 5n],
      [1n << 63n, 1n],
      [0n, -1n],
    ] as const) {
      bench.set(a, left);
      bench.set(b, right);
      const isLower = BigInt.asUintN(64, left) < BigInt.asUintN(64, right);
      expect(bench.run([...compare, branch])).toBe(isLower);
      if (negated !== null) expect(bench.run([...compare, negated])).toBe(!isLower);
    }
  });

  test("a joined instruction does what the two did", () => {
    const random = newRandom(31);
    const registers = [a, b, c, sp];
    const pick = (): number => registers[random.below(registers.length)] ?? a;
    const codes = (): Code => {
      const offset = 8 * (random.below(9) - 4);
      switch (random.below(4)) {
        case 0:
          return convention.loadWord(registers[random.below(3)] ?? a, pick(), offset);
        case 1:
          return convention.storeWord(registers[random.below(3)] ?? a, pick(), offset);
        default:
          return convention.addConstant(...((r) => [r, r] as const)(pick()), offset);
      }
    };
    let joined = 0;
    for (let i = 0; i < 20_000; i += 1) {
      const [first, second] = [codes(), codes()];
      for (const join of convention.joins) {
        const one = join(first, second);
        if (one === null) continue;
        joined += 1;
        const [apart, together] = [new Bench(convention), new Bench(convention)];
        for (const bench of [apart, together])
          registers.forEach((r, n) => bench.set(r, MEMORY + 16n * BigInt(n)));
        apart.run([first, second]);
        together.run([one]);
        const state = (bench: Bench): unknown => [
          registers.map((r) => bench.get(r)),
          [...bench.machine.memory],
        ];
        expect(
          state(together),
          JSON.stringify([first, second, one], (_, v: unknown) => String(v)),
        ).toEqual(state(apart));
        if (joined > 300) return;
      }
    }
    expect(joined > 0).toBe(convention.joins.length > 0);
  });
});

test("Arm64's conditions have their opposites, but for the two that always hold", () => {
  const bench = new Bench(arm64Convention);
  const { compare, branch } = arm64Convention.branchLower(0, 1);
  conditions.forEach((name, number) => {
    const conditional: Code = { ins: branch.ins, operands: [{ kind: "imm", value: BigInt(number) }] };
    const negated = arm64Convention.negated(conditional);
    expect(negated === null, name).toBe(name === "al" || name === "nv");
    for (const [left, right] of [
      [1n, 2n],
      [2n, 1n],
      [5n, 5n],
      [1n << 63n, 1n],
    ] as const) {
      bench.set(0, left);
      bench.set(1, right);
      const isTaken = bench.run([...compare, conditional]);
      if (negated === null) expect(isTaken, name).toBe(true);
      else expect(bench.run([...compare, negated]), name).toBe(!isTaken);
    }
  });
});
