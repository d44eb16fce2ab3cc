// LoopLang: one operation a statement, loops with explicit exits, live sets. Upstream: loopLangScript.sml.
//
// The last language with structured control flow (the WebAssembly target leaves from here) and with exceptions.
// What it shares with CrepLang, most statements among it, is structured/ast.ts.
// Operands are variables or constants (check.ts, rule L3). Live sets are exact after loop-live (rule L7).

import type { Span } from "../../source/span.ts";
import type { ArithOp, CompareOp, ShiftOp, Word } from "../machine-word.ts";
import type * as structured from "../structured/ast.ts";

export type Var = structured.Var;
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

export type Handler = structured.Handler<Stmt>;
export type Block = readonly Stmt[];

export type Stmt =
  | structured.PlainStmt<Operand>
  | Call
  | ForeignCall
  | { readonly kind: "assign"; readonly dest: Var; readonly value: Exp; readonly span: Span }
  /** Local memory; 1 and 4 bytes are zero-extended. */
  | {
      readonly kind: "load";
      readonly bytes: 1 | 4 | 8;
      readonly dest: Var;
      readonly address: Operand;
      readonly span: Span;
    }
  | { readonly kind: "getGlobal"; readonly dest: Var; readonly index: number; readonly span: Span }
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
  | { readonly kind: "block"; readonly body: Block; readonly liveOut: VarSet; readonly span: Span };

/** `liveOut`: live after the call, its results left out. */
export interface Call extends structured.Call<Operand, Stmt> {
  readonly liveOut: VarSet;
}

export interface ForeignCall extends structured.ForeignCall<Operand> {
  readonly liveOut: VarSet;
}

export type Function = structured.Function<Stmt>;
export type Exception = structured.Exception;
export type Program = structured.Program<Function>;
