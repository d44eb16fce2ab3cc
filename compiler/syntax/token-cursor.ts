// The parser's way through its tokens: Chevrotain's engine on an array that may be edited while it is read.
//
// Chevrotain asks for tokens only through the methods overridden here. The array ends with `end` tokens, enough for any
// look-ahead, so no access needs a bounds check. Recovery edits the array (inserts a missing `;`) and goes back.

import { EmbeddedActionsParser, type IParserErrorMessageProvider } from "chevrotain";
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import { T, Token, vocabulary } from "./tokens.ts";

/** How far beyond the end the parser may look. */
const PADDING = 4;

/** Messages are made by mistakes/; Chevrotain only carries what was expected. */
const expectations: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => expected.name,
  buildNoViableAltMessage: ({ ruleName }) => ruleName,
  buildEarlyExitMessage: ({ ruleName }) => ruleName,
  buildNotAllInputParsedMessage: ({ ruleName }) => ruleName,
};

/** A failure that the grammar notices itself: which token type was wanted, in which rule. */
export class GrammarFailure extends Error {
  readonly expected: string;
  readonly rule: string;
  constructor(expected: string, rule: string) {
    super(expected);
    this.expected = expected;
    this.rule = rule;
  }
}

const NOTHING = new Token(T.end, "", 0, 0);

export abstract class TokenCursor extends EmbeddedActionsParser {
  /** The text of the tokens. */
  protected text = "";
  /** Offset in the unit of the first character of `text`. */
  protected textBase = 0;
  protected tokens: Token[] = [];
  protected diagnostics: Diagnostic[] = [];
  /** Index of the last token that was consumed. */
  protected cursor = -1;

  constructor(skipValidations: boolean) {
    super(vocabulary, { maxLookahead: 1, skipValidations, errorMessageProvider: expectations });
  }

  /** Starts over on `tokens`; the last of them is the end token. */
  protected load(tokens: Token[], text: string, base: number): void {
    const end = tokens.at(-1) ?? NOTHING;
    this.input = [];
    this.text = text;
    this.textBase = base;
    this.tokens = tokens;
    for (let i = 0; i < PADDING; i++) tokens.push(end);
    this.diagnostics = [];
    this.cursor = -1;
  }

  /** The token `howMuch` ahead (1: the next one; 0: the last consumed one). */
  protected peek(howMuch: number): Token {
    return this.tokens[this.cursor + howMuch] ?? this.tokens.at(-1) ?? NOTHING;
  }

  /** First offset of the next token: where the node that begins now starts. */
  protected nextOffset(): number {
    return this.peek(1).startOffset;
  }

  /** The span of a node from `start` to the last consumed token. */
  protected spanFrom(start: number): Span {
    return { start, end: Math.max(start, this.peek(0).end) };
  }

  protected override LA(howMuch: number): Token {
    return this.peek(howMuch);
  }

  protected override LA_FAST(howMuch: number): Token {
    return this.tokens[this.cursor + howMuch] ?? NOTHING;
  }

  // The rest of Chevrotain's token access; its type declarations leave these methods out.

  protected consumeToken(): void {
    this.cursor++;
  }

  protected exportLexerState(): number {
    return this.cursor;
  }

  protected importLexerState(state: number): void {
    this.cursor = state;
  }

  protected getLexerPosition(): number {
    return this.cursor;
  }

  protected resetLexerState(): void {
    this.cursor = -1;
  }

  protected moveToTerminatedState(): void {
    this.cursor = this.tokens.length - 1;
  }

  /** What is left over is reported by the grammar itself. */
  protected isAtEndOfInput(): boolean {
    return true;
  }
}
