// What the back end asks of a target below Word: register roles and the few instructions that frames and moves need.
//
// Relies on spec/abi (roles) and spec/isa (names and roles of operands). A target's data: <isa>/convention.ts.
// Instruction names appear there only; passes compose these pieces and stay free of any target.

import type { CallRegisters } from "../../spec/abi/internal-calls.ts";
import type { Isa } from "../../spec/isa/schema.ts";

/** An operand in the order of spec/isa's operand list. */
export type CodeOperand =
  { readonly kind: "register"; readonly register: number } | { readonly kind: "imm"; readonly value: bigint };

/** One instruction of the target. For a branch the target operand is left out. */
export interface Code {
  readonly ins: string;
  readonly operands: readonly CodeOperand[];
}

export interface Convention extends CallRegisters {
  readonly isa: Isa;
  /** Registers that the allocator may use, best first. */
  readonly allocatable: readonly number[];
  /** True for `ins` with these operands if it only copies operand 1 to operand 0 (any kind of register operand). */
  isMove(ins: string, operands: readonly { readonly kind: string; readonly value?: unknown }[]): boolean;
  move(dest: number, source: number): Code;
  /** `offset` must fit (`offsetFits`). */
  loadWord(dest: number, base: number, offset: number): Code;
  storeWord(source: number, base: number, offset: number): Code;
  /** True if loads, stores and `addConstant` take this many bytes directly. */
  offsetFits(offset: number): boolean;
  addConstant(dest: number, source: number, value: number): Code;
  add(dest: number, left: number, right: number): Code;
  subtract(dest: number, left: number, right: number): Code;
  /** Puts a value of 32 signed bits into `dest`, using no other register. */
  constant(dest: number, value: number): readonly Code[];
  /** A conditional branch, taken if `left` is below `right` (unsigned). */
  branchLower(left: number, right: number): Code;
  /** For every conditional branch the one that is taken exactly when it is not. */
  readonly negatedBranch: Readonly<Record<string, string>>;
}
