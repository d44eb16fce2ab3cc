// Calls, raises and returns of LoopLang to WebAssembly; part of loop-to-wasm.
//
// A function that may let an exception escape returns a status in front of its results: 0, or the exception's number
// plus one; then the results are zeros and the payload is in globals, which the handler reads before anything else
// runs. So two such functions with the same results have the same type, and tail calls between them stay tail calls.

import type { Block, Handler, Operand, Stmt } from "../../lang/loop/ast.ts";
import type { Instr } from "../../lang/wasm/ast.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import {
  call,
  choose,
  compare,
  drop,
  globalGet,
  globalSet,
  i64Const,
  isZero,
  localGet,
  localSetResult,
  returnCall,
  returnValues,
  unreachable,
} from "../../target/wasm32/instructions.ts";
import type { Convention } from "../analysis/exception-conventions.ts";
import {
  assign,
  emit,
  nested,
  operand,
  operands,
  scratch,
  variable,
  type Translation,
} from "./translation.ts";

type Call = Extract<Stmt, { readonly kind: "call" }>;
type TranslateBlock = (block: Block, t: Translation) => void;

const STATUS = "status";
const NORMAL_STATUS = 0n;
const statusOf = (exception: number): bigint => BigInt(exception) + 1n;

interface Callee {
  readonly name: string;
  readonly returnsStatus: boolean;
  readonly resultWords: number;
  readonly escapes: Convention["escapes"];
}

function calleeNamed(name: string, t: Translation): Callee {
  const convention = t.conventions.get(name) ?? bug(`no convention for ${name}`);
  const { resultWords } = t.functions.get(name) ?? bug(`no function ${name}`);
  const returnsStatus = convention.kind === "status" || convention.kind === "wrapped";
  return {
    name: convention.kind === "wrapped" ? convention.inner : name,
    returnsStatus,
    resultWords,
    escapes: returnsStatus ? convention.escapes : new Set(),
  };
}

/** `translateBlock` translates the handler. */
export function translateCall(stmt: Call, t: Translation, translateBlock: TranslateBlock): void {
  const { span } = stmt;
  const callee = calleeNamed(stmt.callee, t);
  const { handler } = stmt;
  emit(t, span, call(callee.name, operands(stmt.args, t)));
  if (handler === null || !callee.escapes.has(handler.exception)) {
    takeResults(resultLocals(stmt, callee, t), callee, t, span);
    if (callee.returnsStatus) unlessNormal(t, span, () => passOn(t, span));
    return;
  }
  // The handler sees what the variables held before the call.
  const temporaries = stmt.dests?.map((_, i) => scratch(`result.${String(i)}`, t)) ?? null;
  takeResults(temporaries ?? resultLocals(stmt, callee, t), callee, t, span);
  const normal = nested(t, () => {
    stmt.dests?.forEach((dest, i) => assign(dest, localGet(`result.${String(i)}`), t, span));
  });
  const arrived = nested(t, () => {
    translateHandler({ ...handler, escapes: callee.escapes }, t, { span, translateBlock });
  });
  t.out.push(choose(isZero(localGet(STATUS)), { then: normal, else: arrived }, span));
}

/** The locals of the call's results; nulls if they are discarded. */
function resultLocals(stmt: Call, callee: Callee, t: Translation): readonly (string | null)[] {
  const { dests } = stmt;
  if (dests === null) return Array.from({ length: callee.resultWords }, () => null);
  return dests.map((dest) => variable(dest, t));
}

/** Empties the stack of the call's results, the last one first, and of its status. */
function takeResults(locals: readonly (string | null)[], callee: Callee, t: Translation, span: Span): void {
  for (const local of [...locals].reverse()) {
    emit(t, span, local === null ? drop() : localSetResult(local));
  }
  if (callee.returnsStatus) emit(t, span, localSetResult(scratch(STATUS, t)));
}

function unlessNormal(t: Translation, span: Span, exceptional: () => void): void {
  const arrived = nested(t, exceptional);
  const raised = compare("notEqual", localGet(STATUS), i64Const(NORMAL_STATUS));
  t.out.push(choose(raised, { then: arrived, else: [] }, span));
}

function translateHandler(
  handler: Handler & { readonly escapes: Convention["escapes"] },
  t: Translation,
  at: { readonly span: Span; readonly translateBlock: TranslateBlock },
): void {
  if (handler.escapes.size > 1) {
    const other = compare("notEqual", localGet(STATUS), i64Const(statusOf(handler.exception)));
    const others = nested(t, () => {
      passOn(t, at.span);
    });
    t.out.push(choose(other, { then: others, else: [] }, at.span));
  }
  handler.payload.forEach((v, i) => {
    assign(v, globalGet(t.draft.payload(i)), t, at.span);
  });
  at.translateBlock(handler.body, t);
}

/** Leaves the function with the exception that has arrived: its number is the status, its payload stays where it is. */
function passOn(t: Translation, span: Span): void {
  leaveWith(localGet(STATUS), t, span);
}

function leaveWith(status: Instr, t: Translation, span: Span): void {
  switch (t.convention.kind) {
    case "status": {
      const zeros = Array.from({ length: t.f.resultWords }, () => i64Const(0n));
      emit(t, span, returnValues([status, ...zeros]));
      return;
    }
    case "trap":
      reportUncaught(t, span);
      return;
    case "plain":
    case "wrapped":
      return bug(`an exception escapes ${t.f.name}, which is ${t.convention.kind}`, span);
  }
}

/** Stops the program. */
function reportUncaught(t: Translation, span: Span): void {
  emit(t, span, call(t.draft.fault("uncaughtException", { usedIn: t.f.name, span }), []));
  emit(t, span, unreachable());
}

export function translateRaise(raise: Extract<Stmt, { kind: "raise" }>, t: Translation): void {
  const { span } = raise;
  if (t.convention.kind === "status") {
    raise.payload.forEach((word, i) => {
      emit(t, span, globalSet(t.draft.payload(i), operand(word, t)));
    });
  }
  leaveWith(i64Const(statusOf(raise.exception)), t, span);
}

export function translateReturn(values: readonly Operand[], t: Translation, span: Span): void {
  returnNormally(operands(values, t), t, span);
}

function returnNormally(values: readonly Instr[], t: Translation, span: Span): void {
  const status = t.convention.kind === "status" ? [i64Const(NORMAL_STATUS)] : [];
  emit(t, span, returnValues([...status, ...values]));
}

/**
 * A tail call stays one if both functions agree on the status. Otherwise it is a call and a return: the callee of a
 * status function may be plain, and then everything that it tail calls is plain too, so this costs one frame at most.
 */
export function translateTailCall(stmt: Extract<Stmt, { kind: "tailCall" }>, t: Translation): void {
  const { span } = stmt;
  const callee = calleeNamed(stmt.callee, t);
  const args = operands(stmt.args, t);
  if (callee.returnsStatus === (t.convention.kind === "status")) {
    emit(t, span, returnCall(callee.name, args));
    return;
  }
  emit(t, span, call(callee.name, args));
  const temporaries = Array.from({ length: callee.resultWords }, (_, i) => scratch(`result.${String(i)}`, t));
  takeResults(temporaries, callee, t, span);
  if (callee.returnsStatus) unlessNormal(t, span, () => passOn(t, span));
  returnNormally(temporaries.map(localGet), t, span);
}
