// Mistakes that the beginning of a statement tells: statements of C, of older Pancake, misspelt keywords.

import { diagnose } from "../../source/diagnostic.ts";
import { is, keyword, keywords, T, touches, type Token } from "../tokens.ts";
import { nearest } from "./nearest.ts";
import {
  after,
  describe,
  insertion,
  isKeyword,
  isOperator,
  made,
  matching,
  onNewLine,
  removal,
  replacement,
  span,
  spanOf,
  standIn,
  shapeEnd,
  startToken,
  statementEnd,
  tokenAt,
  type Explanation,
  type Recogniser,
  type Trouble,
} from "./trouble.ts";

export const statementMistakes: readonly Recogniser[] = [
  oldWord,
  foreignStatement,
  typedDeclaration,
  changeByOne,
  compoundAssignment,
  fieldAssignment,
  pointerStatement,
  sharedWithoutMark,
  sharedMark,
  misspeltKeyword,
  keywordAsName,
  noInitialValue,
  missingAssign,
  missingVar,
  operandCount,
  strayCatch,
  expressionStatement,
];

const atStart = (trouble: Trouble): boolean => trouble.at === trouble.start;

/** `raise E v;`, `... handle E => v`: words of Pancake before August 2026. */
function oldWord(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  if (is(start, T.identifier) && start.image === "raise" && is(startToken(trouble, 1), T.identifier)) {
    const diagnostic = diagnose("P0229", span(start), { old: "raise", now: "`throw E value;`" });
    return {
      diagnostic,
      edits: [replacement(trouble.start, 1, [standIn(start, keyword("throw"), "throw")])],
    };
  }
  const found = tokenAt(trouble);
  if (!is(found, T.identifier) || !["handle", "with"].includes(found.image)) return null;
  const now = "`try x = f(args) catch E => v { ... }`";
  const diagnostic = diagnose("P0229", span(found), { old: found.image, now });
  if (!isKeyword(start, "try")) return { diagnostic };
  return { diagnostic, edits: [replacement(trouble.at, 1, [standIn(found, keyword("catch"), "catch")])] };
}

/** What Pancake has in place of statements of other languages. */
const FOREIGN: Readonly<Record<string, string>> = {
  for: "count in a variable: `var i = 0; while i < n { ...; i = i + 1; }`",
  do: "write `while 1 { ...; if !c { break; } }`",
  loop: "write `while 1 { ... }`",
  until: "write `while !c { ... }`",
  switch: "compare in turn: `if x == 1 { ... } else { if x == 2 { ... } }`",
  case: "compare in turn: `if x == 1 { ... } else { if x == 2 { ... } }`",
  default: "the last `else` of a chain of `if` is the default",
  goto: "use `while`, `break` and `continue`",
  print: "write bytes with a foreign call, for example `@putchar(c, 0, 0, 0);`",
  printf: "write bytes with a foreign call, for example `@putchar(c, 0, 0, 0);`",
};

function foreignStatement(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const help = FOREIGN[start.image];
  if (!is(start, T.identifier) || help === undefined || is(startToken(trouble, 1), T.assign)) return null;
  const diagnostic = diagnose("P0215", span(start), { word: start.image }, { help });
  switch (start.image) {
    case "for":
      return { diagnostic, ...edited(forAsWhile(trouble)) };
    case "do":
      return { diagnostic, ...edited(doAsBlock(trouble)) };
    case "switch":
      return { diagnostic, ...edited(switchAsSkip(trouble)) };
    default:
      return { diagnostic };
  }
}

function edited(edits: Explanation["edits"]): Pick<Explanation, "edits"> {
  return edits === undefined ? {} : { edits };
}

/** `for (...) {` becomes `while 1 {`, so that the body is read. */
function forAsWhile(trouble: Trouble): Explanation["edits"] {
  const open = trouble.start + 1;
  const close = is(trouble.tokens[open], T.leftParen) ? matching(trouble.tokens, open) : -1;
  if (close < 0 || !is(trouble.tokens[close + 1], T.leftBrace)) return undefined;
  const start = startToken(trouble);
  const header = [standIn(start, keyword("while"), "while"), made(T.integer, "1", start.end)];
  return [replacement(trouble.start, close - trouble.start + 1, header)];
}

/** `do { ... } while (c);` becomes `{ ... };`. */
function doAsBlock(trouble: Trouble): Explanation["edits"] {
  const open = trouble.start + 1;
  const close = is(trouble.tokens[open], T.leftBrace) ? matching(trouble.tokens, open) : -1;
  const end = close < 0 ? -1 : statementEnd(trouble.tokens, close + 1);
  if (end < 0) return undefined;
  return [removal(trouble.start, 1), removal(close + 1, end - close - 1)];
}

/** `switch (x) { ... }` becomes `skip;`: its labels cannot be read. */
function switchAsSkip(trouble: Trouble): Explanation["edits"] {
  const open = trouble.tokens.findIndex((token, i) => i > trouble.start && is(token, T.leftBrace));
  const close = open < 0 ? -1 : matching(trouble.tokens, open);
  if (close < 0) return undefined;
  const start = startToken(trouble);
  const skip = [standIn(start, keyword("skip"), "skip"), made(T.semicolon, ";", start.end)];
  return [replacement(trouble.start, close - trouble.start + 1, skip)];
}

const TYPE_WORDS = new Set(
  [
    ..."int unsigned signed long short char bool word let auto const static volatile local val".split(" "),
  ].concat([8, 16, 32, 64].flatMap((bits) => [`uint${bits}_t`, `int${bits}_t`, `u${bits}`, `i${bits}`])),
);

/** `int x = 1;`, `uint64_t x;`, `let x = 1;`, `const N = 1;` in a function. */
function typedDeclaration(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const second = startToken(trouble, 1);
  const third = startToken(trouble, 2);
  const declares = is(third, T.assign) || is(third, T.semicolon) || is(third, T.comma);
  if (!is(start, T.identifier) || !is(second, T.identifier)) return null;
  if (!TYPE_WORDS.has(start.image) && (!declares || nearest(start.image, statementWords) !== null))
    return null;
  if (!declares)
    return { diagnostic: diagnose("P0214", span(start), { word: start.image, name: second.image }) };
  const diagnostic = diagnose("P0214", span(start), { word: start.image, name: second.image });
  const zero = [made(T.assign, "=", second.end), made(T.missing, "", second.end)];
  return {
    diagnostic,
    edits: [
      replacement(trouble.start, 1, [standIn(start, keyword("var"), "var")]),
      ...(is(third, T.semicolon) ? [insertion(trouble.start + 2, zero)] : []),
    ],
  };
}

/** `x++;`, `++x;`, `x--;`, `--x;` */
function changeByOne(trouble: Trouble): Explanation | null {
  const tokens = [startToken(trouble), startToken(trouble, 1), startToken(trouble, 2)] as const;
  const [first, second, third] = tokens;
  const isSign = (a: Token, b: Token): boolean =>
    a.image === b.image && touches(a, b) && (isOperator(a, "+") || is(a, T.minus));
  const postfix = is(first, T.identifier) && isSign(second, third);
  const prefix = isSign(first, second) && is(third, T.identifier);
  if (!postfix && !prefix) return null;
  const sign = postfix ? second : first;
  const name = postfix ? first : third;
  const place = postfix ? spanOf(second, third) : spanOf(first, second);
  const diagnostic = diagnose("P0217", place, {
    text: sign.image + sign.image,
    sign: sign.image,
    name: name.image,
  });
  const plain = [name, made(T.assign, "=", name.end), name, made(sign.tokenType, sign.image, name.end)];
  return { diagnostic, edits: [replacement(trouble.start, 3, [...plain, made(T.integer, "1", name.end)])] };
}

/** `x += e;`: the operator is one token, the `=` the next. (`x &= e;` is one unknown symbol for the lexer.) */
function compoundAssignment(trouble: Trouble): Explanation | null {
  const name = startToken(trouble);
  const operator = startToken(trouble, 1);
  const assign = startToken(trouble, 2);
  const isBinary = isOperator(operator, "+", "*", "^") || is(operator, T.minus);
  if (!is(name, T.identifier) || !isBinary || !is(assign, T.assign) || !touches(operator, assign))
    return null;
  const help = `write \`${name.image} = ${name.image} ${operator.image} ...;\``;
  const diagnostic = diagnose("P0116", spanOf(operator, assign), { text: `${operator.image}=` }, { help });
  return { diagnostic, edits: [replacement(trouble.start + 1, 2, [assign, name, operator])] };
}

/** `s.f = 1;` */
function fieldAssignment(trouble: Trouble): Explanation | null {
  const name = startToken(trouble);
  if (!is(name, T.identifier) || !is(startToken(trouble, 1), T.dot)) return null;
  let at = trouble.start + 1;
  while (is(trouble.tokens[at], T.dot)) at += 2;
  const last = trouble.tokens[at - 1] ?? name;
  if (!is(trouble.tokens[at], T.assign)) return null;
  return { diagnostic: diagnose("P0220", spanOf(name, last), { name: name.image }) };
}

/** `*p = 1;` */
function pointerStatement(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  if (!isOperator(start, "*")) return null;
  const next = startToken(trouble, 1);
  const name = is(next, T.identifier) ? next.image : "p";
  const help = `store a word with \`st ${name}, e;\`, a byte with \`st8 ${name}, e;\``;
  return { diagnostic: diagnose("P0221", span(start), { text: "*" }, { help }) };
}

const MARKED: Readonly<Record<string, string>> = {
  ld8: "a shared load is `!ld8 x, address;`; a local one stands in an expression: `x = ld8 address;`",
  ld16: "a shared load is `!ld16 x, address;`; local memory has no 16-bit access",
  ld32: "a shared load is `!ld32 x, address;`; a local one stands in an expression: `x = ld32 address;`",
  ldw: "a shared load is `!ldw x, address;`; a local one stands in an expression: `x = lds 1 address;`",
  lds: "loads stand in expressions: `x = lds 1 address;`",
  st16: "a shared store is `!st16 address, e;`; local memory has no 16-bit access",
  stw: "a shared store is `!stw address, e;`; a local one is `st address, e;`",
};

/** `ldw x, a;` and `stw a, e;` without the `!`. */
function sharedWithoutMark(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const help = MARKED[start.image];
  if (!atStart(trouble) || help === undefined) return null;
  const diagnostic = diagnose("P0228", span(start), { text: start.image }, { help });
  const mark = made(T.not, "!", start.startOffset);
  return isKeyword(start, "lds") ? { diagnostic } : { diagnostic, edits: [insertion(trouble.start, [mark])] };
}

/** `!st a, e;`, `!x = 1;` */
function sharedMark(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (trouble.expected !== "sharedAccess") return null;
  const fixed = isKeyword(found, "st") ? "stw" : isKeyword(found, "lds") ? "ldw" : null;
  const diagnostic = diagnose("P0241", span(found), { found: describe(found) });
  if (fixed === null) return { diagnostic };
  return { diagnostic, edits: [replacement(trouble.at, 1, [standIn(found, keyword(fixed), fixed)])] };
}

const statementWords = [..."skip if else while break continue return throw try catch tick var".split(" ")];

/** `retrun x;`, `whlie c {`. */
function misspeltKeyword(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const second = startToken(trouble, 1);
  if (!is(start, T.identifier) || is(second, T.assign)) return null;
  const isCall = is(second, T.leftParen) && trouble.expected !== "semicolon";
  const meant = isCall ? null : nearest(start.image, statementWords);
  if (meant === null) return null;
  const diagnostic = diagnose("P0242", span(start), { word: start.image, meant });
  return { diagnostic, edits: [replacement(trouble.start, 1, [standIn(start, keyword(meant), meant)])] };
}

/** `var in = 1;`, `st = 3;`, `f(tick)`: a keyword where a name must stand. */
function keywordAsName(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const isName = trouble.expected === "identifier";
  const isTarget = is(tokenAt(trouble, 1), T.assign) && (atStart(trouble) || trouble.expected === "operand");
  const target = isTarget && !atStart(trouble) ? null : found;
  if (target !== null && keywords.has(target.image) && (isName || isTarget)) {
    const diagnostic = diagnose("P0212", span(target), { keyword: target.image });
    const name = standIn(target, T.identifier, target.image);
    return { diagnostic, edits: [replacement(trouble.at, 1, [name])] };
  }
  // `st = 3;`: the statement began as a store.
  const start = startToken(trouble);
  if (!is(found, T.assign) || trouble.at !== trouble.start + 1 || !keywords.has(start.image)) return null;
  const diagnostic = diagnose("P0212", span(start), { keyword: start.image });
  return { diagnostic, edits: [replacement(trouble.start, 1, [standIn(start, T.identifier, start.image)])] };
}

/** `var x;` */
function noInitialValue(trouble: Trouble): Explanation | null {
  const isVariable = trouble.rule === "localDeclaration" || trouble.rule === "globalDeclaration";
  const found = tokenAt(trouble);
  if (!isVariable || trouble.expected !== "assign") return null;
  if (!is(found, T.semicolon) && !is(found, T.comma)) return null;
  const before = tokenAt(trouble, -1);
  const diagnostic = diagnose("P0213", after(before), { name: before.image });
  if (is(found, T.comma)) return { diagnostic };
  const zero = [made(T.assign, "=", before.end), made(T.missing, "", before.end)];
  return { diagnostic, edits: [insertion(trouble.at, zero)] };
}

/** `var x 3;` */
function missingAssign(trouble: Trouble): Explanation | null {
  const isVariable = trouble.rule === "localDeclaration" || trouble.rule === "globalDeclaration";
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const isValue =
    is(found, T.integer) ||
    is(found, T.identifier) ||
    is(found, T.constant) ||
    is(found, T.less) ||
    is(found, T.leftParen) ||
    isKeyword(found, "lds", "ld8", "ld32", "true", "false");
  if (!isVariable || trouble.expected !== "assign" || !isValue) return null;
  const diagnostic = diagnose("P0201", span(found), { expected: "`=`", found: describe(found) });
  return { diagnostic, edits: [insertion(trouble.at, [made(T.assign, "=", before.end)])] };
}

/** `1 x = 3;`: the `var` is missing. */
function missingVar(trouble: Trouble): Explanation | null {
  const after = shapeEnd(trouble.tokens, trouble.start);
  const isDeclaration =
    after > 0 && is(trouble.tokens[after], T.identifier) && is(trouble.tokens[after + 1], T.assign);
  if (!atStart(trouble) || !isDeclaration) return null;
  const start = startToken(trouble);
  const diagnostic = diagnose("P0201", span(start), {
    expected: "`var` before the shape",
    found: describe(start),
  });
  return { diagnostic, edits: [insertion(trouble.start, [made(keyword("var"), "var", start.startOffset)])] };
}

/** `st p;`, `st p, 1, 2;`, `!ldw x;` */
function operandCount(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const start = startToken(trouble);
  const isAccess = isKeyword(start, "st", "st8", "st32") || is(start, T.not);
  if (!isAccess) return null;
  const word = is(start, T.not) ? `!${startToken(trouble, 1).image}` : start.image;
  const isLoad = word.startsWith("!ld");
  const operands = isLoad ? "a variable and an address" : "an address and a value";
  const before = tokenAt(trouble, -1);
  if (trouble.expected === "comma" && is(found, T.semicolon)) {
    const diagnostic = diagnose("P0225", after(before), { word, operands });
    const rest = [made(T.comma, ",", before.end), made(T.missing, "", before.end)];
    return { diagnostic, edits: [insertion(trouble.at, rest)] };
  }
  if (trouble.expected !== "semicolon" || !is(found, T.comma)) return null;
  return { diagnostic: diagnose("P0225", span(found), { word, operands }) };
}

/** `catch` without `try`, `try` before a block. */
function strayCatch(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const start = startToken(trouble);
  const isBlock = isKeyword(start, "try") && is(found, T.leftBrace) && trouble.at === trouble.start + 1;
  const isStray = isKeyword(start, "catch") && atStart(trouble);
  if (trouble.expected === "semicolon" && isKeyword(found, "catch")) {
    const diagnostic = diagnose("P0249", span(found));
    return {
      diagnostic,
      edits: [insertion(trouble.start, [made(keyword("try"), "try", start.startOffset)])],
    };
  }
  if (!isBlock && !isStray) return null;
  const diagnostic = diagnose("P0249", span(isBlock ? start : found));
  const edits = isBlock ? tryAsBlocks(trouble) : undefined;
  return edits === undefined ? { diagnostic } : { diagnostic, edits };
}

/** `try { ... } catch E => v { ... }` becomes two nested blocks. */
function tryAsBlocks(trouble: Trouble): Explanation["edits"] {
  const close = matching(trouble.tokens, trouble.at);
  const isCaught = close > 0 && isKeyword(trouble.tokens[close + 1] ?? startToken(trouble), "catch");
  const open = trouble.tokens.findIndex((token, i) => i > close && is(token, T.leftBrace));
  const end = isCaught && open > 0 ? matching(trouble.tokens, open) : -1;
  const last = trouble.tokens[end];
  if (last === undefined) return undefined;
  const semicolon = made(T.semicolon, ";", last.end);
  return [
    removal(trouble.start, 1),
    replacement(close + 1, open - close - 1, [semicolon]),
    insertion(end + 1, [semicolon]),
  ];
}

/** `x;`, `3 + 4;`, `(f)(1);` */
function expressionStatement(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const found = tokenAt(trouble);
  const goesOn = !is(found, T.leftBracket) && !is(found, T.colon) && !is(found, T.identifier);
  const isName = is(start, T.identifier) && trouble.expected === "nameStatement" && goesOn;
  const isOther =
    atStart(trouble) && (is(start, T.integer) || is(start, T.leftParen) || is(start, T.constant));
  const isTruth = atStart(trouble) && isKeyword(start, "true", "false");
  if (!isName && !isOther && !isTruth) return null;
  const end = statementEnd(trouble.tokens, trouble.start);
  const last = trouble.tokens[end - 1] ?? start;
  if (end < 0 || onNewLine(trouble, start, last)) return null;
  return { diagnostic: diagnose("P0243", spanOf(start, last), {}) };
}
