// Random RISC-V programs that end: every described user instruction, loads and stores around a data area, forward
// branches, calls of leaf functions and one loop around it all. Relies on spec/isa for encodings and operand ranges.
//
// Registers: s0 and s1 point into the data area and s2 counts the loop; they are never written otherwise, nor is sp.
// With `wild`, some accesses use other registers as addresses, which usually ends the program with a fault.

import { encode, operandRange } from "../../../spec/isa/encoding.ts";
import { instructionUse } from "../../../spec/isa/isa.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Instruction, Operand } from "../../../spec/isa/schema.ts";
import { CODE_AT, DATA_AT } from "./elf-image.ts";

/** Numbers from a seed; the same seed gives the same numbers everywhere. */
export class SeededRandom {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761 + 1) >>> 0;
  }

  /** 0 to `limit - 1`. */
  below(limit: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    this.state >>>= 0;
    return this.state % limit;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly T[]): T {
    const value = list[this.below(list.length)];
    if (value === undefined) throw new Error("picked from an empty list");
    return value;
  }
}

export interface RandomCodeOptions {
  readonly seed: number;
  /** Random instructions in the loop's body. */
  readonly length: number;
  readonly rounds: number;
  readonly wild: boolean;
}

const RA = 1;
const S0 = 8;
const S1 = 9;
const S2 = 18;
const fixed: ReadonlySet<number> = new Set([2, S0, S1, S2]);
const free = Array.from({ length: 32 }, (_, i) => i).filter((i) => !fixed.has(i));
const DATA_BYTES = 0x4000;

const arithmeticGroups: ReadonlySet<string> = new Set(["I", "M", "Zba", "Zbb", "Zbs", "Zicond"]);
const isJump = (i: Instruction): boolean => i.operands.some((o) => o.name === "target") || i.name === "jalr";
const isAccess = (i: Instruction): boolean =>
  i.meaning.text.match(/load|store|atomic|reserve|conditional/) !== null;
const writesSomething = (i: Instruction): boolean => i.operands.some((o) => o.name === "rd");

const arithmetic = riscv64.instructions.filter(
  (i) => arithmeticGroups.has(i.group) && !isJump(i) && !isAccess(i) && writesSomething(i),
);
const plainAccesses = riscv64.instructions.filter((i) => i.group === "I" && isAccess(i));
const atomics = riscv64.instructions.filter((i) => i.group === "A");
const branches = riscv64.instructions.filter((i) => i.group === "I" && /^b/.test(i.name) && isJump(i));
const counters = ["cycle", "instret"].map((name) => riscv64.csrs.find((c) => c.name === name)?.number ?? 0);

/** Instruction words of a program that exits with a mixture of its registers. */
export function randomCode(options: RandomCodeOptions): number[] {
  return new Generator(options).program();
}

class Generator {
  private readonly random: SeededRandom;
  private readonly options: RandomCodeOptions;
  private readonly words: number[] = [];

  constructor(options: RandomCodeOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed);
  }

  program(): number[] {
    const { random, options } = this;
    this.constant(S0, DATA_AT + 0x1000);
    this.constant(S1, DATA_AT + 0x2800);
    this.constant(S2, options.rounds);
    for (const register of free) if (register !== 0) this.constant(register, random.below(2 ** 31));
    this.add("addi", { rd: S2, rs1: S2, imm: 0 });
    const leaf = this.leafFunction();
    const loop = this.words.length;
    for (let i = 0; i < options.length; i += 1) this.step(leaf);
    this.add("addi", { rd: S2, rs1: S2, imm: -1 });
    // The body may be longer than a branch reaches: jump over a jump.
    this.add("beq", { rs1: S2, rs2: 0, target: 8 });
    this.add("jal", { rd: 0, target: 4 * (loop - this.words.length) });
    for (const register of free) this.add("xor", { rd: 10, rs1: 10, rs2: register });
    this.add("addi", { rd: 17, rs1: 0, imm: 93 });
    this.add("ecall", {});
    return this.words;
  }

  // A function behind a jump; answers the position of its first word.
  private leafFunction(): number {
    const jump = this.words.length;
    this.words.push(0);
    const start = this.words.length;
    for (let i = 0; i < 5; i += 1) this.arithmetic(RA);
    this.add("jalr", { rd: 0, rs1: RA, imm: 0 });
    this.words[jump] = encode(riscv64, "jal", { rd: 0, target: 4 * (this.words.length - jump) });
    return start;
  }

  private step(leaf: number): void {
    const { random } = this;
    const kind = random.below(100);
    if (kind < 55) this.arithmetic(null);
    else if (kind < 78) this.plainAccess();
    else if (kind < 84) this.atomic();
    else if (kind < 94) this.branch();
    else if (kind < 97) this.add("jal", { rd: RA, target: 4 * (leaf - this.words.length) });
    else if (kind < 98) this.add("csrrs", { rd: random.pick(free), csr: random.pick(counters), rs1: 0 });
    else if (kind < 99) this.add("fence.i", {});
    else this.add("fence", { pred: 15, succ: 15 });
  }

  private arithmetic(keep: number | null): void {
    const instruction = this.random.pick(arithmetic);
    const values = this.operands(instruction);
    if (keep !== null && values["rd"] === keep) values["rd"] = 0;
    this.add(instruction.name, values);
  }

  private plainAccess(): void {
    const instruction = this.random.pick(plainAccesses);
    this.add(instruction.name, { ...this.operands(instruction), rs1: this.base() });
  }

  // Atomics demand alignment, which s0 and s1 have.
  private atomic(): void {
    const instruction = this.random.pick(atomics);
    this.add(instruction.name, { ...this.operands(instruction), rs1: this.base() });
  }

  private base(): number {
    const { random, options } = this;
    return options.wild && random.chance(2) ? random.pick(free) : random.pick([S0, S1]);
  }

  // Over a few instructions, which are written at once so that the distance is known.
  private branch(): void {
    const instruction = this.random.pick(branches);
    const skipped = 1 + this.random.below(4);
    this.add(instruction.name, { ...this.operands(instruction), target: 4 * (skipped + 1) });
    for (let i = 0; i < skipped; i += 1) this.arithmetic(null);
  }

  private operands(instruction: Instruction): Record<string, number> {
    const written = instructionUse(riscv64, instruction).written;
    return Object.fromEntries(
      instruction.operands.map((o) => [o.name, this.operand(instruction, o, written)]),
    );
  }

  private operand(instruction: Instruction, operand: Operand, written: ReadonlySet<string>): number {
    const { random } = this;
    if (operand.kind.kind === "register")
      return written.has(operand.name) ? random.pick(free) : random.below(32);
    const range = operandRange(riscv64, instruction, operand);
    const steps = Math.floor((range.max - range.min) / range.step);
    for (;;) {
      const value = range.min + range.step * random.below(steps + 1);
      if (!range.excluded.includes(value)) return value;
    }
  }

  // A 32-bit constant, sometimes spread over 64 bits.
  private constant(rd: number, value: number): void {
    const low = ((value & 0xfff) ^ 0x800) - 0x800;
    const upper = ((value - low) >>> 12) & 0xfffff;
    this.add("lui", { rd, upper });
    this.add("addi", { rd, rs1: rd, imm: low });
    if (!fixed.has(rd) && this.random.chance(60)) {
      this.add("slli", { rd, rs1: rd, shamt: this.random.below(40) });
      this.add("xori", { rd, rs1: rd, imm: -this.random.below(2048) });
    }
  }

  private add(name: string, values: Readonly<Record<string, number>>): void {
    this.words.push(encode(riscv64, name, values));
  }
}

/** Size of the data area that programs of this file expect at DATA_AT; their code starts at CODE_AT. */
export const RANDOM_LAYOUT = { codeAt: CODE_AT, dataAt: DATA_AT, dataBytes: DATA_BYTES } as const;
