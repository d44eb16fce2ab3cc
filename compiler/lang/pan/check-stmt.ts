// Statements: rules P7 to P10, P12 to P14 and P16 of check.ts. Recursion follows nesting only.

import type { Span } from "../../source/span.ts";
import { violate, type Report } from "../violation.ts";
import type { Block, Exp, Function, Handler, ResultTarget, Shape, Stmt } from "./ast.ts";
import type { PanStage } from "./check.ts";
import { checkExp, type ExpContext } from "./check-exp.ts";
import { printShape } from "./print.ts";
import type { Scopes } from "./scope.ts";
import { PAIR_SHAPE, sameShape, WORD_SHAPE } from "./shape.ts";

export interface FunctionContext {
  readonly function: Function;
  readonly functions: ReadonlyMap<string, Function>;
  readonly exceptions: ReadonlyMap<string, Shape>;
  readonly locals: Scopes<Shape>;
  readonly exps: ExpContext;
  /** Rule P2 for a shape in a declaration. */
  shape(shape: Shape, span: Span): boolean;
  readonly stage: PanStage;
  readonly report: Report;
}

/** Checks a function's body; true if every path through it leaves the function. */
export function checkBody(body: Block, context: FunctionContext): boolean {
  return checkBlock(body, false, context);
}

function checkBlock(block: Block, inLoop: boolean, context: FunctionContext): boolean {
  return context.locals.nested(() => {
    let leaves = false;
    for (const stmt of block) leaves = checkStmt(stmt, inLoop, context) || leaves;
    return leaves;
  });
}

function checkStmt(stmt: Stmt, inLoop: boolean, context: FunctionContext): boolean {
  switch (stmt.kind) {
    case "skip":
    case "annotation":
      if (context.stage.simplified === true) {
        violate(context.report, "P14", `${stmt.kind} after pan-simp`, stmt.span);
      }
      return false;
    case "tick":
      return false;
    case "break":
    case "continue":
      if (!inLoop) violate(context.report, "P9", `${stmt.kind} outside a loop`, stmt.span);
      return false;
    case "block":
      return checkBlock(stmt.body, inLoop, context);
    case "if": {
      checkExp(stmt.condition, WORD_SHAPE, context.exps);
      const then = checkBlock(stmt.then, inLoop, context);
      return checkBlock(stmt.else, inLoop, context) && then;
    }
    case "while":
      checkExp(stmt.condition, WORD_SHAPE, context.exps);
      checkBlock(stmt.body, true, context);
      return false;
    case "return":
      checkExp(stmt.value, context.function.result, context.exps);
      return true;
    case "call":
    case "tailCall":
    case "decCall":
    case "raise":
    case "foreignCall":
      return checkTransferOfControl(stmt, inLoop, context);
    case "dec":
    case "assign":
    case "addCarry":
    case "store":
    case "storeBytes":
    case "sharedLoad":
    case "sharedStore":
      checkData(stmt, context);
      return false;
  }
}

type Data = Extract<
  Stmt,
  {
    readonly kind: "dec" | "assign" | "addCarry" | "store" | "storeBytes" | "sharedLoad" | "sharedStore";
  }
>;

function checkData(stmt: Data, context: FunctionContext): void {
  const words = (...exps: readonly Exp[]): void => {
    for (const e of exps) checkExp(e, WORD_SHAPE, context.exps);
  };
  switch (stmt.kind) {
    case "dec":
      checkExp(stmt.value, stmt.shape, context.exps);
      declare(stmt.name, stmt.shape, stmt.span, context);
      break;
    case "assign":
      checkExp(stmt.value, targetShape(stmt, stmt.span, context), context.exps);
      break;
    case "addCarry":
      words(stmt.left, stmt.right, stmt.carryIn);
      checkTarget({ scope: "local", name: stmt.name }, PAIR_SHAPE, stmt.span, context);
      break;
    case "store":
      words(stmt.address);
      checkExp(stmt.value, null, context.exps);
      break;
    case "storeBytes":
    case "sharedStore":
      words(stmt.address, stmt.value);
      break;
    case "sharedLoad":
      words(stmt.address);
      checkTarget(stmt, WORD_SHAPE, stmt.span, context);
      checkPlain(stmt.scope, "a shared load", stmt.span, context);
      break;
  }
}

function declare(name: string, shape: Shape, span: Span, context: FunctionContext): void {
  if (context.shape(shape, span)) context.locals.declare(name, shape);
}

function targetShape(target: ResultTarget, span: Span, context: FunctionContext): Shape | null {
  const shape = context.exps.variable(target.scope, target.name);
  if (shape === undefined)
    violate(context.report, "P3", `${target.scope} ${target.name} is not in scope`, span);
  return shape ?? null;
}

function checkTarget(target: ResultTarget, wanted: Shape, span: Span, context: FunctionContext): void {
  const shape = targetShape(target, span, context);
  if (shape === null || sameShape(shape, wanted)) return;
  violate(
    context.report,
    "P4",
    `${target.name} has shape ${printShape(shape)}, not ${printShape(wanted)}`,
    span,
  );
}

/** P16. */
function checkPlain(scope: "local" | "global", what: string, span: Span, context: FunctionContext): void {
  if (scope === "global" && context.stage.plainGlobals === true) {
    violate(context.report, "P16", `${what} writes a global after pan-globals`, span);
  }
}

type Transfer = Extract<Stmt, { readonly kind: "call" | "tailCall" | "decCall" | "raise" | "foreignCall" }>;

function checkTransferOfControl(stmt: Transfer, inLoop: boolean, context: FunctionContext): boolean {
  switch (stmt.kind) {
    case "decCall": {
      const result = checkCall(stmt, context);
      if (result !== null && !sameShape(result, stmt.shape)) {
        violate(context.report, "P7", `${stmt.callee} returns ${printShape(result)}`, stmt.span);
      }
      declare(stmt.name, stmt.shape, stmt.span, context);
      return false;
    }
    case "call": {
      const result = checkCall(stmt, context);
      if (stmt.target !== null) {
        if (result !== null) checkTarget(stmt.target, result, stmt.span, context);
        checkPlain(stmt.target.scope, "a call", stmt.span, context);
      }
      if (stmt.handler !== null) checkHandler(stmt.handler, stmt.span, inLoop, context);
      return false;
    }
    case "tailCall": {
      const result = checkCall(stmt, context);
      if (result !== null && !sameShape(result, context.function.result)) {
        violate(context.report, "P7", `tail call returns ${printShape(result)}`, stmt.span);
      }
      return true;
    }
    case "raise":
      checkExp(stmt.value, payloadShape(stmt.exception, stmt.span, context), context.exps);
      return true;
    case "foreignCall":
      if (stmt.args.length !== 4) violate(context.report, "P12", "not four arguments", stmt.span);
      for (const arg of stmt.args) checkExp(arg, WORD_SHAPE, context.exps);
      return false;
  }
}

function payloadShape(exception: string, span: Span, context: FunctionContext): Shape | null {
  const shape = context.exceptions.get(exception);
  if (shape === undefined) violate(context.report, "P13", `exception ${exception} is not declared`, span);
  return shape ?? null;
}

function checkHandler(handler: Handler, span: Span, inLoop: boolean, context: FunctionContext): void {
  const payload = payloadShape(handler.exception, span, context);
  const variable = context.locals.lookup(handler.variable);
  if (variable === undefined) violate(context.report, "P13", `${handler.variable} is not a local`, span);
  else if (payload !== null && !sameShape(variable, payload)) {
    violate(context.report, "P13", `${handler.variable} has shape ${printShape(variable)}`, span);
  }
  checkBlock(handler.body, inLoop, context);
}

/** The callee's result shape, null if there is no such function. */
function checkCall(
  call: { readonly callee: string; readonly args: readonly Exp[]; readonly span: Span },
  context: FunctionContext,
): Shape | null {
  const callee = context.functions.get(call.callee);
  if (callee === undefined) violate(context.report, "P7", `${call.callee} does not exist`, call.span);
  else if (callee.params.length !== call.args.length) {
    violate(
      context.report,
      "P7",
      `${call.callee} takes ${String(callee.params.length)} arguments`,
      call.span,
    );
  }
  call.args.forEach((arg, i) => checkExp(arg, callee?.params[i]?.shape ?? null, context.exps));
  return callee?.result ?? null;
}
