// Recovery: what the parser does where the grammar fails, so that one mistake costs one statement and one message.
//
// A failed statement or declaration is explained (mistakes/). Often the explanation has edits that put right what was
// meant (insert a missing `;`); then it is read again. Otherwise text is skipped to the end of the statement, and a
// block that follows is still read. Indentation tells which of several braces is missing or surplus.

import { isRecognitionException } from "chevrotain";
import { diagnose, type Diagnostic } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import { Grammar, type Guarded } from "./grammar.ts";
import { Layout } from "./layout.ts";
import { explain } from "./mistakes/explain.ts";
import {
  isKeyword,
  matching,
  matchingShape,
  onNewLine,
  shapeEnd,
  startsKeywordStatement,
  type Edit,
  type Trouble,
} from "./mistakes/trouble.ts";
import type { Heights } from "./operator-stack.ts";
import { GrammarFailure } from "./token-cursor.ts";
import { is, keyword, T, Token, tokenSpan } from "./tokens.ts";
import type { Stmt } from "./tree.ts";

/** Where to go back to: everything that a failed rule may have changed. */
interface Mark {
  readonly cursor: number;
  readonly diagnostics: number;
  readonly heights: Heights;
}

/** The text that the tokens were read from. */
export interface Chunk {
  readonly text: string;
  /** Offset of the text in the unit: tokens count in the unit. */
  readonly base: number;
  /** Spans of lexical errors, ascending. */
  readonly lexical: readonly Span[];
}

/** Edits of one statement before it is given up. */
const MAX_REPAIRS = 20;
/** Reports before parsing stops. */
const MAX_REPORTS = 60;

export class Parser extends Grammar {
  /** Explanations of failures; `diagnostics` holds what rules report on the way. */
  protected explained: Diagnostic[] = [];
  /** Spans of lexical mistakes, ascending: a failure in the same statement is their consequence. */
  private lexical: readonly Span[] = [];
  protected layout = new Layout("", 0);
  private damaged = false;
  /** The first `{` in the function that follows directly on another one. */
  private doubled: Token | null = null;

  constructor(skipValidations = true) {
    super(skipValidations);
  }

  protected begin(tokens: Token[], { text, base, lexical }: Chunk): void {
    this.load(tokens, text, base);
    this.layout = new Layout(text, base);
    this.explained = [];
    this.lexical = lexical;
    this.damaged = false;
    this.doubled = null;
    this.blocks.clear();
    this.declarations.length = 0;
    this.restore({ ...this.mark(), heights: { values: 0, pending: 0 } });
  }

  protected guard(what: Guarded, rule: () => void): void {
    if (this.RECORDING_PHASE) {
      rule();
      return;
    }
    const mark = this.mark();
    for (let attempt = 1; ; attempt++) {
      try {
        rule();
        return;
      } catch (error) {
        const trouble = this.troubleOf(error, mark.cursor + 1);
        if (this.repair(what, trouble, attempt)) this.restore(mark);
        else {
          this.restore({ ...mark, cursor: trouble.at - 1, diagnostics: this.diagnostics.length });
          this.skip(what, trouble);
          return;
        }
      }
    }
  }

  protected skipUnexpected(what: Guarded): boolean {
    const next = this.peek(1);
    if (what === "item") {
      this.settle();
      if (is(next, T.end) || startsDeclaration(next)) {
        if (!is(next, T.end) && this.skipsNested(next)) return true;
        this.closeAll(next);
        return false;
      }
    } else if (is(next, T.end)) return false;
    const at = this.cursor + 1;
    const trouble = { ...this.place(at), at, expected: what, rule: what };
    if (!this.repair(what, trouble, 1)) this.skip(what, trouble);
    return true;
  }

  protected settle(): void {
    if (this.RECORDING_PHASE) return;
    const next = this.peek(1);
    if (this.blocks.pendingIf !== null && !isKeyword(next, "else") && !this.insertsElse(next))
      this.blocks.endIf();
    if (isKeyword(next, "else") && this.blocks.pendingIf === null) this.closeBeforeElse(next);
    if (is(next, T.leftBrace)) this.insertVar(next);
    const brace = this.blocks.pendingSemicolon;
    if (brace !== null && !is(next, T.semicolon)) {
      this.report("P0208", { start: brace.end, end: brace.end });
      this.blocks.pendingSemicolon = null;
    }
  }

  /** `} {` on one line after an `if`: the `else` between them is missing. */
  private insertsElse(next: Token): boolean {
    const before = this.peek(0);
    if (!is(next, T.leftBrace) || !is(before, T.rightBrace) || this.layout.hasLineEnd(before, next))
      return false;
    this.report("P0201", tokenSpan(next), { expected: "`else`", found: "`{`" });
    this.tokens.splice(this.cursor + 1, 0, new Token(keyword("else"), "else", before.end, before.end));
    return true;
  }

  /** `{1, 1} s = e;`: a shape, not a block; its `var` is missing. */
  private insertVar(next: Token): void {
    const from = this.cursor + 1;
    const after = shapeEnd(this.tokens, from);
    const isDeclaration = is(this.tokens[after], T.identifier) && is(this.tokens[after + 1], T.assign);
    const inside = this.tokens.slice(from, Math.max(from, after));
    if (!isDeclaration || inside.length < 3 || !inside.every((token) => isShapePart(token))) return;
    this.report("P0201", tokenSpan(next), { expected: "`var` before the shape", found: "`{`" });
    this.tokens.splice(from, 0, new Token(keyword("var"), "var", next.startOffset, next.startOffset));
  }

  /** An `else` inside the block of an `if`: the brace before it is missing. */
  private closeBeforeElse(next: Token): void {
    const open = this.blocks.stack.at(-1);
    if (open?.isIf !== true || this.blocks.stack.length < 2) return;
    const related = [{ span: tokenSpan(open.brace), text: "this `{` is not closed" }];
    const parameters = { found: `keyword \`${next.image}\`` };
    if (this.hasLexicalMistake()) this.damage();
    else if (this.doubled !== null) this.explained.push(diagnose("P0255", tokenSpan(this.doubled)));
    else this.explained.push(diagnose("P0204", tokenSpan(next), parameters, { related }));
    this.doubled = null;
    this.blocks.close(this.peek(0).end);
  }

  protected noteNested(): void {
    const open = this.blocks.stack.at(-1);
    const before = this.peek(-1);
    if (open === undefined || !is(before, T.leftBrace) || this.layout.hasLineEnd(before, open.brace)) return;
    open.isDoubled = true;
    this.doubled ??= open.brace;
  }

  protected closesBlock(brace: Token): boolean {
    const open = this.blocks.stack.at(-1);
    if (open === undefined) return false;
    this.layout.noteClosing(open.brace, brace);
    if (this.blocks.stack.length > 1) return true;
    if (this.isSurplus(open.brace, brace)) {
      if (!this.hasLexicalMistake()) this.report("P0205", tokenSpan(this.layout.surplus ?? brace));
      if (isKeyword(this.peek(1), "else")) this.blocks.reopenIf();
      this.damage();
      return false;
    }
    this.layout.forget();
    this.doubled = null;
    this.finishFunction();
    return true;
  }

  /** The brace would end the function, but what follows can only be more of it. */
  private isSurplus(opener: Token, brace: Token): boolean {
    const next = this.peek(1);
    if (is(next, T.end) || is(next, T.annotation) || is(next, T.semicolon) || startsDeclaration(next))
      return false;
    const outer = this.layout.indentOf(opener) ?? 0;
    const deeper = (this.layout.indentOf(brace) ?? outer) > outer;
    if (is(next, T.rightBrace)) return deeper;
    // One column is what a deleted word leaves behind.
    const isFurtherRight = (this.layout.indentOf(next) ?? 0) > outer + 1;
    if (isKeyword(next, "var")) return deeper && isFurtherRight;
    return deeper || isFurtherRight || this.layout.surplus !== null;
  }

  private mark(): Mark {
    return {
      cursor: this.cursor,
      diagnostics: this.diagnostics.length,
      heights: this.stack.heights(),
    };
  }

  private restore(mark: Mark): void {
    this.cursor = mark.cursor;
    this.diagnostics.length = mark.diagnostics;
    this.stack.restore(mark.heights);
    this.brackets.clear();
    this.errors = [];
  }

  protected reportStrayElse(span: Span): void {
    if (this.hasLexicalMistake()) this.damage();
    else this.report("P0238", span);
  }

  private place(start: number): Pick<Trouble, "tokens" | "text" | "base" | "layout" | "start"> {
    return { tokens: this.tokens, text: this.text, base: this.textBase, layout: this.layout, start };
  }

  private troubleOf(error: unknown, start: number): Trouble {
    const place = { ...this.place(start), at: this.cursor + 1 };
    if (error instanceof GrammarFailure) return { ...place, expected: error.expected, rule: error.rule };
    if (!(error instanceof Error) || !isRecognitionException(error)) throw error;
    const rule = this.errors.at(-1)?.context.ruleStack.at(-1) ?? "";
    return { ...place, expected: error.message, rule };
  }

  /** Reports the failure and edits the tokens, if there is an edit; false: the statement must be skipped. */
  private repair(what: Guarded, trouble: Trouble, attempt: number): boolean {
    const isConsequence = this.followsLexicalMistake(trouble);
    const { diagnostic, edits } = explain(what, trouble);
    if (!isConsequence && !this.isRepetition(diagnostic)) this.explained.push(diagnostic);
    if (edits === undefined) this.damage();
    if (edits === undefined || attempt > MAX_REPAIRS) return false;
    for (const edit of [...edits].sort((a, b) => b.at - a.at)) this.applyEdit(edit);
    return true;
  }

  private applyEdit(edit: Edit): void {
    this.tokens.splice(edit.at, edit.remove, ...edit.insert);
  }

  /** The same place was reported already: skipping went wrong, not the user. */
  private isRepetition(diagnostic: Diagnostic): boolean {
    return this.explained.at(-1)?.span.start === diagnostic.span.start;
  }

  private followsLexicalMistake(trouble: Trouble): boolean {
    const from = trouble.tokens[trouble.start - 1]?.end ?? 0;
    const to = trouble.tokens[trouble.at]?.end ?? from;
    const follows = this.lexical.some((span) => span.start >= from && span.start < to);
    if (follows) this.damage();
    return follows;
  }

  /** The function holds something that is not in the tree. */
  private damage(): void {
    this.damaged = true;
  }

  private skip(what: Guarded, trouble: Trouble): void {
    if (this.explained.length + this.diagnostics.length >= MAX_REPORTS) this.stop();
    else if (what === "item") this.skipStatement(trouble);
    else this.skipDeclaration(trouble);
  }

  private stop(): void {
    this.report("P0250", tokenSpan(this.peek(1)), { count: MAX_REPORTS });
    this.blocks.clear();
    this.cursor = this.tokens.findIndex((token) => is(token, T.end)) - 1;
  }

  private skipStatement(trouble: Trouble): void {
    const start = trouble.tokens[trouble.start] ?? this.peek(1);
    if (trouble.at === trouble.start && !is(this.peek(1), T.leftBrace)) this.cursor++;
    let depth = openBraces(trouble);
    for (;;) {
      const next = this.peek(1);
      if (is(next, T.end) || startsDeclaration(next)) break;
      if (is(next, T.rightBrace) && depth === 0 && !this.endsShape(start)) break;
      const isNext = startsKeywordStatement(next) && onNewLine(trouble, this.peek(0), next);
      if (isNext && this.cursor >= trouble.start) break;
      this.cursor++;
      if (is(next, T.semicolon)) break;
      if (is(next, T.rightBrace)) depth = Math.max(0, depth - 1);
      if (is(next, T.leftBrace) && !this.skipsShape(trouble)) {
        this.openAfterFailure(next, start);
        return;
      }
    }
    const span = this.spanFrom(start.startOffset);
    this.blocks.add(declaredVariable(trouble, span) ?? { kind: "error", span });
  }

  /** At a `}`: `var 1} x = ...` has lost the beginning of its shape. */
  private endsShape(start: Token): boolean {
    return isKeyword(start, "var") && is(this.peek(2), T.identifier) && is(this.peek(3), T.assign);
  }

  /** After `{`: braces that are closed on their line and followed by more of the statement are a shape. */
  private skipsShape(trouble: Trouble): boolean {
    const close = matchingShape(this.tokens, this.cursor);
    const open = this.tokens[this.cursor];
    const last = this.tokens[close];
    const next = this.tokens[close + 1];
    if (open === undefined || last === undefined || next === undefined) return false;
    const isShape =
      !onNewLine(trouble, open, last) && (is(next, T.semicolon) || !onNewLine(trouble, last, next));
    const holdsStatement = this.tokens.slice(this.cursor, close).some((token) => is(token, T.semicolon));
    if (!isShape || holdsStatement || close === this.cursor + 1) return false;
    this.cursor = close;
    return true;
  }

  /** The header failed, its block is still read as what it is. */
  private openAfterFailure(brace: Token, start: Token): void {
    const condition = { kind: "error", span: tokenSpan(start) } as const;
    const header = { condition, start: start.startOffset };
    if (isKeyword(start, "if")) this.openIf(brace, header, null);
    else if (isKeyword(start, "else")) this.openIf(brace, header, this.takePendingIf(start));
    else {
      const depth = this.blocks.depth + 1;
      this.blocks.open(brace, depth, (body) => {
        const span = { start: start.startOffset, end: body.span.end };
        if (isKeyword(start, "while")) this.blocks.add({ kind: "while", condition, body, span });
        else if (is(start, T.identifier))
          this.blocks.pendingIf = { ...header, then: body, depth, elseOf: null };
        else this.blocks.add({ kind: "block", block: body, span });
        if (is(this.peek(1), T.semicolon)) this.cursor++;
      });
      this.limitBlock();
    }
  }

  private skipDeclaration(trouble: Trouble): void {
    const start = trouble.tokens[trouble.start] ?? this.peek(1);
    const isFunction = isKeyword(start, "fun", "inline", "export");
    if (trouble.at === trouble.start) this.cursor++;
    let depth = openBraces(trouble);
    for (;;) {
      const next = this.peek(1);
      if (is(next, T.end) || (startsDeclaration(next) && !isKeyword(this.peek(0), "inline", "export"))) break;
      if (isKeyword(next, "var") && onNewLine(trouble, this.peek(0), next)) break;
      this.cursor++;
      if (is(next, T.leftBrace) && !this.skipsShape(trouble)) {
        if (isFunction && is(this.peek(-1), T.rightParen)) {
          this.readLostBody(next, start);
          return;
        }
        depth++;
      }
      if (is(next, T.rightBrace) && --depth <= 0 && !this.goesOn(trouble)) break;
      if (is(next, T.semicolon) && depth <= 0) break;
    }
    this.declarations.push({ kind: "error", span: this.spanFrom(start.startOffset) });
  }

  /** After a closing brace: the declaration goes on on the same line. */
  private goesOn(trouble: Trouble): boolean {
    return !onNewLine(trouble, this.peek(0), this.peek(1));
  }

  /** The body of a function whose header failed: its mistakes are reported, the function is an error node. */
  private readLostBody(brace: Token, start: Token): void {
    this.blocks.open(brace, 1, (body) => {
      this.declarations.push({ kind: "error", span: { start: start.startOffset, end: body.span.end } });
    });
    this.items();
  }

  /** A declaration that is indented deeper than the function around it was meant to stand there; it is skipped. */
  private skipsNested(next: Token): boolean {
    const outer = this.blocks.stack[0]?.brace;
    const indent = this.layout.indentOf(next);
    const outerIndent = outer === undefined ? null : this.layout.indentOf(outer);
    if (indent === null || outerIndent === null || indent <= outerIndent) return false;
    if (this.layout.unclosed !== null) return false;
    const from = this.cursor + 1;
    const stop = this.tokens.findIndex((t, i) => i > from && (is(t, T.leftBrace) || is(t, T.semicolon)));
    const end = is(this.tokens[stop], T.leftBrace) ? matching(this.tokens, stop) : stop;
    if (end < 0) return false;
    this.explained.push(diagnose("P0234", tokenSpan(next), { word: next.image }));
    this.cursor = end;
    this.blocks.add({ kind: "error", span: this.spanFrom(next.startOffset) });
    return true;
  }

  /** The end, or the next declaration, came before the closing braces. */
  private closeAll(next: Token): void {
    const innermost = this.blocks.stack.at(-1);
    if (innermost !== undefined && !this.hasLexicalMistake()) {
      const { doubled } = this;
      const opener = doubled ?? this.layout.unclosed ?? innermost.brace;
      const place = this.layout.missingBrace(this.tokens, opener, this.cursor + 1);
      const related = [{ span: tokenSpan(opener), text: "this `{` is not closed" }];
      const found = is(next, T.end) ? "the end of the file" : `\`${next.image}\``;
      this.explained.push(
        doubled === null
          ? diagnose("P0204", place, { found }, { related })
          : diagnose("P0255", tokenSpan(opener)),
      );
    }
    this.damage();
    this.doubled = null;
    this.blocks.pendingSemicolon = null;
    while (this.blocks.stack.length > 0) {
      this.blocks.endIf();
      if (this.blocks.stack.length === 1) this.finishFunction();
      this.blocks.close(this.peek(0).end);
    }
    this.layout.forget();
  }

  /** A brace may be missing because a lexical mistake stands in its place: that is not reported again. */
  private hasLexicalMistake(): boolean {
    const from = this.blocks.stack[0]?.brace.startOffset ?? 0;
    const to = this.peek(1).startOffset;
    return this.lexical.some((span) => span.start >= from && span.start <= to);
  }

  /** A function that has lost text says so by an error statement, so that later checks do not guess. */
  protected finishFunction(): void {
    const open = this.blocks.stack.at(-1);
    if (this.damaged && open !== undefined && !open.statements.some((s) => s.kind === "error")) {
      open.statements.push({ kind: "error", span: this.spanFrom(open.brace.startOffset) });
    }
    this.damaged = false;
  }
}

function startsDeclaration(token: Token): boolean {
  return isKeyword(token, "fun", "inline", "export", "struct", "exception");
}

function isShapePart(token: Token): boolean {
  return [T.leftBrace, T.rightBrace, T.comma, T.integer, T.identifier].some((type) => is(token, type));
}

/** Braces that the skipped part before the failure has opened. */
function openBraces(trouble: Trouble): number {
  let depth = 0;
  for (let i = trouble.start; i < trouble.at; i++) {
    if (is(trouble.tokens[i], T.leftBrace)) depth++;
    if (is(trouble.tokens[i], T.rightBrace)) depth--;
  }
  return Math.max(0, depth);
}

/** A declaration whose value was lost still declares its variable. */
function declaredVariable(trouble: Trouble, span: Span): Stmt | null {
  const { tokens, start } = trouble;
  if (!is(tokens[start], keyword("var"))) return null;
  const assign = tokens.findIndex(
    (token, i) => i > start && (is(token, T.assign) || token.startOffset >= span.end),
  );
  const name = tokens[assign - 1];
  if (name === undefined || !is(name, T.identifier) || !is(tokens[assign], T.assign)) return null;
  const shape = assign - 1 === start + 1 ? null : ({ kind: "error", span: tokenSpan(name) } as const);
  const variable = { shape, name: { text: name.image, span: tokenSpan(name) }, span: tokenSpan(name) };
  return { kind: "var", variable, value: { kind: "error", span }, span };
}
