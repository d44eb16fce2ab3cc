// LoopLang: one operation a statement, loops with explicit exits, live sets. Upstream: loopLangScript.sml.
//
// The last language with structured control flow (the WebAssembly target leaves from here) and with exceptions.
// Operands are variables or constants (check.ts, rule L3). Live sets are exact after loop-live (rule L7).

import type { Span } from "../../source/span.ts";
import type { ArithOp, CompareOp, ShiftOp, Word } from "../machine-word.ts";

export type Var = number;
export type VarSet = ReadonlySet<Var>;

export type Operand =
  { readonly kind: "var"; readonly var: Var } | { readonly kind: "const"; readonly value: Word };

/** One pure operation. */
export type Exp =
  | Operand
  | { readonly kind: "op"; readonly op: ArithOp; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "shift"; readonly op: ShiftOp; readonly value: Operand; readonly amount: Operand }
  /** 1 if the comparison holds, else 0. */
  | { readonly kind: "compare"; readonly op: CompareOp; readonly left: Operand; readonly right: Operand }
  | { readonly kind: "baseAddr" | "topAddr" };

export interface Condition {
  readonly op: CompareOp;
  readonly left: Operand;
  readonly right: Operand;
}

export interface Handler {
  readonly exception: number;
  readonly payload: readonly Var[];
  readonly body: Block;
}

export type Block = readonly Stmt[];

export type Stmt =
  | { readonly kind: "assign"; readonly dest: Var; readonly value: Exp; readonly span: Span }
  | {
      readonly kind: "addCarry";
      readonly sum: Var;
      readonly carry: Var;
      readonly left: Operand;
      readonly right: Operand;
      readonly carryIn: Operand;
      readonly span: Span;
    }
  | {
      readonly kind: "load";
      readonly bytes: 1 | 4 | 8;
      readonly dest: Var;
      readonly address: Operand;
      readonly span: Span;
    }
  | {
      readonly kind: "store";
      readonly bytes: 1 | 4 | 8;
      readonly address: Operand;
      readonly value: Operand;
      readonly span: Span;
    }
  | { readonly kind: "getGlobal"; readonly dest: Var; readonly index: number; readonly span: Span }
  | { readonly kind: "setGlobal"; readonly index: number; readonly value: Operand; readonly span: Span }
  /** `liveOut`: live after the statement. */
  | {
      readonly kind: "if";
      readonly condition: Condition;
      readonly then: Block;
      readonly else: Block;
      readonly liveOut: VarSet;
      readonly span: Span;
    }
  /** Repeats `body` until a `break`; `liveIn`: live at its head, `liveOut`: live after it. */
  | {
      readonly kind: "loop";
      readonly liveIn: VarSet;
      readonly body: Block;
      readonly liveOut: VarSet;
      readonly span: Span;
    }
  /** Runs `body` once; `break` out of it goes to its end. */
  | { readonly kind: "block"; readonly body: Block; readonly liveOut: VarSet; readonly span: Span }
  /** `depth` counts enclosing `loop` and `block`, 0 is the innermost; `continue` names a loop. */
  | { readonly kind: "break" | "continue"; readonly depth: number; readonly span: Span }
  /** `liveOut`: live after the call, its results left out. `dests` null: results discarded. */
  | {
      readonly kind: "call";
      readonly dests: readonly Var[] | null;
      readonly callee: string;
      readonly args: readonly Operand[];
      readonly handler: Handler | null;
      readonly liveOut: VarSet;
      readonly span: Span;
    }
  | {
      readonly kind: "tailCall";
      readonly callee: string;
      readonly args: readonly Operand[];
      readonly span: Span;
    }
  | {
      readonly kind: "foreignCall";
      readonly name: string;
      readonly args: readonly Operand[];
      readonly liveOut: VarSet;
      readonly span: Span;
    }
  | {
      readonly kind: "raise";
      readonly exception: number;
      readonly payload: readonly Operand[];
      readonly span: Span;
    }
  | { readonly kind: "return"; readonly values: readonly Operand[]; readonly span: Span }
  | {
      readonly kind: "sharedLoad";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly dest: Var;
      readonly address: Operand;
      readonly span: Span;
    }
  | {
      readonly kind: "sharedStore";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly address: Operand;
      readonly value: Operand;
      readonly span: Span;
    };

export interface Function {
  readonly name: string;
  readonly exported: boolean;
  readonly params: readonly Var[];
  readonly resultWords: number;
  readonly body: Block;
  readonly names: ReadonlyMap<Var, string>;
  readonly span: Span;
}

export interface Exception {
  readonly name: string;
  readonly payloadWords: number;
}

export interface Program {
  readonly functions: readonly Function[];
  readonly exceptions: readonly Exception[];
  readonly globalWords: number;
  readonly entry: string;
}
