// StackLang: registers of the target and slots of the frame instead of values. Upstream: stackLangScript.sml.
//
// Produced by word-to-stack (register allocation). Still a graph of blocks; jumps carry no arguments. Calls name no
// operands: arguments and results are where the internal convention (compiler/target/<isa>/convention.ts) puts them.
// Before stack-frames the frame is implicit (slots count from 0); after it the prologue and epilogue are explicit,
// and slots are memory accesses off the stack pointer.

import type { Span } from "../../source/span.ts";
import type { IsaName } from "../../target/isa-named.ts";
import type { Label, Place as WordPlace, MemoryKind as WordMemoryKind } from "../word/ast.ts";
import type { TrapReason } from "../trap-reason.ts";

export type { Label } from "../word/ast.ts";

/** Word's places and `stackLimit`: the word that holds the lowest stack pointer that a function may establish. */
export type Place = WordPlace | "stackLimit";

/** Word's kinds of access and the stack: frames and the transfer zone (after stack-frames). */
export type MemoryKind = WordMemoryKind | "stack";

/**
 * Whose border a transfer word belongs to. `own`: this function's (arguments that it received, results that it
 * returns, arguments of its tail calls). `callee`: that of the next or last call (its arguments, its results).
 */
export type TransferZone = "own" | "callee";

/** A general register of the target, numbered as in spec/isa. */
export type Register = number;

export type MachineOperand =
  | { readonly kind: "register"; readonly register: Register }
  | { readonly kind: "imm"; readonly value: bigint };

/** An instruction of the target that goes on with the next one. */
export interface MachineInstr {
  readonly kind: "machine";
  readonly ins: string;
  readonly operands: readonly MachineOperand[];
  readonly memory: MemoryKind;
  readonly span: Span;
}

/** The address of a place plus a byte offset. */
export interface AddressInstr {
  readonly kind: "address";
  readonly dest: Register;
  readonly place: Place;
  readonly offset: bigint;
  readonly span: Span;
}

export type Instr =
  | MachineInstr
  | AddressInstr
  | { readonly kind: "slotLoad"; readonly dest: Register; readonly slot: number; readonly span: Span }
  | { readonly kind: "slotStore"; readonly slot: number; readonly source: Register; readonly span: Span }
  /**
   * Words beyond the convention's registers: word `index` of the transfer zone just below the stack pointer,
   * as the callee sees it on entry (arguments) and the caller after return (results). None after stack-frames.
   */
  | {
      readonly kind: "transferLoad";
      readonly dest: Register;
      readonly zone: TransferZone;
      readonly index: number;
      readonly span: Span;
    }
  | {
      readonly kind: "transferStore";
      readonly zone: TransferZone;
      readonly index: number;
      readonly source: Register;
      readonly span: Span;
    }
  | {
      readonly kind: "call";
      readonly callee: string;
      readonly argWords: number;
      readonly resultWords: number;
      readonly span: Span;
    }
  | { readonly kind: "foreignCall"; readonly name: string; readonly span: Span };

export type Terminator =
  | { readonly kind: "jump"; readonly to: Label; readonly span: Span }
  | {
      readonly kind: "machineBranch";
      readonly ins: string;
      readonly operands: readonly MachineOperand[];
      readonly then: Label;
      readonly else: Label;
      readonly span: Span;
    }
  | { readonly kind: "return"; readonly span: Span }
  | { readonly kind: "tailCall"; readonly callee: string; readonly argWords: number; readonly span: Span }
  | { readonly kind: "trap"; readonly reason: TrapReason; readonly span: Span };

export interface Block {
  readonly label: Label;
  readonly body: readonly Instr[];
  readonly end: Terminator;
}

export interface Function {
  readonly name: string;
  readonly exported: boolean;
  readonly paramWords: number;
  readonly resultWords: number;
  /** Words of the frame for spilled values (before stack-frames: slots 0 .. slots-1). */
  readonly slots: number;
  /** Callee-saved registers that the body writes, in ascending order. */
  readonly saved: readonly Register[];
  /** True if the body calls (so the return address must be kept). */
  readonly calls: boolean;
  readonly blocks: readonly Block[];
  /** Frame size in bytes once stack-frames has run, a multiple of 16; null before. */
  readonly frameBytes: number | null;
  readonly span: Span;
}

export interface Program {
  /** Whose registers and instructions the program uses. */
  readonly isa: IsaName;
  readonly functions: readonly Function[];
  readonly globalWords: number;
  readonly entry: string;
}
