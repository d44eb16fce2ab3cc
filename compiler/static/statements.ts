// Scope and shapes of statements (pancake-language.md, 6.1 to 6.3). Flow rules are reachability.ts, addresses taint.ts.

import type { Block, Call, Exp, Name, ShapedName, Stmt } from "../syntax/tree.ts";
import {
  ADD_WITH_CARRY,
  addWithCarryIn,
  CARRY_SHAPE,
  checkAddWithCarry,
  checkCall,
  resultPlace,
} from "./calls.ts";
import { withoutParens } from "./chain.ts";
import {
  complain,
  didYouMean,
  isFirstReport,
  mayBeSwallowed,
  meaningOf,
  reportUndeclared,
  type BodyContext,
  type Meaning,
} from "./context.ts";
import type { ExceptionInfo } from "./declared.ts";
import { checkAddress, checkExpression, checkWord, sharedKeyword } from "./expressions.ts";
import { expectShape, expectShapeAt, type Wanted } from "./mismatch.ts";
import { bind, enterBlock, leaveBlock, lookUp } from "./scope.ts";
import { isWord, shapesEqual, showShape, UNKNOWN, type Shape } from "./shapes.ts";
import { resolveShape } from "./written-shapes.ts";

type StmtOf<K extends Stmt["kind"]> = Extract<Stmt, { kind: K }>;

/** Checks the statements between braces; what they declare ends with them. */
export function checkBlock(block: Block, ctx: BodyContext): void {
  const mark = enterBlock(ctx.locals);
  for (const stmt of block.statements) checkStatement(stmt, ctx);
  for (const { name } of ctx.locals.undo.slice(mark)) {
    const ending = lookUp(ctx.locals, name);
    if (ending !== undefined) ctx.ended.set(name, ending.declaredAt);
  }
  leaveBlock(ctx.locals, mark);
}

function checkStatement(stmt: Stmt, ctx: BodyContext): void {
  switch (stmt.kind) {
    case "var":
      checkDeclaration(stmt, ctx);
      return;
    case "assign":
      checkAssignment(stmt, ctx);
      return;
    case "call":
      checkCall(stmt.call, ctx);
      return;
    case "foreignCall":
      for (const arg of stmt.args) checkWord(arg, "S0226", {}, ctx);
      return;
    case "store":
      checkStore(stmt, ctx);
      return;
    case "sharedLoad":
      checkSharedLoad(stmt, ctx);
      return;
    case "sharedStore":
      checkAddress(stmt.address, ctx);
      checkWord(stmt.value, "S0221", { keyword: sharedKeyword("st", stmt.bytes) }, ctx);
      return;
    case "if":
      checkWord(stmt.condition, "S0225", { keyword: "if" }, ctx);
      checkBlock(stmt.then, ctx);
      if (stmt.else !== null) checkBlock(stmt.else, ctx);
      return;
    case "while":
      checkWord(stmt.condition, "S0225", { keyword: "while" }, ctx);
      checkBlock(stmt.body, ctx);
      return;
    case "try":
      checkTry(stmt, ctx);
      return;
    case "throw":
      checkThrow(stmt, ctx);
      return;
    case "return":
      checkReturn(stmt.value, ctx);
      return;
    case "block":
      checkBlock(stmt.block, ctx);
      return;
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "annotation":
      return;
    case "error":
      for (const word of ctx.swallowed.wordsAt(stmt.span)) ctx.swallowed.inBody.add(word);
      return;
  }
}

/** Warns if `variable` hides a visible local, global or constant, then makes it visible. */
function declareLocal(variable: ShapedName, shape: Shape, ctx: BodyContext): void {
  const { text: name, span } = variable.name;
  const before = meaningOf(name, ctx);
  if (before !== null) {
    const related = [{ span: before.declaredAt, text: `${before.kind} \`${name}\` is declared here` }];
    complain(ctx, "S0402", span, { with: { name }, label: `hides the ${before.kind}`, related });
  }
  bind(ctx.locals, name, { name, shape, declaredAt: variable.name.span });
}

function checkDeclaration({ variable, value }: StmtOf<"var">, ctx: BodyContext): void {
  const shape = resolveShape(variable.shape, ctx);
  const carry = addWithCarryIn(withoutParens(value));
  const name = variable.name.text;
  if (carry !== null) {
    checkAddWithCarry(carry, ctx);
    const fits = checkCarryTarget(variable.name, shape, ctx);
    declareLocal(variable, fits ? shape : UNKNOWN, ctx);
    return;
  }
  const place = variable.shape ?? variable.name;
  const declared = { span: place.span, text: `declared here with shape ${showShape(shape)}` };
  const wanted = { code: "S0210", shape, with: { name }, subject: "name", related: [declared] };
  // A value that is a syntax error says nothing about the shape that was meant.
  const fits = checkValue(value, wanted, ctx) && value.kind !== "error";
  declareLocal(variable, fits ? shape : UNKNOWN, ctx);
}

function checkAssignment({ target, value }: StmtOf<"assign">, ctx: BodyContext): void {
  const carry = addWithCarryIn(withoutParens(value));
  const variable = assignable(target, ctx);
  if (carry !== null) {
    checkAddWithCarry(carry, ctx);
    if (variable === null) return;
    if (variable.kind === "local") checkCarryTarget(target, variable.shape, ctx);
    else complain(ctx, "S0013", target.span, { with: { name: target.text, found: variable.kind } });
    return;
  }
  checkValue(value, wantedFor(target, variable), ctx);
}

function wantedFor(target: Name, variable: Meaning | null): Wanted {
  const name = target.text;
  if (variable === null || variable.kind === "constant") {
    return { code: "S0211", shape: UNKNOWN, with: { name } };
  }
  const related = [
    {
      span: variable.declaredAt,
      text: `\`${name}\` is declared here with shape ${showShape(variable.shape)}`,
    },
  ];
  return { code: "S0211", shape: variable.shape, with: { name }, subject: "name", related };
}

/** The variable to assign; null after reporting that it is not one. */
function assignable(target: Name, ctx: BodyContext): Exclude<Meaning, { kind: "constant" }> | null {
  const meaning = meaningOf(target.text, ctx);
  if (meaning === null) {
    reportUndeclared(target.text, target.span, ctx);
    return null;
  }
  if (meaning.kind !== "constant") return meaning;
  const related = [{ span: meaning.declaredAt, text: `constant \`${target.text}\` is declared here` }];
  complain(ctx, "S0014", target.span, { with: { name: target.text }, related });
  return null;
}

/** A value that may be a call of any shape: the right side of `var` and `=`. True if it has the wanted shape. */
function checkValue(value: Exp, wanted: Wanted, ctx: BodyContext): boolean {
  const inner = withoutParens(value);
  if (inner.kind === "call") return checkCallResult(inner.call, wanted, ctx);
  return expectShape(value, checkExpression(value, ctx), wanted, ctx);
}

function checkCallResult(call: Call, wanted: Wanted, ctx: BodyContext): boolean {
  const { shape, callee } = checkCall(call, ctx);
  if (callee === null) return true;
  const related = [...(wanted.related ?? []), resultPlace(callee)];
  return expectShapeAt(call.callee.span, shape, { ...wanted, related }, ctx);
}

function checkCarryTarget(target: Name, shape: Shape, ctx: BodyContext): boolean {
  if (shapesEqual(shape, CARRY_SHAPE)) return true;
  complain(ctx, "S0232", target.span, {
    with: { name: target.text, found: showShape(shape) },
    label: `\`${ADD_WITH_CARRY}\` gives the sum and the carry`,
  });
  return false;
}

function checkStore({ bytes, address, value }: StmtOf<"store">, ctx: BodyContext): void {
  checkAddress(address, ctx);
  if (bytes === null) checkExpression(value, ctx);
  else checkWord(value, "S0221", { keyword: `st${String(bytes * 8)}` }, ctx);
}

function checkSharedLoad({ bytes, target, address }: StmtOf<"sharedLoad">, ctx: BodyContext): void {
  checkAddress(address, ctx);
  const variable = assignable(target, ctx);
  if (variable === null || isWord(variable.shape)) return;
  complain(ctx, "S0222", target.span, {
    with: { keyword: sharedKeyword("ld", bytes), name: target.text, found: showShape(variable.shape) },
    related: [{ span: variable.declaredAt, text: `\`${target.text}\` is declared here` }],
  });
}

/** The exception `name`; null after reporting that it is not declared. */
function exceptionNamed(name: Name, ctx: BodyContext): ExceptionInfo | null {
  const info = ctx.declared.exceptions.get(name.text);
  if (info !== undefined) return info;
  if (mayBeSwallowed(ctx, name.text) || !isFirstReport(ctx, "exception", name.text)) return null;
  const hint = didYouMean(ctx, name.text, ctx.declared.exceptions.keys());
  complain(ctx, "S0005", name.span, { with: { name: name.text }, ...hint });
  return null;
}

function payloadPlace(info: ExceptionInfo) {
  const text = `exception \`${info.name}\` is declared here with payload ${showShape(info.shape)}`;
  return { span: info.declaredAt, text };
}

function checkTry(stmt: StmtOf<"try">, ctx: BodyContext): void {
  if (stmt.target === null) checkCall(stmt.call, ctx);
  else checkCallResult(stmt.call, wantedFor(stmt.target, assignable(stmt.target, ctx)), ctx);
  const exception = exceptionNamed(stmt.exception, ctx);
  checkCatchVariable(stmt.payload, exception, ctx);
  checkBlock(stmt.handler, ctx);
}

/** The catch variable is no binder: it must be a local already, and of the payload's shape (section 4). */
function checkCatchVariable(payload: Name, exception: ExceptionInfo | null, ctx: BodyContext): void {
  const name = payload.text;
  const meaning = meaningOf(name, ctx);
  if (meaning === null) {
    if (mayBeSwallowed(ctx, name) || !isFirstReport(ctx, "variable", name)) return;
    const shape = exception === null ? "" : ` of shape ${showShape(exception.shape)}`;
    complain(ctx, "S0012", payload.span, {
      with: { name, found: "no variable of this name" },
      label: `\`catch\` assigns to a local${shape}; it does not declare one`,
      ...didYouMean(ctx, name, ctx.locals.bindings.keys()),
    });
    return;
  }
  if (meaning.kind !== "local") {
    const related = [{ span: meaning.declaredAt, text: `${meaning.kind} \`${name}\` is declared here` }];
    complain(ctx, "S0012", payload.span, { with: { name, found: `a ${meaning.kind}` }, related });
    return;
  }
  if (exception === null) return;
  const related = [
    { span: meaning.declaredAt, text: `\`${name}\` is declared here` },
    payloadPlace(exception),
  ];
  const wanted = { code: "S0231", shape: exception.shape, with: { name }, related };
  expectShapeAt(payload.span, meaning.shape, wanted, ctx);
}

function checkThrow(stmt: StmtOf<"throw">, ctx: BodyContext): void {
  const info = exceptionNamed(stmt.exception, ctx);
  const found = checkExpression(stmt.value, ctx);
  if (info === null) return;
  const names = { name: info.name, what: "the payload" };
  const related = [payloadPlace(info)];
  const wanted = { code: "S0230", shape: info.shape, with: names, subject: "what", related };
  expectShape(stmt.value, found, wanted, ctx);
}

function checkReturn(value: Exp, ctx: BodyContext): void {
  const owner = ctx.owner;
  if (owner === null) return;
  const wanted: Wanted = {
    code: "S0213",
    shape: owner.result,
    with: { name: owner.name, what: "the result" },
    subject: "what",
    related: [resultPlace(owner)],
  };
  checkValue(value, wanted, ctx);
}
