// Missing and surplus punctuation: semicolons, brackets, commas, braces of blocks.

import { diagnose, type Diagnostic } from "../../source/diagnostic.ts";
import { is, isReserved, T, touches } from "../tokens.ts";
import {
  after,
  describe,
  insertion,
  isKeyword,
  isNegativeLiteral,
  made,
  matching,
  onNewLine,
  removal,
  replacement,
  span,
  spanOf,
  startsKeywordStatement,
  startsStatement,
  standIn,
  startToken,
  statementEnd,
  textBetween,
  tokenAt,
  type Edit,
  type Explanation,
  type Recogniser,
  type Trouble,
} from "./trouble.ts";

export const punctuationMistakes: readonly Recogniser[] = [
  surplusParenthesis,
  missingParenthesis,
  negativeShape,
  missingFunctionBrace,
  missingParameters,
  missingParameterEnd,
  missingBody,
  missingComma,
  missingSemicolon,
  unexpectedAfterExpression,
];

/** `x = a);` */
function surplusParenthesis(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const wanted = ["semicolon", "leftBrace", "comma", "greater"].includes(trouble.expected);
  if (!wanted || !is(found, T.rightParen)) return null;
  return { diagnostic: diagnose("P0206", span(found)), edits: [removal(trouble.at, 1)] };
}

/** `x = (a + b;`, `f(a, b;`, `if (a {` */
function missingParenthesis(trouble: Trouble): Explanation | null {
  if (trouble.expected !== "rightParen") return null;
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  if (trouble.rule === "parameters" && is(found, T.semicolon)) {
    const comma = standIn(found, T.comma, ",");
    return {
      diagnostic: diagnose("P0201", span(found), { expected: "`,` or `)`", found: "`;`" }),
      edits: [replacement(trouble.at, 1, [comma])],
    };
  }
  const ends =
    is(found, T.semicolon) ||
    is(found, T.leftBrace) ||
    is(found, T.rightBrace) ||
    is(found, T.end) ||
    (startsKeywordStatement(found) && onNewLine(trouble, before, found));
  if (!ends) return null;
  const open = openParenthesis(trouble);
  const related = open === null ? [] : [{ span: span(open), text: "this `(` is not closed" }];
  return {
    diagnostic: diagnose("P0203", after(before), {}, { related }),
    edits: [insertion(trouble.at, [made(T.rightParen, ")", before.end)])],
  };
}

function openParenthesis(trouble: Trouble): Trouble["tokens"][number] | null {
  let depth = 0;
  for (let i = trouble.at - 1; i >= trouble.start; i--) {
    const token = trouble.tokens[i];
    if (token === undefined) break;
    if (is(token, T.rightParen)) depth++;
    if (is(token, T.leftParen) && depth-- === 0) return token;
  }
  return null;
}

/** `if c x = 1;`, `while (c);`, `else x = 1;` */
function missingBody(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const header = startToken(trouble);
  const isHeader =
    isKeyword(header, "if", "while", "else") && ["leftBrace", "elseHeader"].includes(trouble.expected);
  if (!isHeader || opensLater(trouble)) return null;
  const isElseIf = isKeyword(header, "else") && isKeyword(startToken(trouble, 1), "if");
  const keyword = isElseIf ? "else if" : header.image;
  const diagnostic = diagnose("P0209", after(before), { keyword, found: describe(found) });
  const open = made(T.leftBrace, "{", before.end);
  const bodyEnd = statementEnd(trouble.tokens, trouble.at);
  const closing = trouble.tokens[bodyEnd + 1];
  const closesHere =
    bodyEnd > 0 && is(closing, T.rightBrace) && !onNewLine(trouble, header, closing ?? header);
  if (closesHere || trouble.layout.closesBelow(trouble.tokens, header, trouble.at)) {
    return { diagnostic: missingOpener(trouble), edits: [insertion(trouble.at, [open])] };
  }
  if (is(found, T.semicolon)) {
    const close = made(T.rightBrace, "}", found.end);
    return { diagnostic, edits: [replacement(trouble.at, 1, [open, close])] };
  }
  const isWord = is(found, T.identifier) && ["then", "do"].includes(found.image);
  if (isWord && is(tokenAt(trouble, 1), T.leftBrace)) return { diagnostic, edits: [removal(trouble.at, 1)] };
  const body = tokenAt(trouble, isWord ? 1 : 0);
  const isSimple = startsStatement(body) && !isKeyword(body, "if", "while", "else", "try");
  if (bodyEnd < 0 || !isSimple) return { diagnostic };
  const close = made(T.rightBrace, "}", trouble.tokens[bodyEnd]?.end ?? found.end);
  return {
    diagnostic,
    edits: [replacement(trouble.at, isWord ? 1 : 0, [open]), insertion(bodyEnd + 1, [close])],
  };
}

/** The `{` stands further right on the line: what is missing is an operator. */
function opensLater(trouble: Trouble): boolean {
  for (let at = trouble.at; ; at++) {
    const token = trouble.tokens[at];
    if (token === undefined || is(token, T.end) || is(token, T.semicolon)) return false;
    if (at > trouble.at && onNewLine(trouble, trouble.tokens[at - 1] ?? token, token)) return false;
    if (is(token, T.leftBrace)) return true;
  }
}

/** The block is closed but was never opened. */
function missingOpener(trouble: Trouble): Diagnostic {
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const place = onNewLine(trouble, before, found) ? after(before) : span(found);
  return diagnose("P0201", place, { expected: "`{`", found: describe(found) });
}

/** `fun f() return 1; }` */
function missingFunctionBrace(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const wanted =
    trouble.expected === "leftBrace" && ["functionDeclaration", "tryHeader"].includes(trouble.rule);
  if (!wanted || !startsStatement(found)) return null;
  const open = made(T.leftBrace, "{", tokenAt(trouble, -1).end);
  return { diagnostic: missingOpener(trouble), edits: [insertion(trouble.at, [open])] };
}

/** `fun f(a {` or `fun f( {` before a body: its `{` was taken for a shape. */
function missingParameterEnd(trouble: Trouble): Explanation | null {
  const brace = tokenAt(trouble, -1);
  const open = tokenAt(trouble, -2);
  const isHeader = isKeyword(startToken(trouble), "fun", "inline", "export");
  const found = tokenAt(trouble);
  const isBody = startsKeywordStatement(found) || is(found, T.annotation) || looksLikeStatement(trouble);
  if (!isHeader || trouble.rule !== "shape" || !is(brace, T.leftBrace) || !isBody) return null;
  const related = is(open, T.leftParen) ? [{ span: span(open), text: "this `(` is not closed" }] : [];
  const diagnostic = diagnose("P0203", after(open), {}, { related });
  return { diagnostic, edits: [insertion(trouble.at - 1, [made(T.rightParen, ")", open.end)])] };
}

/** `fun f {` */
function missingParameters(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (trouble.rule !== "parameters" || trouble.expected !== "leftParen") return null;
  const before = tokenAt(trouble, -1);
  const help = `a function without parameters is written \`fun ${before.image}()\``;
  const parameters = { expected: "`(` and the parameters", found: describe(found) };
  const diagnostic = diagnose("P0201", after(before), parameters, { help });
  if (!is(found, T.leftBrace)) return { diagnostic };
  const parens = [made(T.leftParen, "(", before.end), made(T.rightParen, ")", before.end)];
  return { diagnostic, edits: [insertion(trouble.at, parens)] };
}

/** `fun -1 f()` */
function negativeShape(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const next = tokenAt(trouble, 1);
  if (!isNegativeLiteral(found, next)) return null;
  if (trouble.expected !== "shape" && trouble.expected !== "identifier") return null;
  const diagnostic = diagnose("P0235", spanOf(found, next), { text: `-${next.image}` });
  return { diagnostic, edits: [replacement(trouble.at, 2, [made(T.integer, "1", found.startOffset)])] };
}

/** Between arguments, parameters, fields. */
function missingComma(trouble: Trouble): Explanation | null {
  const lists = ["arguments", "parameters", "rawStruct", "fieldValues", "structDeclaration", "shape"];
  const pairs = ["store", "sharedAccess"];
  const isList =
    lists.includes(trouble.rule) && ["rightParen", "greater", "rightBrace"].includes(trouble.expected);
  const isPair = pairs.includes(trouble.rule) && trouble.expected === "comma";
  if (!isList && !(isPair && !hasCommaLater(trouble))) return null;
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const isItem =
    is(found, T.identifier) ||
    is(found, T.integer) ||
    is(found, T.constant) ||
    is(found, T.leftParen) ||
    (is(found, T.leftBrace) && trouble.rule === "shape") ||
    isKeyword(found, "true", "false", "lds", "ld8", "ld32");
  if (is(found, T.semicolon) && trouble.rule === "structDeclaration") return semicolonFields(trouble);
  if (onNewLine(trouble, before, found) && looksLikeStatement(trouble)) return missingCloser(trouble);
  if (trouble.rule === "shape" && endsShapedName(trouble)) {
    const diagnostic = diagnose("P0201", after(before), {
      expected: "`,` or `}` of the shape",
      found: describe(found),
    });
    return { diagnostic, edits: [insertion(trouble.at, [made(T.rightBrace, "}", before.end)])] };
  }
  const glued = is(before, T.integer) && touches(before, found);
  if (!isItem || glued || is(before, T.leftParen)) return null;
  const diagnostic = diagnose("P0210", after(before), { found: describe(found) });
  return { diagnostic, edits: [insertion(trouble.at, [made(T.comma, ",", before.end)])] };
}

/** At the name after a shape: `(` or `=` follows. */
function endsShapedName(trouble: Trouble): boolean {
  const next = tokenAt(trouble, 1);
  return is(tokenAt(trouble), T.identifier) && (is(next, T.leftParen) || is(next, T.assign));
}

/** A comma of the statement follows: then what is missing here is an operator. */
function hasCommaLater(trouble: Trouble): boolean {
  let depth = 0;
  for (let at = trouble.at; ; at++) {
    const token = trouble.tokens[at];
    if (token === undefined || is(token, T.semicolon) || is(token, T.end)) return false;
    if (is(token, T.leftParen)) depth++;
    if (is(token, T.rightParen)) depth--;
    if (is(token, T.comma) && depth === 0) return true;
  }
}

/** `struct s { a; b; }`: one message for all of them. */
function semicolonFields(trouble: Trouble): Explanation {
  const edits: Edit[] = [];
  for (let at = trouble.at; at < trouble.tokens.length; at++) {
    const token = trouble.tokens[at];
    if (token === undefined || is(token, T.rightBrace) || is(token, T.end)) break;
    if (!is(token, T.semicolon)) continue;
    const isLast = is(trouble.tokens[at + 1], T.rightBrace);
    edits.push(replacement(at, 1, isLast ? [] : [standIn(token, T.comma, ",")]));
  }
  const isOnly = is(tokenAt(trouble, 1), T.rightBrace);
  const place = span(tokenAt(trouble));
  const diagnostic = isOnly
    ? diagnose("P0211", place, { found: "`;`" })
    : diagnose(
        "P0201",
        place,
        { expected: "`,`", found: "`;`" },
        { help: "fields of a struct are separated by `,`" },
      );
  return { diagnostic, edits };
}

/** `x = f(1` or `x = <1` at the end of a line: the next line is a statement. The `;` is missing with the bracket. */
function missingCloser(trouble: Trouble): Explanation | null {
  const before = tokenAt(trouble, -1);
  const isStruct = trouble.expected === "greater";
  const closer = isStruct ? made(T.greater, ">", before.end) : made(T.rightParen, ")", before.end);
  const open = isStruct ? null : openParenthesis(trouble);
  const related = open === null ? [] : [{ span: span(open), text: "this `(` is not closed" }];
  const expected = { expected: "`,` or `>` of the struct", found: describe(tokenAt(trouble)) };
  const diagnostic = isStruct
    ? diagnose("P0201", after(before), expected)
    : diagnose("P0203", after(before), {}, { related });
  return { diagnostic, edits: [insertion(trouble.at, [closer, made(T.semicolon, ";", before.end)])] };
}

/** What follows is on the next line, or ends the block: the mistake is where the statement ends. */
function missingSemicolon(trouble: Trouble): Explanation | null {
  if (trouble.expected !== "semicolon") return null;
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const isNext =
    is(found, T.rightBrace) ||
    is(found, T.end) ||
    onNewLine(trouble, before, found) ||
    startsKeywordStatement(found) ||
    looksLikeStatement(trouble);
  if (!isNext) return null;
  const diagnostic = diagnose("P0202", after(before), { found: describe(found) });
  return { diagnostic, edits: [insertion(trouble.at, [made(T.semicolon, ";", before.end)])] };
}

/** `x = 1 y = 2;` on one line: a name with `=` or a call. */
function looksLikeStatement(trouble: Trouble): boolean {
  const found = tokenAt(trouble);
  const next = tokenAt(trouble, 1);
  if (touches(tokenAt(trouble, -1), found)) return false;
  if (is(found, T.foreign)) return true;
  if (!is(found, T.identifier)) return false;
  if (is(next, T.assign)) return true;
  if (!is(next, T.leftParen)) return false;
  const close = matching(trouble.tokens, trouble.at + 1);
  return close > 0 && is(trouble.tokens[close + 1], T.semicolon);
}

/** `x = 12abc;`, `x = a and b;`, `x = a b;` */
function unexpectedAfterExpression(trouble: Trouble): Explanation | null {
  const afterExpression = ["semicolon", "rightParen", "comma", "greater", "leftBrace"].includes(
    trouble.expected,
  );
  if (!afterExpression) return null;
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  if (is(before, T.integer) && is(found, T.identifier) && touches(before, found)) {
    const place = spanOf(before, found);
    return {
      diagnostic: diagnose("P0115", place, { text: textBetween(trouble, place.start, place.end) }),
      edits: [removal(trouble.at, 1)],
    };
  }
  const closer: Readonly<Record<string, string>> = {
    semicolon: "`;`",
    rightParen: "`)`",
    comma: "`,`",
    greater: "`>` of the struct",
    leftBrace: "`{`",
  };
  const isOperand = is(found, T.identifier) || is(found, T.integer) || is(found, T.constant);
  if (!isOperand || trouble.rule === "parameters") return null;
  const isWordStatement = trouble.at === trouble.start + 1 && isReserved(before);
  const expected = `${isWordStatement ? "" : "an operator or "}${closer[trouble.expected] ?? ""}`;
  return { diagnostic: diagnose("P0201", span(found), { expected, found: describe(found) }) };
}
