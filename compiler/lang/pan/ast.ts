// PanLang: the core of the language, with structs, shapes, globals and exceptions. Upstream: panLangScript.sml.
//
// Differences from upstream: a declaration `dec` scopes to the end of the block that holds it instead of nesting
// its scope, and sequences are arrays, so that a long function is flat. Every node has the span of its source.

import type { Span } from "../../source/span.ts";
import type { Word } from "../machine-word.ts";
import type { ArithExp, CompareExp, ShiftExp } from "../operation.ts";

/** `word`: one machine word. `struct`: components left to right. `named`: a declared struct. */
export type Shape =
  | { readonly kind: "word" }
  | { readonly kind: "struct"; readonly fields: readonly Shape[] }
  | { readonly kind: "named"; readonly name: string };

export interface ShapedName {
  readonly name: string;
  readonly shape: Shape;
}

export type Scope = "local" | "global";

export type Exp =
  | { readonly kind: "const"; readonly value: Word; readonly span: Span }
  | { readonly kind: "var"; readonly scope: Scope; readonly name: string; readonly span: Span }
  | { readonly kind: "rawStruct"; readonly fields: readonly Exp[]; readonly span: Span }
  | { readonly kind: "rawField"; readonly index: number; readonly value: Exp; readonly span: Span }
  | {
      readonly kind: "namedStruct";
      readonly name: string;
      readonly fields: readonly { readonly name: string; readonly value: Exp }[];
      readonly span: Span;
    }
  | { readonly kind: "namedField"; readonly field: string; readonly value: Exp; readonly span: Span }
  /** Local memory, all words of `shape` from `address` on. */
  | { readonly kind: "load"; readonly shape: Shape; readonly address: Exp; readonly span: Span }
  /** Local memory, zero-extended: `ld8` (1 byte), `ld32` (4 bytes). */
  | { readonly kind: "loadBytes"; readonly bytes: 1 | 4; readonly address: Exp; readonly span: Span }
  | ArithExp<Exp>
  | CompareExp<Exp>
  | ShiftExp<Exp>
  | { readonly kind: "baseAddr" | "topAddr" | "bytesInWord"; readonly span: Span };

/** What a non-tail call does with its result; null: discarded. */
export interface ResultTarget {
  readonly scope: Scope;
  readonly name: string;
}

/** `try ... catch exception => variable { body }`; `variable` is a local of the payload's shape. */
export interface Handler {
  readonly exception: string;
  readonly variable: string;
  readonly body: Block;
}

/** Shared accesses: `!ld8 !ld16 !ld32 !ldw` and stores. */
export type AccessBytes = 1 | 2 | 4 | 8;

export type Block = readonly Stmt[];

export type Stmt =
  | { readonly kind: "skip"; readonly span: Span }
  /** The initialiser is evaluated in the outer scope; the name is visible to the end of the block. */
  | {
      readonly kind: "dec";
      readonly name: string;
      readonly shape: Shape;
      readonly value: Exp;
      readonly span: Span;
    }
  /** `var s x = f(args)`. */
  | {
      readonly kind: "decCall";
      readonly name: string;
      readonly shape: Shape;
      readonly callee: string;
      readonly args: readonly Exp[];
      readonly span: Span;
    }
  | {
      readonly kind: "assign";
      readonly scope: Scope;
      readonly name: string;
      readonly value: Exp;
      readonly span: Span;
    }
  /** `name = __add_with_carry__(left, right, carryIn)`; `name` is a local of shape {1,1}: sum, carry-out. */
  | {
      readonly kind: "addCarry";
      readonly name: string;
      readonly left: Exp;
      readonly right: Exp;
      readonly carryIn: Exp;
      readonly span: Span;
    }
  /** All words of `value` at `address`; address and value are evaluated before any word is written. */
  | { readonly kind: "store"; readonly address: Exp; readonly value: Exp; readonly span: Span }
  | {
      readonly kind: "storeBytes";
      readonly bytes: 1 | 4;
      readonly address: Exp;
      readonly value: Exp;
      readonly span: Span;
    }
  | { readonly kind: "block"; readonly body: Block; readonly span: Span }
  | {
      readonly kind: "if";
      readonly condition: Exp;
      readonly then: Block;
      readonly else: Block;
      readonly span: Span;
    }
  | { readonly kind: "while"; readonly condition: Exp; readonly body: Block; readonly span: Span }
  | { readonly kind: "break" | "continue"; readonly span: Span }
  | {
      readonly kind: "call";
      readonly target: ResultTarget | null;
      readonly callee: string;
      readonly args: readonly Exp[];
      readonly handler: Handler | null;
      readonly span: Span;
    }
  | { readonly kind: "tailCall"; readonly callee: string; readonly args: readonly Exp[]; readonly span: Span }
  /** Exactly four word arguments. */
  | {
      readonly kind: "foreignCall";
      readonly name: string;
      readonly args: readonly Exp[];
      readonly span: Span;
    }
  | { readonly kind: "raise"; readonly exception: string; readonly value: Exp; readonly span: Span }
  | { readonly kind: "return"; readonly value: Exp; readonly span: Span }
  | {
      readonly kind: "sharedLoad";
      readonly bytes: AccessBytes;
      readonly scope: Scope;
      readonly name: string;
      readonly address: Exp;
      readonly span: Span;
    }
  | {
      readonly kind: "sharedStore";
      readonly bytes: AccessBytes;
      readonly address: Exp;
      readonly value: Exp;
      readonly span: Span;
    }
  | { readonly kind: "tick"; readonly span: Span }
  /** `/@ text @/`: kept until pan-simp, no effect. */
  | { readonly kind: "annotation"; readonly text: string; readonly span: Span };

export interface Function {
  readonly name: string;
  readonly inline: boolean;
  readonly exported: boolean;
  readonly params: readonly ShapedName[];
  readonly result: Shape;
  readonly body: Block;
  readonly span: Span;
}

export interface Global {
  readonly name: string;
  readonly shape: Shape;
  readonly value: Exp;
  readonly span: Span;
}

export interface Struct {
  readonly name: string;
  readonly fields: readonly ShapedName[];
  readonly span: Span;
}

export interface Exception {
  readonly name: string;
  readonly shape: Shape;
  readonly span: Span;
}

/** Each list is in source order. `entry` names the function that runs first (`main`, later the generated one). */
export interface Program {
  readonly structs: readonly Struct[];
  readonly exceptions: readonly Exception[];
  readonly globals: readonly Global[];
  readonly functions: readonly Function[];
  readonly entry: string;
}
