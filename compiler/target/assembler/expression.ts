// Expressions of assembly operands: parsing, and evaluation to `symbol - symbol + number`.
// Relies on source/diagnostic.ts. Numbers are 64-bit two's complement values (BigInt, signed).
// Operators and their order are those of GNU as (not of C), loosest first: + -, then | ^ &, then * / % << >>, then
// prefix - ~ +.

import type { Diagnostic } from "../../source/diagnostic.ts";
import { diagnose } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { Located } from "./source-lines.ts";

export type Expression =
  | { readonly kind: "number"; readonly value: bigint; readonly span: Span }
  | { readonly kind: "symbol"; readonly name: string; readonly span: Span }
  | { readonly kind: "prefix"; readonly op: string; readonly arg: Expression; readonly span: Span }
  | {
      readonly kind: "infix";
      readonly op: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    };

/** `plus - minus + addend`; both names null for a plain number. */
export interface SymbolicValue {
  readonly plus: string | null;
  readonly minus: string | null;
  readonly addend: bigint;
}

/** What a name means now: a number, or something that stays symbolic (`distance` folds two places of one section). */
export interface SymbolScope {
  /** Null for a name that stays symbolic; a failure for one that is defined by means of itself. */
  value(name: string): Result<SymbolicValue> | null;
  /** plus - minus, if it is known already. */
  distance(plus: string, minus: string): bigint | null;
}

/** Names that only the parser knows: `.` and `1f` become labels. Null if `1b` has no label before it. */
export interface NameResolver {
  here(): string;
  numeric(label: number, forward: boolean): string | null;
}

/** An expression or the reason why there is none. */
export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly diagnostic: Diagnostic };

function fail<T>(diagnostic: Diagnostic): Result<T> {
  return { ok: false, diagnostic };
}

const tokenPattern =
  /\s*(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+[bf](?![\w.$])|\d+)|([A-Za-z_.$@][\w.$@]*)|'(\\?.)'?|(<<|>>|[-+*/%|^&~()]))/y;

const levels: readonly (readonly string[])[] = [
  ["+", "-"],
  ["|", "^", "&"],
  ["*", "/", "%", "<<", ">>"],
];
const MAX_DEPTH = 200;
const MAX_OPERATORS = 5_000;

class ExpressionParser {
  private readonly source: Located;
  private readonly names: NameResolver;
  private at = 0;
  private depth = 0;
  private operators = 0;

  constructor(source: Located, names: NameResolver) {
    this.source = source;
    this.names = names;
  }

  parseAll(): Result<Expression> {
    const result = this.infix(0);
    if (!result.ok) return result;
    return this.rest() === "" ? result : fail(this.unexpected("an operator or the end"));
  }

  private rest(): string {
    return this.source.text.slice(this.at).trim();
  }

  private span(from: number): Span {
    return { start: this.source.start + from, end: this.source.start + Math.max(from + 1, this.at) };
  }

  private unexpected(expected: string): Diagnostic {
    const found = this.rest();
    const start = this.source.start + this.source.text.length - found.length;
    return diagnose(
      "A0002",
      { start, end: start + 1 },
      { expected, found: found === "" ? "nothing" : `\`${found}\`` },
    );
  }

  private acceptSymbol(operators: readonly string[]): string | null {
    tokenPattern.lastIndex = this.at;
    const symbol = tokenPattern.exec(this.source.text)?.[4];
    if (symbol === undefined || !operators.includes(symbol)) return null;
    this.at = tokenPattern.lastIndex;
    return symbol;
  }

  private infix(level: number): Result<Expression> {
    const operators = levels[level];
    if (operators === undefined) return this.prefix();
    let left = this.infix(level + 1);
    for (;;) {
      if (!left.ok) return left;
      const op = this.acceptSymbol(operators);
      if (op === null) return left;
      this.operators += 1;
      if (this.operators > MAX_OPERATORS) return fail(this.unexpected(`at most ${MAX_OPERATORS} operators`));
      const right = this.infix(level + 1);
      if (!right.ok) return right;
      const span = { start: left.value.span.start, end: right.value.span.end };
      left = { ok: true, value: { kind: "infix", op, left: left.value, right: right.value, span } };
    }
  }

  private prefix(): Result<Expression> {
    const from = this.at;
    if ((this.depth += 1) > MAX_DEPTH)
      return fail(this.unexpected(`at most ${String(MAX_DEPTH)} levels of nesting`));
    const op = this.acceptSymbol(["-", "~", "+"]);
    const result = op === null ? this.primary() : this.prefix();
    this.depth -= 1;
    if (op === null || op === "+" || !result.ok) return result;
    return { ok: true, value: { kind: "prefix", op, arg: result.value, span: this.span(from) } };
  }

  private primary(): Result<Expression> {
    if (this.acceptSymbol(["("]) !== null) return this.parenthesised();
    tokenPattern.lastIndex = this.at;
    const match = tokenPattern.exec(this.source.text);
    if (match === null || match[4] !== undefined) return fail(this.unexpected("a number, a symbol or `(`"));
    const start = this.at + match[0].length - match[0].trimStart().length;
    this.at = tokenPattern.lastIndex;
    const [, number, name, character] = match;
    if (number !== undefined) return this.number(number, start);
    if (character !== undefined) {
      return {
        ok: true,
        value: { kind: "number", value: characterValue(character), span: this.span(start) },
      };
    }
    const symbol = name === "." ? this.names.here() : (name ?? "");
    return { ok: true, value: { kind: "symbol", name: symbol, span: this.span(start) } };
  }

  private parenthesised(): Result<Expression> {
    const inner = this.infix(0);
    if (!inner.ok) return inner;
    return this.acceptSymbol([")"]) === null ? fail(this.unexpected("`)`")) : inner;
  }

  private number(text: string, start: number): Result<Expression> {
    const span = this.span(start);
    // 0b is binary only with digits after it, so `0b` and `0f` are labels like `1b`.
    if (!/^\d+[bf]$/i.test(text) || /^0[xb]./i.test(text)) return { ok: true, value: numberNode(text, span) };
    const label = Number(text.slice(0, -1));
    const name = this.names.numeric(label, text.toLowerCase().endsWith("f"));
    if (name === null) return fail(diagnose("A0003", span, { name: text, label }));
    return { ok: true, value: { kind: "symbol", name, span } };
  }
}

function numberNode(text: string, span: Span): Expression {
  const octal = /^0[0-7]+$/.test(text);
  return { kind: "number", value: BigInt(octal ? `0o${text.slice(1)}` : text), span };
}

const escapes: Readonly<Record<string, bigint>> = { n: 10n, t: 9n, r: 13n, "0": 0n, b: 8n, f: 12n };

function characterValue(text: string): bigint {
  if (!text.startsWith("\\")) return BigInt(text.codePointAt(0) ?? 0);
  return escapes[text.slice(1)] ?? BigInt(text.codePointAt(1) ?? 0);
}

/** Reads the whole of `source` as one expression. */
export function parseExpression(source: Located, names: NameResolver): Result<Expression> {
  return new ExpressionParser(source, names).parseAll();
}

const arithmetic: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "&": (a, b) => a & b,
  "<<": (a, b) => a << BigInt.asUintN(6, b),
  // GNU as shifts right without the sign.
  ">>": (a, b) => BigInt.asUintN(64, a) >> BigInt.asUintN(6, b),
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

function plain(value: bigint): SymbolicValue {
  return { plus: null, minus: null, addend: BigInt.asIntN(64, value) };
}

function isPlain(v: SymbolicValue): boolean {
  return v.plus === null && v.minus === null;
}

/** Evaluates as far as the scope knows. Fails for what no relocation could express, and for division by zero. */
export function evaluateExpression(e: Expression, scope: SymbolScope): Result<SymbolicValue> {
  switch (e.kind) {
    case "number":
      return { ok: true, value: plain(e.value) };
    case "symbol":
      return scope.value(e.name) ?? { ok: true, value: { plus: e.name, minus: null, addend: 0n } };
    case "prefix": {
      const arg = evaluateExpression(e.arg, scope);
      if (!arg.ok) return arg;
      if (e.op === "-") return combine(e, { left: plain(0n), right: arg.value, sign: -1n }, scope);
      return isPlain(arg.value) ? { ok: true, value: plain(~arg.value.addend) } : fail(notConstant(e));
    }
    case "infix": {
      const left = evaluateExpression(e.left, scope);
      if (!left.ok) return left;
      const right = evaluateExpression(e.right, scope);
      if (!right.ok) return right;
      if (e.op === "+") return combine(e, { left: left.value, right: right.value, sign: 1n }, scope);
      if (e.op === "-") return combine(e, { left: left.value, right: right.value, sign: -1n }, scope);
      if (!isPlain(left.value) || !isPlain(right.value)) return fail(notConstant(e));
      if (/[/%]/.test(e.op) && right.value.addend === 0n) return fail(diagnose("A0004", e.right.span));
      const compute = arithmetic[e.op];
      return compute === undefined
        ? fail(notConstant(e))
        : { ok: true, value: plain(compute(left.value.addend, right.value.addend)) };
    }
  }
}

function notConstant(e: Expression): Diagnostic {
  return diagnose("A0005", e.span);
}

interface Sum {
  readonly left: SymbolicValue;
  readonly right: SymbolicValue;
  readonly sign: 1n | -1n;
}

// left + sign * right; at most one symbol of each sign may be left over.
function combine(e: Expression, { left, right, sign }: Sum, scope: SymbolScope): Result<SymbolicValue> {
  const pluses = [left.plus, sign === 1n ? right.plus : right.minus].filter((name) => name !== null);
  const minuses = [left.minus, sign === 1n ? right.minus : right.plus].filter((name) => name !== null);
  let addend = left.addend + sign * right.addend;
  for (const plus of [...pluses]) {
    for (const minus of [...minuses]) {
      const distance = plus === minus ? 0n : scope.distance(plus, minus);
      if (distance === null || !pluses.includes(plus) || !minuses.includes(minus)) continue;
      addend += distance;
      pluses.splice(pluses.indexOf(plus), 1);
      minuses.splice(minuses.indexOf(minus), 1);
    }
  }
  if (pluses.length > 1 || minuses.length > 1) return fail(notConstant(e));
  return {
    ok: true,
    value: { plus: pluses[0] ?? null, minus: minuses[0] ?? null, addend: BigInt.asIntN(64, addend) },
  };
}
