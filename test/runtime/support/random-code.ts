// Random programs that end, for any ISA: described user instructions, loads and stores around a data area, forward
// branches, calls of a leaf function and one loop around it all. Relies on spec/isa for encodings and operand ranges;
// what programs of one ISA are made of is a RandomIsa (random-riscv64.ts, random-arm64.ts).
//
// Two base registers point into the data area and one counts the loop; they are never written otherwise, nor is the
// stack pointer. With `wild`, some accesses use other registers as addresses, which usually ends the program with a fault.

import { encode, inRange, operandRange, withFollowing } from "../../../spec/isa/encoding.ts";
import { immediateCodes } from "../../../spec/isa/immediate-codes.ts";
import { instructionUse } from "../../../spec/isa/isa.ts";
import type { Instruction, Isa, Operand } from "../../../spec/isa/schema.ts";
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

/** Operand values by name. */
export type Values = Readonly<Record<string, number>>;

/** One instruction with its operands. */
export type Chosen = readonly [name: string, values: Values];

/** Instructions of one kind and how many percent of a program they are. */
export interface RandomKind {
  readonly percent: number;
  readonly instructions: readonly Instruction[];
  /** What an instruction of this kind needs, made anew each time; null: any operands will do. */
  readonly prepare: ((instruction: Instruction, random: SeededRandom) => Prepared) | null;
}

/** Operands with values of their own, and instructions that must stand before. */
export interface Prepared {
  readonly before: readonly Chosen[];
  readonly operands: Values;
}

/** What programs for one ISA are made of. Registers are numbers of its general file. */
export interface RandomIsa {
  readonly isa: Isa;
  /** Registers that programs may write, and the one whose number means something else when written. */
  readonly free: readonly number[];
  readonly zero: number;
  readonly bases: readonly [number, number];
  readonly counter: number;
  readonly link: number;
  /** Classes of general registers; registers of other classes may all be written. */
  readonly generalClasses: ReadonlySet<string>;
  readonly arithmetic: readonly Instruction[];
  readonly accesses: readonly RandomKind[];
  readonly others: readonly RandomKind[];
  /** Names of operands that are the address of an access. */
  readonly base: ReadonlySet<string>;
  readonly branches: readonly Instruction[];
  /** A 32-bit constant; `spread` makes 64 bits of it. */
  constant(
    register: number,
    value: number,
    spread: { shift: number; mask: number } | null,
  ): readonly Chosen[];
  /** Counts down, and jumps by `distance` words from the last of these instructions unless it was the last round. */
  loopEnd(distance: number): readonly Chosen[];
  jump(words: number): Chosen;
  call(words: number): Chosen;
  readonly back: Chosen;
  /** Mixes the free registers into an exit code and exits. */
  exit(): readonly Chosen[];
}

// The largest offset of any access fits behind the bases.
const DATA_BYTES = 0x14000;
const BRANCH_PERCENT = 10;
const CALL_PERCENT = 3;
const UNPREDICTABLE_RETRIES = 50;
const ALL_REGISTERS = Array.from({ length: 32 }, (_, number) => number);

/** Instruction words of a program that exits with a mixture of its registers. */
export function randomCode(target: RandomIsa, options: RandomCodeOptions): number[] {
  return new Generator(target, options).program();
}

class Generator {
  private readonly target: RandomIsa;
  private readonly random: SeededRandom;
  private readonly options: RandomCodeOptions;
  private readonly words: number[] = [];

  constructor(target: RandomIsa, options: RandomCodeOptions) {
    this.target = target;
    this.options = options;
    this.random = new SeededRandom(options.seed);
  }

  program(): number[] {
    const { random, options, target } = this;
    const [first, second] = target.bases;
    this.add(target.constant(first, DATA_AT + 0x1000, null));
    this.add(target.constant(second, DATA_AT + 0x2800, null));
    this.add(target.constant(target.counter, options.rounds, null));
    for (const register of target.free) {
      if (register === target.zero) continue;
      const spread = random.chance(60) ? { shift: random.below(40), mask: random.below(2048) } : null;
      this.add(target.constant(register, random.below(2 ** 31), spread));
    }
    const leaf = this.leafFunction();
    const loop = this.words.length;
    for (let i = 0; i < options.length; i += 1) this.step(leaf);
    const end = target.loopEnd(0);
    this.add(target.loopEnd(loop - (this.words.length + end.length - 1)));
    this.add(target.exit());
    return this.words;
  }

  // A function behind a jump; answers the position of its first word.
  private leafFunction(): number {
    const jump = this.words.length;
    this.words.push(0);
    const start = this.words.length;
    for (let i = 0; i < 5; i += 1)
      this.instruction(this.random.pick(this.target.arithmetic), this.target.link);
    this.add([this.target.back]);
    const [name, values] = this.target.jump(this.words.length - jump);
    this.words[jump] = encode(this.target.isa, name, values);
    return start;
  }

  private step(leaf: number): void {
    const { random, target } = this;
    let kind = random.below(100);
    for (const { percent, instructions, prepare } of [...target.accesses, ...target.others]) {
      if (kind < percent) {
        const instruction = random.pick(instructions);
        const prepared = prepare?.(instruction, random);
        this.add(prepared?.before ?? []);
        this.instruction(instruction, null, prepared?.operands);
        return;
      }
      kind -= percent;
    }
    if (kind < BRANCH_PERCENT) this.branch();
    else if (kind < BRANCH_PERCENT + CALL_PERCENT) this.add([target.call(leaf - this.words.length)]);
    else this.instruction(random.pick(target.arithmetic), null);
  }

  // Over a few instructions, which are written at once so that the distance is known.
  private branch(): void {
    const instruction = this.random.pick(this.target.branches);
    const skipped = 1 + this.random.below(4);
    this.instruction(instruction, null, { target: 4 * (skipped + 1) });
    for (let i = 0; i < skipped; i += 1) this.instruction(this.random.pick(this.target.arithmetic), null);
  }

  private instruction(instruction: Instruction, keep: number | null, fixed: Values = {}): void {
    const { isa } = this.target;
    const { written } = instructionUse(isa, instruction);
    for (let tries = 0; tries < UNPREDICTABLE_RETRIES; tries += 1) {
      const chosen: Record<string, number> = {};
      for (const operand of instruction.operands) {
        chosen[operand.name] = fixed[operand.name] ?? this.operand(instruction, operand, written);
      }
      const values = withFollowing(isa, instruction, chosen);
      if (this.writesKept(instruction, values, keep) || this.writesTwice(values, written)) continue;
      this.words.push(encode(isa, instruction.name, values));
      return;
    }
  }

  // True for a result in `keep`, or in the second register of a pair if that is one that programs may not write.
  private writesKept(instruction: Instruction, values: Values, keep: number | null): boolean {
    const { isa, free, generalClasses } = this.target;
    const { written } = instructionUse(isa, instruction);
    return instruction.operands.some(({ name, kind, after }) => {
      const value = values[name];
      if (value === undefined || !written.has(name)) return false;
      const isGeneral = kind.kind === "register" && generalClasses.has(kind.class);
      return value === keep || (after !== null && isGeneral && !free.includes(value));
    });
  }

  // Two results in one register mean different things to different machines.
  private writesTwice(values: Values, written: ReadonlySet<string>): boolean {
    const results = [...written].map((name) => values[name]);
    return new Set(results).size < results.length;
  }

  private operand(instruction: Instruction, operand: Operand, written: ReadonlySet<string>): number {
    const { random, target, options } = this;
    const { kind, name } = operand;
    const range = operandRange(target.isa, instruction, operand);
    if (kind.kind === "register" && target.generalClasses.has(kind.class)) {
      if (target.base.has(name)) {
        return options.wild && random.chance(2) ? random.pick(target.free) : random.pick(target.bases);
      }
      // Pairs begin at even registers.
      const choice = (written.has(name) ? target.free : ALL_REGISTERS).filter((r) => inRange(range, r));
      return random.pick(choice);
    }
    const steps = Math.floor((range.max - range.min) / range.step);
    for (;;) {
      const value = range.min + range.step * random.below(steps + 1);
      const isCode = range.code === null || immediateCodes[range.code].decode(value) !== null;
      if (isCode && !range.excluded.includes(value)) return value;
    }
  }

  private add(chosen: readonly Chosen[]): void {
    for (const [name, values] of chosen) this.words.push(encode(this.target.isa, name, values));
  }
}

/** Size of the data area that programs of this file expect at DATA_AT; their code starts at CODE_AT. */
export const RANDOM_LAYOUT = { codeAt: CODE_AT, dataAt: DATA_AT, dataBytes: DATA_BYTES } as const;
