// The token types of Pancake, and tokens with positions.
//
// Binary operators that have no other use share one type (`Operator`); which one it is says the image. `<`, `>` and `-`
// have types of their own, because they also open structs, close them and sign literals. `-` is always one token: the
// parser forms negative literals, so that `x-1` is a subtraction (language reference, Q3).

import { createToken, EOF, Lexer, type IToken, type TokenType } from "chevrotain";
import type { Span } from "../source/span.ts";
import type { BinaryOp } from "./tree.ts";

function type(name: string): TokenType {
  return createToken({ name, pattern: Lexer.NA });
}

const KEYWORDS = [
  ..."skip if else while break continue return throw try catch tick var".split(" "),
  ..."st stw st8 st16 st32 lds ldw ld8 ld16 ld32".split(" "),
  ..."fun inline export struct exception true false in".split(" "),
] as const;

/** Token type of each keyword, by its spelling. */
export const keywords: ReadonlyMap<string, TokenType> = new Map(
  KEYWORDS.map((word) => [word, type(`'${word}'`)]),
);

/** The type of a keyword that exists. */
export function keyword(word: string): TokenType {
  const found = keywords.get(word);
  if (found === undefined) throw new Error(`${word} is not a keyword`);
  return found;
}

export const T = {
  identifier: type("identifier"),
  integer: type("integer"),
  string: type("string"),
  /** `@base`, `@top`, `@biw`. */
  constant: type("constant"),
  /** `@name`. */
  foreign: type("foreign"),
  annotation: type("annotation"),
  /** An operand that recovery makes up; the parser gives an error node for it. */
  missing: type("missing"),
  leftParen: type("leftParen"),
  rightParen: type("rightParen"),
  leftBrace: type("leftBrace"),
  rightBrace: type("rightBrace"),
  leftBracket: type("leftBracket"),
  rightBracket: type("rightBracket"),
  comma: type("comma"),
  semicolon: type("semicolon"),
  colon: type("colon"),
  dot: type("dot"),
  assign: type("assign"),
  arrow: type("arrow"),
  not: type("not"),
  minus: type("minus"),
  less: type("less"),
  greater: type("greater"),
  operator: type("operator"),
  end: EOF,
} as const;

export const vocabulary: TokenType[] = [...Object.values(T).filter((t) => t !== EOF), ...keywords.values()];

/** A token of the unit's text. `image` is its text; of annotations and strings the text between the delimiters. */
export class Token implements IToken {
  readonly image: string;
  readonly startOffset: number;
  /** Offset after the last character. */
  readonly end: number;
  readonly tokenType: TokenType;
  readonly tokenTypeIdx: number;
  constructor(tokenType: TokenType, image: string, startOffset: number, end: number) {
    this.image = image;
    this.startOffset = startOffset;
    this.end = end;
    this.tokenType = tokenType;
    this.tokenTypeIdx = tokenType.tokenTypeIdx ?? 0;
  }
}

export function is(token: Token | undefined, type: TokenType): boolean {
  return token !== undefined && token.tokenTypeIdx === type.tokenTypeIdx;
}

/** True if the token is a word that the language reserves. */
export function isReserved(token: Token): boolean {
  return token.tokenType.name.startsWith("'");
}

export function tokenSpan(token: Token): Span {
  return { start: token.startOffset, end: token.end };
}

/** The same for a token as Chevrotain hands it out; while it records the grammar these are not ours. */
export function spanOfToken(token: IToken): Span {
  return { start: token.startOffset, end: token instanceof Token ? token.end : token.startOffset };
}

/** From the first token to the end of the last one. */
export function spanBetween(first: Token, last: Token): Span {
  return { start: first.startOffset, end: Math.max(first.end, last.end) };
}

/** True if no character stands between the two. */
export function touches(first: Token | undefined, second: Token | undefined): boolean {
  return first !== undefined && second !== undefined && first.end === second.startOffset;
}

/** Group symbols with their types: starter `# = > < ! & |`, then the longest run of `= < > | & +`. */
export const groupSymbols: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ["=", T.assign],
  ["=>", T.arrow],
  ["!", T.not],
  ["<", T.less],
  [">", T.greater],
  ...[..."&& || & | == != <= >= <+ >+ <=+ >=+ << >> >>> #>>".split(" ")].map((text): [string, TokenType] => [
    text,
    T.operator,
  ]),
]);

/** Characters that are a token by themselves. */
export const singletons: ReadonlyMap<string, TokenType> = new Map<string, TokenType>([
  ["+", T.operator],
  ["-", T.minus],
  ["^", T.operator],
  ["*", T.operator],
  ["(", T.leftParen],
  [")", T.rightParen],
  [".", T.dot],
  [",", T.comma],
  [";", T.semicolon],
  [":", T.colon],
  ["[", T.leftBracket],
  ["]", T.rightBracket],
  ["{", T.leftBrace],
  ["}", T.rightBrace],
]);

export interface OperatorInfo {
  readonly op: BinaryOp;
  /** Loosest is 1 (language reference 2.3). */
  readonly level: number;
  /** False: at most one operator of its level in a row. */
  readonly chains: boolean;
}

/** The levels at which prefix loads stand among the operators: their operand is anything tighter. */
export const LOAD_LEVELS = { lds: 5, ld8: 6, ld32: 7 } as const;
/** The level of `!`; its operand is a primary with its fields. */
export const NOT_LEVEL = 14;

const levels: readonly (readonly [number, boolean, string])[] = [
  [1, true, "||"],
  [2, true, "&&"],
  [3, false, "== !="],
  [4, false, "< > <= >= <+ >+ <=+ >=+"],
  [8, true, "|"],
  [9, true, "^"],
  [10, true, "&"],
  [11, true, "<< >>> >> #>>"],
  [12, true, "+ -"],
  [13, true, "*"],
];

/** Every binary operator by its spelling. */
export const operators: ReadonlyMap<string, OperatorInfo> = new Map(
  levels.flatMap(([level, chains, texts]) =>
    // The texts above are exactly the members of BinaryOp.
    texts.split(" ").map((op): [string, OperatorInfo] => [op, { op: op as BinaryOp, level, chains }]),
  ),
);
