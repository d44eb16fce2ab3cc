// A file while the preprocessor goes through it: position, what has been copied, open conditionals.
//
// Knows the shape of text (lines, comments, quotes, annotations) but nothing of macros.

import type { Span } from "../../source/span.ts";
import type { Inclusion } from "../../source/translation-unit.ts";
import { quotedEnd } from "./pp-token.ts";

/** One `#if` with its `#elif`s so far. */
export interface Conditional {
  /** Output span of the directive that opened it. */
  readonly span: Span;
  /** The lines up to the next directive are kept. */
  active: boolean;
  /** A branch was kept already, or the whole conditional stands in skipped text. */
  taken: boolean;
  sawElse: boolean;
}

export class OpenFile {
  readonly inclusion: Inclusion;
  readonly text: string;
  /** Next offset to look at. */
  at = 0;
  /** Text before it is in the output; -1 while the arguments of a macro are read. */
  copied = 0;
  atLineStart = true;
  inAnnotation = false;
  /** A macro's arguments had no end, or its expansion was too large: trying again and again would take very long. */
  givesUp = false;
  readonly conditionals: Conditional[] = [];

  constructor(inclusion: Inclusion) {
    this.inclusion = inclusion;
    this.text = inclusion.file.logical;
  }

  get skipping(): boolean {
    return this.conditionals.at(-1)?.active === false;
  }

  /** Offset of the `#` if the line at `at` is a directive, else -1. `#>>` (rotate right) is none. */
  directiveStart(): number {
    const hash = this.skipBlanks(this.at);
    return this.text.charCodeAt(hash) === 35 && !this.text.startsWith(">>", hash + 1) ? hash : -1;
  }

  /** The offset after blanks and comments; stops at line ends that no comment holds. */
  skipBlanks(from: number): number {
    let at = from;
    for (;;) {
      const c = this.text.charCodeAt(at);
      if (c === 32 || c === 9 || c === 13 || c === 11 || c === 12) at++;
      else if (c === 47 && this.text.charCodeAt(at + 1) === 42) {
        const close = this.text.indexOf("*/", at + 2);
        if (close < 0) return at;
        at = close + 2;
      } else return at;
    }
  }

  /** The offset of the line end (or the end of the text) of the directive at `hash`; comments may hold line ends. */
  directiveEnd(hash: number): number {
    let at = hash;
    while (at < this.text.length && this.text.charCodeAt(at) !== 10) at = this.pieceEnd(at);
    return at;
  }

  /** Moves to the next line without looking for macros. */
  skipLine(): void {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) !== 10) {
      this.at = this.pieceEnd(this.at);
    }
    this.at = Math.min(this.at + 1, this.text.length);
    this.atLineStart = true;
    this.copied = this.at;
  }

  /** The end of the comment or quoted text at `at`; of one character for anything else. */
  pieceEnd(at: number): number {
    const c = this.text.charCodeAt(at);
    if (c === 34 || c === 39) return this.quoteEnd(at);
    if (c !== 47) return at + 1;
    const following = this.text.charCodeAt(at + 1);
    if (following === 47) return this.lineCommentEnd(at);
    if (following === 42) {
      const close = this.text.indexOf("*/", at + 2);
      return close < 0 ? this.text.length : close + 2;
    }
    return at + 1;
  }

  /** A line comment ends with its line; inside an annotation also before the annotation's end. */
  private lineCommentEnd(at: number): number {
    const line = this.text.indexOf("\n", at);
    return this.beforeAnnotationEnd(at, line < 0 ? this.text.length : line);
  }

  private quoteEnd(at: number): number {
    const { end, closed } = quotedEnd(this.text, at);
    return closed ? end : this.beforeAnnotationEnd(at, end);
  }

  private beforeAnnotationEnd(at: number, end: number): number {
    if (!this.inAnnotation) return end;
    const close = this.text.indexOf("@/", at);
    return close < 0 || close > end ? end : close;
  }
}
