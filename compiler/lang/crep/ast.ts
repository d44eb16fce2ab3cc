// CrepLang: words only. Shapes, structs and names of variables are gone. Upstream: crepLangScript.sml.
//
// Variables are numbers, unique within a function; a variable is assigned before it is read on every path.
// Differences from upstream: calls return any number of words in variables (no transfer slots), exceptions carry
// their payload words, globals are numbered words of a space of their own (they are not addressable, so no pointer
// can alias them), and `block` with `break depth` gives inlining a forward exit.

import type { Span } from "../../source/span.ts";
import type { CompareOp, ShiftOp, Word } from "../machine-word.ts";

/** A word variable of one function. */
export type Var = number;

export type Exp =
  | { readonly kind: "const"; readonly value: Word; readonly span: Span }
  | { readonly kind: "var"; readonly var: Var; readonly span: Span }
  /** Word `index` of the globals. */
  | { readonly kind: "global"; readonly index: number; readonly span: Span }
  /** Local memory; 1 and 4 bytes are zero-extended. */
  | { readonly kind: "load"; readonly bytes: 1 | 4 | 8; readonly address: Exp; readonly span: Span }
  /** `add and or xor` take two or more arguments, `sub` and `mul` exactly two. */
  | {
      readonly kind: "op";
      readonly op: "add" | "sub" | "mul" | "and" | "or" | "xor";
      readonly args: readonly Exp[];
      readonly span: Span;
    }
  | {
      readonly kind: "compare";
      readonly op: CompareOp;
      readonly left: Exp;
      readonly right: Exp;
      readonly span: Span;
    }
  | {
      readonly kind: "shift";
      readonly op: ShiftOp;
      readonly value: Exp;
      readonly amount: Exp;
      readonly span: Span;
    }
  | { readonly kind: "baseAddr" | "topAddr"; readonly span: Span };

export interface Handler {
  /** Position of the exception among the program's declarations. */
  readonly exception: number;
  /** Receive the payload's words. */
  readonly payload: readonly Var[];
  readonly body: Block;
}

export type Block = readonly Stmt[];

export type Stmt =
  | { readonly kind: "assign"; readonly dest: Var; readonly value: Exp; readonly span: Span }
  /** `sum, carry := left + right + (carryIn ≠ 0)`. */
  | {
      readonly kind: "addCarry";
      readonly sum: Var;
      readonly carry: Var;
      readonly left: Exp;
      readonly right: Exp;
      readonly carryIn: Exp;
      readonly span: Span;
    }
  | {
      readonly kind: "store";
      readonly bytes: 1 | 4 | 8;
      readonly address: Exp;
      readonly value: Exp;
      readonly span: Span;
    }
  | { readonly kind: "setGlobal"; readonly index: number; readonly value: Exp; readonly span: Span }
  | {
      readonly kind: "if";
      readonly condition: Exp;
      readonly then: Block;
      readonly else: Block;
      readonly span: Span;
    }
  | { readonly kind: "while"; readonly condition: Exp; readonly body: Block; readonly span: Span }
  /** Runs `body` once; `break` out of it jumps to its end. `continue` counts it but may not name it. */
  | { readonly kind: "block"; readonly body: Block; readonly span: Span }
  /** `depth` counts enclosing `while` and `block`, 0 is the innermost. */
  | { readonly kind: "break" | "continue"; readonly depth: number; readonly span: Span }
  /** `dests` has the callee's result words, or is null when the result is discarded. */
  | {
      readonly kind: "call";
      readonly dests: readonly Var[] | null;
      readonly callee: string;
      readonly args: readonly Exp[];
      readonly handler: Handler | null;
      readonly span: Span;
    }
  | { readonly kind: "tailCall"; readonly callee: string; readonly args: readonly Exp[]; readonly span: Span }
  | {
      readonly kind: "foreignCall";
      readonly name: string;
      readonly args: readonly Exp[];
      readonly span: Span;
    }
  | {
      readonly kind: "raise";
      readonly exception: number;
      readonly payload: readonly Exp[];
      readonly span: Span;
    }
  | { readonly kind: "return"; readonly values: readonly Exp[]; readonly span: Span }
  | {
      readonly kind: "sharedLoad";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly dest: Var;
      readonly address: Exp;
      readonly span: Span;
    }
  | {
      readonly kind: "sharedStore";
      readonly bytes: 1 | 2 | 4 | 8;
      readonly address: Exp;
      readonly value: Exp;
      readonly span: Span;
    }
  | { readonly kind: "tick"; readonly span: Span };

export interface Function {
  readonly name: string;
  readonly inline: boolean;
  readonly exported: boolean;
  readonly params: readonly Var[];
  readonly resultWords: number;
  readonly body: Block;
  /** Source names of variables, for people only: `p.0`, `x`. */
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
