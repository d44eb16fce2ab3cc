// What indentation says about braces: which one is missing, which one is surplus, and where.
//
// Only used to place messages. Lines longer than REACH tell nothing.

import type { Span } from "../source/span.ts";
import { is, T, type Token } from "./tokens.ts";

const REACH = 400;

export class Layout {
  /** A `{` that was closed by a brace further left: it lacks its own. */
  unclosed: Token | null = null;
  /** A `}` that closed a block although it stands where none should end. */
  surplus: Token | null = null;
  private readonly text: string;
  /** Offset in the unit of the first character of `text`. */
  private readonly base: number;

  constructor(text: string, base: number) {
    this.text = text;
    this.base = base;
  }

  /** White space before the first character of the token's line; null if the line is too long to tell. */
  indentOf(token: Token): number | null {
    const start = this.lineStart(token);
    if (start === null) return null;
    let at = start;
    while (isBlank(this.text.charCodeAt(at))) at++;
    return at - start;
  }

  /** Remembers the first closing brace that does not fit its opening one. */
  noteClosing(opener: Token, closer: Token): void {
    const openIndent = this.indentOf(opener);
    const closeIndent = this.indentOf(closer);
    if (openIndent === null || closeIndent === null) return;
    if (!this.between(opener.end, Math.min(closer.startOffset, opener.end + REACH)).includes("\n")) return;
    const isFirst = this.isFirstOnLine(closer);
    if (isFirst && closeIndent < openIndent) this.unclosed ??= opener;
    if (!isFirst || closeIndent > openIndent) this.surplus ??= closer;
  }

  /** A new function begins. */
  forget(): void {
    this.unclosed = null;
    this.surplus = null;
  }

  /**
   * Where the brace that closes `opener` should stand: an empty line if there is one, else right after the last token
   * of the block. `end` is the index of the token before which all blocks must be closed.
   */
  missingBrace(tokens: readonly Token[], opener: Token, end: number): Span {
    const next = this.firstOutside(tokens, opener, end);
    const before = tokens[next - 1] ?? opener;
    const follower = tokens[next] ?? before;
    const gap = this.between(before.end, follower.startOffset);
    const empty = /^[^\n]*\n([ \t\r]*)(?=\n)/.exec(gap);
    if (empty !== null && !/\/[/*]/.test(empty[0])) {
      const at = before.end + empty[0].length;
      return { start: at, end: at };
    }
    return { start: before.end, end: before.end };
  }

  /**
   * True if the first token below `header` (from index `from` on) that is no further right than it is a `}` right
   * under it: the block is there, only its `{` is missing.
   */
  closesBelow(tokens: readonly Token[], header: Token, from: number): boolean {
    const indent = this.indentOf(header);
    if (indent === null) return false;
    for (let i = from; i < Math.min(tokens.length, from + REACH); i++) {
      const token = tokens[i];
      if (token === undefined || is(token, T.end)) return false;
      if (!this.isFirstOnLine(token) || (this.indentOf(token) ?? indent + 1) > indent) continue;
      return is(token, T.rightBrace) && this.indentOf(token) === indent;
    }
    return false;
  }

  /** Index of the first token after `opener` that begins a line no further right than the opener's line. */
  private firstOutside(tokens: readonly Token[], opener: Token, end: number): number {
    const indent = this.indentOf(opener);
    const from = tokens.indexOf(opener);
    if (indent === null || from < 0) return end;
    for (let i = from + 1; i < end; i++) {
      const token = tokens[i];
      if (token === undefined || is(token, T.end)) break;
      if (this.isFirstOnLine(token) && (this.indentOf(token) ?? indent + 1) <= indent) return i;
    }
    return end;
  }

  private isFirstOnLine(token: Token): boolean {
    const start = this.lineStart(token);
    return start !== null && this.text.slice(start, token.startOffset - this.base).trim() === "";
  }

  hasLineEnd(before: Token, token: Token): boolean {
    return this.between(before.end, token.startOffset).includes("\n");
  }

  private between(start: number, end: number): string {
    return this.text.slice(start - this.base, end - this.base);
  }

  /** Offset in `text`. */
  private lineStart(token: Token): number | null {
    const at = token.startOffset - this.base;
    const from = Math.max(0, at - REACH);
    const before = this.text.slice(from, at).lastIndexOf("\n");
    if (before >= 0) return from + before + 1;
    return from === 0 ? 0 : null;
  }
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9 || c === 13;
}
