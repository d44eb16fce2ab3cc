/**
 * crep-reach: CrepLang → CrepLang.  No upstream counterpart.
 *
 * Drops functions that neither the entry nor an exported function can reach by calls.
 *
 * Needs:       C1, C3.
 * Establishes: every function is reachable.
 * Keeps:       the functions that stay, and their order.
 * Cost:        one walk over each reachable function.
 */

import type { Function, Program } from "../lang/crep/ast.ts";
import { forEachStmt } from "../lang/crep/children.ts";

export function crepReach(program: Program): Program {
  const byName = new Map(program.functions.map((f) => [f.name, f]));
  const reached = new Set<string>();
  const work: Function[] = [];
  const reach = (name: string): void => {
    const f = byName.get(name);
    if (f === undefined || reached.has(name)) return;
    reached.add(name);
    work.push(f);
  };
  reach(program.entry);
  for (const f of program.functions) if (f.exported) reach(f.name);
  for (let f = work.pop(); f !== undefined; f = work.pop()) {
    forEachStmt(f.body, (stmt) => {
      if (stmt.kind === "call" || stmt.kind === "tailCall") reach(stmt.callee);
    });
  }
  return { ...program, functions: program.functions.filter((f) => reached.has(f.name)) };
}
