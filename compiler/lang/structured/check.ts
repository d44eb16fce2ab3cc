// The rules that CrepLang and LoopLang share, each under the number that it has in the language's own check.ts.
//
// A language's check names its rules, checks its values and its own statements, and gives the shared ones to
// `checkPlain`, `checkCall` and `checkForeignCall`.

import { NO_SPAN, type Span } from "../../source/span.ts";
import { duplicates, newReport, violate, type Report, type Violation } from "../violation.ts";
import { assignedVariables, type AssignedVariables } from "./assigned-variables.ts";
import type { Call, ForeignCall, Function, Handler, PlainStmt, Program, Var } from "./ast.ts";

/** The number of each shared rule. */
export interface Rules {
  /** Names are unique; entry and exported functions can be called from outside. */
  readonly heads: string;
  readonly assigned: string;
  readonly calls: string;
  readonly tailCalls: string;
  readonly foreignCalls: string;
  /** `break` and `continue` name a scope. */
  readonly scopes: string;
  /** Every path leaves the function. */
  readonly leaving: string;
  readonly results: string;
  readonly exceptions: string;
  readonly globals: string;
  readonly distinct: string;
}

/** What a language adds. */
export interface Language<Value, Stmt> {
  readonly rules: Rules;
  checkStmt(stmt: Stmt, walk: Walk<Value, Stmt>): void;
  /** `span` is the statement's. */
  checkValue(value: Value, span: Span, walk: Walk<Value, Stmt>): void;
  /** After the walk of a function. */
  checkWhole?(f: Function<Stmt>, report: Report): void;
}

/** The walk of one function. */
export interface Walk<Value, Stmt> {
  readonly language: Language<Value, Stmt>;
  readonly program: Program<Function<Stmt>>;
  readonly functions: ReadonlyMap<string, Function<Stmt>>;
  readonly function: Function<Stmt>;
  readonly report: Report;
  readonly assigned: AssignedVariables;
  /** Enclosing loops and blocks, innermost last. */
  readonly scopes: ("loop" | "block")[];
}

/** All violations, in program order; empty for a well-formed program. */
export function checkProgram<Value, Stmt>(
  program: Program<Function<Stmt>>,
  language: Language<Value, Stmt>,
): readonly Violation[] {
  const { rules } = language;
  const report = newReport();
  checkHeads(program, rules.heads, report);
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  for (const f of program.functions) {
    report.function = f.name;
    const assigned = assignedVariables((v, span) => {
      violate(report, rules.assigned, `%${String(v)} is read before it is assigned`, span);
    });
    const walk = { language, program, functions, function: f, report, assigned, scopes: [] };
    checkDistinct(f.params, "parameters", f.span, walk);
    assigned.assign(f.params);
    checkBlock(f.body, walk);
    if (assigned.reachable()) violate(report, rules.leaving, "a path does not leave the function", f.span);
    language.checkWhole?.(f, report);
  }
  return report.violations;
}

function checkHeads<Stmt>(program: Program<Function<Stmt>>, rule: string, report: Report): void {
  for (const name of duplicates(program.functions.map((f) => f.name))) {
    const again = program.functions.findLast((f) => f.name === name);
    if (again !== undefined) violate(report, rule, `two functions named ${name}`, again.span);
  }
  for (const name of duplicates(program.exceptions.map((e) => e.name))) {
    violate(report, rule, `two exceptions named ${name}`, NO_SPAN);
  }
  const entry = program.functions.find((f) => f.name === program.entry);
  if (entry === undefined) {
    violate(report, rule, `entry ${program.entry} does not exist`, NO_SPAN);
  } else if (entry.params.length > 0 || entry.resultWords !== 1) {
    violate(report, rule, `entry ${entry.name} has parameters or several result words`, entry.span);
  }
  for (const f of program.functions) {
    if (f.exported && (f.params.length > 4 || f.resultWords !== 1)) {
      violate(report, rule, `exported ${f.name} has more than 4 parameters or several result words`, f.span);
    }
  }
}

/** Every statement by the language's own check. */
export function checkBlock<Value, Stmt>(block: readonly Stmt[], w: Walk<Value, Stmt>): void {
  for (const stmt of block) w.language.checkStmt(stmt, w);
}

/** Two blocks of which one runs. */
export function checkBranches<Value, Stmt>(
  then: readonly Stmt[],
  otherwise: readonly Stmt[],
  w: Walk<Value, Stmt>,
): void {
  w.assigned.either(
    () => {
      checkBlock(then, w);
    },
    () => {
      checkBlock(otherwise, w);
    },
  );
}

/** The body of a scope that `break` and `continue` count. */
export function checkScope<Value, Stmt>(
  kind: "loop" | "block",
  body: readonly Stmt[],
  w: Walk<Value, Stmt>,
): void {
  w.scopes.push(kind);
  checkBlock(body, w);
  w.scopes.pop();
}

/** What a statement reads, and then what it writes. */
export function checkReadsAndWrites<Value, Stmt>(
  stmt: { readonly reads: readonly Value[]; readonly writes?: readonly Var[]; readonly span: Span },
  w: Walk<Value, Stmt>,
): void {
  const { reads, writes = [], span } = stmt;
  for (const value of reads) w.language.checkValue(value, span, w);
  checkDistinct(writes, "destinations", span, w);
  w.assigned.assign(writes);
}

/** The rules of the statements that need no block. */
export function checkPlain<Value, Stmt>(stmt: PlainStmt<Value>, w: Walk<Value, Stmt>): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "addCarry":
      checkReadsAndWrites(
        { reads: [stmt.left, stmt.right, stmt.carryIn], writes: [stmt.sum, stmt.carry], span },
        w,
      );
      return;
    case "store":
    case "sharedStore":
      checkReadsAndWrites({ reads: [stmt.address, stmt.value], span }, w);
      return;
    case "sharedLoad":
      checkReadsAndWrites({ reads: [stmt.address], writes: [stmt.dest], span }, w);
      return;
    case "setGlobal":
      checkReadsAndWrites({ reads: [stmt.value], span }, w);
      checkGlobal(stmt.index, span, w);
      return;
    case "break":
    case "continue":
      checkJump(stmt, w);
      return;
    case "tailCall":
    case "raise":
    case "return":
      checkExit(stmt, w);
      w.assigned.leave();
      return;
  }
}

/** The word `index` of the globals exists. */
export function checkGlobal<Value, Stmt>(index: number, span: Span, w: Walk<Value, Stmt>): void {
  if (index < 0 || index >= w.program.globalWords) {
    const message = `global word ${String(index)} of ${String(w.program.globalWords)}`;
    violate(w.report, w.language.rules.globals, message, span);
  }
}

function checkJump<Value, Stmt>(
  stmt: Extract<PlainStmt<Value>, { readonly kind: "break" | "continue" }>,
  w: Walk<Value, Stmt>,
): void {
  const rule = w.language.rules.scopes;
  const scope = w.scopes.at(-1 - stmt.depth);
  if (scope === undefined || stmt.depth < 0) {
    violate(w.report, rule, `${stmt.kind} ${String(stmt.depth)} leaves no scope`, stmt.span);
    w.assigned.leave();
  } else if (stmt.kind === "continue") {
    if (scope === "block") violate(w.report, rule, "continue names a block", stmt.span);
    w.assigned.leave();
  } else w.assigned.breakOut(stmt.depth);
}

type FunctionExit<Value> = Extract<PlainStmt<Value>, { readonly kind: "tailCall" | "raise" | "return" }>;

function checkExit<Value, Stmt>(stmt: FunctionExit<Value>, w: Walk<Value, Stmt>): void {
  const { rules } = w.language;
  const { resultWords } = w.function;
  const { span } = stmt;
  switch (stmt.kind) {
    case "tailCall": {
      const callee = checkCallee(stmt, w);
      if (callee === null || callee.resultWords === resultWords) return;
      const message = `${stmt.callee} returns ${String(callee.resultWords)} words`;
      violate(w.report, rules.tailCalls, message, span);
      return;
    }
    case "raise":
      checkReadsAndWrites({ reads: stmt.payload, span }, w);
      checkPayload(stmt.exception, stmt.payload.length, span, w);
      return;
    case "return":
      checkReadsAndWrites({ reads: stmt.values, span }, w);
      if (stmt.values.length === resultWords) return;
      violate(w.report, rules.results, `returns ${String(stmt.values.length)} words`, span);
      return;
  }
}

/** The callee, its arguments and results, and the two ways on: results or handler. */
export function checkCall<Value, Stmt>(stmt: Call<Value, Stmt>, w: Walk<Value, Stmt>): void {
  const callee = checkCallee(stmt, w);
  const { dests, handler, span } = stmt;
  if (dests !== null) checkDistinct(dests, "destinations", span, w);
  if (callee !== null && dests !== null && callee.resultWords !== dests.length) {
    const message = `${stmt.callee} returns ${String(callee.resultWords)} words`;
    violate(w.report, w.language.rules.calls, message, span);
  }
  const returned = (): void => {
    w.assigned.assign(dests ?? []);
  };
  if (handler === null) returned();
  else {
    w.assigned.either(returned, () => {
      checkHandler(handler, span, w);
    });
  }
}

function checkHandler<Value, Stmt>(handler: Handler<Stmt>, span: Span, w: Walk<Value, Stmt>): void {
  checkPayload(handler.exception, handler.payload.length, span, w);
  checkDistinct(handler.payload, "payload variables", span, w);
  w.assigned.assign(handler.payload);
  checkBlock(handler.body, w);
}

/** Four arguments; whether the callee exists is known when linking. */
export function checkForeignCall<Value, Stmt>(stmt: ForeignCall<Value>, w: Walk<Value, Stmt>): void {
  checkReadsAndWrites({ reads: stmt.args, span: stmt.span }, w);
  if (stmt.args.length === 4) return;
  violate(w.report, w.language.rules.foreignCalls, "a foreign call without four arguments", stmt.span);
}

function checkPayload<Value, Stmt>(exception: number, words: number, span: Span, w: Walk<Value, Stmt>): void {
  const rule = w.language.rules.exceptions;
  const declared = w.program.exceptions[exception];
  if (declared === undefined) violate(w.report, rule, `no exception ${String(exception)}`, span);
  else if (declared.payloadWords !== words) {
    violate(w.report, rule, `${declared.name} has ${String(declared.payloadWords)} words`, span);
  }
}

/** The callee, if it exists; its arguments are checked. */
function checkCallee<Value, Stmt>(
  call: { readonly callee: string; readonly args: readonly Value[]; readonly span: Span },
  w: Walk<Value, Stmt>,
): Function<Stmt> | null {
  const { calls } = w.language.rules;
  checkReadsAndWrites({ reads: call.args, span: call.span }, w);
  const callee = w.functions.get(call.callee);
  if (callee === undefined) violate(w.report, calls, `${call.callee} does not exist`, call.span);
  else if (callee.params.length !== call.args.length) {
    violate(w.report, calls, `${call.callee} takes ${String(callee.params.length)} words`, call.span);
  }
  return callee ?? null;
}

function checkDistinct<Value, Stmt>(
  vars: readonly Var[],
  what: string,
  span: Span,
  w: Walk<Value, Stmt>,
): void {
  if (new Set(vars).size === vars.length) return;
  violate(w.report, w.language.rules.distinct, `${what} are not distinct`, span);
}
