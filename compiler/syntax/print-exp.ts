// Expressions and shapes as text, with parentheses exactly where precedence or the struct signs need them.

import { bug } from "../source/bug.ts";
import { LOAD_LEVELS, NOT_LEVEL, operators } from "./tokens.ts";
import type { Exp, Shape } from "./tree.ts";

/** Anything; level 1 is the loosest. */
const LOOSEST = 1;
/** An operand of `.`: names, literals, brackets. */
const PRIMARY = 15;

export function printShape(shape: Shape): string {
  switch (shape.kind) {
    case "words":
      return shape.count.toString();
    case "struct":
      return `{${shape.fields.map(printShape).join(", ")}}`;
    case "named":
      return shape.name;
    case "error":
      return bug("a tree with mistakes cannot be printed", shape.span);
  }
}

export function printExp(exp: Exp): string {
  return atLevel(exp, LOOSEST);
}

/** The expression, in parentheses if it binds looser than `level`. */
function atLevel(exp: Exp, level: number): string {
  const text = bare(exp);
  return levelOf(exp) < level ? `(${text})` : text;
}

function levelOf(exp: Exp): number {
  switch (exp.kind) {
    case "binary":
      return operators.get(exp.op)?.level ?? LOOSEST;
    case "not":
      return NOT_LEVEL;
    case "load":
      return LOAD_LEVELS.lds;
    case "loadBytes":
      return exp.bytes === 1 ? LOAD_LEVELS.ld8 : LOAD_LEVELS.ld32;
    default:
      return PRIMARY;
  }
}

function bare(exp: Exp): string {
  switch (exp.kind) {
    case "int":
      return exp.text;
    case "bool":
      return exp.value ? "true" : "false";
    case "constant":
    case "name":
      return exp.name;
    case "parens":
      return `(${printExp(exp.inner)})`;
    case "binary":
      return binary(exp);
    case "not":
      return not(exp.operand);
    case "load":
      return `lds ${printShape(exp.shape)} ${atLevel(exp.address, LOAD_LEVELS.lds + 1)}`;
    case "loadBytes": {
      const word = exp.bytes === 1 ? "ld8" : "ld32";
      return `${word} ${atLevel(exp.address, LOAD_LEVELS[word] + 1)}`;
    }
    case "rawStruct":
      return struct(exp.fields.map(printExp));
    case "namedStruct": {
      const fields = exp.fields.map((field) => `${field.name.text} = ${printExp(field.value)}`);
      return `${exp.name.text} ${struct(fields)}`;
    }
    case "index":
      return `${atLevel(exp.value, PRIMARY)}.${exp.index}`;
    case "field":
      return `${atLevel(exp.value, PRIMARY)}.${exp.field.text}`;
    case "call":
      return `${exp.call.callee.text}(${exp.call.args.map(printExp).join(", ")})`;
    case "error":
      return bug("a tree with mistakes cannot be printed", exp.span);
  }
}

/** Left operands of chains may be of the same level; comparisons do not chain at all. */
function binary(exp: Exp & { readonly kind: "binary" }): string {
  const info = operators.get(exp.op);
  if (info === undefined) return bug(`no operator ${exp.op}`, exp.span);
  let left = atLevel(exp.left, info.chains ? info.level : info.level + 1);
  // After a `>` that ends a struct, `<` would be read as the beginning of an operand.
  if (exp.op === "<" && left.endsWith(">")) left = `(${left})`;
  return `${left} ${exp.op} ${atLevel(exp.right, info.level + 1)}`;
}

/** `!` stands before fields, and (a convenience) before another `!`; `!<` would be one symbol. */
function not(operand: Exp): string {
  const text = operand.kind === "not" ? bare(operand) : atLevel(operand, PRIMARY);
  return text.startsWith("<") ? `! ${text}` : `!${text}`;
}

/** `<a, b>` with spaces where a sign at either end would join the brackets. */
function struct(fields: readonly string[]): string {
  const text = fields.join(", ");
  const open = /^[=<>|&+]/.test(text) ? "< " : "<";
  const close = /[=<>!&|#]$/.test(text) ? " >" : ">";
  return open + text + close;
}
