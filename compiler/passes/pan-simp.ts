/**
 * pan-simp: PanLang → PanLang.  Upstream: pan_simpScript.sml.
 *
 * Drops what has no effect (annotations, `skip`, statements after one that leaves, blocks without declarations) and
 * turns calls whose result is only returned into tail calls: `x = f(); return x;`, `var x = f(); return x;`, also
 * where `x = f();` ends a nested block, an arm of an `if` or a handler in front of `return x;`. `x` is a local; a
 * global keeps its assignment. Upstream finds only a call and a return that are a whole block.
 *
 * Needs:       P1 to P13.
 * Establishes: P14 (no skip, no annotation).
 * Keeps:       order of everything that has an effect; every span.
 * Cost:        one walk.
 */

import type { Block, Function, Program, Stmt } from "../lang/pan/ast.ts";
import { leaves, mapStmtBlocks } from "../lang/pan/children.ts";

export function panSimp(program: Program): Program {
  return { ...program, functions: program.functions.map(simplifyFunction) };
}

function simplifyFunction(f: Function): Function {
  return { ...f, body: simplifyBlock(f.body, null) };
}

/** The local that is returned right after the block, null if something else happens. */
type Returned = string | null;

/** `after`: what follows the block. */
function simplifyBlock(block: Block, after: Returned): Block {
  const kept = flatten(block);
  const result: Stmt[] = [];
  // Names declared in this block hide the outer variable that `after` means.
  const last = kept.length - 1;
  const declared = new Set(kept.flatMap((s) => (s.kind === "dec" || s.kind === "decCall" ? [s.name] : [])));
  const atEnd = after !== null && declared.has(after) ? null : after;
  for (let i = 0; i <= last; i++) {
    const stmt = kept[i];
    if (stmt === undefined) break;
    const follows = i === last ? atEnd : returnedBy(kept[i + 1]);
    const simpler = simplifyStmt(stmt, follows);
    result.push(simpler);
    if (leaves(simpler)) break;
  }
  return result;
}

/** Without statements that do nothing; blocks that declare nothing become part of their parent. */
function flatten(block: Block): Stmt[] {
  const out: Stmt[] = [];
  for (const stmt of block) {
    if (stmt.kind === "skip" || stmt.kind === "annotation") continue;
    if (stmt.kind === "block") {
      const inner = flatten(stmt.body);
      if (inner.some((s) => s.kind === "dec" || s.kind === "decCall")) out.push({ ...stmt, body: inner });
      else for (const s of inner) out.push(s);
    } else out.push(stmt);
  }
  return out;
}

function returnedBy(next: Stmt | undefined): Returned {
  if (next?.kind !== "return" || next.value.kind !== "var" || next.value.scope !== "local") return null;
  return next.value.name;
}

function simplifyStmt(stmt: Stmt, follows: Returned): Stmt {
  if (stmt.kind === "decCall" && follows === stmt.name) return tailCall(stmt);
  if (stmt.kind === "call" && stmt.handler === null && follows !== null) {
    return stmt.target?.scope === "local" && stmt.target.name === follows ? tailCall(stmt) : stmt;
  }
  // The end of a loop body goes back to its head.
  const after = stmt.kind === "while" ? null : follows;
  return mapStmtBlocks(stmt, (block) => simplifyBlock(block, after));
}

function tailCall(call: Extract<Stmt, { readonly kind: "call" | "decCall" }>): Stmt {
  return { kind: "tailCall", callee: call.callee, args: call.args, span: call.span };
}
