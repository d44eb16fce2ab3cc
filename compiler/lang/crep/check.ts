// What a CrepLang program must satisfy. A violation is a mistake of the toolchain.
//
// C1   Function and exception names are unique; the entry exists, has no parameters and one result word; exported
//      functions have at most 4 parameters and one result word.
// C2   A variable is assigned before it is read on every path.
// C3   Calls: the callee exists, arguments are as many as its parameters, destinations as its result words.
// C4   A tail call's callee has the caller's number of result words.
// C5   `break depth` and `continue depth` name an enclosing scope; `continue` a `while`.
// C6   Every path of a function leaves it by return, tail call or raise.
// C7   `return` has the function's number of result words.
// C8   Exceptions exist; payloads have their number of words.
// C9   Global words exist.
// C10  `add and or xor` have two or more arguments, `sub mul` exactly two; foreign calls four; constants are words.
// C11  Parameters, destinations of one statement and payload variables are pairwise different.

import type { Span } from "../../source/span.ts";
import { assignedVariables, type AssignedVariables } from "../assigned-variables.ts";
import { duplicates, newReport, violate, type Report, type Violation } from "../violation.ts";
import type { Block, Exp, Function, Handler, Program, Stmt, Var } from "./ast.ts";

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program): readonly Violation[] {
  const report = newReport();
  checkHeads(program, report);
  const functions = new Map(program.functions.map((f) => [f.name, f]));
  for (const f of program.functions) {
    report.function = f.name;
    const assigned = assignedVariables((v, span) => {
      violate(report, "C2", `%${String(v)} is read before it is assigned`, span);
    });
    const context: Context = { program, functions, function: f, report, assigned, scopes: [] };
    checkDistinct(f.params, "parameters", f.span, context);
    assigned.assign(f.params);
    checkBlock(f.body, context);
    if (assigned.reachable()) violate(report, "C6", "a path does not leave the function", f.span);
  }
  return report.violations;
}

function checkHeads(program: Program, report: Report): void {
  for (const name of duplicates(program.functions.map((f) => f.name))) {
    const again = program.functions.findLast((f) => f.name === name);
    if (again !== undefined) violate(report, "C1", `two functions named ${name}`, again.span);
  }
  for (const name of duplicates(program.exceptions.map((e) => e.name))) {
    violate(report, "C1", `two exceptions named ${name}`, { start: 0, end: 0 });
  }
  const entry = program.functions.find((f) => f.name === program.entry);
  if (entry === undefined) {
    violate(report, "C1", `entry ${program.entry} does not exist`, { start: 0, end: 0 });
  } else if (entry.params.length > 0 || entry.resultWords !== 1) {
    violate(report, "C1", `entry ${entry.name} has parameters or several result words`, entry.span);
  }
  for (const f of program.functions) {
    if (f.exported && (f.params.length > 4 || f.resultWords !== 1)) {
      violate(report, "C1", `exported ${f.name} has more than 4 parameters or several result words`, f.span);
    }
  }
}

interface Context {
  readonly program: Program;
  readonly functions: ReadonlyMap<string, Function>;
  readonly function: Function;
  readonly report: Report;
  readonly assigned: AssignedVariables;
  /** Enclosing `while` and `block`, innermost last. */
  readonly scopes: ("while" | "block")[];
}

function checkBlock(block: Block, c: Context): void {
  for (const stmt of block) checkStmt(stmt, c);
}

function checkStmt(stmt: Stmt, c: Context): void {
  switch (stmt.kind) {
    case "tick":
      return;
    case "if":
      checkExp(stmt.condition, c);
      c.assigned.either(
        () => {
          checkBlock(stmt.then, c);
        },
        () => {
          checkBlock(stmt.else, c);
        },
      );
      return;
    case "while":
      checkExp(stmt.condition, c);
      c.assigned.maybe(() => {
        checkScope("while", stmt.body, c);
      });
      return;
    case "block":
      c.assigned.breakable(true, () => {
        checkScope("block", stmt.body, c);
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
    case "store":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
      checkData(stmt, c);
      return;
  }
}

function checkScope(kind: "while" | "block", body: Block, c: Context): void {
  c.scopes.push(kind);
  checkBlock(body, c);
  c.scopes.pop();
}

function checkExit(stmt: Extract<Stmt, { readonly kind: "break" | "continue" }>, c: Context): void {
  const scope = c.scopes.at(-1 - stmt.depth);
  if (scope === undefined || stmt.depth < 0) {
    violate(c.report, "C5", `${stmt.kind} ${String(stmt.depth)} leaves no scope`, stmt.span);
    c.assigned.leave();
  } else if (stmt.kind === "continue") {
    if (scope === "block") violate(c.report, "C5", "continue names a block", stmt.span);
    c.assigned.leave();
  } else c.assigned.breakOut(stmt.depth);
}

type Data = Extract<
  Stmt,
  { readonly kind: "assign" | "addCarry" | "store" | "setGlobal" | "sharedLoad" | "sharedStore" }
>;

function checkData(stmt: Data, c: Context): void {
  switch (stmt.kind) {
    case "assign":
      checkExp(stmt.value, c);
      c.assigned.assign([stmt.dest]);
      break;
    case "addCarry":
      checkExps([stmt.left, stmt.right, stmt.carryIn], c);
      checkDistinct([stmt.sum, stmt.carry], "destinations", stmt.span, c);
      c.assigned.assign([stmt.sum, stmt.carry]);
      break;
    case "setGlobal":
      checkExp(stmt.value, c);
      checkGlobal(stmt.index, stmt.span, c);
      break;
    case "store":
    case "sharedStore":
      checkExps([stmt.address, stmt.value], c);
      break;
    case "sharedLoad":
      checkExp(stmt.address, c);
      c.assigned.assign([stmt.dest]);
      break;
  }
}

function checkGlobal(index: number, span: Span, c: Context): void {
  if (index < 0 || index >= c.program.globalWords) {
    violate(c.report, "C9", `global word ${String(index)} of ${String(c.program.globalWords)}`, span);
  }
}

function checkDistinct(vars: readonly Var[], what: string, span: Span, c: Context): void {
  if (new Set(vars).size < vars.length) violate(c.report, "C11", `${what} are not distinct`, span);
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
        violate(c.report, "C4", `${stmt.callee} returns ${String(callee.resultWords)} words`, stmt.span);
      }
      break;
    }
    case "foreignCall":
      checkExps(stmt.args, c);
      if (stmt.args.length !== 4)
        violate(c.report, "C10", "a foreign call without four arguments", stmt.span);
      return;
    case "raise":
      checkExps(stmt.payload, c);
      checkPayload(stmt.exception, stmt.payload.length, stmt.span, c);
      break;
    case "return":
      checkExps(stmt.values, c);
      if (stmt.values.length !== c.function.resultWords) {
        violate(c.report, "C7", `returns ${String(stmt.values.length)} words`, stmt.span);
      }
      break;
  }
  c.assigned.leave();
}

function checkPayload(exception: number, words: number, span: Span, c: Context): void {
  const declared = c.program.exceptions[exception];
  if (declared === undefined) violate(c.report, "C8", `no exception ${String(exception)}`, span);
  else if (declared.payloadWords !== words) {
    violate(c.report, "C8", `${declared.name} has ${String(declared.payloadWords)} words`, span);
  }
}

function checkCallStmt(stmt: Extract<Stmt, { readonly kind: "call" }>, c: Context): void {
  const callee = checkCall(stmt, c);
  const dests = stmt.dests ?? [];
  checkDistinct(dests, "destinations", stmt.span, c);
  if (callee !== null && stmt.dests !== null && callee.resultWords !== dests.length) {
    violate(c.report, "C3", `${stmt.callee} returns ${String(callee.resultWords)} words`, stmt.span);
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
  call: { readonly callee: string; readonly args: readonly Exp[]; readonly span: Span },
  c: Context,
): Function | null {
  checkExps(call.args, c);
  const callee = c.functions.get(call.callee);
  if (callee === undefined) violate(c.report, "C3", `${call.callee} does not exist`, call.span);
  else if (callee.params.length !== call.args.length) {
    violate(c.report, "C3", `${call.callee} takes ${String(callee.params.length)} words`, call.span);
  }
  return callee ?? null;
}

function checkExps(exps: readonly Exp[], c: Context): void {
  for (const e of exps) checkExp(e, c);
}

function checkExp(e: Exp, c: Context): void {
  switch (e.kind) {
    case "const":
      if (BigInt.asUintN(64, e.value) !== e.value) violate(c.report, "C10", "not a word", e.span);
      return;
    case "var":
      c.assigned.read(e.var, e.span);
      return;
    case "global":
      checkGlobal(e.index, e.span, c);
      return;
    case "load":
      checkExp(e.address, c);
      return;
    case "op": {
      const exact = e.op === "sub" || e.op === "mul";
      if (exact ? e.args.length !== 2 : e.args.length < 2) {
        violate(c.report, "C10", `${e.op} of ${String(e.args.length)} arguments`, e.span);
      }
      checkExps(e.args, c);
      return;
    }
    case "compare":
      checkExps([e.left, e.right], c);
      return;
    case "shift":
      checkExps([e.value, e.amount], c);
      return;
    case "baseAddr":
    case "topAddr":
      return;
  }
}
