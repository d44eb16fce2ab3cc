// The state of translating one LoopLang function to WordLang, and its smallest steps.

import type * as loop from "../../lang/loop/ast.ts";
import type { Edge, Value } from "../../lang/word/ast.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import type { Convention } from "../analysis/exception-conventions.ts";
import type { Callees } from "./callees.ts";
import type { Join, SsaContext } from "./variables.ts";

/** An enclosing `loop` or `block`. */
export interface Scope {
  /** Where `break` goes. */
  readonly after: Join;
  /** Where `continue` goes, with the present values; null for a `block`. */
  readonly continueEdge: (() => Edge) | null;
  /** Variables live where `continue` goes. */
  readonly continueLive: Iterable<loop.Var>;
}

export interface Translation extends SsaContext {
  readonly f: loop.Function;
  readonly convention: Convention;
  readonly callees: Callees;
  /** Innermost last. */
  readonly scopes: Scope[];
}

/** The value of an operand here. */
export function operandValue(operand: loop.Operand, t: Translation, span: Span): Value {
  if (operand.kind === "const") return t.builder.constant(operand.value, span);
  const value = t.variables.get(operand.var);
  return value ?? bug(`variable ${String(operand.var)} of ${t.f.name} has no value`, span);
}

export function operandValues(operands: readonly loop.Operand[], t: Translation, span: Span): Value[] {
  return operands.map((operand) => operandValue(operand, t, span));
}

/** A fresh value that becomes the variable's. The caller must emit its definition. */
export function define(variable: loop.Var, t: Translation): Value {
  const value = t.builder.value(t.names.get(variable));
  t.variables.set(variable, value);
  return value;
}

/** The scope that a `break` or `continue` names. */
export function scopeAt(depth: number, t: Translation): Scope {
  return t.scopes.at(-1 - depth) ?? bug(`no scope at depth ${String(depth)} in ${t.f.name}`);
}

/** An edge to the head of the loop that a `continue` names. */
export function continueEdge(depth: number, t: Translation, span: Span): Edge {
  const { continueEdge: make } = scopeAt(depth, t);
  return make === null ? bug("`continue` of a block", span) : make();
}
