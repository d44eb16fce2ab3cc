// The limit on nesting: everything after this check may recurse over a declaration without overflowing the stack.
//
// A level is a statement block, a parenthesis, an operator, a call, a load, a struct. Chains of one flat operator
// (chain.ts) count as one level. The limit is well above hand-written and generated code and well below Node's stack.

import type { Span } from "../source/span.ts";
import type { Block, Declaration, Exp, Shape, Stmt } from "../syntax/tree.ts";
import { chainNodes } from "./chain.ts";

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
  switch (stmt.kind) {
    case "var":
      return shape(stmt.variable.shape, depth) ?? expression(stmt.value, depth);
    case "assign":
    case "throw":
    case "return":
      return expression(stmt.value, depth);
    case "call":
      return first(stmt.call.args, (arg) => expression(arg, depth));
    case "foreignCall":
      return first(stmt.args, (arg) => expression(arg, depth));
    case "store":
    case "sharedStore":
      return expression(stmt.address, depth) ?? expression(stmt.value, depth);
    case "sharedLoad":
      return expression(stmt.address, depth);
    case "if":
      return (
        expression(stmt.condition, depth) ??
        block(stmt.then, depth) ??
        (stmt.else === null ? null : block(stmt.else, depth))
      );
    case "while":
      return expression(stmt.condition, depth) ?? block(stmt.body, depth);
    case "try":
      return first(stmt.call.args, (arg) => expression(arg, depth)) ?? block(stmt.handler, depth);
    case "block":
      return block(stmt.block, depth);
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "annotation":
    case "error":
      return null;
  }
}

function expression(exp: Exp, depth: number): Span | null {
  if (depth > MAX_NESTING) return exp.span;
  switch (exp.kind) {
    case "int":
    case "bool":
    case "constant":
    case "name":
    case "error":
      return null;
    case "parens":
      return expression(exp.inner, depth + 1);
    case "binary": {
      const nodes = chainNodes(exp);
      return (
        expression(nodes[0].left, depth + 1) ?? first(nodes, (node) => expression(node.right, depth + 1))
      );
    }
    case "not":
      return expression(exp.operand, depth + 1);
    case "load":
      return shape(exp.shape, depth) ?? expression(exp.address, depth + 1);
    case "loadBytes":
      return expression(exp.address, depth + 1);
    case "rawStruct":
      return first(exp.fields, (field) => expression(field, depth + 1));
    case "namedStruct":
      return first(exp.fields, (field) => expression(field.value, depth + 1));
    case "index":
    case "field":
      return expression(exp.value, depth + 1);
    case "call":
      return first(exp.call.args, (arg) => expression(arg, depth + 1));
  }
}

function shape(written: Shape | null, depth: number): Span | null {
  if (written?.kind !== "struct") return null;
  if (depth > MAX_NESTING) return written.span;
  return first(written.fields, (field) => shape(field, depth + 1));
}
