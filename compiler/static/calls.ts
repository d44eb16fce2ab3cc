// Calls: callee in scope, number and shapes of arguments, the places where a call may stand, `__add_with_carry__`.

import type { Span } from "../source/span.ts";
import { joinSpans } from "../source/span.ts";
import type { Call, Exp } from "../syntax/tree.ts";
import { complain, functionNamed, type BodyContext } from "./context.ts";
import type { FunctionInfo } from "./declared.ts";
import { checkExpression, checkWord } from "./expressions.ts";
import { expectShape } from "./mismatch.ts";
import { isWord, showShape, structOf, UNKNOWN, WORD, type Shape } from "./shapes.ts";

/** The primitive that looks like a function (pancake-language.md, section 4). */
export const ADD_WITH_CARRY = "__add_with_carry__";

/** Sum and carry-out. */
export const CARRY_SHAPE: Shape = structOf([WORD, WORD]);

/** The call that `exp` is, if it is `__add_with_carry__(...)`. */
export function addWithCarryIn(exp: Exp): Call | null {
  return exp.kind === "call" && exp.call.callee.text === ADD_WITH_CARRY ? exp.call : null;
}

/** What a call gives: the shape of its result and the function, null if it is not declared. */
export interface CallResult {
  readonly shape: Shape;
  readonly callee: FunctionInfo | null;
}

/** Checks a call in one of the places where a call of any shape may stand. */
export function checkCall(call: Call, ctx: BodyContext): CallResult {
  const nothing: CallResult = { shape: UNKNOWN, callee: null };
  if (ctx.owner === null) {
    complain(ctx, "S0111", call.span, { with: { what: "global" } });
    return nothing;
  }
  if (call.callee.text === ADD_WITH_CARRY) {
    complain(ctx, "S0015", call.span, { label: "built in, not a function" });
    checkAll(call.args, ctx);
    return nothing;
  }
  const callee = functionNamed(call.callee, ctx);
  if (callee === null) {
    checkAll(call.args, ctx);
    return nothing;
  }
  checkArguments(call, callee, ctx);
  return { shape: callee.result, callee };
}

/** Checks a call inside an expression (a convenience): its result must be a word. */
export function checkInnerCall(call: Call, ctx: BodyContext): Shape {
  const { shape, callee } = checkCall(call, ctx);
  if (callee === null || isWord(shape)) return shape;
  complain(ctx, "S0234", call.span, {
    with: { name: callee.name, found: showShape(shape) },
    related: [resultPlace(callee)],
  });
  return UNKNOWN;
}

/** Checks `__add_with_carry__` where it may stand. */
export function checkAddWithCarry(call: Call, ctx: BodyContext): void {
  if (call.args.length !== 3) {
    complain(ctx, "S0109", call.span, { with: { found: call.args.length } });
    checkAll(call.args, ctx);
    return;
  }
  for (const arg of call.args) checkWord(arg, "S0223", { operator: ADD_WITH_CARRY }, ctx);
}

/** The place that says what `callee` returns. */
export function resultPlace(callee: FunctionInfo): { readonly span: Span; readonly text: string } {
  const text = `\`${callee.name}\` is declared here with result shape ${showShape(callee.result)}`;
  return { span: callee.declaredAt, text };
}

function checkAll(args: readonly Exp[], ctx: BodyContext): void {
  for (const arg of args) checkExpression(arg, ctx);
}

function checkArguments(call: Call, callee: FunctionInfo, ctx: BodyContext): void {
  const { args } = call;
  const { parameters, name } = callee;
  const counts = { expected: counted(parameters.length), found: String(args.length) };
  const missing = parameters[args.length];
  if (missing !== undefined) {
    complain(ctx, "S0106", call.callee.span, {
      with: { name, parameter: missing.name, ...counts },
      related: [{ span: missing.declaredAt, text: `parameter \`${missing.name}\` is declared here` }],
      help: `call it as \`${name}(${parameters.map((p) => p.name).join(", ")})\``,
    });
    checkAll(args, ctx);
    return;
  }
  const surplus = args.slice(parameters.length);
  const [firstSurplus, lastSurplus] = [surplus[0], surplus.at(-1)];
  if (firstSurplus !== undefined && lastSurplus !== undefined) {
    complain(ctx, "S0107", joinSpans(firstSurplus.span, lastSurplus.span), {
      with: { name, ...counts },
      related: [{ span: callee.declaredAt, text: `\`${name}\` is declared here` }],
    });
    checkAll(args, ctx);
    return;
  }
  parameters.forEach((parameter, i) => {
    const arg = args[i];
    if (arg === undefined) return;
    const found = checkExpression(arg, ctx);
    const related = [
      { span: parameter.declaredAt, text: `parameter \`${parameter.name}\` is declared here` },
    ];
    const names = { name, parameter: parameter.name };
    const wanted = { code: "S0212", shape: parameter.shape, with: names, subject: "parameter", related };
    expectShape(arg, found, wanted, ctx);
  });
}

function counted(count: number): string {
  return count === 0 ? "none" : `${String(count)} argument${count === 1 ? "" : "s"}`;
}
