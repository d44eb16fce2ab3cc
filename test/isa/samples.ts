// Sample instruction words and operand values for tests, from the tables alone, with a seeded generator.

import type { OperandRange } from "../../spec/isa/encoding.ts";
import { encodeInstruction, withFollowing, inRange, operandRange } from "../../spec/isa/encoding.ts";
import { immediateCodes } from "../../spec/isa/immediate-codes.ts";
import type { Instruction, Isa, OperandValues } from "../../spec/isa/schema.ts";

/** A small reproducible generator (xorshift32): `next()` is an unsigned 32-bit number. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 === 0 ? 1 : seed >>> 0;
  }

  next(): number {
    let s = this.state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.state = s >>> 0;
    return this.state;
  }

  below(limit: number): number {
    return this.next() % limit;
  }

  /** A 64-bit value, often a special one. */
  value64(): bigint {
    const special = [
      0n,
      1n,
      -1n,
      1n << 63n,
      (1n << 63n) - 1n,
      0x80000000n,
      0x7fffffffn,
      0xffffffffn,
      2n,
      63n,
      64n,
    ];
    const pick = this.below(3);
    if (pick === 0) return BigInt.asUintN(64, special[this.below(special.length)] ?? 0n);
    const value = (BigInt(this.next()) << 32n) | BigInt(this.next());
    return pick === 1 ? value >> BigInt(this.below(64)) : value;
  }
}

/** Values of an operand: both ends and their neighbours first, then random ones; of a code the spelling that is chosen. */
function sampleValue(range: OperandRange, random: Random, round: number): number {
  const count = (range.max - range.min) / range.step + 1;
  const edges = [0, count - 1, 1, count - 2, Math.floor(count / 2)];
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const at = attempt === 0 && round < edges.length ? (edges[round] ?? 0) : random.below(count);
    const value = range.min + at * range.step;
    if (inRange(range, value)) return chosenSpelling(range, value);
  }
  return range.max;
}

function chosenSpelling({ code }: OperandRange, bits: number): number {
  const value = code === null ? null : immediateCodes[code].decode(bits);
  return code === null || value === null ? bits : (immediateCodes[code].encode(value) ?? bits);
}

/** One choice of values that fits the instruction. */
export function sampleValues(
  isa: Isa,
  instruction: Instruction,
  random: Random,
  round: number,
): OperandValues {
  const values: Record<string, number> = {};
  // Edges of one operand at a time; the others are random.
  const edged = round % Math.max(1, instruction.operands.length);
  instruction.operands.forEach((operand, i) => {
    const edge = i === edged ? Math.floor(round / instruction.operands.length) : Infinity;
    values[operand.name] = sampleValue(operandRange(isa, instruction, operand), random, edge);
  });
  return withFollowing(isa, instruction, values);
}

/** Number of different words of an instruction, without looking at exclusions. */
export function formCount(instruction: Instruction): number {
  return 2 ** instruction.operands.reduce((sum, o) => sum + o.field.width - o.field.low, 0);
}

/** A word of the instruction for those values, which must fit. */
export function wordOf(isa: Isa, instruction: Instruction, values: OperandValues): number {
  const result = encodeInstruction(isa, instruction, values);
  if (!result.ok) throw new Error(`${instruction.name}: ${result.operand} = ${String(result.value)}`);
  return result.word;
}
