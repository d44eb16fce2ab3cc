// CrepLang: words only. Shapes, structs and names of variables are gone. Upstream: crepLangScript.sml.
//
// What it shares with LoopLang, most statements among it, is structured/ast.ts.
// Differences from upstream: calls return any number of words in variables (no transfer slots), exceptions carry
// their payload words, globals are numbered words of a space of their own (they are not addressable, so no pointer
// can alias them), and `block` with `break depth` gives inlining a forward exit.

import type { Span } from "../../source/span.ts";
import type { Word } from "../machine-word.ts";
import type { ArithExp, CompareExp, ShiftExp } from "../operation.ts";
import type * as structured from "../structured/ast.ts";

export type Var = structured.Var;

export type Exp =
  | { readonly kind: "const"; readonly value: Word; readonly span: Span }
  | { readonly kind: "var"; readonly var: Var; readonly span: Span }
  /** Word `index` of the globals. */
  | { readonly kind: "global"; readonly index: number; readonly span: Span }
  /** Local memory; 1 and 4 bytes are zero-extended. */
  | { readonly kind: "load"; readonly bytes: 1 | 4 | 8; readonly address: Exp; readonly span: Span }
  | ArithExp<Exp>
  | CompareExp<Exp>
  | ShiftExp<Exp>
  | { readonly kind: "baseAddr" | "topAddr"; readonly span: Span };

export type Handler = structured.Handler<Stmt>;
export type Block = readonly Stmt[];

export type Stmt =
  | structured.PlainStmt<Exp>
  | structured.Call<Exp, Stmt>
  | structured.ForeignCall<Exp>
  | { readonly kind: "assign"; readonly dest: Var; readonly value: Exp; readonly span: Span }
  | {
      readonly kind: "if";
      readonly condition: Exp;
      readonly then: Block;
      readonly else: Block;
      readonly span: Span;
    }
  | { readonly kind: "while"; readonly condition: Exp; readonly body: Block; readonly span: Span }
  /** Runs `body` once; `break` out of it jumps to its end. */
  | { readonly kind: "block"; readonly body: Block; readonly span: Span }
  | { readonly kind: "tick"; readonly span: Span };

export interface Function extends structured.Function<Stmt> {
  readonly inline: boolean;
}

export type Exception = structured.Exception;
export type Program = structured.Program<Function>;
