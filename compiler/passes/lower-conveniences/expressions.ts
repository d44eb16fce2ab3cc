// The expression half of lower-conveniences: constants, hexadecimal literals, `!!x`, and calls moved out in front.
//
// A moved call becomes `var call_n = f(args);`. Evaluation is left to right, so an operand that a later call could
// change (it reads memory or a global) is kept in a temporary as well; locals need none, a callee cannot touch them.

import { toSigned } from "../../lang/machine-word.ts";
import { bug } from "../../source/bug.ts";
import {
  bind,
  lookUp,
  operandsOf,
  shapeOfExpression,
  withOperands,
  writtenShape,
  type Scope,
  type Shape,
  type StaticInfo,
} from "../../static/index.ts";
import type { Call, Exp, Stmt } from "../../syntax/tree.ts";

export interface LowerContext {
  readonly info: StaticInfo;
  /** Shapes of the locals visible at this point, temporaries included. */
  readonly locals: Scope<Shape>;
  /** A name that occurs nowhere in the program. */
  readonly fresh: (prefix: string) => string;
}

/** True if a call stands anywhere in `exp`. */
export function containsCall(exp: Exp): boolean {
  return exp.kind === "call" || operandsOf(exp).some(containsCall);
}

/** `exp` in stock Pancake; statements that must run before it are added to `before`. */
export function lowerExpression(exp: Exp, ctx: LowerContext, before: Stmt[]): Exp {
  if (!containsCall(exp)) return lowerPure(exp, ctx);
  const operands = lowerOperands(operandsOf(exp), ctx, before);
  const lowered = parenthesiseNot(withOperands(exp, operands));
  return lowered.kind === "call" ? keep("call", lowered, ctx, before) : lowered;
}

/** Expressions that are evaluated one after the other, such as arguments. */
export function lowerOperands(exps: readonly Exp[], ctx: LowerContext, before: Stmt[]): readonly Exp[] {
  const lastCall = exps.findLastIndex(containsCall);
  return exps.map((exp, i) => {
    const lowered = lowerExpression(exp, ctx, before);
    return i < lastCall && !isStable(lowered, ctx) ? keep("kept", lowered, ctx, before) : lowered;
  });
}

/** A call that may stay where it is; only its arguments change. */
export function lowerCall(call: Call, ctx: LowerContext, before: Stmt[]): Call {
  const args = lowerOperands(call.args, ctx, before);
  return args.every((arg, i) => arg === call.args[i]) ? call : { ...call, args };
}

/** Stores the value of `exp` in a new local, and returns its name. */
function keep(prefix: string, exp: Exp, ctx: LowerContext, before: Stmt[]): Exp {
  const { span } = exp;
  const name = { text: ctx.fresh(prefix), span };
  const shape = shapeOfExpression(exp, ctx.locals, ctx.info);
  const variable = { shape: writtenShape(shape, span), name, span };
  before.push({ kind: "var", variable, value: exp, span });
  bind(ctx.locals, name.text, shape);
  return { kind: "name", name: name.text, span };
}

/** True if no call can change the value of `exp`, which holds no calls itself. */
function isStable(exp: Exp, ctx: LowerContext): boolean {
  switch (exp.kind) {
    case "name":
      return lookUp(ctx.locals, exp.name) !== undefined;
    case "load":
    case "loadBytes":
      return false;
    case "int":
    case "bool":
    case "constant":
    case "parens":
    case "binary":
    case "not":
    case "rawStruct":
    case "namedStruct":
    case "index":
    case "field":
    case "call":
    case "error":
      return operandsOf(exp).every((operand) => isStable(operand, ctx));
  }
}

function lowerPure(exp: Exp, ctx: LowerContext): Exp {
  if (exp.kind === "int") return decimal(exp);
  if (exp.kind === "name") return constantAsLiteral(exp, ctx);
  const operands = operandsOf(exp);
  if (operands.length === 0) return exp;
  return parenthesiseNot(
    withOperands(
      exp,
      operands.map((operand) => lowerPure(operand, ctx)),
    ),
  );
}

function decimal(exp: Extract<Exp, { kind: "int" }>): Exp {
  return /^-?[0-9]+$/.test(exp.text) ? exp : { ...exp, text: String(exp.value) };
}

/** A constant becomes its value, written with a minus if it is a small negative number. */
function constantAsLiteral(exp: Extract<Exp, { kind: "name" }>, ctx: LowerContext): Exp {
  if (lookUp(ctx.locals, exp.name) !== undefined) return exp;
  const constant = ctx.info.constants.get(exp.name);
  if (constant === undefined) return exp;
  const word = constant.value ?? bug(`constant ${exp.name} has no value`, exp.span);
  const signed = toSigned(word);
  const value = signed < 0n && signed >= -(1n << 31n) ? signed : word;
  return { kind: "int", value, text: String(value), span: exp.span };
}

/** Stock Pancake has no `!!x`. */
function parenthesiseNot(exp: Exp): Exp {
  if (exp.kind !== "not" || exp.operand.kind !== "not") return exp;
  return { ...exp, operand: { kind: "parens", inner: exp.operand, span: exp.operand.span } };
}
