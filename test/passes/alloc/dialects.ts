// How the random Word programs of these tests spell what they need on each target: operands in spec/isa's order.

import type { Instr, MachineOperand, MemoryKind, Value } from "../../../compiler/lang/word/ast.ts";
import { NO_SPAN } from "../../../compiler/source/span.ts";
import type { MachineTarget } from "../../support/machine-targets.ts";

type Machine = Extract<Instr, { kind: "machine" }>;

/** One or more instructions; the last one defines the result. */
export interface Dialect {
  /** A small number (11 bits, signed), and a bigger one. */
  small(dest: Value, number: number): readonly Machine[];
  big(dest: Value, number: number): readonly Machine[];
  copy(dest: Value, source: Value): Machine;
  increment(dest: Value, source: Value, by: number): Machine;
  readonly binary: readonly ((
    dest: Value,
    left: Value,
    right: Value,
    fresh: () => Value,
  ) => readonly Machine[])[];
  exclusiveOr(dest: Value, left: Value, right: Value): Machine;
  load(dest: Value, base: Value, offset: number, memory: MemoryKind): Machine;
  store(value: Value, base: Value, offset: number, memory: MemoryKind): Machine;
  readonly branches: readonly ((left: Value, right: Value) => Branch)[];
  notZero(value: Value): Branch;
}

/** A branch, and what stands in front of it. */
export interface Branch {
  readonly before: readonly Machine[];
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
}

const use = (v: Value): MachineOperand => ({ kind: "value", value: v });
const imm = (n: number): MachineOperand => ({ kind: "imm", value: BigInt(n) });
const fixed = (register: number): MachineOperand => ({ kind: "fixed", register });

function machine(ins: string, operands: readonly MachineOperand[], memory: MemoryKind = null): Machine {
  return { kind: "machine", ins, operands, memory, span: NO_SPAN };
}

const riscv64: Dialect = {
  small: (dest, number) => [machine("addi", [use(dest), fixed(0), imm(number)])],
  big: (dest, number) => [machine("lui", [use(dest), imm(number)])],
  copy: (dest, source) => machine("addi", [use(dest), use(source), imm(0)]),
  increment: (dest, source, by) => machine("addi", [use(dest), use(source), imm(by)]),
  binary: ["add", "sub", "xor", "and", "or", "mul", "sltu", "slt", "sll"].map(
    (ins) => (dest, left, right) => [machine(ins, [use(dest), use(left), use(right)])],
  ),
  exclusiveOr: (dest, left, right) => machine("xor", [use(dest), use(left), use(right)]),
  load: (dest, base, offset, memory) => machine("ld", [use(dest), imm(offset), use(base)], memory),
  store: (value, base, offset, memory) => machine("sd", [use(value), imm(offset), use(base)], memory),
  branches: ["beq", "bne", "blt", "bge", "bltu", "bgeu"].map((ins) => (left, right) => ({
    before: [],
    ins,
    operands: [use(left), use(right)],
  })),
  notZero: (value) => ({ before: [], ins: "bne", operands: [use(value), fixed(0)] }),
};

const ZERO = fixed(31);
const compare = (left: Value, right: Value): Machine =>
  machine("subs", [ZERO, use(left), use(right), imm(0)]);

const arm64: Dialect = {
  small: (dest, number) => [
    machine(number < 0 ? "movn" : "movz", [use(dest), imm(number < 0 ? ~number : number), imm(0)]),
  ],
  big: (dest, number) => [machine("movz", [use(dest), imm(number & 0xffff), imm(16)])],
  copy: (dest, source) => machine("orr", [use(dest), ZERO, use(source), imm(0)]),
  increment: (dest, source, by) =>
    machine(by < 0 ? "sub:imm" : "add:imm", [use(dest), use(source), imm(Math.abs(by))]),
  binary: [
    ...["add", "sub", "eor", "and", "bic"].map(
      (ins) =>
        (dest: Value, left: Value, right: Value): readonly Machine[] => [
          machine(ins, [use(dest), use(left), use(right), imm(3)]),
        ],
    ),
    (dest, left, right) => [machine("madd", [use(dest), use(left), use(right), ZERO])],
    (dest, left, right) => [machine("lslv", [use(dest), use(left), use(right)])],
    // Flags, and operands that are read and written.
    (dest, left, right) => [
      compare(left, right),
      machine("csel", [use(dest), use(left), use(right), imm(11)]),
    ],
    (dest, left, right, fresh) => {
      const sum = fresh();
      const add = machine("adds", [use(sum), use(left), use(right), imm(0)]);
      return [add, machine("adc", [use(dest), use(sum), use(right)])];
    },
    (dest, left, right) => [
      machine("bfm", [{ kind: "tied", value: dest, from: left }, use(right), imm(60), imm(10)]),
    ],
    (dest, left) => [machine("movk", [{ kind: "tied", value: dest, from: left }, imm(77), imm(32)])],
  ],
  exclusiveOr: (dest, left, right) => machine("eor", [use(dest), use(left), use(right), imm(0)]),
  load: (dest, base, offset, memory) => machine("ldr", [use(dest), use(base), imm(offset)], memory),
  store: (value, base, offset, memory) => machine("str", [use(value), use(base), imm(offset)], memory),
  branches: [
    ...[0, 1, 2, 3, 10, 11].map((condition) => (left: Value, right: Value): Branch => ({
      before: [compare(left, right)],
      ins: "b.",
      operands: [imm(condition)],
    })),
    (left) => ({ before: [], ins: "tbnz", operands: [use(left), imm(3)] }),
  ],
  notZero: (value) => ({ before: [], ins: "cbnz", operands: [use(value)] }),
};

export const dialects: Readonly<Record<MachineTarget, Dialect>> = { riscv64, arm64 };
