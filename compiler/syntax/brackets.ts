// Open brackets of the expression that is being parsed: `(`, `f(`, `<`, `S < field =`, as an explicit stack.
//
// Closing a bracket takes what the operator stack has above the bracket's base and puts the finished node in its place.

import type { OperatorStack } from "./operator-stack.ts";
import type { Exp, FieldValue, Name } from "./tree.ts";

export type BracketKind = "parens" | "call" | "raw" | "named";

interface Bracket {
  readonly kind: BracketKind;
  /** First offset of the node. */
  readonly start: number;
  /** The function or the struct. */
  readonly name: Name | null;
  /** Height of the operator stack inside the bracket. */
  readonly base: number;
  readonly items: Exp[];
  readonly fields: FieldValue[];
  field: { readonly name: Name; readonly start: number } | null;
  /** Deepest item so far. */
  depth: number;
}

export class Brackets {
  private readonly operators: OperatorStack;
  private readonly open_: Bracket[] = [];

  constructor(operators: OperatorStack) {
    this.operators = operators;
  }

  get innermost(): { readonly kind: BracketKind } | null {
    return this.open_.at(-1) ?? null;
  }

  get depth(): number {
    return this.open_.length;
  }

  /** Height of the operator stack at which the innermost expression began. */
  get base(): number {
    return this.open_.at(-1)?.base ?? 0;
  }

  get takesComma(): boolean {
    const kind = this.open_.at(-1)?.kind;
    return kind !== undefined && kind !== "parens";
  }

  get isInParentheses(): boolean {
    const kind = this.open_.at(-1)?.kind;
    return kind === "parens" || kind === "call";
  }

  /** A `>` may close the innermost bracket. */
  get isInStruct(): boolean {
    const kind = this.open_.at(-1)?.kind;
    return kind === "raw" || kind === "named";
  }

  open(kind: BracketKind, start: number, name: Name | null): void {
    const base = this.operators.heights().pending;
    this.open_.push({ kind, start, name, base, items: [], fields: [], field: null, depth: 0 });
  }

  /** Forgets what a failed expression has left open. */
  clear(): void {
    this.open_.length = 0;
  }

  /** `field =` of a named struct has been read. */
  beginField(name: Name, start: number): void {
    const bracket = this.open_.at(-1);
    if (bracket !== undefined) bracket.field = { name, start };
  }

  /** An item ends, at a comma or at the closing bracket. */
  endItem(): void {
    const bracket = this.open_.at(-1);
    if (bracket === undefined) return;
    const value = this.operators.finish(bracket.base);
    bracket.depth = Math.max(bracket.depth, this.operators.lastDepth);
    const { field } = bracket;
    if (field === null) bracket.items.push(value);
    else {
      const span = { start: field.start, end: value.span.end };
      bracket.fields.push({ name: field.name, value, span });
      bracket.field = null;
    }
  }

  /** The closing bracket has been read; `end` is the offset after it. */
  close(end: number): void {
    this.endItem();
    const bracket = this.open_.pop();
    if (bracket !== undefined) this.operators.put(nodeOf(bracket, end), bracket.depth + 1);
  }
}

function nodeOf(bracket: Bracket, end: number): Exp {
  const span = { start: bracket.start, end };
  const { name, items } = bracket;
  switch (bracket.kind) {
    case "parens":
      return { kind: "parens", inner: items[0] ?? { kind: "error", span }, span };
    case "raw":
      return { kind: "rawStruct", fields: items, span };
    case "call":
      return { kind: "call", call: { callee: name ?? { text: "", span }, args: items, span }, span };
    case "named":
      return { kind: "namedStruct", name: name ?? { text: "", span }, fields: bracket.fields, span };
  }
}
