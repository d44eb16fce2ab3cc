// What CrepLang and LoopLang have alike: programs of numbered word variables with structured control.
//
// `Value` is what a statement computes with: expressions in CrepLang, operands in LoopLang. `Stmt` is the language's own
// statement. Assignments, and statements that hold blocks, differ and stand in the ast.ts of each language.

import type { Span } from "../../source/span.ts";

/** A word variable of one function; a variable is assigned before it is read on every path. */
export type Var = number;

/** Statements without blocks. */
export type PlainStmt<Value> =
  /** `sum, carry := left + right + (carryIn ≠ 0)`. */
  | {
      readonly kind: "addCarry";
      readonly sum: Var;
      readonly carry: Var;
      readonly left: Value;
      readonly right: Value;
      readonly carryIn: Value;
      readonly span: Span;
    }
  /** Local memory. */
  | {
      readonly kind: "store";
      readonly bytes: 1 | 4 | 8;
      readonly address: Value;
      readonly value: Value;
      readonly span: Span;
    }
  | { readonly kind: "setGlobal"; readonly index: number; readonly value: Value; readonly span: Span }
  /** Zero-extended. */
  | {
      readonly kind: "sharedLoad";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly dest: Var;
      readonly address: Value;
      readonly span: Span;
    }
  | {
      readonly kind: "sharedStore";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly address: Value;
      readonly value: Value;
      readonly span: Span;
    }
  | Exit<Value>;

/** Statements that nothing follows. */
export type Exit<Value> =
  /** `depth` counts enclosing loops and blocks, 0 is the innermost; `continue` counts blocks but names a loop. */
  | { readonly kind: "break" | "continue"; readonly depth: number; readonly span: Span }
  | {
      readonly kind: "tailCall";
      readonly callee: string;
      readonly args: readonly Value[];
      readonly span: Span;
    }
  | {
      readonly kind: "raise";
      readonly exception: number;
      readonly payload: readonly Value[];
      readonly span: Span;
    }
  | { readonly kind: "return"; readonly values: readonly Value[]; readonly span: Span };

type PlainKind = PlainStmt<unknown>["kind"];

const plainKinds: Readonly<Record<PlainKind, true>> = {
  addCarry: true,
  store: true,
  setGlobal: true,
  sharedLoad: true,
  sharedStore: true,
  break: true,
  continue: true,
  tailCall: true,
  raise: true,
  return: true,
};

/** Whether a language's statement is one of those above. */
export function isPlain<Stmt extends { readonly kind: string }>(
  stmt: Stmt,
): stmt is Extract<Stmt, { readonly kind: PlainKind }> {
  return Object.hasOwn(plainKinds, stmt.kind);
}

/** `dests` has the callee's result words, or is null when the result is discarded. */
export interface Call<Value, Stmt> {
  readonly kind: "call";
  readonly dests: readonly Var[] | null;
  readonly callee: string;
  readonly args: readonly Value[];
  readonly handler: Handler<Stmt> | null;
  readonly span: Span;
}

/** What runs instead of the rest when the call raises `exception`. */
export interface Handler<Stmt> {
  /** Position of the exception among the program's declarations. */
  readonly exception: number;
  /** Receive the payload's words. */
  readonly payload: readonly Var[];
  readonly body: readonly Stmt[];
}

/** Exactly four arguments. */
export interface ForeignCall<Value> {
  readonly kind: "foreignCall";
  readonly name: string;
  readonly args: readonly Value[];
  readonly span: Span;
}

/** `body` leaves the function on every path, with `resultWords` words. */
export interface Function<Stmt> {
  readonly name: string;
  readonly exported: boolean;
  readonly params: readonly Var[];
  readonly resultWords: number;
  readonly body: readonly Stmt[];
  /** Source names of variables, for people only: `p.0`, `x`. */
  readonly names: ReadonlyMap<Var, string>;
  readonly span: Span;
}

/** Known by its position in the program. */
export interface Exception {
  readonly name: string;
  readonly payloadWords: number;
}

/** `F` is the language's own function. `entry` names the function that runs first. */
export interface Program<F> {
  readonly functions: readonly F[];
  readonly exceptions: readonly Exception[];
  readonly globalWords: number;
  readonly entry: string;
}
