// Mistakes inside expressions: operators of C, calls and literals that Pancake writes another way.

import { diagnose } from "../../source/diagnostic.ts";
import { is, isReserved, T, touches, type Token } from "../tokens.ts";
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
  startToken,
  textBetween,
  tokenAt,
  type Explanation,
  type Recogniser,
  type Trouble,
} from "./trouble.ts";

export const expressionMistakes: readonly Recogniser[] = [
  emptyLeaving,
  arrayIndex,
  callOfValue,
  assignmentInside,
  arrowForComparison,
  wordOperator,
  trailingComma,
  increment,
  unarySign,
  pointerOperator,
  foreignInside,
  stringInside,
  braceLiteral,
  localHalfWord,
  keywordAsOperand,
  fieldAfterDot,
  missingOperand,
];

const isOperandWanted = (trouble: Trouble): boolean => trouble.expected === "operand";

/** Tokens after a complete operand, where the grammar wants to close something. */
function isAfterOperand(trouble: Trouble): boolean {
  return ["semicolon", "rightParen", "comma", "greater", "leftBrace", "nameStatement"].includes(
    trouble.expected,
  );
}

/** `return;`, `throw E;` */
function emptyLeaving(trouble: Trouble): Explanation | null {
  const start = startToken(trouble);
  const found = tokenAt(trouble);
  const ends = is(found, T.semicolon) || is(found, T.rightBrace) || isKeyword(found, "return", "var", "if");
  if (isKeyword(start, "throw") && trouble.at === trouble.start + 1 && is(found, T.semicolon)) {
    return { diagnostic: diagnose("P0216", after(start), { keyword: "throw", written: "throw E 0;" }) };
  }
  if (!isOperandWanted(trouble) || !ends || !isKeyword(start, "return", "throw")) return null;
  const isBare = isKeyword(start, "return")
    ? trouble.at === trouble.start + 1
    : trouble.at === trouble.start + 2;
  if (!isBare) return null;
  const before = tokenAt(trouble, -1);
  const written = isKeyword(start, "return") ? "return 0;" : `throw ${before.image} 0;`;
  const diagnostic = diagnose("P0216", after(before), { keyword: start.image, written });
  return { diagnostic, edits: [insertion(trouble.at, [made(T.missing, "", before.end)])] };
}

/** `a[i]` and `int a[4]`. */
function arrayIndex(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!is(found, T.leftBracket) || trouble.at === trouble.start) return null;
  const close = matching(trouble.tokens, trouble.at);
  const last = trouble.tokens[close] ?? found;
  const before = tokenAt(trouble, -1);
  const index = close < 0 ? "i" : textBetween(trouble, found.end, last.startOffset).trim();
  const base = is(before, T.identifier) ? before.image : "a";
  const diagnostic = diagnose("P0219", spanOf(found, last), { base, index: index === "" ? "i" : index });
  if (close < 0 || trouble.expected === "nameStatement") return { diagnostic };
  const isLiteral = isOperandWanted(trouble);
  const zero = [made(T.missing, "", before.end)];
  return { diagnostic, edits: [replacement(trouble.at, close - trouble.at + 1, isLiteral ? zero : [])] };
}

/** `(f)(x)`, `s.f(x)`, `f(1)(2)` */
function callOfValue(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  if (!is(found, T.leftParen) || !isAfterOperand(trouble) || !touches(before, found)) return null;
  const close = matching(trouble.tokens, trouble.at);
  const diagnostic = diagnose("P0240", spanOf(found, trouble.tokens[close] ?? found));
  if (close < 0) return { diagnostic };
  return { diagnostic, edits: [removal(trouble.at, close - trouble.at + 1)] };
}

/** `if x = 1 {`, `f(x = 1)`, `x = y = 1;`, `x = = 1`. */
function assignmentInside(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!is(found, T.assign)) return null;
  const before = tokenAt(trouble, -1);
  if (trouble.rule === "rawStruct" && is(tokenAt(trouble, -2), T.less)) {
    return { diagnostic: diagnose("P0254", span(tokenAt(trouble, -2)), { field: before.image }) };
  }
  if (isOperandWanted(trouble)) return compoundOrSplit(trouble, before, found);
  if (!isAfterOperand(trouble) || trouble.expected === "nameStatement") return null;
  if (["structDeclaration", "functionDeclaration", "tryHeader"].includes(trouble.rule)) return null;
  const equality = standIn(found, T.operator, "==");
  const isCondition = isKeyword(startToken(trouble), "if", "while", "else");
  const diagnostic = diagnose(isCondition ? "P0230" : "P0244", span(found));
  return { diagnostic, edits: [replacement(trouble.at, 1, [equality])] };
}

/** `x = y += 1` has an operator before the `=`, `x = = 1` another `=`. */
function compoundOrSplit(trouble: Trouble, before: Token, found: Token): Explanation | null {
  const isBinary =
    is(before, T.operator) || is(before, T.minus) || is(before, T.less) || is(before, T.greater);
  if (isBinary && touches(before, found)) {
    const help = `write \`x = x ${before.image} y\` as a statement of its own`;
    const diagnostic = diagnose("P0116", spanOf(before, found), { text: `${before.image}=` }, { help });
    return { diagnostic, edits: [removal(trouble.at, 1)] };
  }
  if (!is(before, T.assign)) return null;
  const diagnostic = diagnose(
    "P0201",
    span(found),
    { expected: "an expression", found: "`=`" },
    { help: "equality is `==`" },
  );
  return { diagnostic, edits: [removal(trouble.at, 1)] };
}

/** `a => b` for `a >= b`. */
function arrowForComparison(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!is(found, T.arrow) || !isAfterOperand(trouble)) return null;
  const comparison = standIn(found, T.operator, ">=");
  return { diagnostic: diagnose("P0245", span(found)), edits: [replacement(trouble.at, 1, [comparison])] };
}

const WORD_OPERATORS: Readonly<Record<string, string>> = {
  and: "&&",
  or: "||",
  xor: "^",
  shl: "<<",
  shr: ">>>",
};

/** `a and b`, `not a`. */
function wordOperator(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!is(found, T.identifier) || !isAfterOperand(trouble)) return null;
  const symbol = WORD_OPERATORS[found.image];
  if (symbol !== undefined) {
    const help = `write \`${symbol}\``;
    const diagnostic = diagnose("P0112", span(found), { text: found.image }, { help });
    return { diagnostic, edits: [replacement(trouble.at, 1, [standIn(found, T.operator, symbol)])] };
  }
  const before = tokenAt(trouble, -1);
  if (before.image !== "not") return null;
  const diagnostic = diagnose("P0112", span(before), { text: "not" }, { help: "write `!`" });
  return { diagnostic, edits: [replacement(trouble.at - 1, 1, [standIn(before, T.not, "!")])] };
}

/** `f(a,)`, `<a, b,>`. */
function trailingComma(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const closes = is(found, T.rightParen) || is(found, T.greater) || is(found, T.rightBrace);
  if (!closes || !is(before, T.comma)) return null;
  return {
    diagnostic: diagnose("P0211", span(before), { found: "`,`" }),
    edits: [removal(trouble.at - 1, 1)],
  };
}

/** `x = y++;`, `f(--x)`. The statements `x++;` and `++x;` are known to statements.ts. */
function increment(trouble: Trouble): Explanation | null {
  if (!isOperandWanted(trouble)) return null;
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const next = tokenAt(trouble, 1);
  const sign = isOperator(found, "+") ? "+" : is(found, T.minus) ? "-" : null;
  if (sign === null) return null;
  const other = before.image === sign && touches(before, found) ? before : null;
  const follower = next.image === sign && touches(found, next) ? next : null;
  const prefix = other === null ? follower : null;
  if (other === null && prefix === null) return null;
  if (other !== null && is(next, T.integer)) return null;
  const operand = tokenAt(trouble, other === null ? 2 : -2);
  const diagnostic = diagnose("P0217", other === null ? spanOf(found, next) : spanOf(other, found), {
    text: sign + sign,
    sign,
    name: is(operand, T.identifier) ? operand.image : "x",
  });
  const first = other === null ? trouble.at : trouble.at - 1;
  return { diagnostic, edits: [removal(first, 2)] };
}

/** `-x`, `- 1`, `+x`. */
function unarySign(trouble: Trouble): Explanation | null {
  if (!isOperandWanted(trouble)) return null;
  const found = tokenAt(trouble);
  if (isOperator(found, "+")) {
    const diagnostic = diagnose("P0218", span(found), { sign: "plus" }, { help: "leave the `+` out" });
    return { diagnostic, edits: [removal(trouble.at, 1)] };
  }
  const next = tokenAt(trouble, 1);
  const isOperand =
    is(next, T.identifier) || is(next, T.integer) || is(next, T.constant) || is(next, T.leftParen);
  if (!is(found, T.minus) || !isOperand) return null;
  const help = is(next, T.integer)
    ? `write the literal without a space: \`-${next.image}\``
    : `write \`0 - ${is(next, T.identifier) ? next.image : "e"}\``;
  const diagnostic = diagnose("P0218", span(found), { sign: "minus" }, { help });
  return { diagnostic, edits: [insertion(trouble.at, [made(T.integer, "0", found.startOffset)])] };
}

/** `*p` and `&x` in an expression. */
function pointerOperator(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!isOperandWanted(trouble) || !isOperator(found, "*", "&")) return null;
  const next = tokenAt(trouble, 1);
  const name = is(next, T.identifier) ? next.image : "p";
  const help =
    found.image === "*"
      ? `load the word at an address with \`lds 1 ${name}\`, a byte with \`ld8 ${name}\``
      : "variables and functions have no address; keep data in memory from `@base` on and pass its address";
  const diagnostic = diagnose("P0221", span(found), { text: found.image }, { help });
  return { diagnostic, edits: [removal(trouble.at, 1)] };
}

/** `x = @f(1, 2, 3, 4);` */
function foreignInside(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!isOperandWanted(trouble) || !is(found, T.foreign)) return null;
  const close = is(tokenAt(trouble, 1), T.leftParen) ? matching(trouble.tokens, trouble.at + 1) : trouble.at;
  const diagnostic = diagnose("P0227", span(found), { name: found.image });
  if (close < 0) return { diagnostic };
  const nothing = made(T.missing, "", found.startOffset);
  return { diagnostic, edits: [replacement(trouble.at, close - trouble.at + 1, [nothing])] };
}

function stringInside(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!is(found, T.string)) return null;
  const diagnostic = diagnose("P0111", span(found));
  if (!isOperandWanted(trouble)) return { diagnostic };
  return { diagnostic, edits: [replacement(trouble.at, 1, [standIn(found, T.missing, "")])] };
}

/** `x = {1, 2};` */
function braceLiteral(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!isOperandWanted(trouble) || !is(found, T.leftBrace)) return null;
  const close = matching(trouble.tokens, trouble.at);
  const last = trouble.tokens[close];
  const isHeader = isKeyword(startToken(trouble), "if", "while", "else", "try");
  if (isHeader || last === undefined) return null;
  const diagnostic = diagnose("P0248", spanOf(found, last));
  const nothing = made(T.missing, "", found.startOffset);
  return { diagnostic, edits: [replacement(trouble.at, close - trouble.at + 1, [nothing])] };
}

/** `x = ld16 p;`, `x = ldw p;` */
function localHalfWord(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!isOperandWanted(trouble) || !isKeyword(found, "ld16", "ldw")) return null;
  const help = isKeyword(found, "ldw")
    ? "load a word of local memory with `lds 1 p`; a shared load is the statement `!ldw x, p;`"
    : "combine two `ld8`; a shared load is the statement `!ld16 x, p;`";
  const diagnostic = diagnose("P0228", span(found), { text: found.image }, { help });
  const zero = standIn(found, T.missing, "");
  return { diagnostic, edits: [replacement(trouble.at, 1, [zero, made(T.operator, "+", found.end)])] };
}

/** `x = in + 1;`: a keyword where only a name makes sense. */
function keywordAsOperand(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  if (!isOperandWanted(trouble) || !isReserved(found) || onNewLine(trouble, before, found)) return null;
  const next = tokenAt(trouble, 1);
  const usedAsName =
    is(next, T.semicolon) ||
    is(next, T.rightParen) ||
    is(next, T.comma) ||
    is(next, T.operator) ||
    is(next, T.minus);
  if (!usedAsName) return null;
  const diagnostic = diagnose("P0212", span(found), { keyword: found.image });
  return { diagnostic, edits: [replacement(trouble.at, 1, [standIn(found, T.identifier, found.image)])] };
}

/** `s.-1`, `s.`, `s.in`. */
function fieldAfterDot(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (trouble.expected !== "suffix" && trouble.rule !== "suffix") return null;
  if (isReserved(found) && touches(tokenAt(trouble, -1), found)) {
    const diagnostic = diagnose("P0212", span(found), { keyword: found.image });
    return { diagnostic, edits: [replacement(trouble.at, 1, [standIn(found, T.identifier, found.image)])] };
  }
  const isNegative = is(found, T.minus) && is(tokenAt(trouble, 1), T.integer);
  const place = isNegative ? spanOf(found, tokenAt(trouble, 1)) : span(found);
  const shown = isNegative ? `\`-${tokenAt(trouble, 1).image}\`` : describe(found);
  const diagnostic = diagnose("P0239", place, { found: shown });
  return isNegative ? { diagnostic, edits: [removal(trouble.at, 1)] } : { diagnostic };
}

/** Punctuation that is right where it is: the operand before it is missing. */
function endsExpression(token: Token): boolean {
  return [T.semicolon, T.comma, T.rightParen, T.rightBrace, T.leftBrace, T.end].some((type) =>
    is(token, type),
  );
}

/** `x = ;`, `x = a + ;`, `f(, a)`. */
function missingOperand(trouble: Trouble): Explanation | null {
  if (!isOperandWanted(trouble)) return null;
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const expected = `an expression after ${describe(before)}`;
  const place = endsExpression(found) || onNewLine(trouble, before, found) ? after(before) : span(found);
  const isLoad = isKeyword(tokenAt(trouble, -2), "lds");
  const details = isLoad ? { help: `\`lds\` takes a shape and an address: \`lds 1 ${before.image}\`` } : {};
  return { diagnostic: diagnose("P0201", place, { expected, found: describe(found) }, details) };
}
