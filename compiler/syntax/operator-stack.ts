// Operator precedence: operands and operators in reading order to expression trees.
//
// One stack serves all nested expressions; each works above the height at which it began. Prefix loads stand among the
// operators by their level: `ld8 p + 1` loads from `p + 1`. A tree deeper than MAX_DEPTH becomes an error node once.

import type { Span } from "../source/span.ts";
import { LOAD_LEVELS, NOT_LEVEL, type OperatorInfo } from "./tokens.ts";
import type { Exp, Shape } from "./tree.ts";

/** Deepest tree (and deepest nesting of brackets and blocks) that the parser builds. */
export const MAX_DEPTH = 500;

export type Prefix =
  | { readonly kind: "not"; readonly start: number }
  | { readonly kind: "lds"; readonly start: number; readonly shape: Shape }
  | { readonly kind: "ld8" | "ld32"; readonly start: number };

type Pending =
  | { readonly kind: "binary"; readonly level: number; readonly info: OperatorInfo; readonly span: Span }
  | { readonly kind: "prefix"; readonly level: number; readonly prefix: Prefix };

export interface Heights {
  readonly values: number;
  readonly pending: number;
}

export interface OperatorReports {
  /** `a < b < c`: the second operator of a level that does not chain. */
  readonly chain: (span: Span, op: string) => void;
  /** A load where the grammar wants something tighter: `1 + ld8 p`. */
  readonly load: (span: Span, text: string, before: string) => void;
  readonly tooDeep: (span: Span) => void;
}

export class OperatorStack {
  private readonly reports: OperatorReports;
  private readonly values: Exp[] = [];
  private readonly depths: number[] = [];
  private readonly pending: Pending[] = [];
  /** Depth of the tree that `finish` returned last. */
  lastDepth = 0;

  constructor(reports: OperatorReports) {
    this.reports = reports;
  }

  heights(): Heights {
    return { values: this.values.length, pending: this.pending.length };
  }

  /** Forgets what an expression that failed has left. */
  restore(to: Heights): void {
    this.values.length = to.values;
    this.depths.length = to.values;
    this.pending.length = to.pending;
  }

  operand(value: Exp, depth: number): void {
    this.values.push(value);
    this.depths.push(depth);
  }

  /** A prefix operator; `span` is its word. */
  prefix(prefix: Prefix, span: Span, base: number): void {
    const level = prefix.kind === "not" ? NOT_LEVEL : LOAD_LEVELS[prefix.kind];
    const before = this.pending.length > base ? this.pending.at(-1) : undefined;
    if (before !== undefined && prefix.kind !== "not" && before.level >= level) {
      this.reports.load(
        span,
        prefix.kind,
        before.kind === "binary" ? before.info.op : prefixText(before.prefix),
      );
    }
    this.pending.push({ kind: "prefix", level, prefix });
  }

  /** A binary operator; first completes everything above `base` that binds at least as tightly. */
  binary(info: OperatorInfo, span: Span, base: number): void {
    this.reduceTo(base, info.level);
    if (!info.chains && this.lastReduced === info.level) this.reports.chain(span, info.op);
    this.pending.push({ kind: "binary", level: info.level, info, span });
  }

  /** True if a comparison at this place would be the second of its level in a row. */
  hasOpenComparison(level: number, base: number): boolean {
    for (let i = this.pending.length - 1; i >= base; i--) {
      const pending = this.pending[i];
      if (pending === undefined || pending.level < level) return false;
      if (pending.level === level) return true;
    }
    return false;
  }

  /** Completes the expression that began at height `base`. */
  finish(base: number): Exp {
    this.reduceTo(base, 0);
    this.lastDepth = this.depths.pop() ?? 0;
    return this.values.pop() ?? { kind: "error", span: { start: 0, end: 0 } };
  }

  /** Level of the binary operator that the last `reduceTo` completed last; 0 for none. */
  private lastReduced = 0;

  private reduceTo(base: number, level: number): void {
    this.lastReduced = 0;
    while (this.pending.length > base && (this.pending.at(-1)?.level ?? 0) >= level) {
      const pending = this.pending.pop();
      if (pending === undefined) return;
      this.lastReduced = pending.kind === "binary" ? pending.level : 0;
      this.reduce(pending);
    }
  }

  private reduce(pending: Pending): void {
    const right = this.values.pop();
    const rightDepth = this.depths.pop() ?? 0;
    if (right === undefined) return;
    if (pending.kind === "prefix") {
      this.put(prefixNode(pending.prefix, right), rightDepth + 1);
      return;
    }
    const left = this.values.pop();
    const leftDepth = this.depths.pop() ?? 0;
    if (left === undefined) return;
    const span = { start: left.span.start, end: right.span.end };
    const { op } = pending.info;
    this.put(
      { kind: "binary", op, left, right, operatorSpan: pending.span, span },
      Math.max(leftDepth, rightDepth) + 1,
    );
  }

  /** Replaces the last operand by a node around it. */
  wrap(make: (value: Exp) => Exp): void {
    const value = this.values.pop();
    const depth = this.depths.pop() ?? 0;
    if (value !== undefined) this.put(make(value), depth + 1);
  }

  /** An operand that may be too deep. */
  put(value: Exp, depth: number): void {
    if (depth <= MAX_DEPTH) {
      this.operand(value, depth);
      return;
    }
    this.reports.tooDeep(value.span);
    this.operand({ kind: "error", span: value.span }, 1);
  }
}

function prefixText(prefix: Prefix): string {
  return prefix.kind === "not" ? "!" : prefix.kind;
}

function prefixNode(prefix: Prefix, operand: Exp): Exp {
  const span = { start: prefix.start, end: operand.span.end };
  switch (prefix.kind) {
    case "not":
      return { kind: "not", operand, span };
    case "lds":
      return { kind: "load", shape: prefix.shape, address: operand, span };
    case "ld8":
      return { kind: "loadBytes", bytes: 1, address: operand, span };
    case "ld32":
      return { kind: "loadBytes", bytes: 4, address: operand, span };
  }
}
