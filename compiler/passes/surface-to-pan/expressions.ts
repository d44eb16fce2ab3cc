// The expression half of surface-to-pan: desugaring of operators and naming of variables.
//
// `!e` is Equal(0, e). A chain of `&&` is And of NotEqual(0, operand) for each operand, a chain of `||` is
// NotEqual(0, Or of the operands). `a > b` is Less b a, and so on. Chains of `+ & | ^` are one n-ary operation; a
// parenthesised chain of the same operator at their left end joins them.

import { toWord, WORD_BITS, type CompareOp, type ShiftOp } from "../../lang/machine-word.ts";
import type * as pan from "../../lang/pan/ast.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import { chainOperands, lookUp, withoutParens, type Binary, type Scope } from "../../static/index.ts";
import type { BinaryOp, Exp, Shape } from "../../syntax/tree.ts";

/** What a variable name means at a point of the program. */
export interface Names {
  readonly locals: Scope<true>;
  /** Surface name → Pan name of the globals visible here. */
  readonly globals: ReadonlyMap<string, string>;
}

/** The shape that `written` means; null is one word. */
export function shapeToPan(written: Shape | null): pan.Shape {
  if (written === null) return { kind: "word" };
  switch (written.kind) {
    case "words": {
      const word: pan.Shape = { kind: "word" };
      if (written.count === 1n) return word;
      return { kind: "struct", fields: Array.from({ length: Number(written.count) }, () => word) };
    }
    case "struct":
      return { kind: "struct", fields: written.fields.map(shapeToPan) };
    case "named":
      return { kind: "named", name: written.name };
    case "error":
      return bug("a shape with a syntax error passed the checks", written.span);
  }
}

/** The variable `name`: the innermost local, else the global. */
export function resolve(name: string, span: Span, names: Names): pan.ResultTarget {
  if (lookUp(names.locals, name) !== undefined) return { scope: "local", name };
  const global = names.globals.get(name) ?? bug(`variable ${name} is unknown`, span);
  return { scope: "global", name: global };
}

/** `exp` in Pan. */
export function expressionToPan(exp: Exp, names: Names): pan.Exp {
  const { span } = exp;
  switch (exp.kind) {
    case "int":
      return { kind: "const", value: toWord(exp.value), span };
    case "bool":
      return { kind: "const", value: exp.value ? 1n : 0n, span };
    case "constant":
      return { kind: addressConstants[exp.name], span };
    case "name":
      return { kind: "var", ...resolve(exp.name, span, names), span };
    case "parens":
      return expressionToPan(exp.inner, names);
    case "binary":
      return binaryToPan(exp, names);
    case "not":
      return {
        kind: "compare",
        op: "equal",
        left: zero(span),
        right: expressionToPan(exp.operand, names),
        span,
      };
    case "load":
      return {
        kind: "load",
        shape: shapeToPan(exp.shape),
        address: expressionToPan(exp.address, names),
        span,
      };
    case "loadBytes":
      return { kind: "loadBytes", bytes: exp.bytes, address: expressionToPan(exp.address, names), span };
    case "rawStruct":
      return { kind: "rawStruct", fields: exp.fields.map((field) => expressionToPan(field, names)), span };
    case "namedStruct": {
      const fields = exp.fields.map(({ name, value }) => ({
        name: name.text,
        value: expressionToPan(value, names),
      }));
      return { kind: "namedStruct", name: exp.name.text, fields, span };
    }
    case "index":
      return { kind: "rawField", index: Number(exp.index), value: expressionToPan(exp.value, names), span };
    case "field":
      return { kind: "namedField", field: exp.field.text, value: expressionToPan(exp.value, names), span };
    case "call":
      return bug("a call inside an expression was not moved out", span);
    case "error":
      return bug("an expression with a syntax error passed the checks", span);
  }
}

const addressConstants = { "@base": "baseAddr", "@top": "topAddr", "@biw": "bytesInWord" } as const;

function zero(span: Span): pan.Exp {
  return { kind: "const", value: 0n, span };
}

type Meaning =
  | { readonly kind: "chain"; readonly op: "add" | "and" | "or" | "xor" }
  | { readonly kind: "logic"; readonly op: "and" | "or" }
  | { readonly kind: "arith"; readonly op: "sub" | "mul" }
  | { readonly kind: "shift"; readonly op: ShiftOp }
  /** `swap`: the right operand comes first. */
  | { readonly kind: "compare"; readonly op: CompareOp; readonly swap: boolean };

// prettier-ignore
const meanings: Readonly<Record<BinaryOp, Meaning>> = {
  "||": { kind: "logic", op: "or" },
  "&&": { kind: "logic", op: "and" },
  "==": { kind: "compare", op: "equal", swap: false },
  "!=": { kind: "compare", op: "notEqual", swap: false },
  "<": { kind: "compare", op: "less", swap: false },
  ">": { kind: "compare", op: "less", swap: true },
  ">=": { kind: "compare", op: "notLess", swap: false },
  "<=": { kind: "compare", op: "notLess", swap: true },
  "<+": { kind: "compare", op: "lower", swap: false },
  ">+": { kind: "compare", op: "lower", swap: true },
  ">=+": { kind: "compare", op: "notLower", swap: false },
  "<=+": { kind: "compare", op: "notLower", swap: true },
  "|": { kind: "chain", op: "or" },
  "^": { kind: "chain", op: "xor" },
  "&": { kind: "chain", op: "and" },
  "<<": { kind: "shift", op: "lsl" },
  ">>": { kind: "shift", op: "asr" },
  ">>>": { kind: "shift", op: "lsr" },
  "#>>": { kind: "shift", op: "ror" },
  "+": { kind: "chain", op: "add" },
  "-": { kind: "arith", op: "sub" },
  "*": { kind: "arith", op: "mul" },
};

function binaryToPan(exp: Binary, names: Names): pan.Exp {
  const meaning = meanings[exp.op];
  const { span } = exp;
  if (meaning.kind === "chain" || meaning.kind === "logic") {
    const args = wholeChain(exp).map((operand) => expressionToPan(operand, names));
    if (meaning.kind === "chain") return { kind: "op", op: meaning.op, args, span };
    return meaning.op === "and"
      ? { kind: "op", op: "and", args: args.map(isTrue), span }
      : isTrue({ kind: "op", op: "or", args, span });
  }
  const left = expressionToPan(exp.left, names);
  const right = expressionToPan(exp.right, names);
  switch (meaning.kind) {
    case "arith":
      return { kind: "op", op: meaning.op, args: [left, right], span };
    case "shift":
      return shiftToPan(meaning.op, left, right, span);
    case "compare":
      return meaning.swap
        ? { kind: "compare", op: meaning.op, left: right, right: left, span }
        : { kind: "compare", op: meaning.op, left, right, span };
  }
}

function shiftToPan(op: ShiftOp, value: pan.Exp, amount: pan.Exp, span: Span): pan.Exp {
  if (amount.kind === "const" && amount.value >= BigInt(WORD_BITS))
    bug("a shift by 64 or more passed the checks", span);
  return { kind: "shift", op, value, amount, span };
}

function isTrue(exp: pan.Exp): pan.Exp {
  return { kind: "compare", op: "notEqual", left: zero(exp.span), right: exp, span: exp.span };
}

/** The operands of a chain, also of one in parentheses at its left end: `(a + b) + c` is a, b, c. */
function wholeChain(exp: Binary): readonly Exp[] {
  const [first, ...rest] = chainOperands(exp);
  if (first === undefined) return [];
  const inner = withoutParens(first);
  return inner.kind === "binary" && inner.op === exp.op ? [...wholeChain(inner), ...rest] : [first, ...rest];
}
