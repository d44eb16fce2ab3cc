// The grammar of names, shapes and expressions in Chevrotain's notation, building the surface tree as it goes.
//
// An expression is a flat sequence of terms and operators: `(`, `f(`, `<` and `S < field =` open brackets on an explicit
// stack, `)` and `>` close them, precedence is the work of operator-stack.ts. So nesting costs no recursion, however
// deep it is; trees deeper than MAX_DEPTH are reported and cut.
// Nothing but `ACTION` may look at the results of rules: Chevrotain records the grammar by running it once.

import type { IToken } from "chevrotain";
import { diagnose } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import { Brackets, type BracketKind } from "./brackets.ts";
import { MAX_DEPTH, OperatorStack } from "./operator-stack.ts";
import { GrammarFailure, TokenCursor } from "./token-cursor.ts";
import { is, isReserved, keyword, operators, spanOfToken, T, type Token, touches } from "./tokens.ts";
import type { Exp, Name, Shape, ShapedName } from "./tree.ts";

const k = keyword;
/** Shapes nest by recursion, and rarely more than twice. */
const MAX_SHAPE_DEPTH = 100;

/** Every type of token that an operand can begin with, `-` left out. */
const STARTS_OPERAND = new Set(
  [
    T.identifier,
    T.integer,
    T.constant,
    T.foreign,
    T.leftParen,
    T.less,
    T.not,
    ...["true", "false", "lds", "ld8", "ld32"].map(k),
  ].map((type) => type.tokenTypeIdx),
);

/** What is wanted where a bracket is still open: token type and rule, as recovery knows them. */
const CLOSERS: Readonly<Record<BracketKind, readonly [string, string]>> = {
  parens: ["rightParen", "parenthesised"],
  call: ["rightParen", "arguments"],
  raw: ["greater", "rawStruct"],
  named: ["greater", "fieldValues"],
};

export abstract class ExpressionGrammar extends TokenCursor {
  protected readonly stack: OperatorStack;
  protected readonly brackets: Brackets;
  protected depthReported = false;
  private shapeDepth = 0;

  constructor(skipValidations: boolean) {
    super(skipValidations);
    this.stack = new OperatorStack({
      chain: (span, op) => this.report("P0223", span, { op }),
      load: (span, load, before) => this.report("P0224", span, { load, before }),
      tooDeep: (span) => this.reportDepth(span),
    });
    this.brackets = new Brackets(this.stack);
  }

  protected report(
    code: string,
    span: Span,
    parameters: Readonly<Record<string, string | number>> = {},
  ): void {
    this.diagnostics.push(diagnose(code, span, parameters));
  }

  protected reportDepth(span: Span, limit = MAX_DEPTH): void {
    if (!this.depthReported) this.report("P0231", span, { limit });
    this.depthReported = true;
  }

  // Names and shapes.

  protected readonly name = this.RULE("name", (): Name => {
    const token = this.CONSUME(T.identifier);
    return { text: token.image, span: spanOfToken(token) };
  });

  /** `shape name` or `name`. A name before another word is a shape. */
  protected readonly shapedName = this.RULE("shapedName", (): ShapedName => {
    const start = this.nextOffset();
    const shape = this.OPTION({
      GATE: () => !is(this.peek(1), T.identifier) || this.namesShape(),
      DEF: () => this.SUBRULE(this.shape),
    });
    const name = this.SUBRULE(this.name);
    return { shape: shape ?? null, name, span: this.spanFrom(start) };
  });

  /** At a name: another name follows (or a keyword where the other name must be). */
  private namesShape(): boolean {
    const second = this.peek(2);
    const third = this.peek(3);
    const ends = [T.assign, T.comma, T.rightParen, T.rightBrace, T.leftParen, T.semicolon];
    return is(second, T.identifier) || (isReserved(second) && ends.some((type) => is(third, type)));
  }

  protected readonly shape = this.RULE("shape", (): Shape => {
    const start = this.nextOffset();
    return this.OR<Shape>([
      {
        ALT: () => {
          const token = this.CONSUME(T.integer);
          return this.ACTION(() => this.wordsShape(token));
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(T.identifier);
          return { kind: "named", name: token.image, span: spanOfToken(token) };
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.leftBrace);
          this.ACTION(() => this.enterShape());
          const fields: Shape[] = [];
          this.OPTION(() => {
            fields.push(this.SUBRULE(this.shape));
            this.MANY(() => {
              this.CONSUME(T.comma);
              fields.push(this.SUBRULE2(this.shape));
            });
          });
          this.CONSUME(T.rightBrace);
          this.shapeDepth--;
          const span = this.spanFrom(start);
          if (!this.RECORDING_PHASE && fields.length === 0) return this.emptyShape(span);
          return { kind: "struct", fields, span };
        },
      },
    ]);
  });

  private wordsShape(token: IToken): Shape {
    const span = spanOfToken(token);
    const isDecimal = /^\d+$/.test(token.image);
    const count = BigInt(token.image);
    if (count > 0n && isDecimal) return { kind: "words", count, span };
    this.report("P0235", span, { text: token.image });
    return { kind: "error", span };
  }

  private emptyShape(span: Span): Shape {
    if (this.shapeDepth < MAX_SHAPE_DEPTH) this.report("P0235", span, { text: "{}" });
    return { kind: "error", span };
  }

  /** Too deep: reports and skips what is inside. */
  private enterShape(): void {
    if (++this.shapeDepth <= MAX_SHAPE_DEPTH) return;
    this.reportDepth(spanOfToken(this.peek(0)), MAX_SHAPE_DEPTH);
    for (let depth = 1; !is(this.peek(1), T.end); this.cursor++) {
      if (is(this.peek(1), T.leftBrace)) depth++;
      if (is(this.peek(1), T.rightBrace) && --depth === 0) return;
    }
  }

  // Expressions.

  protected readonly expression = this.RULE("expression", (): Exp => {
    this.shapeDepth = 0;
    this.SUBRULE(this.term);
    this.MANY({
      GATE: () => this.continuesExpression(),
      DEF: () => {
        this.SUBRULE(this.joint);
        this.SUBRULE2(this.term);
      },
    });
    return this.ACTION(() => {
      const open = this.brackets.innermost;
      if (open !== null) throw new GrammarFailure(...CLOSERS[open.kind]);
      return this.stack.finish(0);
    });
  });

  /** What stands between two terms: a binary operator, or a comma in a call or a struct. */
  private readonly joint = this.RULE("joint", (): void => {
    this.OR([
      { ALT: () => this.binary(this.CONSUME(T.operator)) },
      { ALT: () => this.binary(this.CONSUME(T.minus)) },
      { ALT: () => this.binary(this.CONSUME(T.less)) },
      { ALT: () => this.binary(this.CONSUME(T.greater)) },
      {
        ALT: () => {
          this.CONSUME(T.comma);
          this.ACTION(() => this.brackets.endItem());
          this.OPTION({
            GATE: () => this.brackets.innermost?.kind === "named",
            DEF: () => this.SUBRULE(this.fieldName),
          });
        },
      },
    ]);
  });

  private binary(token: IToken): void {
    const info = operators.get(token.image);
    if (info !== undefined) this.stack.binary(info, spanOfToken(token), this.brackets.base);
  }

  private continuesExpression(): boolean {
    const next = this.peek(1);
    if (is(next, T.comma)) return this.brackets.takesComma;
    return !is(next, T.greater) || this.greaterCompares();
  }

  /** In a struct a `>` compares only if an operand follows and no comparison is open at its level. */
  private greaterCompares(): boolean {
    if (!this.brackets.isInStruct) return true;
    const next = this.peek(2);
    // `<1, 2> x = 3;` lacks a `;`: that is said better when the struct is closed.
    if (is(next, T.identifier) && is(this.peek(3), T.assign)) return false;
    const startsOperand = STARTS_OPERAND.has(next.tokenTypeIdx) || isNegative(next, this.peek(3));
    return startsOperand && !this.stack.hasOpenComparison(4, this.brackets.base);
  }

  /** Prefixes and opening brackets, an operand, fields and closing brackets. */
  private readonly term = this.RULE("term", (): void => {
    this.MANY({
      GATE: () => !is(this.peek(1), T.identifier) || this.opensBracket(),
      DEF: () => this.SUBRULE(this.opening),
    });
    this.SUBRULE(this.operand);
    this.MANY1({
      GATE: () => this.closesOrSelects(),
      DEF: () => this.SUBRULE(this.closing),
    });
  });

  /** At a name: it is called with arguments, or begins a named struct. */
  private opensBracket(): boolean {
    if (is(this.peek(2), T.leftParen)) return !is(this.peek(3), T.rightParen);
    return is(this.peek(2), T.less) && is(this.peek(3), T.identifier) && is(this.peek(4), T.assign);
  }

  private readonly opening = this.RULE("opening", (): void => {
    const start = this.nextOffset();
    this.OR([
      {
        ALT: () => {
          const token = this.CONSUME(T.not);
          this.stack.prefix({ kind: "not", start }, spanOfToken(token), this.brackets.base);
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(k("lds"));
          const shape = this.SUBRULE(this.shape);
          this.stack.prefix({ kind: "lds", start, shape }, spanOfToken(token), this.brackets.base);
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(k("ld8"));
          this.stack.prefix({ kind: "ld8", start }, spanOfToken(token), this.brackets.base);
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(k("ld32"));
          this.stack.prefix({ kind: "ld32", start }, spanOfToken(token), this.brackets.base);
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.leftParen);
          this.openBracket("parens", start, null);
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.less);
          this.openBracket("raw", start, null);
        },
      },
      { ALT: () => this.SUBRULE(this.namedOpening) },
    ]);
  });

  /** `f(` or `S < field =`. */
  private readonly namedOpening = this.RULE("namedOpening", (): void => {
    const start = this.nextOffset();
    const name = this.SUBRULE(this.name);
    this.OR([
      {
        ALT: () => {
          this.CONSUME(T.leftParen);
          this.openBracket("call", start, name);
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.less);
          this.openBracket("named", start, name);
          this.SUBRULE(this.fieldName);
        },
      },
    ]);
  });

  private readonly fieldName = this.RULE("fieldName", (): void => {
    const start = this.nextOffset();
    const name = this.SUBRULE(this.name);
    this.CONSUME(T.assign);
    this.ACTION(() => this.brackets.beginField(name, start));
  });

  private openBracket(kind: BracketKind, start: number, name: Name | null): void {
    if (this.RECORDING_PHASE) return;
    this.brackets.open(kind, start, name);
    if (this.brackets.depth > MAX_DEPTH) this.reportDepth(spanOfToken(this.peek(0)));
  }

  private readonly operand = this.RULE("operand", (): void => {
    const start = this.nextOffset();
    const value = this.OR<Exp>([
      {
        ALT: () => {
          const token = this.CONSUME(T.identifier);
          const isCall = this.OPTION(() => {
            this.CONSUME(T.leftParen);
            this.CONSUME(T.rightParen);
            return true;
          });
          const span = this.spanFrom(start);
          if (isCall !== true) return { kind: "name", name: token.image, span };
          return { kind: "call", call: { callee: nameOf(token), args: [], span }, span };
        },
      },
      { ALT: () => integer(this.CONSUME(T.integer).image, false, this.spanFrom(start)) },
      {
        GATE: () => isNegative(this.peek(1), this.peek(2)),
        ALT: () => {
          this.CONSUME(T.minus);
          return integer(this.CONSUME1(T.integer).image, true, this.spanFrom(start));
        },
      },
      { ALT: () => (this.CONSUME(k("true")), { kind: "bool", value: true, span: this.spanFrom(start) }) },
      { ALT: () => (this.CONSUME(k("false")), { kind: "bool", value: false, span: this.spanFrom(start) }) },
      { ALT: () => constant(this.CONSUME(T.constant)) },
      { ALT: () => (this.CONSUME(T.missing), { kind: "error", span: this.spanFrom(start) }) },
    ]);
    if (!this.RECORDING_PHASE) this.stack.operand(value, 1);
  });

  private closesOrSelects(): boolean {
    const next = this.peek(1);
    if (is(next, T.dot)) return true;
    if (is(next, T.rightParen)) return this.brackets.isInParentheses;
    return is(next, T.greater) && this.brackets.isInStruct && !this.greaterCompares();
  }

  private readonly closing = this.RULE("closing", (): void => {
    this.OR([
      { ALT: () => this.SUBRULE(this.suffix) },
      {
        ALT: () => {
          this.CONSUME(T.rightParen);
          this.ACTION(() => this.brackets.close(this.peek(0).end));
        },
      },
      {
        ALT: () => {
          this.CONSUME(T.greater);
          this.ACTION(() => this.brackets.close(this.peek(0).end));
        },
      },
    ]);
  });

  private readonly suffix = this.RULE("suffix", (): void => {
    this.CONSUME(T.dot);
    const start = this.nextOffset();
    this.OR([
      {
        ALT: () => {
          const index = toBigInt(this.CONSUME(T.integer).image);
          const indexSpan = this.spanFrom(start);
          this.ACTION(() =>
            this.stack.wrap((value) => {
              const span = { start: value.span.start, end: indexSpan.end };
              return { kind: "index", value, index, indexSpan, span };
            }),
          );
        },
      },
      {
        ALT: () => {
          const field = this.SUBRULE(this.name);
          this.ACTION(() =>
            this.stack.wrap((value) => {
              const span = { start: value.span.start, end: field.span.end };
              return { kind: "field", value, field, span };
            }),
          );
        },
      },
    ]);
  });

  /** The arguments of a call that is a statement of its own. */
  protected readonly arguments = this.RULE("arguments", (): Exp[] => {
    const args: Exp[] = [];
    this.CONSUME(T.leftParen);
    this.OPTION({
      GATE: () => !is(this.peek(1), T.rightParen),
      DEF: () => {
        args.push(this.SUBRULE(this.expression));
        this.MANY(() => {
          this.CONSUME(T.comma);
          args.push(this.SUBRULE1(this.expression));
        });
      },
    });
    this.CONSUME(T.rightParen);
    return args;
  });
}

/** `-` right before an integer: a negative literal, where an operand is wanted. */
function isNegative(minus: Token, next: Token): boolean {
  return is(minus, T.minus) && is(next, T.integer) && touches(minus, next);
}

function nameOf(token: IToken): Name {
  return { text: token.image, span: spanOfToken(token) };
}

/** Longer decimal literals cost more than linear time; their value modulo any word is that of their last digits. */
const MAX_DIGITS = 1000;

function integer(image: string, negative: boolean, span: Span): Exp {
  const value = toBigInt(image);
  return { kind: "int", value: negative ? -value : value, text: negative ? `-${image}` : image, span };
}

/** Recording runs the grammar on a token whose image is no number. */
function toBigInt(image: string): bigint {
  if (!/^\d/.test(image)) return 0n;
  return BigInt(image.length <= MAX_DIGITS || image.startsWith("0x") ? image : image.slice(-MAX_DIGITS));
}

function constant(token: IToken): Exp {
  const name = token.image === "@top" ? "@top" : token.image === "@biw" ? "@biw" : "@base";
  return { kind: "constant", name, span: spanOfToken(token) };
}
