// From a failure of the grammar to one message: the most specific recogniser that knows it, else what was expected.

import { diagnose } from "../../source/diagnostic.ts";
import { is, isReserved, T } from "../tokens.ts";
import { declarationMistakes } from "./declarations.ts";
import { expressionMistakes } from "./expressions.ts";
import { punctuationMistakes } from "./punctuation.ts";
import { statementMistakes } from "./statements.ts";
import {
  after,
  describe,
  firstExplanation,
  onNewLine,
  removal,
  span,
  tokenAt,
  type Explanation,
  type Recogniser,
  type Trouble,
} from "./trouble.ts";

/** Explains a failure in a statement (`item`) or a declaration. */
export function explain(what: "declaration" | "item", trouble: Trouble): Explanation {
  const normal = normalise(trouble);
  const own = what === "item" ? statementMistakes : declarationMistakes;
  const recognisers: readonly Recogniser[] = [
    misplacedAnnotation,
    repeatedWord,
    ...own,
    ...expressionMistakes,
    ...punctuationMistakes,
  ];
  return firstExplanation(recognisers, normal) ?? expectedButFound(normal);
}

/** After `(` of a call, an operand was wanted: the grammar itself only misses the `)`. */
function normalise(trouble: Trouble): Trouble {
  const isArgument = trouble.rule === "arguments" && is(tokenAt(trouble, -1), T.leftParen);
  return isArgument && !is(tokenAt(trouble), T.semicolon)
    ? { ...trouble, expected: "operand", rule: "operand" }
    : trouble;
}

function misplacedAnnotation(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  if (!is(found, T.annotation)) return null;
  const isElsewhere = ["semicolon", "leftBrace", "rightParen", "rightBrace", "shape"].includes(
    trouble.expected,
  );
  if (isElsewhere && onNewLine(trouble, tokenAt(trouble, -1), found)) return null;
  return { diagnostic: diagnose("P0232", span(found)), edits: [removal(trouble.at, 1)] };
}

/** `var var x`, `return return x;`: the same word twice. In lists a comma is missing rather. */
function repeatedWord(trouble: Trouble): Explanation | null {
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const isWord = isReserved(found) || is(found, T.identifier) || is(found, T.colon) || is(found, T.arrow);
  const isList = ["rightParen", "greater", "rightBrace"].includes(trouble.expected);
  const isValue = trouble.expected === "nameStatement";
  if (trouble.at === trouble.start || isValue || !isWord || isList || found.image !== before.image)
    return null;
  if (onNewLine(trouble, before, found)) return null;
  return {
    diagnostic: diagnose("P0256", span(found), { text: found.image }),
    edits: [removal(trouble.at, 1)],
  };
}

/** Names of what the grammar expects, by token type or rule. */
const EXPECTATIONS: Readonly<Record<string, string>> = {
  identifier: "a name",
  name: "a name",
  integer: "a number",
  leftParen: "`(`",
  rightParen: "`)`",
  leftBrace: "`{`",
  rightBrace: "`}`",
  comma: "`,`",
  semicolon: "`;`",
  colon: "`:`",
  assign: "`=`",
  arrow: "`=>`",
  greater: "`,` or `>` of the struct",
  shape: "a shape",
  operand: "an expression",
  item: "a statement",
  declaration: "a declaration (`fun`, `var`, `struct` or `exception`)",
  contextualDeclaration: "a declaration (`fun`, `var`, `struct` or `exception`)",
  nameStatement: "`=` or `(` after the name",
  sharedAccess: "a shared access such as `!ldw x, address`",
  elseHeader: "`{` or `if` after `else`",
  suffix: "a field number or a field name after `.`",
  "'fun'": "`fun`",
  "'catch'": "`catch`",
};

function expectedButFound(trouble: Trouble): Explanation {
  const found = tokenAt(trouble);
  const before = tokenAt(trouble, -1);
  const expected = EXPECTATIONS[trouble.expected] ?? `\`${trouble.expected.replaceAll("'", "")}\``;
  // Where something is missing at the end of a line, the next line is not to blame.
  const isMissing = trouble.at > trouble.start && onNewLine(trouble, before, found);
  const place = isMissing || is(found, T.end) ? after(before) : span(found);
  return { diagnostic: diagnose("P0201", place, { expected, found: describe(found) }) };
}
