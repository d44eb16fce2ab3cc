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

/** A number, a register, or something that becomes a register. */
export type AnyOperand =
  | CodeOperand
  | { readonly kind: "fixed"; readonly register: number }
  | { readonly kind: "value" | "tied" | "temp" };

/** One instruction for two in a row; null if there is none. */
export type Join = (first: Code, second: Code) => Code | null;

export interface Convention extends CallRegisters {
  readonly isa: Isa;
  /** Registers that the allocator may use, best first. */
  readonly allocatable: readonly number[];
  /**
   * Position of the operand that `ins` with these operands only copies to operand 0; null if it does anything else.
   */
  copiedOperand(ins: string, operands: readonly AnyOperand[]): number | null;
  move(dest: number, source: number): Code;
  /** `offset` must fit (`offsetFits`). */
  loadWord(dest: number, base: number, offset: number): Code;
  storeWord(source: number, base: number, offset: number): Code;
  /** True if loads and stores of words take this many bytes directly. */
  offsetFits(offset: number): boolean;
  /** What loads and stores of words can take of an offset that does not fit, so that the rest is cheap. */
  lowOffset(offset: number): number;
  /** True if `addConstant` takes the value. */
  constantFits(value: number): boolean;
  addConstant(dest: number, source: number, value: number): Code;
  /** Any of them may be the stack pointer. */
  add(dest: number, left: number, right: number): Code;
  /** Puts a value of 32 signed bits into `dest`, using no other register. */
  constant(dest: number, value: number): readonly Code[];
  /** A conditional branch, taken if `left` is below `right` (unsigned), and what must stand right in front of it. */
  branchLower(left: number, right: number): { readonly compare: readonly Code[]; readonly branch: Code };
  /** The conditional branch that is taken exactly when this one is not; null if there is none. */
  negated(branch: Code): Code | null;
  /** Ways to make one instruction of two, tried one after the other over all of the code (lab-join). */
  readonly joins: readonly Join[];
  /** Restores the lowest word of the frame last, so that its load may be joined with the stack pointer's move. */
  readonly restoresDownwards: boolean;
}
