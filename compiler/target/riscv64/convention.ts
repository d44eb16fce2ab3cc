// RV64 below Word: register roles from spec/abi, and the instructions of frames, moves and stack checks.
// Relies on spec/isa/riscv64 for the meaning of each name; test/passes/alloc/convention.test.ts runs their effects.

import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import { riscv64 } from "../../../spec/isa/riscv64/riscv64.ts";
import type { Code, CodeOperand, Convention } from "../convention.ts";

const reg = (register: number): CodeOperand => ({ kind: "register", register });
const imm = (value: number): CodeOperand => ({ kind: "imm", value: BigInt(value) });
const code = (ins: string, ...operands: readonly CodeOperand[]): Code => ({ ins, operands });

const fits12 = (value: number): boolean => value >= -2048 && value <= 2047;

// lui takes bits 31..12 as an unsigned field; addiw keeps the sum a sign-extended 32-bit value.
function constant(dest: number, value: number): readonly Code[] {
  if (fits12(value)) return [code("addi", reg(dest), reg(0), imm(value))];
  const low = (value << 20) >> 20;
  const upper = ((value - low) >>> 12) & 0xfffff;
  const first = code("lui", reg(dest), imm(upper));
  return low === 0 ? [first] : [first, code("addiw", reg(dest), reg(dest), imm(low))];
}

// For every conditional branch the one that is taken exactly when it is not.
const negatedBranches: Readonly<Record<string, string>> = {
  beq: "bne",
  bne: "beq",
  blt: "bge",
  bge: "blt",
  bltu: "bgeu",
  bgeu: "bltu",
};

export const riscv64Convention: Convention = {
  ...riscv64Calls,
  isa: riscv64,
  // x8 to x15 first: compressed instructions can name them. Argument registers from the far end, so that the first
  // arguments of the next call stay free. Then the callee-saved ones, which cost a store and a load each.
  allocatable: [
    15, 14, 13, 12, 11, 10, 16, 17, 7, 6, 5, 30, 29, 28, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
  ],
  copiedOperand: (ins, operands) => {
    const [dest, source, offset] = operands;
    const isCopy = ins === "addi" && offset?.kind === "imm" && offset.value === 0n;
    return isCopy && dest?.kind === source?.kind ? 1 : null;
  },
  move: (dest, source) => code("addi", reg(dest), reg(source), imm(0)),
  loadWord: (dest, base, offset) => code("ld", reg(dest), imm(offset), reg(base)),
  storeWord: (source, base, offset) => code("sd", reg(source), imm(offset), reg(base)),
  offsetFits: fits12,
  lowOffset: (offset) => (offset << 20) >> 20,
  constantFits: fits12,
  addConstant: (dest, source, value) => code("addi", reg(dest), reg(source), imm(value)),
  add: (dest, left, right) => code("add", reg(dest), reg(left), reg(right)),
  constant,
  branchLower: (left, right) => ({ compare: [], branch: code("bltu", reg(left), reg(right)) }),
  negated: ({ ins, operands }) => {
    const negated = negatedBranches[ins];
    return negated === undefined ? null : { ins: negated, operands };
  },
  joins: [],
  restoresDownwards: false,
};
