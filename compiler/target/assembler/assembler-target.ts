// What the assembler must know about an ISA beyond its tables: relocations, macros, the branches that undo each
// other. Relies on the spec only. One value per ISA: riscv64-target.ts.

import type { ObjectMachine } from "../../object/object-file.ts";
import type { Instruction, Isa, Operand } from "../../../spec/isa/schema.ts";

/** An operator such as `%hi(symbol)`. */
export interface RelocationOperator {
  /** The operand that it may fill. */
  readonly operand: string;
  /** For people: where it may stand. */
  readonly place: string;
  /** The operand's value for a number that is already known; null if only addresses make sense. */
  readonly ofNumber: ((value: bigint) => number) | null;
  /** The relocation's number, by the operand that it fills. */
  readonly relocation: (operand: Operand) => number;
}

interface DataRelocations {
  readonly absolute: number | null;
  readonly add: number;
  readonly subtract: number;
  /** Distance from the place itself. */
  readonly relative: number | null;
}

export interface AssemblerTarget {
  readonly isa: Isa;
  readonly machine: ObjectMachine;
  readonly operators: Readonly<Record<string, RelocationOperator>>;
  /** Relocation of a branch target that the linker must find. */
  branchRelocation(instruction: Instruction): number;
  readonly dataRelocations: Readonly<Record<1 | 2 | 4 | 8, DataRelocations>>;
  /** The conditional branch that is taken exactly when this one is not. */
  readonly negatedBranch: Readonly<Record<string, string>>;
  /** Unconditional jump (its operand `target`) and its other operands, to lengthen a branch. */
  readonly farJump: { readonly name: string; readonly values: Readonly<Record<string, number>> };
  /** The instructions, as text, that put a constant into a register; replaces the alias of that name. */
  loadConstant(register: string, value: bigint): readonly string[];
  readonly loadConstantName: string;
  /** Padding instructions, longest first: words and their lengths. */
  readonly padding: readonly { readonly word: number; readonly bytes: number }[];
  /** Symbol-table name of labels that the assembler made up; GNU tools hide this one. */
  readonly hiddenLabel: string;
  /** e_flags of an object: with short instructions or not. */
  flags(short: boolean): number;
}
