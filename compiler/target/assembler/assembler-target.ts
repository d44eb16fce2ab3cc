// What the assembler must know about an ISA beyond its tables: spelling, relocations, macros, the branches that undo
// each other. Relies on the spec only. One value per ISA: riscv64-target.ts, arm64-target.ts.

import type { ObjectMachine } from "../../object/object-file.ts";
import type { Instruction, Isa, Operand } from "../../../spec/isa/schema.ts";
import type { HashMeaning } from "./source-lines.ts";

/** An operator such as `%hi(symbol)` or `:lo12:symbol`. */
export interface RelocationOperator {
  /** The operand that it may fill. */
  readonly operand: string;
  /** For people: where it may stand. */
  readonly place: string;
  /** The operand's value for a number that is already known; null if only addresses make sense. */
  readonly ofNumber: ((value: bigint) => number) | null;
  /** The relocation's number, by the operand that it fills; null for an instruction that cannot have it. */
  readonly relocation: (operand: Operand, instruction: Instruction) => number | null;
  /** Values that the operator gives other operands (`:abs_g1:` shifts by 16). */
  readonly sets: Readonly<Record<string, number>>;
}

interface DataRelocations {
  readonly absolute: number | null;
  /** The pair for a difference that only the linker knows; null if there is none. */
  readonly difference: { readonly add: number; readonly subtract: number } | null;
  /** Distance from the place itself. */
  readonly relative: number | null;
}

/** What a directive of one ISA does: `code` are instructions as numbers, `pool` places the literals so far. */
export type TargetDirective =
  | { readonly kind: "data"; readonly bytes: 1 | 2 | 4 | 8 }
  | { readonly kind: "code"; readonly bytes: 2 | 4 }
  | { readonly kind: "pool" }
  | { readonly kind: "option" }
  | { readonly kind: "ignored" };

export interface AssemblerTarget {
  readonly isa: Isa;
  readonly machine: ObjectMachine;
  /** What `#` begins. */
  readonly hash: HashMeaning;
  /** Finds an operator (group 1) and what it is applied to (group 2) in an operand's text. */
  readonly operatorUse: RegExp;
  readonly operators: Readonly<Record<string, RelocationOperator>>;
  /** What to do with an address that does not fit an operand. */
  readonly addressHelp: string;
  /** Directives that other ISAs do not have. */
  readonly directives: Readonly<Record<string, TargetDirective>>;
  /** Relocation of a branch target or of another address near the instruction that the linker must find. */
  branchRelocation(instruction: Instruction): number;
  readonly dataRelocations: Readonly<Record<1 | 2 | 4 | 8, DataRelocations>>;
  /** The conditional branch that is taken exactly when this one is not; one without an opposite is not lengthened. */
  negatedBranch(name: string): string | null;
  /** Unconditional jump (its operand `target`) and its other operands, to lengthen a branch. */
  readonly farJump: { readonly name: string; readonly values: Readonly<Record<string, number>> };
  /**
   * A mnemonic for constants, and the instructions, as text, that put one into a register; replaces the alias of that
   * name. Null if the tables say all.
   */
  readonly constant: {
    readonly name: string;
    readonly load: (register: string, value: bigint) => readonly string[];
  } | null;
  /** The mnemonic that loads a literal (`ldr x0, =value`), and the bytes of one for a register; null if there is none. */
  readonly literal: {
    readonly name: string;
    readonly bytes: (register: string) => 4 | 8 | null;
  } | null;
  /** Padding instructions, longest first: words and their lengths. */
  readonly padding: readonly { readonly word: number; readonly bytes: number }[];
  /** Symbol-table name of labels that the assembler made up; GNU tools hide this one. */
  readonly hiddenLabel: string;
  /** e_flags of an object: with short instructions or not. */
  flags(short: boolean): number;
}
