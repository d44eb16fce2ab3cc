// The lexer: text of one chunk of the unit to tokens and comments, with every lexical mistake reported.
//
// Follows the reference's rules (language reference, section 1): longest runs of group symbols, no back-off. Runs that
// are no symbol are reported once a statement and split the way they were probably meant, so that parsing goes on.
// Hot: one pass over character codes; tables for what a character starts.

import { diagnose, type Diagnostic, type DiagnosticDetails } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import { repairGroup } from "./group-symbols.ts";
import { describeCharacter } from "./odd-characters.ts";
import { groupSymbols, is, keywords, singletons, T, Token } from "./tokens.ts";
import type { Comment } from "./tree.ts";

export interface LexResult {
  readonly tokens: Token[];
  readonly comments: Comment[];
  readonly diagnostics: readonly Diagnostic[];
  /** Too many mistakes: the text after the last of them was not read. */
  readonly stopped: boolean;
}

const MAX_MISTAKES = 20;

// What a character code below 128 starts.
const OTHER = 0;
const SPACE = 1;
const WORD = 2;
const DIGIT = 3;
const SINGLE = 4;
const GROUP = 5;
const SLASH = 6;
const AT = 7;
const QUOTE = 8;

const CLASS = classes();
const CONTINUES_GROUP = flags("=<>|&+");
const IS_WORD = flags("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

function flags(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (const c of characters) table[c.charCodeAt(0)] = 1;
  return table;
}

function classes(): Uint8Array {
  const table = new Uint8Array(128);
  const set = (characters: string, value: number): void => {
    for (const c of characters) table[c.charCodeAt(0)] = value;
  };
  set(" \t\n\v\f\r", SPACE);
  set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", WORD);
  set("0123456789", DIGIT);
  set([...singletons.keys()].join(""), SINGLE);
  set("#=><!&|", GROUP);
  set("/", SLASH);
  set("@", AT);
  set("\"'", QUOTE);
  return table;
}

const singletonByCode = [...singletons].reduce<{ readonly image: string; readonly type: typeof T.dot }[]>(
  (table, [image, type]) => {
    table[image.charCodeAt(0)] = { image, type };
    return table;
  },
  [],
);

/** Reads all tokens of `text`, whose first character has offset `base` in the unit; the last token is the end. */
export function lex(text: string, base = 0): LexResult {
  const lexer = new TextLexer(text, base);
  lexer.run();
  lexer.tokens.push(new Token(T.end, "", base + text.length, base + text.length));
  return lexer;
}

class TextLexer implements LexResult {
  readonly tokens: Token[] = [];
  readonly comments: Comment[] = [];
  readonly diagnostics: Diagnostic[] = [];
  stopped = false;
  private readonly text: string;
  private readonly base: number;
  private at = 0;
  private mistakes = 0;
  /** A group symbol of the current statement was reported already. */
  private reportedGroup = false;
  /** `<<` that were split into two struct openers and wait for their `>>`. */
  private splitOpeners = 0;
  /** A `>>` or `>>>` whose follower decides whether it closes structs. */
  private readonly annotationEnds: Positions;
  private readonly commentEnds: Positions;

  constructor(text: string, base: number) {
    this.text = text;
    this.base = base;
    this.annotationEnds = new Positions(text, "@/");
    this.commentEnds = new Positions(text, "*/");
  }

  run(): void {
    const { text } = this;
    const length = text.length;
    while (this.at < length && !this.stopped) {
      const c = text.charCodeAt(this.at);
      switch (c < 128 ? CLASS[c] : OTHER) {
        case SPACE:
          this.at++;
          break;
        case WORD:
          this.word();
          break;
        case DIGIT:
          this.number();
          break;
        case SINGLE:
          this.singleton(c);
          break;
        case GROUP:
          this.group();
          break;
        case SLASH:
          this.slash();
          break;
        case AT:
          this.atWord();
          break;
        case QUOTE:
          this.quote(c);
          break;
        default:
          this.odd();
      }
    }
  }

  private push(type: typeof T.dot, image: string, start: number): void {
    this.tokens.push(new Token(type, image, this.base + start, this.base + this.at));
  }

  private wordEnd(from: number): number {
    const { text } = this;
    let end = from;
    for (;;) {
      const c = text.charCodeAt(end);
      if (!(c < 128 && IS_WORD[c] === 1)) return end;
      end++;
    }
  }

  private word(): void {
    const start = this.at;
    this.at = this.wordEnd(start + 1);
    const image = this.text.slice(start, this.at);
    this.push(keywords.get(image) ?? T.identifier, image, start);
  }

  private atWord(): void {
    const start = this.at;
    this.at = this.wordEnd(start + 1);
    const image = this.text.slice(start, this.at);
    if (image === "@") {
      const isEnd = this.text.charCodeAt(this.at) === 47;
      if (isEnd) this.at++;
      this.mistake(isEnd ? "P0119" : "P0113", start, this.at, { text: "@/" });
      return;
    }
    const isConstant = image === "@base" || image === "@top" || image === "@biw";
    this.push(isConstant ? T.constant : T.foreign, image, start);
  }

  private number(): void {
    const { text } = this;
    const start = this.at;
    if (text.charCodeAt(start) === 48 && (text.charCodeAt(start + 1) | 32) === 120) {
      this.hexadecimal(start);
      return;
    }
    let end = start + 1;
    for (let c = text.charCodeAt(end); c >= 48 && c <= 57; c = text.charCodeAt(end)) end++;
    this.at = end;
    this.push(T.integer, text.slice(start, end), start);
  }

  private hexadecimal(start: number): void {
    this.at = this.wordEnd(start + 2);
    const image = this.text.slice(start, this.at);
    if (/^0[xX][0-9a-fA-F]+$/.test(image)) this.push(T.integer, image, start);
    else {
      this.mistake("P0114", start, this.at, { text: image });
      this.push(T.integer, "0", start);
    }
  }

  private singleton(c: number): void {
    const entry = singletonByCode[c];
    if (entry === undefined) return;
    const start = this.at++;
    this.push(entry.type, entry.image, start);
    if (c === 59 || c === 123 || c === 125) {
      this.reportedGroup = false;
      this.splitOpeners = 0;
    }
  }

  private group(): void {
    const { text } = this;
    const start = this.at;
    let end = start + 1;
    for (let c = text.charCodeAt(end); c < 128 && CONTINUES_GROUP[c] === 1; c = text.charCodeAt(end)) end++;
    this.at = end;
    const image = text.slice(start, end);
    const type = groupSymbols.get(image);
    const isShift = image === "<<" || image === ">>" || image === ">>>";
    if (type !== undefined && !(isShift && this.belongsToStruct(image))) this.push(type, image, start);
    else this.repair(image, start);
  }

  /** A shift sign that can only open or close structs: no operand stands before it, or none can follow it. */
  private belongsToStruct(image: string): boolean {
    if (image === "<<") {
      const opens = !endsOperand(this.tokens.at(-1));
      if (opens) this.splitOpeners++;
      return opens;
    }
    return !this.operandFollows() && (this.splitOpeners > 0 || this.hasOpenStruct());
  }

  private operandFollows(): boolean {
    const rest = /\s*/y;
    rest.lastIndex = this.at;
    rest.test(this.text);
    const next = this.text.slice(rest.lastIndex, rest.lastIndex + 2);
    return /^(?:[\w@(<!]|-\d|\/[/*])/.test(next);
  }

  /** True if the statement so far has a `<` in operand position. */
  private hasOpenStruct(): boolean {
    for (let i = this.tokens.length - 1; i >= 0; i--) {
      const token = this.tokens[i];
      if (token === undefined || is(token, T.semicolon) || is(token, T.leftBrace)) return false;
      if (is(token, T.less) && (!endsOperand(this.tokens[i - 1]) || is(this.tokens[i + 2], T.assign)))
        return true;
    }
    return false;
  }

  /** Reports a run that is no symbol (once a statement) and puts the tokens that were probably meant. */
  private repair(image: string, start: number): void {
    const isSpaced = /\s/.test(this.text.charAt(start - 1)) && /\s/.test(this.text.charAt(this.at));
    const repair = repairGroup(image, { afterOperand: endsOperand(this.tokens.at(-1)), isSpaced });
    if (!this.reportedGroup) {
      this.mistake(
        repair.code,
        start,
        this.at,
        { text: image },
        repair.help === null ? {} : { help: repair.help },
      );
    }
    this.reportedGroup = true;
    let from = start;
    for (const piece of repair.tokens) {
      const type = groupSymbols.get(piece) ?? singletons.get(piece) ?? T.operator;
      const end = Math.min(from + piece.length, this.at);
      this.tokens.push(new Token(type, piece, this.base + from, this.base + end));
      from = end;
    }
  }

  private slash(): void {
    const following = this.text.charCodeAt(this.at + 1);
    if (following === 47) this.lineComment();
    else if (following === 42) this.blockComment();
    else if (following === 64) this.annotation();
    else this.odd();
  }

  private lineComment(): void {
    const start = this.at;
    const line = this.text.indexOf("\n", start);
    this.at = line < 0 ? this.text.length : line;
    this.comments.push({ kind: "line", span: this.span(start, this.at) });
  }

  private blockComment(): void {
    const start = this.at;
    const close = this.commentEnds.next(start + 2);
    if (close < 0) {
      this.at = this.text.length;
      this.mistake("P0104", start, start + 2);
      return;
    }
    this.at = close + 2;
    this.comments.push({ kind: "block", span: this.span(start, this.at) });
    const other = this.annotationEnds.next(start + 2);
    const inner = this.text.slice(start + 2, close).indexOf("/*");
    if (inner >= 0) this.warn("P0120", start, { text: "/*", what: "comment" });
    if (other >= 0 && other < close) this.warn("P0106", other, { text: "@/", what: "comment", proper: "*/" });
  }

  /** The text without C comments, which a preprocessor would have removed. */
  private annotation(): void {
    const start = this.at;
    const close = this.annotationEnd(start + 2);
    if (close < 0) {
      this.at = this.text.length;
      this.mistake("P0105", start, start + 2);
      return;
    }
    this.at = close + 2;
    const raw = this.text.slice(start + 2, close);
    const text = raw.includes("/*") || raw.includes("//") ? raw.replace(COMMENTS, " ") : raw;
    if (text.includes("/@")) this.warn("P0120", start, { text: "/@", what: "annotation" });
    const stray = text.indexOf("*/");
    if (stray >= 0) {
      this.warn("P0106", this.commentEnds.next(start + 2), { text: "*/", what: "annotation", proper: "@/" });
    }
    this.push(T.annotation, text, start);
  }

  private annotationEnd(from: number): number {
    let at = from;
    for (;;) {
      const close = this.annotationEnds.next(at);
      const open = close < 0 ? -1 : this.text.slice(at, close).indexOf("/*");
      if (open < 0) return close;
      const end = this.commentEnds.next(at + open + 2);
      if (end < 0) return close;
      at = end + 2;
    }
  }

  private quote(c: number): void {
    const start = this.at;
    const literal = (c === 34 ? STRING : CHARACTER).exec(
      this.text.slice(start, start + 1 + this.lineRest(start)),
    );
    if (c === 34) {
      this.at = start + (literal === null ? 1 + this.lineRest(start) : literal[0].length);
      if (literal === null) this.mistake("P0118", start, this.at);
      this.push(T.string, literal?.[1] ?? "", start);
    } else if (literal === null) {
      this.odd();
    } else {
      this.at = start + literal[0].length;
      const code = characterCode(literal[1] ?? "");
      this.mistake("P0110", start, this.at, { text: literal[0], code: String(code) });
      this.push(T.integer, String(code), start);
    }
  }

  /** Characters from `start` to the end of its line, the first not counted. */
  private lineRest(start: number): number {
    const line = this.text.indexOf("\n", start);
    return (line < 0 ? this.text.length : line) - start - 1;
  }

  /** A run of characters that no token starts with: one report, and perhaps a token in their place. */
  private odd(): void {
    const start = this.at;
    const description = describeCharacter(this.text, start);
    this.at = start + description.length;
    this.mistake(description.code, start, this.at, { text: description.shown }, { help: description.help });
    if (description.standIn !== null) {
      const type = singletons.get(description.standIn) ?? groupSymbols.get(description.standIn) ?? T.operator;
      this.push(type, description.standIn, start);
    }
  }

  private span(start: number, end: number): Span {
    return { start: this.base + start, end: this.base + end };
  }

  private warn(code: string, at: number, parameters: Readonly<Record<string, string>>): void {
    this.diagnostics.push(diagnose(code, this.span(at, at + 2), parameters));
  }

  private mistake(
    code: string,
    start: number,
    end: number,
    ...rest: readonly [Readonly<Record<string, string>>?, DiagnosticDetails?]
  ): void {
    this.diagnostics.push(diagnose(code, this.span(start, end), rest[0] ?? {}, rest[1] ?? {}));
    if (++this.mistakes < MAX_MISTAKES) return;
    this.diagnostics.push(diagnose("P0103", this.span(start, end), { count: MAX_MISTAKES }));
    this.stopped = true;
  }
}

const COMMENTS = /\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const STRING = /^"((?:[^"\\\n]|\\.)*)"/;
const CHARACTER = /^'([^'\\\n]|\\(?:[0-7]{1,3}|x[0-9a-fA-F]{1,2}|.))'/u;

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };

function characterCode(body: string): number {
  if (!body.startsWith("\\")) return body.codePointAt(0) ?? 0;
  const escape = body.slice(1);
  if (/^[0-7]+$/.test(escape)) return Number.parseInt(escape, 8);
  if (escape.startsWith("x") && escape.length > 1) return Number.parseInt(escape.slice(1), 16);
  return ESCAPES[escape] ?? escape.charCodeAt(0);
}

/** True if an expression can end with this token, so that a binary operator may follow. */
export function endsOperand(token: Token | undefined): boolean {
  return (
    is(token, T.identifier) ||
    is(token, T.integer) ||
    is(token, T.constant) ||
    is(token, T.rightParen) ||
    is(token, T.rightBracket) ||
    is(token, T.greater) ||
    token?.image === "true" ||
    token?.image === "false"
  );
}

/** Positions of a text in another, searched forwards only, so that many questions cost one pass. */
class Positions {
  private readonly text: string;
  private readonly wanted: string;
  private found = -2;
  constructor(text: string, wanted: string) {
    this.text = text;
    this.wanted = wanted;
  }
  /** The first position at or after `from`; -1 if there is none. */
  next(from: number): number {
    if (this.found === -1 || this.found >= from) {
      if (this.found === -1 || this.lastFrom <= from) return this.found;
    }
    this.lastFrom = from;
    this.found = this.text.indexOf(this.wanted, from);
    return this.found;
  }
  private lastFrom = 0;
}
