// The blocks of LoopLang statements, written once: a pass names only the cases that it changes.

import type { Block, Stmt } from "./ast.ts";

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
