// The parts of LoopLang nodes, written once: a pass names only the cases that it changes.

import type { Block, Exp, Operand, Stmt, Var } from "./ast.ts";

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

/** The variables that the statement itself writes; a handler's payload counts. */
export function writtenVars(stmt: Stmt): readonly Var[] {
  switch (stmt.kind) {
    case "assign":
    case "load":
    case "getGlobal":
    case "sharedLoad":
      return [stmt.dest];
    case "addCarry":
      return [stmt.sum, stmt.carry];
    case "call":
      return [...(stmt.dests ?? []), ...(stmt.handler?.payload ?? [])];
    case "store":
    case "setGlobal":
    case "if":
    case "loop":
    case "block":
    case "break":
    case "continue":
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
    case "sharedStore":
      return [];
  }
}

/** The blocks of the statement: arms, bodies, the handler's body. */
export function stmtBlocks(stmt: Stmt): readonly Block[] {
  if (stmt.kind === "block" || stmt.kind === "loop") return [stmt.body];
  if (stmt.kind === "if") return [stmt.then, stmt.else];
  return stmt.kind === "call" && stmt.handler !== null ? [stmt.handler.body] : [];
}

/** `stmt` with its blocks mapped. */
export function mapStmtBlocks(stmt: Stmt, f: (block: Block) => Block): Stmt {
  if (stmt.kind === "block" || stmt.kind === "loop") return { ...stmt, body: f(stmt.body) };
  if (stmt.kind === "if") return { ...stmt, then: f(stmt.then), else: f(stmt.else) };
  if (stmt.kind !== "call" || stmt.handler === null) return stmt;
  return { ...stmt, handler: { ...stmt.handler, body: f(stmt.handler.body) } };
}

/** Every statement at or below a block, in source order, outermost first. */
export function forEachStmt(block: Block, visit: (stmt: Stmt) => void): void {
  for (const stmt of block) {
    visit(stmt);
    for (const inner of stmtBlocks(stmt)) forEachStmt(inner, visit);
  }
}

/** True if nothing that follows the statement in its block can run; looks at last statements only. */
export function leaves(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case "break":
    case "continue":
    case "return":
    case "raise":
    case "tailCall":
      return true;
    case "if":
      return endLeaves(stmt.then) && endLeaves(stmt.else);
    case "assign":
    case "addCarry":
    case "load":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "loop":
    case "block":
    case "call":
    case "foreignCall":
    case "sharedLoad":
    case "sharedStore":
      return false;
  }
}

function endLeaves(block: Block): boolean {
  const last = block.at(-1);
  return last !== undefined && leaves(last);
}
