// The surface tree: what the user wrote, with every position and comment, before any desugaring.
//
// Built by parser.ts, checked by compiler/static, printed by compiler/syntax/print.ts (`pancake lower`, later the
// formatter), translated by compiler/passes/surface-to-pan.ts. Comments are kept beside the tree, in source order
// (Program.comments); the formatter attaches them by position.
//
// Conveniences beyond stock Pancake (design.md D1) have nodes or flags of their own, so that --strict can name
// them and `lower` can remove them: `import`, `const`, hexadecimal literals, `else if`, `!!x`, calls in expressions.

import type { Span } from "../source/span.ts";

export interface Program {
  readonly declarations: readonly Declaration[];
  readonly comments: readonly Comment[];
  readonly span: Span;
}

/** A line or block comment, delimiters included in the span. */
export interface Comment {
  readonly kind: "line" | "block";
  readonly span: Span;
}

/** An identifier where it stands. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** A shape as written. `words` is `1`, `2`, ...; `error` stands where the text was not a shape. */
export type Shape =
  | { readonly kind: "words"; readonly count: bigint; readonly span: Span }
  | { readonly kind: "struct"; readonly fields: readonly Shape[]; readonly span: Span }
  | { readonly kind: "named"; readonly name: string; readonly span: Span }
  | { readonly kind: "error"; readonly span: Span };

/** A name with its shape; `shape === null` means that it was left out (one word). */
export interface ShapedName {
  readonly shape: Shape | null;
  readonly name: Name;
  readonly span: Span;
}

export type Declaration =
  | FunctionDeclaration
  | { readonly kind: "global"; readonly variable: ShapedName; readonly value: Exp; readonly span: Span }
  | { readonly kind: "exception"; readonly name: Name; readonly shape: Shape; readonly span: Span }
  | {
      readonly kind: "struct";
      readonly name: Name;
      readonly fields: readonly ShapedName[];
      readonly span: Span;
    }
  | { readonly kind: "annotation"; readonly text: string; readonly span: Span }
  | { readonly kind: "const"; readonly name: Name; readonly value: Exp; readonly span: Span }
  | { readonly kind: "import"; readonly path: string; readonly span: Span }
  | { readonly kind: "error"; readonly span: Span };

export interface FunctionDeclaration {
  readonly kind: "function";
  readonly inline: boolean;
  readonly exported: boolean;
  /** Result shape; null: one word. */
  readonly result: Shape | null;
  readonly name: Name;
  readonly parameters: readonly ShapedName[];
  readonly body: Block;
  /** From `fun` (or `inline`/`export`) to the closing parenthesis. */
  readonly signatureSpan: Span;
  readonly span: Span;
}

/** Statements between braces. `var` scopes to the end of its block. `span` includes the braces. */
export interface Block {
  readonly statements: readonly Stmt[];
  readonly span: Span;
}

/** A call as written: `f(a, b)`; `span` is the whole call. */
export interface Call {
  readonly callee: Name;
  readonly args: readonly Exp[];
  readonly span: Span;
}

export type AccessBytes = 1 | 2 | 4 | 8;

export type Stmt =
  | { readonly kind: "skip"; readonly span: Span }
  | { readonly kind: "tick"; readonly span: Span }
  | { readonly kind: "break"; readonly span: Span }
  | { readonly kind: "continue"; readonly span: Span }
  /** `value` may be a call expression: the declaring call when it is the whole initialiser. */
  | { readonly kind: "var"; readonly variable: ShapedName; readonly value: Exp; readonly span: Span }
  /** `value` may be a call expression: the assigning call when it is the whole right side. */
  | { readonly kind: "assign"; readonly target: Name; readonly value: Exp; readonly span: Span }
  /** A stand-alone call. */
  | { readonly kind: "call"; readonly call: Call; readonly span: Span }
  | { readonly kind: "foreignCall"; readonly name: Name; readonly args: readonly Exp[]; readonly span: Span }
  /** `st` (null: all words of the value), `st8` (1), `st32` (4). */
  | {
      readonly kind: "store";
      readonly bytes: 1 | 4 | null;
      readonly address: Exp;
      readonly value: Exp;
      readonly span: Span;
    }
  | {
      readonly kind: "sharedLoad";
      readonly bytes: AccessBytes;
      readonly target: Name;
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
  /** `elseIf`: the else branch was written `else if` (convenience) and holds exactly that one `if`. */
  | {
      readonly kind: "if";
      readonly condition: Exp;
      readonly then: Block;
      readonly else: Block | null;
      readonly elseIf: boolean;
      readonly span: Span;
    }
  | { readonly kind: "while"; readonly condition: Exp; readonly body: Block; readonly span: Span }
  | {
      readonly kind: "try";
      readonly target: Name | null;
      readonly call: Call;
      readonly exception: Name;
      readonly payload: Name;
      readonly handler: Block;
      readonly span: Span;
    }
  | { readonly kind: "throw"; readonly exception: Name; readonly value: Exp; readonly span: Span }
  /** A tail call when `value` is a call expression and nothing else. */
  | { readonly kind: "return"; readonly value: Exp; readonly span: Span }
  | { readonly kind: "block"; readonly block: Block; readonly span: Span }
  | { readonly kind: "annotation"; readonly text: string; readonly span: Span }
  /** Text that was not a statement; it has been reported. */
  | { readonly kind: "error"; readonly span: Span };

export type BinaryOp =
  | "||"
  | "&&"
  | "=="
  | "!="
  | "<"
  | ">"
  | "<="
  | ">="
  | "<+"
  | ">+"
  | "<=+"
  | ">=+"
  | "|"
  | "^"
  | "&"
  | "<<"
  | ">>"
  | ">>>"
  | "#>>"
  | "+"
  | "-"
  | "*";

export type Exp =
  /** `text` as written (for messages and printing); hexadecimal text is a convenience. Not yet reduced to a word. */
  | { readonly kind: "int"; readonly value: bigint; readonly text: string; readonly span: Span }
  | { readonly kind: "bool"; readonly value: boolean; readonly span: Span }
  | { readonly kind: "constant"; readonly name: "@base" | "@top" | "@biw"; readonly span: Span }
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  /** `parenthesised` operands keep their own node, so that messages and printing show what was written. */
  | { readonly kind: "parens"; readonly inner: Exp; readonly span: Span }
  /** `operatorSpan` is the operator alone. */
  | {
      readonly kind: "binary";
      readonly op: BinaryOp;
      readonly left: Exp;
      readonly right: Exp;
      readonly operatorSpan: Span;
      readonly span: Span;
    }
  | { readonly kind: "not"; readonly operand: Exp; readonly span: Span }
  /** `lds shape`, `ld8`, `ld32`. */
  | { readonly kind: "load"; readonly shape: Shape; readonly address: Exp; readonly span: Span }
  | { readonly kind: "loadBytes"; readonly bytes: 1 | 4; readonly address: Exp; readonly span: Span }
  | { readonly kind: "rawStruct"; readonly fields: readonly Exp[]; readonly span: Span }
  | {
      readonly kind: "namedStruct";
      readonly name: Name;
      readonly fields: readonly FieldValue[];
      readonly span: Span;
    }
  | {
      readonly kind: "index";
      readonly value: Exp;
      readonly index: bigint;
      readonly indexSpan: Span;
      readonly span: Span;
    }
  | { readonly kind: "field"; readonly value: Exp; readonly field: Name; readonly span: Span }
  /** A call inside an expression: stock only as a whole initialiser, right side or returned value. */
  | { readonly kind: "call"; readonly call: Call; readonly span: Span }
  | { readonly kind: "error"; readonly span: Span };

export interface FieldValue {
  readonly name: Name;
  readonly value: Exp;
  readonly span: Span;
}
