// The parts of LoopLang nodes, written once: a pass names only the cases that it changes.

import type { Exp, Operand, Stmt } from "./ast.ts";

export { forEachStmt, mapStmtBlocks, stmtBlocks } from "../nested-blocks.ts";
export { leaves, writtenVars } from "../structured/children.ts";

/** The operands of one operation. */
export function expOperands(e: Exp): readonly Operand[] {
  switch (e.kind) {
    case "const":
    case "var":
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

/** What the statement itself reads (an `if`: its condition), not the blocks in it. */
export function stmtOperands(stmt: Stmt): readonly Operand[] {
  switch (stmt.kind) {
    case "assign":
      return expOperands(stmt.value);
    case "addCarry":
      return [stmt.left, stmt.right, stmt.carryIn];
    case "load":
    case "sharedLoad":
      return [stmt.address];
    case "store":
    case "sharedStore":
      return [stmt.address, stmt.value];
    case "setGlobal":
      return [stmt.value];
    case "if":
      return [stmt.condition.left, stmt.condition.right];
    case "call":
    case "tailCall":
    case "foreignCall":
      return stmt.args;
    case "raise":
      return stmt.payload;
    case "return":
      return stmt.values;
    case "getGlobal":
    case "loop":
    case "block":
    case "break":
    case "continue":
      return [];
  }
}
