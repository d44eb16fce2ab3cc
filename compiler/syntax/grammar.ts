// The grammar of declarations and statements in Chevrotain's notation, building the surface tree as it goes.
//
// Statements are a flat sequence of items on an explicit stack of blocks (blocks.ts): deep nesting costs no recursion,
// and one failure loses one statement. Failures end in `guard`, which recovery.ts implements.
// Nothing but `ACTION` may look at the results of rules: Chevrotain records the grammar by running it once.

import type { IToken } from "chevrotain";
import type { Span } from "../source/span.ts";
import { Blocks, type PendingIf } from "./blocks.ts";
import { ExpressionGrammar } from "./expression-grammar.ts";
import { MAX_DEPTH } from "./operator-stack.ts";
import { is, keyword, spanOfToken, T, type Token, tokenSpan } from "./tokens.ts";
import type { AccessBytes, Call, Declaration, Exp, Name, ShapedName, Stmt } from "./tree.ts";

/** What a guarded piece of the program is: where recovery goes on after a failure depends on it. */
export type Guarded = "declaration" | "item";

const k = keyword;
const SHARED_BYTES: Readonly<Record<string, AccessBytes>> = {
  ld8: 1,
  ld16: 2,
  ld32: 4,
  ldw: 8,
  st8: 1,
  st16: 2,
  st32: 4,
  stw: 8,
};

export abstract class Grammar extends ExpressionGrammar {
  protected readonly blocks = new Blocks();
  protected readonly declarations: Declaration[] = [];

  constructor(skipValidations: boolean) {
    super(skipValidations);
    this.performSelfAnalysis();
  }

  /** Runs a rule; on failure reports, repairs or skips, and may run it again. */
  protected abstract guard(what: Guarded, rule: () => void): void;
  /** Deals with a token that no declaration (no item) begins with; false if the end is reached. */
  protected abstract skipUnexpected(what: Guarded): boolean;
  /** Called before each item, when it is known what comes next. */
  protected abstract settle(): void;
  /** The `{` of a nested block has been read and its block opened. */
  protected abstract noteNested(): void;
  /** An `else` stands where no `if` is open. */
  protected abstract reportStrayElse(span: Span): void;
  /** Decides what a closing brace ends; false: it is surplus and has been reported. */
  protected abstract closesBlock(brace: Token): boolean;

  // Declarations.

  readonly program = this.RULE("program", (): void => {
    do {
      this.MANY(() => this.guard("declaration", () => this.SUBRULE(this.declaration)));
    } while (!this.RECORDING_PHASE && this.skipUnexpected("declaration"));
  });

  private readonly declaration = this.RULE("declaration", (): void => {
    this.depthReported = false;
    this.OR([
      { ALT: () => this.SUBRULE(this.functionDeclaration) },
      { ALT: () => this.SUBRULE(this.globalDeclaration) },
      { ALT: () => this.SUBRULE(this.exceptionDeclaration) },
      { ALT: () => this.SUBRULE(this.structDeclaration) },
      { ALT: () => this.SUBRULE(this.contextualDeclaration) },
      {
        ALT: () => {
          const token = this.CONSUME(T.annotation);
          this.declare({ kind: "annotation", text: token.image, span: spanOfToken(token) });
        },
      },
    ]);
  });

  private readonly functionDeclaration = this.RULE("functionDeclaration", (): void => {
    const start = this.nextOffset();
    const inline = this.OPTION(() => this.CONSUME(k("inline"))) !== undefined;
    const exported = this.OPTION1(() => this.CONSUME(k("export"))) !== undefined;
    this.CONSUME(k("fun"));
    const { shape: result, name } = this.SUBRULE(this.shapedName);
    const parameters = this.SUBRULE(this.parameters);
    const signatureSpan = this.spanFrom(start);
    const brace = this.CONSUME(T.leftBrace);
    this.ACTION(() =>
      this.blocks.open(brace as Token, 1, (body) => {
        const span = { start, end: body.span.end };
        this.declare({
          kind: "function",
          inline,
          exported,
          result,
          name,
          parameters,
          body,
          signatureSpan,
          span,
        });
      }),
    );
    this.SUBRULE(this.items);
  });

  private readonly parameters = this.RULE("parameters", (): ShapedName[] => {
    const parameters: ShapedName[] = [];
    this.CONSUME(T.leftParen);
    this.OPTION({
      GATE: () => !is(this.peek(1), T.rightParen),
      DEF: () => {
        parameters.push(this.SUBRULE(this.shapedName));
        this.MANY(() => {
          this.CONSUME(T.comma);
          parameters.push(this.SUBRULE2(this.shapedName));
        });
      },
    });
    this.CONSUME(T.rightParen);
    return parameters;
  });

  private readonly globalDeclaration = this.RULE("globalDeclaration", (): void => {
    const start = this.nextOffset();
    this.CONSUME(k("var"));
    const variable = this.SUBRULE(this.shapedName);
    this.CONSUME(T.assign);
    const value = this.SUBRULE(this.expression);
    this.CONSUME(T.semicolon);
    this.declare({ kind: "global", variable, value, span: this.spanFrom(start) });
  });

  private readonly exceptionDeclaration = this.RULE("exceptionDeclaration", (): void => {
    const start = this.nextOffset();
    this.CONSUME(k("exception"));
    const name = this.SUBRULE(this.name);
    this.CONSUME(T.colon);
    const shape = this.SUBRULE(this.shape);
    this.CONSUME(T.semicolon);
    this.declare({ kind: "exception", name, shape, span: this.spanFrom(start) });
  });

  private readonly structDeclaration = this.RULE("structDeclaration", (): void => {
    const start = this.nextOffset();
    this.CONSUME(k("struct"));
    const name = this.SUBRULE(this.name);
    this.CONSUME(T.leftBrace);
    const fields = [this.SUBRULE(this.shapedName)];
    this.MANY(() => {
      this.CONSUME(T.comma);
      fields.push(this.SUBRULE2(this.shapedName));
    });
    this.CONSUME(T.rightBrace);
    this.declare({ kind: "struct", name, fields, span: this.spanFrom(start) });
  });

  /** `const N = e;` and `import "file";`: conveniences whose words stay ordinary names elsewhere. */
  private readonly contextualDeclaration = this.RULE("contextualDeclaration", (): void => {
    const start = this.nextOffset();
    const isImport = this.peek(1).image === "import" && is(this.peek(2), T.string);
    const isConst =
      this.peek(1).image === "const" && is(this.peek(2), T.identifier) && is(this.peek(3), T.assign);
    this.OR([
      {
        GATE: () => isImport,
        ALT: () => {
          this.CONSUME(T.identifier);
          const path = this.CONSUME(T.string).image;
          this.CONSUME(T.semicolon);
          this.declare({ kind: "import", path, span: this.spanFrom(start) });
        },
      },
      {
        GATE: () => isConst,
        ALT: () => {
          this.CONSUME1(T.identifier);
          const name = this.SUBRULE(this.name);
          this.CONSUME(T.assign);
          const value = this.SUBRULE(this.expression);
          this.CONSUME1(T.semicolon);
          this.declare({ kind: "const", name, value, span: this.spanFrom(start) });
        },
        IGNORE_AMBIGUITIES: true,
      },
    ]);
  });

  private declare(declaration: Declaration): void {
    if (!this.RECORDING_PHASE) this.declarations.push(declaration);
  }

  // Statements.

  protected readonly items = this.RULE("items", (): void => {
    do {
      this.MANY({
        GATE: () => this.blocks.stack.length > 0,
        DEF: () => {
          this.settle();
          this.guard("item", () => this.SUBRULE(this.item));
        },
      });
    } while (!this.RECORDING_PHASE && this.blocks.stack.length > 0 && this.skipUnexpected("item"));
  });

  private readonly item = this.RULE("item", (): void => {
    this.OR([
      { ALT: () => this.SUBRULE(this.simpleStatement) },
      { ALT: () => this.SUBRULE(this.ifHeader) },
      { ALT: () => this.SUBRULE(this.elseHeader) },
      { ALT: () => this.SUBRULE(this.whileHeader) },
      { ALT: () => this.SUBRULE(this.tryHeader) },
      {
        ALT: () => {
          const start = this.nextOffset();
          const brace = this.CONSUME(T.leftBrace);
          this.openBlock(brace, (block) => {
            this.blocks.add({ kind: "block", block, span: { start, end: block.span.end } });
            if (!this.blocks.closedDoubled) this.blocks.pendingSemicolon = this.peek(0);
            else if (is(this.peek(1), T.semicolon)) this.cursor++;
          });
          this.ACTION(() => this.noteNested());
        },
      },
      {
        ALT: () => {
          const brace = this.CONSUME(T.rightBrace);
          this.ACTION(() => {
            if (this.closesBlock(brace as Token)) this.blocks.close((brace as Token).end);
          });
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(T.semicolon);
          this.ACTION(() => {
            if (this.blocks.pendingSemicolon === null) this.report("P0207", spanOfToken(token));
            this.blocks.pendingSemicolon = null;
          });
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(T.annotation);
          this.ACTION(() =>
            this.blocks.add({ kind: "annotation", text: token.image, span: spanOfToken(token) }),
          );
        },
      },
    ]);
  });

  private openBlock(
    brace: IToken,
    finish: (block: { statements: readonly Stmt[]; span: Span }) => void,
  ): void {
    this.ACTION(() => {
      this.blocks.open(brace as Token, this.blocks.depth + 1, finish);
      this.limitBlock();
    });
  }

  private readonly ifHeader = this.RULE("ifHeader", (): void => {
    const start = this.nextOffset();
    this.CONSUME(k("if"));
    const condition = this.SUBRULE(this.expression);
    const brace = this.CONSUME(T.leftBrace);
    this.ACTION(() => this.openIf(brace as Token, { condition, start }, null));
  });

  protected openIf(
    brace: Token,
    header: { readonly condition: Exp; readonly start: number },
    elseOf: PendingIf | null,
  ): void {
    const depth = (elseOf?.depth ?? this.blocks.depth) + 1;
    this.blocks.open(brace, depth, (then) => {
      this.blocks.pendingIf = { ...header, then, depth, elseOf };
    });
    this.blocks.markIf();
    this.limitBlock();
  }

  private readonly elseHeader = this.RULE("elseHeader", (): void => {
    const keywordToken = this.CONSUME(k("else"));
    this.OR([
      {
        ALT: () => {
          const brace = this.CONSUME(T.leftBrace);
          this.ACTION(() => this.openElse(brace as Token, keywordToken));
        },
      },
      {
        ALT: () => {
          const start = this.nextOffset();
          this.CONSUME(k("if"));
          const condition = this.SUBRULE(this.expression);
          const brace = this.CONSUME1(T.leftBrace);
          this.ACTION(() => {
            const pending = this.takePendingIf(keywordToken);
            this.openIf(brace as Token, { condition, start }, pending);
          });
        },
      },
    ]);
  });

  private openElse(brace: Token, keywordToken: IToken): void {
    const pending = this.takePendingIf(keywordToken);
    this.blocks.open(brace, (pending?.depth ?? this.blocks.depth) + 1, (block) => {
      if (pending === null) this.blocks.add({ kind: "error", span: block.span });
      else this.blocks.completeIf(pending, block, false);
    });
    this.limitBlock();
  }

  protected takePendingIf(keywordToken: IToken): PendingIf | null {
    const pending = this.blocks.pendingIf;
    if (pending === null) this.reportStrayElse(spanOfToken(keywordToken));
    this.blocks.pendingIf = null;
    return pending;
  }

  private readonly whileHeader = this.RULE("whileHeader", (): void => {
    const start = this.nextOffset();
    this.CONSUME(k("while"));
    const condition = this.SUBRULE(this.expression);
    const brace = this.CONSUME(T.leftBrace);
    this.openBlock(brace, (body) =>
      this.blocks.add({ kind: "while", condition, body, span: { start, end: body.span.end } }),
    );
  });

  private readonly tryHeader = this.RULE("tryHeader", (): void => {
    const start = this.nextOffset();
    this.CONSUME(k("try"));
    const target = this.OPTION({
      GATE: () => is(this.peek(2), T.assign),
      DEF: () => {
        const name = this.SUBRULE(this.name);
        this.CONSUME(T.assign);
        return name;
      },
    });
    const callStart = this.nextOffset();
    const callee = this.SUBRULE1(this.name);
    const args = this.SUBRULE(this.arguments);
    const call: Call = { callee, args, span: this.spanFrom(callStart) };
    this.CONSUME(k("catch"));
    const exception = this.SUBRULE2(this.name);
    this.CONSUME(T.arrow);
    const payload = this.SUBRULE3(this.name);
    const brace = this.CONSUME(T.leftBrace);
    this.openBlock(brace, (handler) => {
      const span = { start, end: handler.span.end };
      this.blocks.add({ kind: "try", target: target ?? null, call, exception, payload, handler, span });
    });
  });

  private readonly simpleStatement = this.RULE("simpleStatement", (): void => {
    const start = this.nextOffset();
    const statement = this.OR<(span: Span) => Stmt>([
      { ALT: () => this.SUBRULE(this.nameStatement) },
      { ALT: () => this.SUBRULE(this.localDeclaration) },
      { ALT: () => this.SUBRULE(this.store) },
      { ALT: () => this.SUBRULE(this.sharedAccess) },
      { ALT: () => this.SUBRULE(this.foreignCall) },
      { ALT: () => this.SUBRULE(this.leaving) },
      { ALT: () => this.word("skip") },
      { ALT: () => this.word("tick") },
      { ALT: () => this.word("break") },
      { ALT: () => this.word("continue") },
    ]);
    this.CONSUME(T.semicolon);
    this.ACTION(() => this.blocks.add(statement(this.spanFrom(start))));
  });

  private word(kind: "skip" | "tick" | "break" | "continue"): (span: Span) => Stmt {
    this.CONSUME(k(kind));
    return (span) => ({ kind, span });
  }

  /** `x = e` or `f(args)`. */
  private readonly nameStatement = this.RULE("nameStatement", (): ((span: Span) => Stmt) => {
    const start = this.nextOffset();
    const name = this.SUBRULE(this.name);
    return this.OR<(span: Span) => Stmt>([
      {
        ALT: () => {
          this.CONSUME(T.assign);
          const value = this.SUBRULE(this.expression);
          return (span) => ({ kind: "assign", target: name, value, span });
        },
      },
      {
        ALT: () => {
          const args = this.SUBRULE(this.arguments);
          const call = { callee: name, args, span: this.spanFrom(start) };
          return (span) => ({ kind: "call", call, span });
        },
      },
    ]);
  });

  private readonly localDeclaration = this.RULE("localDeclaration", (): ((span: Span) => Stmt) => {
    this.CONSUME(k("var"));
    const variable = this.SUBRULE(this.shapedName);
    this.CONSUME(T.assign);
    const value = this.SUBRULE(this.expression);
    return (span) => ({ kind: "var", variable, value, span });
  });

  private readonly store = this.RULE("store", (): ((span: Span) => Stmt) => {
    const bytes = this.OR<1 | 4 | null>([
      { ALT: () => (this.CONSUME(k("st")), null) },
      { ALT: () => (this.CONSUME(k("st8")), 1) },
      { ALT: () => (this.CONSUME(k("st32")), 4) },
    ]);
    const address = this.SUBRULE(this.expression);
    this.CONSUME(T.comma);
    const value = this.SUBRULE1(this.expression);
    return (span) => ({ kind: "store", bytes, address, value, span });
  });

  private readonly sharedAccess = this.RULE("sharedAccess", (): ((span: Span) => Stmt) => {
    this.CONSUME(T.not);
    return this.OR<(span: Span) => Stmt>([
      {
        ALT: () => {
          const bytes = this.SUBRULE(this.loadWord);
          const target = this.SUBRULE(this.name);
          this.CONSUME(T.comma);
          const address = this.SUBRULE(this.expression);
          return (span) => ({ kind: "sharedLoad", bytes, target, address, span });
        },
      },
      {
        ALT: () => {
          const bytes = this.SUBRULE(this.storeWord);
          const address = this.SUBRULE1(this.expression);
          this.CONSUME1(T.comma);
          const value = this.SUBRULE2(this.expression);
          return (span) => ({ kind: "sharedStore", bytes, address, value, span });
        },
      },
    ]);
  });

  private readonly loadWord = this.RULE("loadWord", (): AccessBytes => {
    const token = this.OR<IToken>(
      ["ld8", "ld16", "ld32", "ldw"].map((w) => ({ ALT: () => this.CONSUME(k(w)) })),
    );
    return SHARED_BYTES[token.image] ?? 8;
  });

  private readonly storeWord = this.RULE("storeWord", (): AccessBytes => {
    const token = this.OR<IToken>(
      ["st8", "st16", "st32", "stw"].map((w) => ({ ALT: () => this.CONSUME(k(w)) })),
    );
    return SHARED_BYTES[token.image] ?? 8;
  });

  private readonly foreignCall = this.RULE("foreignCall", (): ((span: Span) => Stmt) => {
    const token = this.CONSUME(T.foreign);
    const name = { text: token.image.slice(1), span: spanOfToken(token) };
    const args = this.SUBRULE(this.arguments);
    return this.ACTION(() => {
      const four = this.fourArguments(args, name);
      return (span: Span): Stmt => ({ kind: "foreignCall", name, args: four, span });
    });
  });

  /** A foreign call takes exactly four words. A wrong number is reported and filled up. */
  private fourArguments(args: readonly Exp[], name: Name): readonly Exp[] {
    if (args.length === 4) return args;
    const span = this.spanFrom(name.span.start);
    this.report("P0226", span, { name: name.text, count: args.length });
    const filled = args.slice(0, 4);
    while (filled.length < 4) filled.push({ kind: "error", span });
    return filled;
  }

  /** `return e` and `throw E e`. */
  private readonly leaving = this.RULE("leaving", (): ((span: Span) => Stmt) =>
    this.OR<(span: Span) => Stmt>([
      {
        ALT: () => {
          this.CONSUME(k("return"));
          const value = this.SUBRULE(this.expression);
          return (span) => ({ kind: "return", value, span });
        },
      },
      {
        ALT: () => {
          this.CONSUME(k("throw"));
          const exception = this.SUBRULE(this.name);
          const value = this.SUBRULE1(this.expression);
          return (span) => ({ kind: "throw", exception, value, span });
        },
      },
    ]),
  );

  /** A block that is too deep is reported and left empty. */
  protected limitBlock(): void {
    if (this.blocks.depth <= MAX_DEPTH) return;
    const brace = this.peek(0);
    this.reportDepth(tokenSpan(brace));
    for (let depth = 1; !is(this.peek(1), T.end); this.cursor++) {
      if (is(this.peek(1), T.leftBrace)) depth++;
      if (is(this.peek(1), T.rightBrace) && --depth === 0) break;
    }
    this.blocks.add({ kind: "error", span: this.spanFrom(brace.startOffset) });
  }
}
