// The limit on nesting: everything after this check may recurse over a declaration without overflowing the stack.
//
// A level is a statement block, a parenthesis, an operator, a call, a load, a struct. Chains of one flat operator
// (chain.ts) count as one level. The limit is well above hand-written and generated code and well below Node's stack.

import type { Span } from "../source/span.ts";
import { blocksOf, expsOf } from "../syntax/tree-walk.ts";
import type { Block, Declaration, Exp, Shape, Stmt } from "../syntax/tree.ts";
import { operandsOf } from "./operands.ts";

export const MAX_NESTING = 500;

/** The first place of `declaration` below MAX_NESTING levels; null if there is none. */
export function tooDeep(declaration: Declaration): Span | null {
  switch (declaration.kind) {
    case "function":
      return (
        first(declaration.parameters, (p) => shape(p.shape, 0)) ??
        shape(declaration.result, 0) ??
        block(declaration.body, 0)
      );
    case "global":
      return shape(declaration.variable.shape, 0) ?? expression(declaration.value, 0);
    case "exception":
      return shape(declaration.shape, 0);
    case "struct":
      return first(declaration.fields, (field) => shape(field.shape, 0));
    case "const":
      return expression(declaration.value, 0);
    case "annotation":
    case "import":
    case "error":
      return null;
  }
}

function first<T>(items: readonly T[], find: (item: T) => Span | null): Span | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}

function block(body: Block, depth: number): Span | null {
  if (depth > MAX_NESTING) return body.span;
  for (const stmt of body.statements) {
    const found = statement(stmt, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

function statement(stmt: Stmt, depth: number): Span | null {
  return (
    (stmt.kind === "var" ? shape(stmt.variable.shape, depth) : null) ??
    first(expsOf(stmt), (exp) => expression(exp, depth)) ??
    first(blocksOf(stmt), (inner) => block(inner, depth))
  );
}

function expression(exp: Exp, depth: number): Span | null {
  if (depth > MAX_NESTING) return exp.span;
  return (
    (exp.kind === "load" ? shape(exp.shape, depth) : null) ??
    first(operandsOf(exp), (operand) => expression(operand, depth + 1))
  );
}

function shape(written: Shape | null, depth: number): Span | null {
  if (written?.kind !== "struct") return null;
  if (depth > MAX_NESTING) return written.span;
  return first(written.fields, (field) => shape(field, depth + 1));
}
