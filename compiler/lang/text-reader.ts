// Reads the text forms of the languages: tokens, a cursor over them, and the errors that it can meet.
//
// Every language's parse.ts is recursive descent over a TextReader. A mistake in a text throws TextFormError, which
// `readText` turns into a plain value, because such texts are written by people (golden cases, `pancake test`).
//
// Tokens: names, variables `x.0%7` (a name for people, then the number), integers (decimal, negative, 0x...),
// annotations `/@ ... @/`, and symbols. White space and `//` comments separate them.

import type { Span } from "../source/span.ts";
import { toWord, type Word } from "./machine-word.ts";

/** A mistake in a text form; thrown inside a parse, caught by `readText`. */
export class TextFormError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.name = "TextFormError";
    this.offset = offset;
  }
}

/** What parsing a text form answers. Lines and columns count from 1. */
export type ParsedText<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly line: number; readonly column: number };

export type TokenKind = "name" | "variable" | "integer" | "annotation" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As written; for annotations the text between the delimiters. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The cursor of a parse. */
export interface TextReader {
  /** The current token, or the one `ahead` of it. */
  peek(ahead?: number): Token;
  next(): Token;
  /** Consumes the symbol or word `text` if it is next. */
  accept(text: string): boolean;
  expect(text: string): Token;
  name(): string;
  /** A non-negative integer that fits a number. */
  natural(): number;
  /** An integer reduced to a word. */
  word(): Word;
  /** Items up to `close`, separated by commas, possibly none. */
  list<T>(close: string, item: () => T): readonly T[];
  /** From the start of `first` to the end of the token consumed last. */
  spanFrom(first: Token): Span;
  fail(message: string, at?: Token): never;
}

const TOKEN =
  /(?<space>\s+|\/\/[^\n]*)|\/@(?<annotation>[\s\S]*?)@\/|(?<variable>(?:[A-Za-z_][\w']*(?:\.[\w']+)*)?%\d+)|(?<name>[A-Za-z_@][\w']*)|(?<integer>0x[0-9a-fA-F]+|-?\d+)|(?<symbol>#>>|>>>|<=\+|>=\+|:=|=>|==|!=|<=|>=|<\+|>\+|<<|>>|[-+^*().,;:[\]{}=<>!&|$#])/y;

function tokenKind(groups: Readonly<Record<string, string | undefined>>): TokenKind | null {
  if (groups["space"] !== undefined) return null;
  if (groups["annotation"] !== undefined) return "annotation";
  if (groups["variable"] !== undefined) return "variable";
  if (groups["name"] !== undefined) return "name";
  return groups["integer"] !== undefined ? "integer" : "symbol";
}

function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new TextFormError(`unexpected character ${JSON.stringify(text[at])}`, at);
    const groups = match.groups ?? {};
    const kind = tokenKind(groups);
    const end = at + match[0].length;
    if (kind !== null) tokens.push({ kind, text: groups["annotation"] ?? match[0], start: at, end });
    at = end;
  }
  tokens.push({ kind: "end", text: "end of text", start: at, end: at });
  return tokens;
}

/** Runs `parse` over `text`; a TextFormError becomes a value with its place. */
export function readText<T>(text: string, parse: (reader: TextReader) => T): ParsedText<T> {
  try {
    return { ok: true, value: parse(textReader(text)) };
  } catch (error) {
    if (!(error instanceof TextFormError)) throw error;
    const before = text.slice(0, error.offset);
    const line = before.split("\n").length;
    return { ok: false, message: error.message, line, column: error.offset - before.lastIndexOf("\n") };
  }
}

function textReader(text: string): TextReader {
  const tokens = tokenise(text);
  const end: Token = tokens.at(-1) ?? { kind: "end", text: "end of text", start: 0, end: 0 };
  let position = 0;
  let last = end;
  const peek = (ahead = 0): Token => tokens[position + ahead] ?? end;
  const isText = (token: Token, wanted: string): boolean =>
    token.text === wanted && (token.kind === "symbol" || token.kind === "name");
  const fail = (message: string, at: Token = peek()): never => {
    throw new TextFormError(message, at.start);
  };
  const next = (): Token => {
    last = peek();
    position += 1;
    return last;
  };
  const take = (kind: TokenKind, what: string): Token =>
    peek().kind === kind ? next() : fail(`expected ${what}, found \`${peek().text}\``);
  const accept = (wanted: string): boolean => {
    if (!isText(peek(), wanted)) return false;
    next();
    return true;
  };
  return {
    peek,
    next,
    accept,
    fail,
    expect: (wanted) =>
      isText(peek(), wanted) ? next() : fail(`expected \`${wanted}\`, found \`${peek().text}\``),
    name: () => take("name", "a name").text,
    natural: () => {
      const token = take("integer", "a number");
      const value = Number(token.text);
      return Number.isSafeInteger(value) && value >= 0 ? value : fail("expected a small number", token);
    },
    word: () => toWord(BigInt(take("integer", "an integer").text)),
    list: (close, item) => {
      const items: ReturnType<typeof item>[] = [];
      if (accept(close)) return items;
      do items.push(item());
      while (accept(","));
      if (!accept(close)) fail(`expected \`,\` or \`${close}\`, found \`${peek().text}\``);
      return items;
    },
    spanFrom: (first) => ({ start: first.start, end: last.end }),
  };
}

/** A word as the text forms write it: decimal while that is short (signed), hexadecimal otherwise. */
export function printWord(word: Word): string {
  const signed = BigInt.asIntN(64, word);
  return signed >= -65536n && signed <= 0xffff_ffffn ? String(signed) : `0x${word.toString(16)}`;
}
