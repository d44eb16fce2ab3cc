/**
 * loop-handlers: LoopLang → LoopLang.  No upstream counterpart (upstream has a handler at every call).
 *
 * Drops handlers of exceptions that the callee cannot let escape.
 *
 * Needs:       L4, L8.
 * Establishes: every handler can be reached as far as the call graph tells (analysis/may-raise.ts).
 * Keeps:       everything else; live sets become stale, so it runs before loop-live.
 * Cost:        the analysis and one walk.
 */

import type { Block, Program, Stmt } from "../lang/loop/ast.ts";
import { mapStmtBlocks } from "../lang/loop/children.ts";
import { mayRaiseLoop, type ExceptionSet } from "./analysis/may-raise.ts";

export function loopHandlers(program: Program): Program {
  const escaping = mayRaiseLoop(program);
  return {
    ...program,
    functions: program.functions.map((f) => ({ ...f, body: pruneBlock(f.body, escaping) })),
  };
}

function pruneBlock(block: Block, escaping: ReadonlyMap<string, ExceptionSet>): Block {
  return block.map((stmt) => pruneStmt(stmt, escaping));
}

function pruneStmt(stmt: Stmt, escaping: ReadonlyMap<string, ExceptionSet>): Stmt {
  if (stmt.kind === "call" && stmt.handler !== null) {
    const arrives = escaping.get(stmt.callee)?.has(stmt.handler.exception) === true;
    if (!arrives) return { ...stmt, handler: null };
  }
  return mapStmtBlocks(stmt, (block) => pruneBlock(block, escaping));
}
