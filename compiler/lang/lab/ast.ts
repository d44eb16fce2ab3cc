// LabLang: sections of labels, instructions and jumps, in the order of the final code. Upstream: labLangScript.sml.
//
// One section per function. Registers and instructions are the target's (spec/isa). Jumps and branches name labels
// of their own section; calls name functions. lab-to-object chooses encodings, relaxes branches and makes relocations.

import type { Span } from "../../source/span.ts";
import type { IsaName } from "../../target/isa-named.ts";
import type { AddressInstr, Label, MachineInstr, MachineOperand } from "../stack/ast.ts";
import type { TrapReason } from "../trap-reason.ts";

export type { Label, MachineOperand, MemoryKind, Place, Register } from "../stack/ast.ts";

export type Line =
  | { readonly kind: "label"; readonly label: Label }
  | MachineInstr
  | AddressInstr
  | { readonly kind: "jump"; readonly to: Label; readonly span: Span }
  /** A conditional branch of the target; falls through when not taken. */
  | {
      readonly kind: "branch";
      readonly ins: string;
      readonly operands: readonly MachineOperand[];
      readonly to: Label;
      readonly span: Span;
    }
  /** Calls a function of the program (return address in the link register). */
  | { readonly kind: "call"; readonly callee: string; readonly span: Span }
  | { readonly kind: "tailCall"; readonly callee: string; readonly span: Span }
  /** Calls the border stub of a foreign function: arguments are in the C argument registers. */
  | { readonly kind: "foreignCall"; readonly name: string; readonly span: Span }
  | { readonly kind: "return"; readonly span: Span }
  | { readonly kind: "trap"; readonly reason: TrapReason; readonly span: Span };

export interface Section {
  readonly name: string;
  readonly exported: boolean;
  readonly paramWords: number;
  readonly resultWords: number;
  readonly frameBytes: number;
  readonly lines: readonly Line[];
  readonly span: Span;
}

export interface Program {
  readonly isa: IsaName;
  readonly sections: readonly Section[];
  /**
   * Bytes below the stack pointer at a function's entry that it and its callees may use without checking; whoever
   * enters from outside must have checked them against the stack limit. Functions on a cycle of calls check
   * themselves and count as 0.
   */
  readonly stackNeed: ReadonlyMap<string, number>;
  readonly globalWords: number;
  readonly entry: string;
}
