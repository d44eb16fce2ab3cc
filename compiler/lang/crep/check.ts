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

import { hasItsArity, operandsOf } from "../operation.ts";
import { isPlain } from "../structured/ast.ts";
import {
  checkBranches,
  checkCall,
  checkForeignCall,
  checkGlobal,
  checkPlain,
  checkProgram,
  checkReadsAndWrites,
  checkScope,
  type Language,
  type Walk,
} from "../structured/check.ts";
import { violate, type Violation } from "../violation.ts";
import type { Exp, Program, Stmt } from "./ast.ts";

const crep: Language<Exp, Stmt> = {
  rules: {
    heads: "C1",
    assigned: "C2",
    calls: "C3",
    tailCalls: "C4",
    scopes: "C5",
    leaving: "C6",
    results: "C7",
    exceptions: "C8",
    globals: "C9",
    foreignCalls: "C10",
    distinct: "C11",
  },
  checkStmt,
  checkValue: (e, _, w) => {
    checkExp(e, w);
  },
};

type CrepWalk = Walk<Exp, Stmt>;

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program): readonly Violation[] {
  return checkProgram(program, crep);
}

function checkStmt(stmt: Stmt, w: CrepWalk): void {
  if (isPlain(stmt)) {
    checkPlain(stmt, w);
    return;
  }
  switch (stmt.kind) {
    case "tick":
      return;
    case "assign":
      checkReadsAndWrites({ reads: [stmt.value], writes: [stmt.dest], span: stmt.span }, w);
      return;
    case "if":
      checkExp(stmt.condition, w);
      checkBranches(stmt.then, stmt.else, w);
      return;
    case "while":
      checkExp(stmt.condition, w);
      w.assigned.maybe(() => {
        checkScope("loop", stmt.body, w);
      });
      return;
    case "block":
      w.assigned.breakable(true, () => {
        checkScope("block", stmt.body, w);
      });
      return;
    case "call":
      checkCall(stmt, w);
      return;
    case "foreignCall":
      checkForeignCall(stmt, w);
      return;
  }
}

function checkExp(e: Exp, w: CrepWalk): void {
  switch (e.kind) {
    case "const":
      if (BigInt.asUintN(64, e.value) !== e.value) violate(w.report, "C10", "not a word", e.span);
      return;
    case "var":
      w.assigned.read(e.var, e.span);
      return;
    case "global":
      checkGlobal(e.index, e.span, w);
      return;
    case "load":
      checkExp(e.address, w);
      return;
    case "op":
    case "compare":
    case "shift":
      if (!hasItsArity(e)) {
        violate(w.report, "C10", `${e.op} of ${String(operandsOf(e).length)} arguments`, e.span);
      }
      for (const operand of operandsOf(e)) checkExp(operand, w);
      return;
    case "baseAddr":
    case "topAddr":
      return;
  }
}
