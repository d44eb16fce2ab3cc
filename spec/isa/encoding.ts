// Operand values to instruction words and back, from the fields of an encoding. Relies on schema.ts.
// Guarantees: decodeOperands(encode(values)) = values for all values that encode accepts (c.lui's may come back
// in their unsigned spelling).

import type { ImmediateCodeName } from "./immediate-codes.ts";
import { immediateCodes } from "./immediate-codes.ts";
import { operandOfNumber } from "./operand-text.ts";
import type { Field, Instruction, Isa, Operand, OperandValues } from "./schema.ts";
import { tableError } from "./table-error.ts";

/** The values that an operand can take: `min`, `min + step`, … `max`, without `excluded`, and that `code` knows. */
export interface OperandRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly excluded: readonly number[];
  readonly code: ImmediateCodeName | null;
}

/** A word, or the first operand that does not fit and what would. */
export type EncodeResult =
  | { readonly ok: true; readonly word: number }
  | { readonly ok: false; readonly operand: string; readonly value: number; readonly range: OperandRange };

const ranges = new WeakMap<Operand, OperandRange>();

/** The legal values of one operand of `instruction`. */
export function operandRange(isa: Isa, instruction: Instruction, operand: Operand): OperandRange {
  const known = ranges.get(operand);
  if (known !== undefined) return known;
  const range = computeRange(isa, instruction, operand);
  ranges.set(operand, range);
  return range;
}

function computeRange(isa: Isa, instruction: Instruction, operand: Operand): OperandRange {
  const { kind, field } = operand;
  const excluded = instruction.encoding.excluded
    .filter((e) => e.field === field.name)
    .map((e) => valueOfRaw(isa, operand, e.value));
  const code = kind.kind === "code" ? kind.code : null;
  // One that follows another may be any register: which one, the other's value says.
  const step = operand.after === null ? 2 ** field.low : 1;
  if (isSigned(operand)) {
    const half = 2 ** (field.width - 1);
    return { min: -half, max: half - step, step, excluded, code };
  }
  const first = firstOf(isa, operand);
  return { min: first, max: first + 2 ** field.width - step, step, excluded, code };
}

// What a field of zeros means: a register number, or the first of the CSRs that the field can name.
function firstOf(isa: Isa, { kind }: Operand): number {
  if (kind.kind === "register") return isa.registerClass(kind.class).first;
  return kind.kind === "csr" ? kind.first : 0;
}

/** The legal values of an operand by names: what instruction selection asks before it picks an instruction. */
export function immediateRange(isa: Isa, instructionName: string, operandName: string): OperandRange {
  const instruction = isa.instruction(instructionName);
  const operand = instruction.operands.find((o) => o.name === operandName);
  if (operand === undefined) return tableError(`${instructionName} has no operand \`${operandName}\``);
  return operandRange(isa, instruction, operand);
}

/** True if `value` is one of the range's values. */
export function inRange(range: OperandRange, value: number): boolean {
  if (value < range.min || value > range.max || range.excluded.includes(value)) return false;
  if ((value - range.min) % range.step !== 0) return false;
  return range.code === null || immediateCodes[range.code].decode(value) !== null;
}

/** The operand that stands for the number `value` (in a code: its bits), null if the instruction cannot hold it. */
export function operandForNumber(
  isa: Isa,
  instruction: Instruction,
  operand: Operand,
  value: bigint,
): number | null {
  const bits = operandOfNumber(operand.kind, value);
  return bits !== null && operandFits(isa, instruction, operand, bits) ? bits : null;
}

function isSigned(operand: Operand): boolean {
  return operand.kind.kind === "target" || (operand.kind.kind === "immediate" && operand.kind.signed);
}

// c.lui may be given -1 or 0xfffff for the same bits: the signed spelling counts.
function normalise(operand: Operand, value: number): number {
  const wrap = operand.kind.kind === "immediate" ? operand.kind.wrapBits : null;
  return wrap !== null && value >= 2 ** (wrap - 1) ? value - 2 ** wrap : value;
}

function valueOfRaw(isa: Isa, operand: Operand, bits: number): number {
  const { kind, field, after } = operand;
  const raw = after === null ? bits : (bits + after.plus) % 2 ** field.width;
  const isNegative = isSigned(operand) && raw >= 2 ** (field.width - 1);
  const value = isNegative ? raw - 2 ** field.width : raw;
  if (kind.kind === "immediate" && kind.wrapBits !== null && value < 0) return value + 2 ** kind.wrapBits;
  return value + firstOf(isa, operand);
}

/** The bits of a field of `word`, put together; not yet shifted into a register number or a sign. */
function fieldBits(field: Field, word: number): number {
  let raw = 0;
  for (const { wordLow, valueLow, bits } of field.pieces) {
    raw += ((word >>> wordLow) & (2 ** bits - 1)) * 2 ** valueLow;
  }
  return raw;
}

/** The value that an operand has in `word`. */
export function operandOfWord(isa: Isa, operand: Operand, word: number): number {
  return valueOfRaw(isa, operand, fieldBits(operand.field, word));
}

/** All operand values in `word`, which must match the instruction's encoding. */
export function decodeOperands(isa: Isa, instruction: Instruction, word: number): Record<string, number> {
  return Object.fromEntries(instruction.operands.map((o) => [o.name, operandOfWord(isa, o, word)]));
}

/** True if `word` is an encoding of `instruction`: fixed bits fit, no excluded field value and no undefined code. */
export function matchesEncoding(instruction: Instruction, word: number): boolean {
  const { mask, match, fields, excluded } = instruction.encoding;
  // `>>> 0` on both sides: bit 31 makes JS numbers negative under `&`.
  if ((word & mask) >>> 0 !== match >>> 0) return false;
  if (excluded.some((e) => fields.some((f) => f.name === e.field && fieldBits(f, word) === e.value)))
    return false;
  return instruction.operands.every(
    ({ kind, field }) =>
      kind.kind !== "code" || immediateCodes[kind.code].decode(fieldBits(field, word)) !== null,
  );
}

// Places `raw` into the field's bits of a word.
function placeBits(field: Field, raw: number): number {
  let word = 0;
  for (const { wordLow, valueLow, bits } of field.pieces) {
    // Not `>>>`: a page's distance has 33 bits.
    word += (Math.floor(raw / 2 ** valueLow) % 2 ** bits) * 2 ** wordLow;
  }
  return word;
}

/** True if `value` is legal for this operand, whatever the others are. */
export function operandFits(isa: Isa, instruction: Instruction, operand: Operand, value: number): boolean {
  return inRange(operandRange(isa, instruction, operand), normalise(operand, value));
}

/**
 * The instruction word for operand values by name. A glued operand that is not given is 0 (`amoadd.w` without
 * ordering); any other missing one is our mistake and throws. An operand out of range is a result.
 */
export function encodeInstruction(isa: Isa, instruction: Instruction, values: OperandValues): EncodeResult {
  let word = instruction.encoding.match;
  for (const operand of instruction.operands) {
    if (operand.after !== null) {
      const only = followingValue(isa, operand, values);
      const value = values[operand.name] ?? only;
      if (value === only) continue;
      const range = { min: only, max: only, step: 1, excluded: [], code: null };
      return { ok: false, operand: operand.name, value, range };
    }
    const given = values[operand.name] ?? (operand.kind.kind === "choice" ? 0 : undefined);
    if (given === undefined)
      return tableError(`${instruction.name}: operand \`${operand.name}\` is not given`);
    const range = operandRange(isa, instruction, operand);
    const value = normalise(operand, given);
    if (!inRange(range, value)) return { ok: false, operand: operand.name, value: given, range };
    word += placeBits(operand.field, rawOfValue(isa, operand, value));
  }
  return { ok: true, word };
}

/** The value of an operand that follows another, from that one's. */
export function followingValue(isa: Isa, operand: Operand, values: OperandValues): number {
  const start = values[operand.after?.operand ?? ""];
  if (start === undefined) return tableError(`operand \`${operand.name}\` follows none`);
  return valueOfRaw(isa, operand, start - firstOf(isa, operand));
}

/** The values with those that follow from them. */
export function withFollowing(isa: Isa, instruction: Instruction, values: OperandValues): OperandValues {
  const followers = instruction.operands.filter((o) => o.after !== null);
  if (followers.length === 0) return values;
  return { ...values, ...Object.fromEntries(followers.map((o) => [o.name, followingValue(isa, o, values)])) };
}

function rawOfValue(isa: Isa, operand: Operand, value: number): number {
  return value < 0 ? value + 2 ** operand.field.width : value - firstOf(isa, operand);
}

/** The word for operands that the caller knows to fit; throws a TableError if one does not. */
export function encode(isa: Isa, instructionName: string, values: OperandValues): number {
  const result = encodeInstruction(isa, isa.instruction(instructionName), values);
  if (result.ok) return result.word;
  const { operand, value, range } = result;
  return tableError(
    `${instructionName}: ${operand} = ${String(value)} is not in ${String(range.min)}..${String(range.max)} by ${String(range.step)}`,
  );
}
