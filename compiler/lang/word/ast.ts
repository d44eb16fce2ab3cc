// WordLang: a control-flow graph of basic blocks in SSA form over word values. Upstream: wordLangScript.sml.
//
// Difference from upstream: real SSA with block parameters instead of structured statements and renaming, because
// every optimisation and the allocator want it. Exceptions are gone: a function that may let one escape returns a
// status word in front of its results (loop-to-word), so a call costs nothing where none can arrive.
//
// Before word-select instructions are generic; after it everything but calls and moves is a `machine` instruction of
// the target, named as in spec/isa, so that its effect is known to the evaluator.

import type { Span } from "../../source/span.ts";
import type { IsaName } from "../../target/isa-named.ts";
import type { ArithOp, CompareOp, ShiftOp, Word } from "../machine-word.ts";
import type { TrapReason } from "../trap-reason.ts";

/** An SSA value: defined once, by a function parameter, a block parameter or an instruction. */
export type Value = number;
/** A block of one function. */
export type Label = number;

/**
 * A place whose address is known when linking. `heapBase`, `heapTop`: `@base`, `@top` (their meaning is the
 * environment's: see compiler/target/environment.ts); `globals`: word 0 of the globals.
 */
export type Place = "heapBase" | "heapTop" | "globals";

/** An operand of a machine instruction, in the order of spec/isa's operand list. */
export type MachineOperand =
  | { readonly kind: "value"; readonly value: Value }
  /** Read and written: `from` goes in, `value` is what comes out, in the same register. */
  | { readonly kind: "tied"; readonly value: Value; readonly from: Value }
  /** A register that the instruction names and the allocator must not choose (x0, sp). Number as in spec/isa. */
  | { readonly kind: "fixed"; readonly register: number }
  | { readonly kind: "imm"; readonly value: bigint };

export type Instr =
  | { readonly kind: "const"; readonly dest: Value; readonly value: Word; readonly span: Span }
  | {
      readonly kind: "op";
      readonly dest: Value;
      readonly op: ArithOp | ShiftOp;
      readonly left: Value;
      readonly right: Value;
      readonly span: Span;
    }
  /** 1 if the comparison holds, else 0. */
  | {
      readonly kind: "compare";
      readonly dest: Value;
      readonly op: CompareOp;
      readonly left: Value;
      readonly right: Value;
      readonly span: Span;
    }
  | {
      readonly kind: "addCarry";
      readonly sum: Value;
      readonly carry: Value;
      readonly left: Value;
      readonly right: Value;
      readonly carryIn: Value;
      readonly span: Span;
    }
  | { readonly kind: "address"; readonly dest: Value; readonly place: Place; readonly span: Span }
  /** Local memory at `address + offset`, zero-extended. */
  | {
      readonly kind: "load";
      readonly bytes: 1 | 4 | 8;
      readonly dest: Value;
      readonly address: Value;
      readonly offset: bigint;
      readonly span: Span;
    }
  | {
      readonly kind: "store";
      readonly bytes: 1 | 4 | 8;
      readonly address: Value;
      readonly offset: bigint;
      readonly value: Value;
      readonly span: Span;
    }
  | { readonly kind: "getGlobal"; readonly dest: Value; readonly index: number; readonly span: Span }
  | { readonly kind: "setGlobal"; readonly index: number; readonly value: Value; readonly span: Span }
  | {
      readonly kind: "sharedLoad";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly dest: Value;
      readonly address: Value;
      readonly offset: bigint;
      readonly span: Span;
    }
  | {
      readonly kind: "sharedStore";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly address: Value;
      readonly offset: bigint;
      readonly value: Value;
      readonly span: Span;
    }
  /** `dests` has exactly the callee's result words (with its status word, if it has one). */
  | {
      readonly kind: "call";
      readonly dests: readonly Value[];
      readonly callee: string;
      readonly args: readonly Value[];
      readonly span: Span;
    }
  | {
      readonly kind: "foreignCall";
      readonly name: string;
      readonly args: readonly Value[];
      readonly span: Span;
    }
  /**
   * After word-select. `memory`: what kind of access it is, for evaluators and later optimisers; null: none.
   * Operands that spec/isa says are written are definitions.
   */
  | {
      readonly kind: "machine";
      readonly ins: string;
      readonly operands: readonly MachineOperand[];
      readonly memory: MemoryKind;
      readonly span: Span;
    };

/** Local memory, shared memory (an event), the globals, or no access. */
export type MemoryKind = "local" | "shared" | "global" | null;

/** A jump's target with the arguments for the block's parameters. */
export interface Edge {
  readonly label: Label;
  readonly args: readonly Value[];
}

export type Terminator =
  | { readonly kind: "jump"; readonly to: Edge; readonly span: Span }
  | {
      readonly kind: "branch";
      readonly op: CompareOp;
      readonly left: Value;
      readonly right: Value;
      readonly then: Edge;
      readonly else: Edge;
      readonly span: Span;
    }
  /** After word-select: `ins` is a conditional branch; its target operand is left out of `operands`. Taken: `then`. */
  | {
      readonly kind: "machineBranch";
      readonly ins: string;
      readonly operands: readonly MachineOperand[];
      readonly then: Edge;
      readonly else: Edge;
      readonly span: Span;
    }
  /**
   * `values` are the first result words; a function that returns a status may leave the rest out (a normal result
   * shorter than a payload, or the reverse): what the caller then finds there is unspecified.
   */
  | { readonly kind: "return"; readonly values: readonly Value[]; readonly span: Span }
  /** The callee agrees in `returnsStatus`; with a status it may have fewer result words, never more. */
  | {
      readonly kind: "tailCall";
      readonly callee: string;
      readonly args: readonly Value[];
      readonly span: Span;
    }
  /** Stops the program: an exception that nobody catches. */
  | { readonly kind: "trap"; readonly reason: TrapReason; readonly span: Span };

export interface Block {
  readonly label: Label;
  readonly params: readonly Value[];
  readonly body: readonly Instr[];
  readonly end: Terminator;
}

export interface Function {
  readonly name: string;
  readonly exported: boolean;
  readonly params: readonly Value[];
  /** Words returned, the status word included. */
  readonly resultWords: number;
  /** True: the first result is 0 after a normal return, exception number + 1 otherwise (payload words follow). */
  readonly returnsStatus: boolean;
  /** The first block is the entry; it has no parameters and no predecessors. Order is the layout's starting point. */
  readonly blocks: readonly Block[];
  /** One above the largest value and label in use. */
  readonly nextValue: number;
  readonly nextLabel: number;
  readonly names: ReadonlyMap<Value, string>;
  readonly span: Span;
}

export interface Program {
  /** Whose instructions `machine` and `machineBranch` name; null before word-select. */
  readonly isa: IsaName | null;
  readonly functions: readonly Function[];
  readonly exceptions: readonly { readonly name: string; readonly payloadWords: number }[];
  readonly globalWords: number;
  readonly entry: string;
}
