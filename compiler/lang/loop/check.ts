// What a LoopLang program must satisfy. A violation is a mistake of the toolchain.
//
// L1   Function and exception names are unique; the entry exists, has no parameters and one result word; exported
//      functions have at most 4 parameters and one result word.
// L2   A variable is assigned before it is read on every path.
// L3   Operands are variables or constant words.
// L4   Calls: the callee exists, arguments are as many as its parameters, destinations as its result words; a tail
//      call's callee has the caller's number of result words; foreign calls have four arguments.
// L5   `break depth` and `continue depth` name an enclosing scope; `continue` a loop.
// L6   Every path of a function leaves it; `return` has the function's number of result words.
// L7   After loop-live: every live set is exact.
// L8   Exceptions exist; payloads have their number of words.
// L9   Global words exist.
// L10  Parameters, destinations of one statement and payload variables are pairwise different.

import type { Span } from "../../source/span.ts";
import { assignedVariables, type AssignedVariables } from "../assigned-variables.ts";
import { duplicates, newReport, violate, type Report, type Violation } from "../violation.ts";
import type { Block, Exp, Function, Handler, Operand, Program, Stmt, Var } from "./ast.ts";
import { checkLiveSets } from "./check-live.ts";

/** Which rules of later stages hold as well. */
export interface LoopStage {
  /** Rule L7. */
  readonly live?: boolean;
}

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program, stage: LoopStage = {}): readonly Violation[] {
  const report = newReport();
  checkHeads(program, report);
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  for (const f of program.functions) {
    report.function = f.name;
    const assigned = assignedVariables((v, span) => {
      violate(report, "L2", `%${String(v)} is read before it is assigned`, span);
    });
    const context: Context = { program, functions, function: f, report, assigned, scopes: [] };
    checkDistinct(f.params, "parameters", f.span, context);
    assigned.assign(f.params);
    checkBlock(f.body, context);
    if (assigned.reachable()) violate(report, "L6", "a path does not leave the function", f.span);
    if (stage.live === true) checkLiveSets(f, report);
  }
  return report.violations;
}

function checkHeads(program: Program, report: Report): void {
  for (const name of duplicates(program.functions.map((f) => f.name))) {
    const again = program.functions.findLast((f) => f.name === name);
    if (again !== undefined) violate(report, "L1", `two functions named ${name}`, again.span);
  }
  for (const name of duplicates(program.exceptions.map((e) => e.name))) {
    violate(report, "L1", `two exceptions named ${name}`, { start: 0, end: 0 });
  }
  const entry = program.functions.find((f) => f.name === program.entry);
  if (entry === undefined) {
    violate(report, "L1", `entry ${program.entry} does not exist`, { start: 0, end: 0 });
  } else if (entry.params.length > 0 || entry.resultWords !== 1) {
    violate(report, "L1", `entry ${entry.name} has parameters or several result words`, entry.span);
  }
  for (const f of program.functions) {
    if (f.exported && (f.params.length > 4 || f.resultWords !== 1)) {
      violate(report, "L1", `exported ${f.name} has more than 4 parameters or several result words`, f.span);
    }
  }
}

interface Context {
  readonly program: Program;
  readonly functions: ReadonlyMap<string, Function>;
  readonly function: Function;
  readonly report: Report;
  readonly assigned: AssignedVariables;
  /** Enclosing `loop` and `block`, innermost last. */
  readonly scopes: ("loop" | "block")[];
}

function checkBlock(block: Block, c: Context): void {
  for (const stmt of block) checkStmt(stmt, c);
}

function checkStmt(stmt: Stmt, c: Context): void {
  switch (stmt.kind) {
    case "if":
      checkOperands([stmt.condition.left, stmt.condition.right], stmt.span, c);
      c.assigned.either(
        () => {
          checkBlock(stmt.then, c);
        },
        () => {
          checkBlock(stmt.else, c);
        },
      );
      return;
    case "loop":
    case "block":
      c.assigned.breakable(stmt.kind === "block", () => {
        c.scopes.push(stmt.kind);
        checkBlock(stmt.body, c);
        c.scopes.pop();
      });
      return;
    case "break":
    case "continue":
      checkExit(stmt, c);
      return;
    case "call":
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
      checkTransfer(stmt, c);
      return;
    case "assign":
    case "addCarry":
    case "load":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
      checkData(stmt, c);
      return;
  }
}

function checkExit(stmt: Extract<Stmt, { readonly kind: "break" | "continue" }>, c: Context): void {
  const scope = c.scopes.at(-1 - stmt.depth);
  if (scope === undefined || stmt.depth < 0) {
    violate(c.report, "L5", `${stmt.kind} ${String(stmt.depth)} leaves no scope`, stmt.span);
    c.assigned.leave();
  } else if (stmt.kind === "continue") {
    if (scope === "block") violate(c.report, "L5", "continue names a block", stmt.span);
    c.assigned.leave();
  } else c.assigned.breakOut(stmt.depth);
}

type Data = Extract<
  Stmt,
  {
    readonly kind:
      "assign" | "addCarry" | "load" | "store" | "getGlobal" | "setGlobal" | "sharedLoad" | "sharedStore";
  }
>;

function checkData(stmt: Data, c: Context): void {
  switch (stmt.kind) {
    case "assign":
      checkOperands(operandsOf(stmt.value), stmt.span, c);
      c.assigned.assign([stmt.dest]);
      break;
    case "addCarry":
      checkOperands([stmt.left, stmt.right, stmt.carryIn], stmt.span, c);
      checkDistinct([stmt.sum, stmt.carry], "destinations", stmt.span, c);
      c.assigned.assign([stmt.sum, stmt.carry]);
      break;
    case "load":
    case "sharedLoad":
      checkOperands([stmt.address], stmt.span, c);
      c.assigned.assign([stmt.dest]);
      break;
    case "store":
    case "sharedStore":
      checkOperands([stmt.address, stmt.value], stmt.span, c);
      break;
    case "getGlobal":
      checkGlobal(stmt.index, stmt.span, c);
      c.assigned.assign([stmt.dest]);
      break;
    case "setGlobal":
      checkOperands([stmt.value], stmt.span, c);
      checkGlobal(stmt.index, stmt.span, c);
      break;
  }
}

function operandsOf(e: Exp): readonly Operand[] {
  switch (e.kind) {
    case "var":
    case "const":
      return [e];
    case "op":
    case "compare":
      return [e.left, e.right];
    case "shift":
      return [e.value, e.amount];
    case "baseAddr":
    case "topAddr":
      return [];
  }
}

function checkOperands(operands: readonly Operand[], span: Span, c: Context): void {
  for (const o of operands) {
    if (o.kind === "var") c.assigned.read(o.var, span);
    else if (BigInt.asUintN(64, o.value) !== o.value) violate(c.report, "L3", "not a word", span);
  }
}

function checkGlobal(index: number, span: Span, c: Context): void {
  if (index < 0 || index >= c.program.globalWords) {
    violate(c.report, "L9", `global word ${String(index)} of ${String(c.program.globalWords)}`, span);
  }
}

function checkDistinct(vars: readonly Var[], what: string, span: Span, c: Context): void {
  if (new Set(vars).size < vars.length) violate(c.report, "L10", `${what} are not distinct`, span);
}

type Transfer = Extract<Stmt, { readonly kind: "call" | "tailCall" | "foreignCall" | "raise" | "return" }>;

function checkTransfer(stmt: Transfer, c: Context): void {
  switch (stmt.kind) {
    case "call":
      checkCallStmt(stmt, c);
      return;
    case "tailCall": {
      const callee = checkCall(stmt, c);
      if (callee !== null && callee.resultWords !== c.function.resultWords) {
        violate(c.report, "L4", `${stmt.callee} returns ${String(callee.resultWords)} words`, stmt.span);
      }
      break;
    }
    case "foreignCall":
      checkOperands(stmt.args, stmt.span, c);
      if (stmt.args.length !== 4) violate(c.report, "L4", "a foreign call without four arguments", stmt.span);
      return;
    case "raise":
      checkOperands(stmt.payload, stmt.span, c);
      checkPayload(stmt.exception, stmt.payload.length, stmt.span, c);
      break;
    case "return":
      checkOperands(stmt.values, stmt.span, c);
      if (stmt.values.length !== c.function.resultWords) {
        violate(c.report, "L6", `returns ${String(stmt.values.length)} words`, stmt.span);
      }
      break;
  }
  c.assigned.leave();
}

function checkPayload(exception: number, words: number, span: Span, c: Context): void {
  const declared = c.program.exceptions[exception];
  if (declared === undefined) violate(c.report, "L8", `no exception ${String(exception)}`, span);
  else if (declared.payloadWords !== words) {
    violate(c.report, "L8", `${declared.name} has ${String(declared.payloadWords)} words`, span);
  }
}

function checkCallStmt(stmt: Extract<Stmt, { readonly kind: "call" }>, c: Context): void {
  const callee = checkCall(stmt, c);
  const dests = stmt.dests ?? [];
  checkDistinct(dests, "destinations", stmt.span, c);
  if (callee !== null && stmt.dests !== null && callee.resultWords !== dests.length) {
    violate(c.report, "L4", `${stmt.callee} returns ${String(callee.resultWords)} words`, stmt.span);
  }
  const { handler } = stmt;
  if (handler === null) c.assigned.assign(dests);
  else {
    c.assigned.either(
      () => {
        c.assigned.assign(dests);
      },
      () => {
        checkHandler(handler, stmt.span, c);
      },
    );
  }
}

function checkHandler(handler: Handler, span: Span, c: Context): void {
  checkPayload(handler.exception, handler.payload.length, span, c);
  checkDistinct(handler.payload, "payload variables", span, c);
  c.assigned.assign(handler.payload);
  checkBlock(handler.body, c);
}

function checkCall(
  call: { readonly callee: string; readonly args: readonly Operand[]; readonly span: Span },
  c: Context,
): Function | null {
  checkOperands(call.args, call.span, c);
  const callee = c.functions.get(call.callee);
  if (callee === undefined) violate(c.report, "L4", `${call.callee} does not exist`, call.span);
  else if (callee.params.length !== call.args.length) {
    violate(c.report, "L4", `${call.callee} takes ${String(callee.params.length)} words`, call.span);
  }
  return callee ?? null;
}
