/**
 * crep-arith: CrepLang → CrepLang.  Upstream: crep_arithScript.sml, which has the multiplications only.
 *
 * Simplifies expressions (crep-arith/simplify.ts): constants fold, identities vanish, constants of sums and masks
 * gather at the right end, multiplications by constants become shifts and additions where that is at most two
 * operations, comparisons lose double negations and tests of truth values against 0 and 1. Branches and loops on
 * constants go, and with them what can no longer run.
 *
 * Needs:       C1 to C11.
 * Establishes: nothing that later passes rely on.
 * Keeps:       values of all defined expressions (Error may vanish); order of effects; spans of what remains.
 * Cost:        one walk; a rule looks a bounded depth below its node.
 */

import type { Block, Exp, Program, Stmt } from "../lang/crep/ast.ts";
import { leaves, mapStmtBlocks, mapStmtExps } from "../lang/crep/children.ts";
import { simplify, simplifyCondition } from "./crep-arith/simplify.ts";
import { makeCompare } from "./crep-arith/comparisons.ts";
import { constant } from "./crep-arith/node.ts";

export function crepArith(program: Program): Program {
  return { ...program, functions: program.functions.map((f) => ({ ...f, body: simplifyBlock(f.body) })) };
}

function simplifyBlock(block: Block): Block {
  const out: Stmt[] = [];
  for (const stmt of block) {
    for (const simpler of simplifyStmt(stmt)) out.push(simpler);
    const last = out.at(-1);
    if (last !== undefined && leaves(last)) break;
  }
  return out;
}

/** What the statement becomes: itself simplified, nothing, or the arm that is always taken. */
function simplifyStmt(stmt: Stmt): readonly Stmt[] {
  if (stmt.kind !== "if" && stmt.kind !== "while") {
    return [mapStmtBlocks(mapStmtExps(stmt, simplify), simplifyBlock)];
  }
  const condition = simplifyCondition(stmt.condition);
  if (stmt.kind === "while") {
    if (isConstant(condition, 0n)) return [];
    return [{ ...stmt, condition, body: simplifyBlock(stmt.body) }];
  }
  if (condition.kind === "const") return simplifyBlock(condition.value === 0n ? stmt.else : stmt.then);
  const then = simplifyBlock(stmt.then);
  const otherwise = simplifyBlock(stmt.else);
  if (then.length > 0) return [{ ...stmt, condition, then, else: otherwise }];
  if (otherwise.length === 0) return [];
  const negated = makeCompare("equal", condition, constant(0n, condition.span), condition.span);
  return [{ ...stmt, condition: negated, then: otherwise, else: [] }];
}

function isConstant(e: Exp, value: bigint): boolean {
  return e.kind === "const" && e.value === value;
}
