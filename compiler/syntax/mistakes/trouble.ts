// What recovery works with: where parsing failed, what would have helped, and edits that let it go on.

import type { Diagnostic } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { Layout } from "../layout.ts";
import { is, isReserved, keyword, T, Token, touches } from "../tokens.ts";

/** A failure of the grammar. */
export interface Trouble {
  readonly tokens: readonly Token[];
  readonly text: string;
  /** Offset in the unit of the first character of `text`. */
  readonly base: number;
  /** Index of the first token of the declaration or statement. */
  readonly start: number;
  /** Index of the token that does not fit. */
  readonly at: number;
  readonly layout: Layout;
  /** Name of the token type that was required, or of the rule that found no alternative. */
  readonly expected: string;
  /** The rule in which it failed. */
  readonly rule: string;
}

/** Replaces `remove` tokens at `at` by `insert`. Positions count in the tokens before any edit of the list. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly Token[];
}

/** What went wrong. With edits the statement is read again; without, text is skipped to a place to go on. */
export interface Explanation {
  readonly diagnostic: Diagnostic;
  readonly edits?: readonly Edit[];
}

/** Recognises one kind of mistake, or gives null. */
export type Recogniser = (trouble: Trouble) => Explanation | null;

/** The first explanation that a recogniser of the list gives. */
export function firstExplanation(recognisers: readonly Recogniser[], trouble: Trouble): Explanation | null {
  for (const recognise of recognisers) {
    const explanation = recognise(trouble);
    if (explanation !== null) return explanation;
  }
  return null;
}

/** The token `offset` after the one that does not fit. */
export function tokenAt(trouble: Trouble, offset = 0): Token {
  const token = trouble.tokens[trouble.at + offset] ?? trouble.tokens.at(-1);
  if (token === undefined) throw new RangeError("a token list ends with an end token");
  return token;
}

export function startToken(trouble: Trouble, offset = 0): Token {
  return tokenAt(trouble, trouble.start + offset - trouble.at);
}

export function span(token: Token): Span {
  return { start: token.startOffset, end: token.end };
}

export function spanOf(first: Token, last: Token): Span {
  return { start: first.startOffset, end: Math.max(first.end, last.end) };
}

/** The place right after a token, where something is missing. */
export function after(token: Token): Span {
  return { start: token.end, end: token.end };
}

/** A token that recovery makes up; it stands at `offset` and covers nothing. */
export function made(type: typeof T.dot, image: string, offset: number): Token {
  return new Token(type, image, offset, offset);
}

export function insertion(at: number, tokens: readonly Token[]): Edit {
  return { at, remove: 0, insert: tokens };
}

export function removal(at: number, count: number): Edit {
  return { at, remove: count, insert: [] };
}

export function replacement(at: number, count: number, tokens: readonly Token[]): Edit {
  return { at, remove: count, insert: tokens };
}

/** The token of `type` and `image` in the place of `old`. */
export function standIn(old: Token, type: typeof T.dot, image: string): Token {
  return new Token(type, image, old.startOffset, old.end);
}

export function isKeyword(token: Token, ...words: readonly string[]): boolean {
  return words.some((word) => is(token, keyword(word)));
}

export function isOperator(token: Token, ...images: readonly string[]): boolean {
  return is(token, T.operator) && images.includes(token.image);
}

/** True if white space with a line end stands between the two tokens. */
export function onNewLine(trouble: Trouble, before: Token, token: Token): boolean {
  return textBetween(trouble, before.end, token.startOffset).includes("\n");
}

/** The text between two offsets of the unit. */
export function textBetween(trouble: Trouble, start: number, end: number): string {
  return trouble.text.slice(start - trouble.base, end - trouble.base);
}

/** True if a statement can begin with the token: it is taken as the next statement rather than as rubbish. */
export function startsStatement(token: Token): boolean {
  if (isReserved(token)) return !isKeyword(token, "true", "false", "in", "lds", "ld8", "ld16", "ld32", "ldw");
  return is(token, T.identifier) || is(token, T.foreign) || is(token, T.annotation);
}

/** Words that begin a statement and nothing else. */
export function startsKeywordStatement(token: Token): boolean {
  return startsStatement(token) && isReserved(token);
}

const CLOSERS: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
]);

/** Deeper braces are no shape (P0231); looking no further keeps a file of opening braces linear. */
const MAX_SHAPE_DEPTH = 100;

/** As `matching`, for braces that may be a shape. */
export function matchingShape(tokens: readonly Token[], open: number): number {
  return matching(tokens, open, MAX_SHAPE_DEPTH);
}

/** Index of the token that closes the bracket at `open`; -1 if there is none before the end or within `maxDepth`. */
export function matching(tokens: readonly Token[], open: number, maxDepth = Infinity): number {
  const opener = tokens[open]?.image ?? "";
  const closer = CLOSERS.get(opener);
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined || is(token, T.end)) return -1;
    if (is(token, T.string) || is(token, T.annotation)) continue;
    if (token.image === opener) {
      if (++depth > maxDepth) return -1;
    } else if (token.image === closer && --depth === 0) return at;
  }
  return -1;
}

/** Index after the shape `1` or `{...}` at `from`; -1 if there is none. */
export function shapeEnd(tokens: readonly Token[], from: number): number {
  if (is(tokens[from], T.integer)) return from + 1;
  const close = is(tokens[from], T.leftBrace) ? matchingShape(tokens, from) : -1;
  return close < 0 ? -1 : close + 1;
}

/** Index of the `;` that ends the simple statement at `from`; -1 if a brace or the end comes first. */
export function statementEnd(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (is(token, T.semicolon)) return at;
    if (token === undefined || is(token, T.leftBrace) || is(token, T.rightBrace) || is(token, T.end))
      return -1;
  }
  return -1;
}

/** `-` right before an integer: a negative literal. */
export function isNegativeLiteral(minus: Token, next: Token): boolean {
  return is(minus, T.minus) && is(next, T.integer) && touches(minus, next);
}

/** A token as messages name it. */
export function describe(token: Token): string {
  if (is(token, T.end)) return "the end of the file";
  if (is(token, T.annotation)) return "an annotation";
  if (is(token, T.string)) return `the string "${token.image}"`;
  return isReserved(token) ? `keyword \`${token.image}\`` : `\`${token.image}\``;
}
