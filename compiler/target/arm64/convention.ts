// Arm64 below Word: register roles from spec/abi, and the instructions of frames, moves and stack checks.
// Relies on spec/isa/arm64 for the meaning of each name; test/passes/alloc/convention.test.ts runs their effects.

import { arm64Calls } from "../../../spec/abi/arm64-calls.ts";
import { arm64 } from "../../../spec/isa/arm64/arm64.ts";
import { conditions } from "../../../spec/isa/arm64/operands.ts";
import type { AnyOperand, Code, CodeOperand, Convention } from "../convention.ts";
import { wordAccess } from "./accesses.ts";
import { arm64Constant } from "./constants.ts";
import { arm64Joins } from "./joins.ts";

const ZERO = 31;
const { stackPointer } = arm64Calls;

const reg = (register: number): CodeOperand => ({ kind: "register", register });
const imm = (value: number): CodeOperand => ({ kind: "imm", value: BigInt(value) });
const code = (ins: string, ...operands: readonly CodeOperand[]): Code => ({ ins, operands });

// Offsets of words: scaled ones of 12 bits, and any of 9 signed bits.
const isScaled = (offset: number): boolean => offset >= 0 && offset <= 32760 && offset % 8 === 0;
const isUnscaled = (offset: number): boolean => offset >= -256 && offset <= 255;

const isNumber = (operand: AnyOperand | undefined, value: number): boolean => {
  if (operand?.kind === "imm") return operand.value === BigInt(value);
  return operand !== undefined && "register" in operand && operand.register === value;
};

function access(scaled: string, unscaled: string): (data: number, base: number, offset: number) => Code {
  return (data, base, offset) =>
    code(isScaled(offset) ? scaled : unscaled, reg(data), reg(base), imm(offset));
}

// 12 bits, or 12 bits shifted by 12.
function addConstant(dest: number, source: number, value: number): Code {
  const size = Math.abs(value);
  const name = value < 0 ? "sub" : "add";
  const small = size < 4096;
  return code(
    small ? `${name}:imm` : `${name}:imm12`,
    reg(dest),
    reg(source),
    imm(small ? size : size >> 12),
  );
}

// Only an extended register goes with the stack pointer, which must be the first operand.
function add(dest: number, left: number, right: number): Code {
  if (![dest, left, right].includes(stackPointer))
    return code("add", reg(dest), reg(left), reg(right), imm(0));
  const [base, index] = right === stackPointer ? [right, left] : [left, right];
  return code("add:uxtx", reg(dest), reg(base), reg(index), imm(0));
}

function constant(dest: number, value: number): readonly Code[] {
  return arm64Constant(BigInt(value)).map(({ ins, operands }) =>
    code(ins, reg(dest), ...operands.map((o) => (o.kind === "previous" ? reg(dest) : fixedOrNumber(o)))),
  );
}

function fixedOrNumber(
  operand:
    { readonly kind: "fixed"; readonly register: number } | { readonly kind: "imm"; readonly value: bigint },
): CodeOperand {
  return operand.kind === "fixed" ? reg(operand.register) : operand;
}

const oppositeNames: Readonly<Record<string, string>> = {
  cbz: "cbnz",
  cbnz: "cbz",
  "cbz:w": "cbnz:w",
  "cbnz:w": "cbz:w",
  tbz: "tbnz",
  tbnz: "tbz",
};

// Opposite conditions differ in the lowest bit of their numbers, but for the last two: both hold always.
const ALWAYS = BigInt(conditions.indexOf("al"));

function negated({ ins, operands }: Code): Code | null {
  const [condition] = operands;
  if (ins === "b." && condition?.kind === "imm") {
    if (condition.value >= ALWAYS) return null;
    return { ins, operands: [{ kind: "imm", value: condition.value ^ 1n }] };
  }
  const opposite = oppositeNames[ins];
  return opposite === undefined ? null : { ins: opposite, operands };
}

export const arm64Convention: Convention = {
  ...arm64Calls,
  isa: arm64,
  // Argument registers from the far end, so that the first arguments of the next call stay free. Then the callee-saved
  // ones, which cost a store and a load each.
  // prettier-ignore
  allocatable: [
    8, 9, 10, 11, 12, 13, 14, 15, 17, 7, 6, 5, 4, 3, 2, 1, 0, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
  ],
  copiedOperand: (ins, operands) =>
    ins === "orr" && isNumber(operands[1], ZERO) && isNumber(operands[3], 0) ? 2 : null,
  move: (dest, source) => code("orr", reg(dest), reg(ZERO), reg(source), imm(0)),
  loadWord: access(wordAccess.load, wordAccess.nearLoad),
  storeWord: access(wordAccess.store, wordAccess.nearStore),
  offsetFits: (offset) => isScaled(offset) || isUnscaled(offset),
  lowOffset: (offset) => offset & 0x7ff8,
  constantFits: (value) => Math.abs(value) < 4096 || (Math.abs(value) < 1 << 24 && value % 4096 === 0),
  addConstant,
  add,
  constant,
  branchLower: (left, right) => ({
    compare: [code("subs", reg(ZERO), reg(left), reg(right), imm(0))],
    branch: code("b.", imm(conditions.indexOf("cc"))),
  }),
  negated,
  joins: arm64Joins,
  restoresDownwards: true,
};
