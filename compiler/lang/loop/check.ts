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
import type { Operand, Program, Stmt } from "./ast.ts";
import { checkLiveSets } from "./check-live.ts";
import { stmtOperands, writtenVars } from "./children.ts";

/** Which rules of later stages hold as well. */
export interface LoopStage {
  /** Rule L7. */
  readonly live?: boolean;
}

const loop: Language<Operand, Stmt> = {
  rules: {
    heads: "L1",
    assigned: "L2",
    calls: "L4",
    tailCalls: "L4",
    foreignCalls: "L4",
    scopes: "L5",
    leaving: "L6",
    results: "L6",
    exceptions: "L8",
    globals: "L9",
    distinct: "L10",
  },
  checkStmt,
  checkValue: (operand, span, { assigned, report }) => {
    if (operand.kind === "var") assigned.read(operand.var, span);
    else if (BigInt.asUintN(64, operand.value) !== operand.value) violate(report, "L3", "not a word", span);
  },
};

/** All violations, in program order; empty for a well-formed program. */
export function check(program: Program, stage: LoopStage = {}): readonly Violation[] {
  return checkProgram(program, stage.live === true ? { ...loop, checkWhole: checkLiveSets } : loop);
}

function checkStmt(stmt: Stmt, w: Walk<Operand, Stmt>): void {
  if (isPlain(stmt)) {
    checkPlain(stmt, w);
    return;
  }
  switch (stmt.kind) {
    case "if":
      checkReadsAndWrites({ reads: stmtOperands(stmt), span: stmt.span }, w);
      checkBranches(stmt.then, stmt.else, w);
      return;
    case "loop":
    case "block":
      w.assigned.breakable(stmt.kind === "block", () => {
        checkScope(stmt.kind, stmt.body, w);
      });
      return;
    case "call":
      checkCall(stmt, w);
      return;
    case "foreignCall":
      checkForeignCall(stmt, w);
      return;
    case "getGlobal":
      checkGlobal(stmt.index, stmt.span, w);
      w.assigned.assign([stmt.dest]);
      return;
    case "assign":
    case "load":
      checkReadsAndWrites({ reads: stmtOperands(stmt), writes: writtenVars(stmt), span: stmt.span }, w);
      return;
  }
}
