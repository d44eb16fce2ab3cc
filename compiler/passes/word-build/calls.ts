// Calls, raises and returns of LoopLang to WordLang; part of loop-to-word.
//
// A call of a status function tests the status: 0 goes on; otherwise the handler runs if the exception is its own, and
// any other exception is returned in turn (or stops the program where nobody can catch it). Its words stay where they
// are: the payload follows the status in the callee's result and in ours.

import type { Block, Handler, Stmt } from "../../lang/loop/ast.ts";
import type { Label, Value } from "../../lang/word/ast.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import type { ExceptionSet } from "../analysis/may-raise.ts";
import { operandValues, type Translation } from "./translation.ts";
import { edgeTo, newJoin, startJoin } from "./variables.ts";

type Call = Extract<Stmt, { kind: "call" }>;
type TranslateBlock = (block: Block, t: Translation) => void;

/** The status of a normal return, and of an exception. */
const NORMAL_STATUS = 0n;
const statusOf = (exception: number): bigint => BigInt(exception) + 1n;

/** `translateBlock` translates the handler. */
export function translateCall(call: Call, t: Translation, translateBlock: TranslateBlock): void {
  const { builder, variables } = t;
  const callee = t.callees.callee(call.callee);
  const args = operandValues(call.args, t, call.span);
  const results = Array.from({ length: callee.resultWords }, () => builder.value());
  builder.emit({ kind: "call", dests: results, callee: callee.name, args, span: call.span });
  if (!callee.returnsStatus) {
    assignResults(call, results, t);
    return;
  }
  const [goOn, exceptional] = [builder.label(), builder.label()];
  branchOnStatus(results, { status: NORMAL_STATUS, then: goOn, else: exceptional, span: call.span }, t);
  const after = newJoin(builder, new Set([...call.liveOut, ...(call.dests ?? [])]));
  const mark = variables.mark();
  inColdBlocks(t, () => {
    builder.start(exceptional);
    const handler = selectHandler(call, { escapes: callee.escapes, results }, t);
    if (handler === null) return;
    handler.payload.forEach((variable, i) =>
      variables.set(variable, results[i + 1] ?? bug("payload", call.span)),
    );
    translateBlock(handler.body, t);
    if (builder.reachable) builder.jump(edgeTo(after, variables), call.span);
  });
  variables.restore(mark);
  builder.start(goOn);
  assignResults(call, results.slice(1, 1 + callee.normalWords), t);
  if (after.incoming.length === 0) return;
  builder.jump(edgeTo(after, variables), call.span);
  variables.restore(mark);
  startJoin(after, t);
}

function inColdBlocks(t: Translation, build: () => void): void {
  const before = t.builder.cold;
  t.builder.cold = true;
  build();
  t.builder.cold = before;
}

// The results become the variables' values and take their names.
function assignResults(call: Call, results: readonly Value[], t: Translation): void {
  call.dests?.forEach((variable, i) => {
    const value = results[i] ?? bug(`call of ${call.callee}: result ${String(i)} is missing`, call.span);
    const name = t.names.get(variable);
    if (name !== undefined) t.builder.names.set(value, name);
    t.variables.set(variable, value);
  });
}

interface StatusTest {
  readonly status: bigint;
  readonly then: Label;
  readonly else: Label;
  readonly span: Span;
}

function branchOnStatus([left = -1]: readonly Value[], test: StatusTest, t: Translation): void {
  const right = t.builder.constant(test.status, test.span);
  const then = { label: test.then, args: [] };
  t.builder.end({
    kind: "branch",
    op: "equal",
    left,
    right,
    then,
    else: { label: test.else, args: [] },
    span: test.span,
  });
}

// Ends or leads the open block to where the call's handler begins; null if the handler cannot run.
function selectHandler(
  call: Call,
  arrived: { readonly escapes: ExceptionSet; readonly results: readonly Value[] },
  t: Translation,
): Handler | null {
  const { builder } = t;
  const { handler, span } = call;
  const { escapes, results } = arrived;
  if (handler === null || !escapes.has(handler.exception)) {
    passOn(escapes, results, t, span);
    return null;
  }
  const others = new Set([...escapes].filter((e) => e !== handler.exception));
  if (others.size === 0) return handler;
  const [own, other] = [builder.label(), builder.label()];
  branchOnStatus(results, { status: statusOf(handler.exception), then: own, else: other, span }, t);
  builder.start(other);
  passOn(others, results, t, span);
  builder.start(own);
  return handler;
}

function passOn(escapes: ExceptionSet, results: readonly Value[], t: Translation, span: Span): void {
  switch (t.convention.kind) {
    case "status": {
      const values = results.slice(0, 1 + t.callees.payloadWords(escapes));
      t.builder.end({ kind: "return", values, span });
      return;
    }
    case "trap": {
      t.builder.end({ kind: "trap", reason: "uncaughtException", span });
      return;
    }
    case "plain":
    case "wrapped":
      return bug(`an exception escapes ${t.f.name}, which is ${t.convention.kind}`, span);
  }
}

export function translateRaise(raise: Extract<Stmt, { kind: "raise" }>, t: Translation): void {
  const { span } = raise;
  if (t.convention.kind === "trap") {
    t.builder.end({ kind: "trap", reason: "uncaughtException", span });
    return;
  }
  if (t.convention.kind !== "status") return bug(`${t.f.name} raises but is ${t.convention.kind}`, span);
  const payload = operandValues(raise.payload, t, span);
  const status = t.builder.constant(statusOf(raise.exception), span);
  t.builder.end({ kind: "return", values: [status, ...payload], span });
}

/** Returns `values` normally. */
export function translateReturn(values: readonly Value[], t: Translation, span: Span): void {
  const status = t.convention.kind === "status" ? [t.builder.constant(NORMAL_STATUS, span)] : [];
  t.builder.end({ kind: "return", values: [...status, ...values], span });
}

/**
 * A tail call stays one if both functions agree on the status. Otherwise it is a call and a return: the callee of a
 * status function may be plain, and then everything that it tail calls is plain too, so this costs one frame at most.
 */
export function translateTailCall(stmt: Extract<Stmt, { kind: "tailCall" }>, t: Translation): void {
  const { span } = stmt;
  const callee = t.callees.callee(stmt.callee);
  const args = operandValues(stmt.args, t, span);
  if (callee.returnsStatus === (t.convention.kind === "status")) {
    t.builder.end({ kind: "tailCall", callee: callee.name, args, span });
    return;
  }
  const results = Array.from({ length: callee.resultWords }, () => t.builder.value());
  t.builder.emit({ kind: "call", dests: results, callee: callee.name, args, span });
  if (!callee.returnsStatus) {
    translateReturn(results, t, span);
    return;
  }
  const [goOn, exceptional] = [t.builder.label(), t.builder.label()];
  branchOnStatus(results, { status: NORMAL_STATUS, then: goOn, else: exceptional, span }, t);
  inColdBlocks(t, () => {
    t.builder.start(exceptional);
    passOn(callee.escapes, results, t, span);
  });
  t.builder.start(goOn);
  translateReturn(results.slice(1, 1 + callee.normalWords), t, span);
}
