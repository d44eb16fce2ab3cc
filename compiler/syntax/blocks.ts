// Statement blocks while they are parsed: an explicit stack, so that nesting costs no recursion.
//
// The grammar sees a flat sequence of items (`if e {`, `x = 1;`, `}`, `else {`); this file joins them to statements and
// knows what is still open, which is what a message about a missing brace needs.

import type { Block, Exp, Stmt } from "./tree.ts";
import type { Token } from "./tokens.ts";

export interface OpenBlock {
  readonly brace: Token;
  /** Level of nesting, the function's own body being 1. An `else if` is a level below its `if`. */
  readonly depth: number;
  readonly statements: Stmt[];
  readonly finish: (block: Block) => void;
  /** The first block of an `if`. */
  isIf: boolean;
  /** Its brace follows directly on another one: probably a slip. */
  isDoubled: boolean;
}

/** An `if` whose first block is complete: perhaps an `else` follows. */
export interface PendingIf {
  readonly condition: Exp;
  readonly then: Block;
  readonly start: number;
  readonly depth: number;
  /** The `if` in whose `else` this one stands without braces. */
  readonly elseOf: PendingIf | null;
}

export class Blocks {
  readonly stack: OpenBlock[] = [];
  pendingIf: PendingIf | null = null;
  /** The closing brace of a nested block that must be followed by `;`. */
  pendingSemicolon: Token | null = null;
  /** The block that was closed last had a doubled brace. */
  closedDoubled = false;

  get depth(): number {
    return this.stack.at(-1)?.depth ?? 0;
  }

  clear(): void {
    this.stack.length = 0;
    this.pendingIf = null;
    this.pendingSemicolon = null;
  }

  add(statement: Stmt): void {
    this.stack.at(-1)?.statements.push(statement);
  }

  open(brace: Token, depth: number, finish: (block: Block) => void): void {
    this.stack.push({ brace, depth, statements: [], finish, isIf: false, isDoubled: false });
  }

  /** The block that was opened last belongs to an `if`. */
  markIf(): void {
    const open = this.stack.at(-1);
    if (open !== undefined) open.isIf = true;
  }

  /** Ends the innermost block at `end`, the offset after its brace. */
  close(end: number): OpenBlock | null {
    const open = this.stack.pop();
    if (open === undefined) return null;
    this.closedDoubled = open.isDoubled;
    open.finish({ statements: open.statements, span: { start: open.brace.startOffset, end } });
    return open;
  }

  /** The `if` before the next item has no `else`. */
  endIf(): void {
    const pending = this.pendingIf;
    this.pendingIf = null;
    if (pending !== null) this.completeIf(pending, null, false);
  }

  /** Takes the last statement back, if it is an `if` without `else`: its `else` comes after a surplus brace. */
  reopenIf(): void {
    const open = this.stack.at(-1);
    const last = open?.statements.at(-1);
    if (open === undefined || last?.kind !== "if" || last.else !== null) return;
    open.statements.pop();
    const { condition, then, span } = last;
    this.pendingIf = { condition, then, start: span.start, depth: open.depth + 1, elseOf: null };
  }

  /** Puts the finished `if` where it belongs: into its block, or as the `else` of the `if` before. */
  completeIf(pending: PendingIf, otherwise: Block | null, elseIf: boolean): void {
    let current = pending;
    let rest = otherwise;
    let isElseIf = elseIf;
    for (;;) {
      const end = rest?.span.end ?? current.then.span.end;
      const { condition, then, start } = current;
      const span = { start, end };
      const node: Stmt = { kind: "if", condition, then, else: rest, elseIf: isElseIf, span };
      if (current.elseOf === null) {
        this.add(node);
        return;
      }
      rest = { statements: [node], span };
      isElseIf = true;
      current = current.elseOf;
    }
  }
}
