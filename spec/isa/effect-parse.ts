// Reads the text of an effect into the untyped tree of effect-syntax.ts (the grammar stands there).
// Relies on nothing else. Guarantees: a tree for the whole text, or an EffectError with the column.

import type { RawExpr, RawStmt } from "./effect-syntax.ts";
import { EffectError } from "./effect-syntax.ts";

interface Token {
  readonly kind: "name" | "number" | "symbol" | "end";
  readonly text: string;
  readonly at: number;
}

// Longest first; an operator with a sign letter must not run into a name.
const symbols = /(?:[<>]=?[su]\b|>>[su]\b|[/%][su]\b|->|<<|==|!=|&&|\|\||[-+*&|^~!?:;,=(){}[\]])/y;
const names = /[A-Za-z_][A-Za-z0-9_]*'?/y;
const numbers = /0x[0-9a-fA-F]+|[0-9]+/y;
const blanks = /\s*/y;

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(blanks, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ kind: "end", text: "end of effect", at });
  return tokens;
}

function tokenAt(text: string, at: number): Token {
  const number = matchAt(numbers, text, at);
  if (number !== null) return { kind: "number", text: number, at };
  const name = matchAt(names, text, at);
  if (name !== null) return { kind: "name", text: name, at };
  const symbol = matchAt(symbols, text, at);
  if (symbol !== null) return { kind: "symbol", text: symbol, at };
  throw new EffectError(`unexpected character \`${text.charAt(at)}\``, at);
}

// Binding strength of infix operators, loosest first.
const levels: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["==", "!=", "<s", "<u", "<=s", "<=u", ">s", ">u", ">=s", ">=u"],
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>s", ">>u"],
  ["+", "-"],
  ["*", "/s", "/u", "%s", "%u"],
];

class Parser {
  private readonly tokens: readonly Token[];
  private position = 0;

  constructor(text: string) {
    this.tokens = tokenise(text);
  }

  parseAll(): RawStmt[] {
    const body = this.statements("end of effect");
    this.expect("end of effect");
    return body;
  }

  parseOne(): RawExpr {
    const value = this.expression();
    this.expect("end of effect");
    return value;
  }

  private peek(ahead = 0): Token {
    const token = this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)];
    if (token === undefined) throw new EffectError("no tokens", 0);
    return token;
  }

  private next(): Token {
    const token = this.peek();
    this.position += 1;
    return token;
  }

  private accept(text: string): boolean {
    if (this.peek().text !== text) return false;
    this.position += 1;
    return true;
  }

  private expect(text: string): Token {
    const token = this.next();
    if (token.text !== text) throw new EffectError(`expected \`${text}\`, found \`${token.text}\``, token.at);
    return token;
  }

  private name(): Token {
    const token = this.next();
    if (token.kind !== "name") throw new EffectError(`expected a name, found \`${token.text}\``, token.at);
    return token;
  }

  private statements(end: string): RawStmt[] {
    const body: RawStmt[] = [];
    while (this.peek().text !== end) {
      const statement = this.statement();
      body.push(statement);
      if (this.peek().text !== end && statement.kind !== "if") this.expect(";");
      else this.accept(";");
    }
    return body;
  }

  private statement(): RawStmt {
    const { text, at } = this.peek();
    if (text === "let") return this.letStatement(at);
    if (text === "if") return this.ifStatement(at);
    if (text === "trap") return this.trapStatement(at);
    const target = this.postfix();
    if (target.kind === "call") return target;
    this.expect("=");
    return { kind: "assign", target, value: this.expression(), at };
  }

  private letStatement(at: number): RawStmt {
    this.next();
    const name = this.name().text;
    this.expect("=");
    return { kind: "let", name, value: this.expression(), at };
  }

  private ifStatement(at: number): RawStmt {
    this.next();
    this.expect("(");
    const cond = this.expression();
    this.expect(")");
    const then = this.arm();
    // `if (c) a; else b` is accepted, so that arms read like statements.
    if (this.peek().text === ";" && this.peek(1).text === "else") this.next();
    return { kind: "if", cond, then, else: this.accept("else") ? this.arm() : [], at };
  }

  private arm(): RawStmt[] {
    if (!this.accept("{")) return [this.statement()];
    const body = this.statements("}");
    this.expect("}");
    return body;
  }

  private trapStatement(at: number): RawStmt {
    this.next();
    const cause = this.name().text;
    if (!this.accept("(")) return { kind: "trap", cause, value: null, at };
    const value = this.expression();
    this.expect(")");
    return { kind: "trap", cause, value, at };
  }

  private expression(): RawExpr {
    const cond = this.infix(0);
    const { at } = this.peek();
    if (!this.accept("?")) return cond;
    const then = this.expression();
    this.expect(":");
    return { kind: "choose", cond, then, else: this.expression(), at };
  }

  private infix(level: number): RawExpr {
    const operators = levels[level];
    if (operators === undefined) return this.prefix();
    let left = this.infix(level + 1);
    while (this.peek().kind === "symbol" && operators.includes(this.peek().text)) {
      const { text: op, at } = this.next();
      left = { kind: "infix", op, left, right: this.infix(level + 1), at };
    }
    return left;
  }

  private prefix(): RawExpr {
    const { text, at } = this.peek();
    if (text !== "-" && text !== "~" && text !== "!") return this.postfix();
    this.next();
    return { kind: "prefix", op: text, arg: this.prefix(), at };
  }

  private postfix(): RawExpr {
    let value = this.primary();
    while (this.peek().text === "[") value = this.subscript(value);
    return value;
  }

  private subscript(value: RawExpr): RawExpr {
    const { at } = this.next();
    const index = this.expression();
    const low = this.accept(":") ? this.expression() : index;
    this.expect("]");
    if (index.kind === "number" && low.kind === "number") {
      return { kind: "bits", arg: value, high: Number(index.value), low: Number(low.value), at };
    }
    if (value.kind !== "name" || low !== index) throw new EffectError("a bit range needs two numbers", at);
    return { kind: "element", name: value.name, index, at };
  }

  private primary(): RawExpr {
    const token = this.next();
    if (token.kind === "number") return { kind: "number", value: BigInt(token.text), at: token.at };
    if (token.kind === "name") {
      if (!this.accept("(")) return { kind: "name", name: token.text, at: token.at };
      return { kind: "call", name: token.text, args: this.args(), at: token.at };
    }
    if (token.text !== "(") throw new EffectError(`expected a value, found \`${token.text}\``, token.at);
    const inner = this.expression();
    this.expect(")");
    return inner;
  }

  private args(): RawExpr[] {
    const args: RawExpr[] = [];
    if (this.accept(")")) return args;
    do args.push(this.argument());
    while (this.accept(","));
    this.expect(")");
    return args;
  }

  private argument(): RawExpr {
    if (this.peek(1).text !== "->") return this.expression();
    const { text: name, at } = this.name();
    this.expect("->");
    return { kind: "arrow", name, body: this.expression(), at };
  }
}

/** The statements of an effect's text; throws an EffectError at the first mistake. */
export function parseEffect(text: string): RawStmt[] {
  return new Parser(text).parseAll();
}

/** One expression of the effect language; throws an EffectError at the first mistake. */
export function parseEffectExpression(text: string): RawExpr {
  return new Parser(text).parseOne();
}
