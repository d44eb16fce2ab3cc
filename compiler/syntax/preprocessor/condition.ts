// The value of a `#if` condition: C17 6.10.1 with 64-bit arithmetic, as GNU cpp computes it.
//
// Works on fully expanded tokens. Names that are left are 0. An operand is unsigned if a literal says so or does not
// fit; division by zero is a mistake only where it is evaluated.

import type { PpToken } from "./pp-token.ts";

export type ConditionResult =
  | { readonly ok: true; readonly value: boolean }
  | { readonly ok: false; readonly problem: string; readonly at: PpToken | null };

interface Value {
  readonly bits: bigint;
  readonly unsigned: boolean;
}

/** Carries a problem out of the recursive descent; never leaves this file. */
class ConditionProblem extends Error {
  readonly at: PpToken | null;
  constructor(message: string, at: PpToken | null) {
    super(message);
    this.at = at;
  }
}

const MAX_DEPTH = 200;
const ZERO: Value = { bits: 0n, unsigned: false };

/** Binary operators by how tightly they bind; `?:` and `,` are looser than all of them. */
const LEVELS: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "|": 3,
  "^": 4,
  "&": 5,
  "==": 6,
  "!=": 6,
  "<": 7,
  ">": 7,
  "<=": 7,
  ">=": 7,
  "<<": 8,
  ">>": 8,
  "+": 9,
  "-": 9,
  "*": 10,
  "/": 10,
  "%": 10,
};

const signed = (bits: bigint): bigint => BigInt.asIntN(64, bits);
const truth = (value: boolean): Value => ({ bits: value ? 1n : 0n, unsigned: false });

/** How each operator computes on operands that were brought to a common signedness and reduced to 64 bits. */
const APPLY: Readonly<Record<string, (a: bigint, b: bigint) => bigint | boolean>> = {
  "|": (a, b) => a | b,
  "^": (a, b) => a ^ b,
  "&": (a, b) => a & b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

/** Evaluates the condition; a problem names the token at which it was noticed, null for the end of the line. */
export function evaluateCondition(tokens: readonly PpToken[]): ConditionResult {
  if (tokens.length === 0) return { ok: false, problem: "expected a condition", at: null };
  const reader = new ConditionReader(tokens);
  try {
    const value = reader.comma(true);
    reader.expectEnd();
    return { ok: true, value: value.bits !== 0n };
  } catch (error) {
    if (error instanceof ConditionProblem) return { ok: false, problem: error.message, at: error.at };
    throw error;
  }
}

class ConditionReader {
  private readonly tokens: readonly PpToken[];
  private at = 0;
  private depth = 0;

  constructor(tokens: readonly PpToken[]) {
    this.tokens = tokens;
  }

  expectEnd(): void {
    const extra = this.tokens[this.at];
    if (extra !== undefined) {
      throw new ConditionProblem(
        `expected an operator or the end of the line, found \`${extra.text}\``,
        extra,
      );
    }
  }

  /** `evaluate` is false in operands that C does not evaluate. */
  comma(evaluate: boolean): Value {
    let value = this.choice(evaluate);
    while (this.take(",") !== null) value = this.choice(evaluate);
    return value;
  }

  private choice(evaluate: boolean): Value {
    const condition = this.binary(1, evaluate);
    if (this.take("?") === null) return condition;
    const isTrue = condition.bits !== 0n;
    this.enter();
    const left = this.comma(evaluate && isTrue);
    if (this.take(":") === null)
      throw new ConditionProblem("expected `:` of the conditional operator", this.peek());
    const right = this.choice(evaluate && !isTrue);
    this.depth--;
    return { bits: isTrue ? left.bits : right.bits, unsigned: left.unsigned || right.unsigned };
  }

  private binary(level: number, evaluate: boolean): Value {
    let left = this.unary(evaluate);
    for (;;) {
      const operator = this.peek();
      const tightness = operator === null ? undefined : LEVELS[operator.text];
      if (operator === null || tightness === undefined || tightness < level) return left;
      this.at++;
      const short =
        (operator.text === "&&" && left.bits === 0n) || (operator.text === "||" && left.bits !== 0n);
      const right = this.binary(tightness + 1, evaluate && !short);
      left = apply({ operator, evaluate }, left, right);
    }
  }

  private unary(evaluate: boolean): Value {
    const token = this.peek();
    if (token === null) throw new ConditionProblem("expected an operand before the end of the line", null);
    this.at++;
    switch (token.text) {
      case "!":
        return this.nested(() => truth(this.unary(evaluate).bits === 0n));
      case "-":
        return this.nested(() => map(this.unary(evaluate), (bits) => -bits));
      case "~":
        return this.nested(() => map(this.unary(evaluate), (bits) => ~bits));
      case "+":
        return this.nested(() => this.unary(evaluate));
      case "(": {
        const value = this.nested(() => this.comma(evaluate));
        if (this.take(")") === null) throw new ConditionProblem("expected `)`", this.peek() ?? token);
        return value;
      }
    }
    if (token.kind === "number") return number(token);
    if (token.kind === "character") return { bits: characterValue(token), unsigned: false };
    if (token.text === "defined") throw new ConditionProblem("expected a macro name after `defined`", token);
    if (token.kind === "name") return ZERO;
    throw new ConditionProblem(`expected an operand, found \`${token.text}\``, token);
  }

  private nested(read: () => Value): Value {
    this.enter();
    const value = read();
    this.depth--;
    return value;
  }

  private enter(): void {
    if (++this.depth > MAX_DEPTH) {
      throw new ConditionProblem(`the condition nests deeper than ${MAX_DEPTH} levels`, this.peek());
    }
  }

  private peek(): PpToken | null {
    return this.tokens[this.at] ?? null;
  }

  private take(text: string): PpToken | null {
    const token = this.peek();
    if (token?.text !== text) return null;
    this.at++;
    return token;
  }
}

function map(value: Value, change: (bits: bigint) => bigint): Value {
  return reduce(change(value.bits), value.unsigned);
}

function reduce(bits: bigint, unsigned: boolean): Value {
  return { bits: unsigned ? BigInt.asUintN(64, bits) : signed(bits), unsigned };
}

function apply(
  step: { readonly operator: PpToken; readonly evaluate: boolean },
  left: Value,
  right: Value,
): Value {
  const name = step.operator.text;
  if (name === "&&") return truth(left.bits !== 0n && right.bits !== 0n);
  if (name === "||") return truth(left.bits !== 0n || right.bits !== 0n);
  if (name === "<<" || name === ">>") return shift(left, right, name === "<<");
  const unsigned = left.unsigned || right.unsigned;
  const a = reduce(left.bits, unsigned).bits;
  const b = reduce(right.bits, unsigned).bits;
  if ((name === "/" || name === "%") && b === 0n) {
    if (step.evaluate) throw new ConditionProblem("division by zero in the condition", step.operator);
    return ZERO;
  }
  const result = APPLY[name]?.(a, b) ?? 0n;
  return typeof result === "boolean" ? truth(result) : reduce(result, unsigned);
}

/** A negative amount shifts the other way; amounts of 64 and more shift everything out. */
function shift(left: Value, right: Value, toLeft: boolean): Value {
  const amount = right.unsigned ? right.bits : signed(right.bits);
  const distance = amount < 0n ? -amount : amount;
  const capped = distance > 64n ? 64n : distance;
  return reduce(toLeft === amount >= 0n ? left.bits << capped : left.bits >> capped, left.unsigned);
}

const NUMBER =
  /^(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0([0-7]*)|([1-9][0-9]*))([uU]?(?:l|L|ll|LL)?|(?:l|L|ll|LL)[uU])$/;

function number(token: PpToken): Value {
  const match = NUMBER.exec(token.text);
  if (match === null) throw new ConditionProblem(`\`${token.text}\` is not an integer`, token);
  const [, hex, binary, octal, decimal, suffix = ""] = match;
  const bits = BigInt(
    hex !== undefined
      ? `0x${hex}`
      : binary !== undefined
        ? `0b${binary}`
        : decimal !== undefined
          ? decimal
          : `0o${octal === undefined || octal === "" ? "0" : octal}`,
  );
  if (bits >= 1n << 64n) throw new ConditionProblem(`\`${token.text}\` does not fit in 64 bits`, token);
  const unsigned = /u/i.test(suffix) || bits >= 1n << 63n;
  return { bits, unsigned };
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  "\\": 92,
  "'": 39,
  '"': 34,
  "?": 63,
};
const CHARACTER = /\\([0-7]{1,3})|\\x([0-9a-fA-F]+)|\\(.)|([^\\])/gsu;

/** The value of a character constant: `char` is signed, several characters are packed from the left. */
function characterValue(token: PpToken): bigint {
  let value = 0n;
  let count = 0;
  for (const [, octal, hex, escape, plain] of token.text.slice(1, -1).matchAll(CHARACTER)) {
    let unit: number;
    if (octal !== undefined) unit = Number.parseInt(octal, 8);
    else if (hex !== undefined) unit = Number.parseInt(hex, 16);
    else if (escape !== undefined) unit = ESCAPES[escape] ?? escape.charCodeAt(0);
    else unit = plain?.codePointAt(0) ?? 0;
    value = (value << 8n) | BigInt(unit & 255);
    count++;
  }
  if (count === 0) throw new ConditionProblem("expected a character between the quotes", token);
  return count === 1 ? BigInt.asIntN(8, value) : BigInt.asIntN(32, value);
}
