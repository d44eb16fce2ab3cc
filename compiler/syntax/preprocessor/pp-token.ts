// Preprocessing tokens: the C notion of tokens, used inside directives, macro bodies and macro arguments only.
//
// Text that no macro touches is copied and never becomes such tokens. The scanner follows C17 6.4 in what matters for
// expansion: names, numbers (so that `0xFOO` holds no macro), strings, characters, longest operators, comments as space.

import type { Expansion, FileRange, Inclusion } from "../../source/translation-unit.ts";

export type PpKind =
  "name" | "number" | "string" | "character" | "operator" | "other" | "parameter" | "space";

export interface PpToken {
  readonly kind: PpKind;
  readonly text: string;
  /** White space or a comment stood before it. */
  readonly space: boolean;
  readonly spelling: FileRange;
  readonly spelledIn: Expansion | null;
  /** The innermost expansion that produced it; null while it still stands in a file's own text. */
  readonly via: Expansion | null;
  /** A name met while its macro was being expanded: never expanded again (C17 6.10.3.4). */
  readonly painted: boolean;
}

const OPERATORS = new Set([
  ..."... <<= >>= -> ++ -- << >> <= >= == != && || *= /= %= += -= &= ^= |= ## <: :> <% %> %:".split(" "),
]);

const isWordStart = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95 || c > 127;
export const isDigit = (c: number): boolean => c >= 48 && c <= 57;
/** A character that continues a name. */
export const isWordPart = (c: number): boolean => isWordStart(c) || isDigit(c);
const isBlank = (c: number): boolean => c === 32 || (c >= 9 && c <= 13);

/** Reads tokens from the logical text of a file, from `at` up to `end`; `next` gives null at the end. */
export class PpScanner {
  at: number;
  private readonly text: string;
  private readonly inclusion: Inclusion;
  private readonly end: number;

  constructor(inclusion: Inclusion, at: number, end: number) {
    this.inclusion = inclusion;
    this.text = inclusion.file.logical;
    this.at = at;
    this.end = end;
  }

  next(): PpToken | null {
    const spaced = this.skipSpace();
    if (this.at >= this.end) return null;
    const start = this.at;
    const kind = this.scan();
    return {
      kind,
      text: this.text.slice(start, this.at),
      space: spaced,
      spelling: { inclusion: this.inclusion, start, end: this.at },
      spelledIn: null,
      via: null,
      painted: false,
    };
  }

  /** All tokens up to the end. */
  rest(): PpToken[] {
    const tokens: PpToken[] = [];
    for (let token = this.next(); token !== null; token = this.next()) tokens.push(token);
    return tokens;
  }

  private skipSpace(): boolean {
    const start = this.at;
    while (this.at < this.end) {
      if (isBlank(this.text.charCodeAt(this.at))) this.at++;
      else if (this.text.startsWith("/*", this.at)) {
        const close = this.text.indexOf("*/", this.at + 2);
        this.at = close < 0 ? this.end : Math.min(close + 2, this.end);
      } else if (this.text.startsWith("//", this.at)) {
        const line = this.text.indexOf("\n", this.at);
        this.at = line < 0 ? this.end : Math.min(line, this.end);
      } else break;
    }
    return this.at > start;
  }

  private scan(): PpKind {
    const c = this.text.charCodeAt(this.at);
    if (isWordStart(c)) {
      while (this.at < this.end && isWordPart(this.text.charCodeAt(this.at))) this.at++;
      return "name";
    }
    if (isDigit(c) || (c === 46 && isDigit(this.text.charCodeAt(this.at + 1)))) {
      this.at = Math.min(numberEnd(this.text, this.at), this.end);
      return "number";
    }
    if (c === 34 || c === 39) {
      const close = quotedEnd(this.text, this.at);
      this.at = Math.min(close.end, this.end);
      if (!close.closed) return "other";
      return c === 34 ? "string" : "character";
    }
    for (const length of [3, 2]) {
      const text = this.text.slice(this.at, Math.min(this.at + length, this.end));
      if (text.length === length && OPERATORS.has(text)) {
        this.at += length;
        return "operator";
      }
    }
    this.at++;
    return "operator";
  }
}

/** The end of the preprocessing number at `at`. A sign continues it after an exponent letter, but not in `0x1E+1`. */
export function numberEnd(text: string, at: number): number {
  const isHex = text.charCodeAt(at) === 48 && (text.charCodeAt(at + 1) | 32) === 120;
  let end = at + 1;
  for (; end < text.length; end++) {
    const c = text.charCodeAt(end);
    if (isWordPart(c) || c === 46) continue;
    const before = text.charCodeAt(end - 1) | 32;
    const isExponent = before === 112 || (before === 101 && !isHex);
    if ((c === 43 || c === 45) && isExponent) continue;
    break;
  }
  return end;
}

/** The end of the string or character constant at `at`; one that is not closed on its line runs to the line's end. */
export function quotedEnd(text: string, at: number): { readonly end: number; readonly closed: boolean } {
  const quote = text.charCodeAt(at);
  for (let end = at + 1; end < text.length; end++) {
    const c = text.charCodeAt(end);
    if (c === quote) return { end: end + 1, closed: true };
    if (c === 10) return { end, closed: false };
    if (c === 92 && text.charCodeAt(end + 1) !== 10) end++;
  }
  return { end: text.length, closed: false };
}

/**
 * True if two neighbouring characters of different origin would be read as one token, by C or by Pancake.
 * `@` and a name are left joined: `@NAME(...)` with a macro NAME is how foreign calls are wrapped.
 */
export function wouldMerge(before: string, after: string): boolean {
  if (before === "" || after === "") return false;
  const b = before.charCodeAt(before.length - 1);
  const a = after.charCodeAt(0);
  const isNumber = /^\.?[0-9]/.test(before);
  if (isWordPart(b) || isNumber) {
    if (isWordPart(a)) return true;
    if (a === 46) return isNumber || isDigit(b);
    return (a === 43 || a === 45) && /[eEpP]/.test(before.slice(-1));
  }
  const followers = MERGING[before.slice(-1)];
  return followers?.includes(after.charAt(0)) ?? false;
}

/** For a last character, the first characters that it would swallow. */
const MERGING: Readonly<Record<string, string>> = {
  "=": "=<>|&+",
  "<": "=<>|&+:%",
  ">": "=<>|&+",
  "!": "=<>|&+",
  "&": "=<>|&+",
  "|": "=<>|&+",
  "#": "=<>|&+#",
  "+": "+=",
  "-": "-=>",
  "*": "=/",
  "/": "=/*@",
  "%": "=:>",
  "^": "=",
  ":": ">:",
  ".": ".0123456789",
};
