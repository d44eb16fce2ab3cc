// Mistakes at the top level: signatures written as in other languages, statements outside functions, stray braces.

import { diagnose } from "../../source/diagnostic.ts";
import { is, isReserved, keyword, keywords, T, type Token } from "../tokens.ts";
import { nearest } from "./nearest.ts";
import {
  after,
  describe,
  insertion,
  isKeyword,
  made,
  onNewLine,
  matching,
  removal,
  replacement,
  span,
  spanOf,
  standIn,
  shapeEnd,
  startToken,
  tokenAt,
  type Explanation,
  type Recogniser,
  type Trouble,
} from "./trouble.ts";

export const declarationMistakes: readonly Recogniser[] = [
  straySemicolon,
  strayBrace,
  conditionalWord,
  missingWord,
  functionWord,
  typedDeclaration,
  statementOutside,
  misspeltKeyword,
  inlineOrder,
  keywordAsName,
  resultAfterName,
  noBody,
  shapeAfterName,
  noInitialValue,
  noExceptionShape,
  emptyStruct,
  anonymousFunction,
];

const atStart = (trouble: Trouble): boolean => trouble.at === trouble.start;

/** `};` after a function or a struct. */
function straySemicolon(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!atStart(trouble) || !is(found, T.semicolon)) return null;
  return { diagnostic: diagnose("P0207", span(found)), edits: [removal(trouble.at, 1)] };
}

function strayBrace(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!atStart(trouble) || !is(found, T.rightBrace)) return null;
  return { diagnostic: diagnose("P0205", span(found)), edits: [removal(trouble.at, 1)] };
}

const FUNCTION_WORDS = new Set([..."function func fn def proc procedure sub".split(" ")]);

/** `function f() {`, `def f():` */
function functionWord(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  if (!FUNCTION_WORDS.has(start.image) || !is(startToken(trouble, 1), T.identifier)) return null;
  return asFunction(trouble, start, 1);
}

/** `1 f(a) {`, `{1, 1} x = ...;`: the keyword before the shape is missing. */
function missingWord(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const after = shapeEnd(trouble.tokens, trouble.start);
  if (!atStart(trouble) || after < 0 || !is(trouble.tokens[after], T.identifier)) return null;
  const follower = trouble.tokens[after + 1];
  const word = is(follower, T.leftParen) ? "fun" : is(follower, T.assign) ? "var" : null;
  if (word === null) return null;
  const parameters = { expected: `\`${word}\` before the shape`, found: describe(start) };
  const diagnostic = diagnose("P0201", span(start), parameters);
  return { diagnostic, edits: [insertion(trouble.start, [made(keyword(word), word, start.startOffset)])] };
}

function asFunction(trouble: Trouble, start: Token, count: number): Explanation {
  const fun = standIn(start, keyword("fun"), "fun");
  const written = trouble.tokens.slice(trouble.start, trouble.start + count).map((token) => token.image);
  const diagnostic = diagnose("P0247", span(start), { word: written.join(" ") });
  return { diagnostic, edits: [replacement(trouble.start, count, [fun])] };
}

/** `int f() {`, `static void f() {`, `int x = 1;`, `let x = 1;` */
function typedDeclaration(trouble: Trouble): Explanation | null {
  let count = 0;
  while (is(startToken(trouble, count), T.identifier)) count++;
  if (count < 2) return null;
  const start = startToken(trouble);
  const name = startToken(trouble, count - 1);
  const follower = startToken(trouble, count);
  if (is(follower, T.leftParen)) return asFunction(trouble, start, count - 1);
  if (!is(follower, T.assign) && !is(follower, T.semicolon)) return null;
  const zero = [made(T.assign, "=", name.end), made(T.missing, "", name.end)];
  return {
    diagnostic: diagnose("P0214", span(start), { word: start.image, name: name.image }),
    edits: [
      replacement(trouble.start, count - 1, [standIn(start, keyword("var"), "var")]),
      ...(is(follower, T.semicolon) ? [insertion(trouble.start + count, zero)] : []),
    ],
  };
}

/** `const N;`, `import file;`: the conveniences with a mistake in them. */
function conditionalWord(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  if (!atStart(trouble) && trouble.expected !== "contextualDeclaration") return null;
  if (start.image === "import" && !is(startToken(trouble, 1), T.leftParen))
    return { diagnostic: diagnose("P0251", span(startToken(trouble, 1))) };
  if (start.image !== "const" || is(startToken(trouble, 1), T.leftParen)) return null;
  return { diagnostic: diagnose("P0252", span(startToken(trouble, 1))) };
}

/** `x = 1;`, `if c { ... }`, `@f(1, 2, 3, 4);` outside of functions. */
function statementOutside(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const second = startToken(trouble, 1);
  const isStatementWord = [
    ..."skip if else while break continue return throw try tick st st8 st32".split(" "),
  ];
  const isWord = isReserved(start) && isStatementWord.includes(start.image);
  const isName = is(start, T.identifier) && (is(second, T.assign) || is(second, T.leftParen));
  if (!isWord && !isName && !is(start, T.foreign) && !is(start, T.not)) return null;
  if (isName && is(second, T.leftParen)) {
    // `f() { ... }` is a function that lacks its `fun`.
    const close = matching(trouble.tokens, trouble.start + 1);
    if (close > 0 && is(trouble.tokens[close + 1], T.leftBrace)) {
      const fun = made(keyword("fun"), "fun", start.startOffset);
      const diagnostic = diagnose("P0247", span(start), { word: start.image });
      return { diagnostic, edits: [insertion(trouble.start, [fun])] };
    }
  }
  return { diagnostic: diagnose("P0233", span(start), { found: describe(start) }) };
}

const declarationWords = [..."fun inline export var struct exception".split(" ")];

/** `fnu f() {`, `strcut s {`. */
function misspeltKeyword(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  if (!is(start, T.identifier) || ["const", "import"].includes(start.image)) return null;
  const meant = nearest(start.image, declarationWords);
  if (meant === null) return null;
  const diagnostic = diagnose("P0242", span(start), { word: start.image, meant });
  return { diagnostic, edits: [replacement(trouble.start, 1, [standIn(start, keyword(meant), meant)])] };
}

/** `export inline fun`: the other way round. */
function inlineOrder(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (trouble.expected !== "'fun'" || !isKeyword(found, "inline")) return null;
  const before = tokenAt(trouble, -1);
  if (!isKeyword(before, "export")) return null;
  const diagnostic = diagnose("P0253", spanOf(before, found));
  return { diagnostic, edits: [replacement(trouble.at - 1, 2, [found, before])] };
}

function keywordAsName(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (onNewLine(trouble, tokenAt(trouble, -1), found)) return null;
  const isParameter = trouble.rule === "parameters" && trouble.expected === "rightParen";
  if ((trouble.expected !== "identifier" && !isParameter) || !keywords.has(found.image)) return null;
  const diagnostic = diagnose("P0212", span(found), { keyword: found.image });
  return { diagnostic, edits: [replacement(trouble.at, 1, [standIn(found, T.identifier, found.image)])] };
}

/** `fun f() -> 1 {`, `fun f(): 1 {` */
function resultAfterName(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (trouble.rule !== "functionDeclaration" || trouble.expected !== "leftBrace") return null;
  const isArrow = is(found, T.minus) && is(tokenAt(trouble, 1), T.greater);
  if (!isArrow && !is(found, T.colon) && !is(found, T.arrow)) return null;
  const end = trouble.tokens.findIndex((token, i) => i > trouble.at && is(token, T.leftBrace));
  const place = isArrow ? spanOf(found, tokenAt(trouble, 1)) : span(found);
  const diagnostic = diagnose("P0222", place, { what: "result", example: "`fun 1 f()`" });
  return end < 0 ? { diagnostic } : { diagnostic, edits: [removal(trouble.at, end - trouble.at)] };
}

/** `fun f(a);` */
function noBody(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const isHeader = trouble.rule === "functionDeclaration" && trouble.expected === "leftBrace";
  if (!isHeader || !is(found, T.semicolon)) return null;
  return { diagnostic: diagnose("P0246", after(tokenAt(trouble, -1))) };
}

/** `fun f(a: 1)`, `struct s { a: 1 }`, `var x: 1 = 2;` */
function shapeAfterName(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const rules = ["parameters", "structDeclaration", "globalDeclaration"];
  if (!rules.includes(trouble.rule) || !is(found, T.colon)) return null;
  const name = tokenAt(trouble, -1).image;
  const diagnostic = diagnose("P0222", span(found), { what: "shape", example: `\`1 ${name}\`` });
  const next = tokenAt(trouble, 1);
  if (is(next, T.identifier) || is(next, T.integer)) return { diagnostic, edits: [removal(trouble.at, 2)] };
  const close = is(next, T.leftBrace) ? matching(trouble.tokens, trouble.at + 1) : -1;
  return close < 0 ? { diagnostic } : { diagnostic, edits: [removal(trouble.at, close - trouble.at + 1)] };
}

/** `var x;` */
function noInitialValue(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (trouble.rule !== "globalDeclaration" || trouble.expected !== "assign" || !is(found, T.semicolon))
    return null;
  const before = tokenAt(trouble, -1);
  const zero = [made(T.assign, "=", before.end), made(T.missing, "", before.end)];
  return {
    diagnostic: diagnose("P0213", after(before), { name: before.image }),
    edits: [insertion(trouble.at, zero)],
  };
}

/** `exception E;` */
function noExceptionShape(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (trouble.rule !== "exceptionDeclaration" || trouble.expected !== "colon") return null;
  const before = tokenAt(trouble, -1);
  const colon = made(T.colon, ":", before.end);
  if (is(found, T.semicolon)) {
    const diagnostic = diagnose("P0237", after(before), { name: before.image });
    return { diagnostic, edits: [insertion(trouble.at, [colon, made(T.integer, "1", before.end)])] };
  }
  const diagnostic = diagnose("P0201", span(found), { expected: "`:` and a shape", found: describe(found) });
  const isShape = is(found, T.integer) || is(found, T.leftBrace) || is(found, T.identifier);
  return isShape ? { diagnostic, edits: [insertion(trouble.at, [colon])] } : { diagnostic };
}

/** `struct s { }` */
function emptyStruct(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const start = startToken(trouble);
  const isFirst = trouble.at === trouble.start + 3;
  if (!isKeyword(start, "struct") || !is(found, T.rightBrace) || !isFirst) return null;
  const diagnostic = diagnose("P0236", span(found), { name: startToken(trouble, 1).image });
  return { diagnostic, edits: [insertion(trouble.at, [made(T.identifier, "_", found.startOffset)])] };
}

/** `fun () {` */
function anonymousFunction(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const isName =
    trouble.expected === "identifier" && isKeyword(startToken(trouble), "fun", "inline", "export");
  if (!isName || !is(found, T.leftParen)) return null;
  const diagnostic = diagnose("P0201", span(found), { expected: "the name of the function", found: "`(`" });
  return { diagnostic, edits: [insertion(trouble.at, [made(T.identifier, "_", found.startOffset)])] };
}
