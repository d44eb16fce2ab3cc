// Which exceptions may leave each function of a CrepLang or LoopLang program: the least solution over the calls.
//
// Relies on: exceptions come from `raise` and from callees only; a handler covers its one call and one exception.
// Guarantees: sets are exact for the call graph, over-approximate for paths (every statement counts as reachable).
// Cost: calls times exceptions.

import type * as crep from "../../lang/crep/ast.ts";
import type * as loop from "../../lang/loop/ast.ts";
import { forEachStmt } from "../../lang/nested-blocks.ts";

/** Exceptions by number. */
export type ExceptionSet = ReadonlySet<number>;

/** One call: whom, and the exception that its handler catches (null: none). */
export interface CallEdge {
  readonly callee: string;
  readonly caught: number | null;
}

/** What the analysis needs of a function. */
export interface RaiseSummary {
  readonly name: string;
  readonly raised: Iterable<number>;
  readonly calls: readonly CallEdge[];
}

/** The exceptions that may leave each function. Callees without a summary raise nothing. */
export function mayRaise(functions: readonly RaiseSummary[]): ReadonlyMap<string, ExceptionSet> {
  const sets = new Map(functions.map((f) => [f.name, new Set(f.raised)]));
  const callers = new Map<
    string,
    { readonly set: Set<number>; readonly edge: CallEdge; readonly name: string }[]
  >();
  for (const f of functions) {
    const set = sets.get(f.name) ?? new Set();
    for (const edge of f.calls) {
      const list = callers.get(edge.callee) ?? [];
      list.push({ set, edge, name: f.name });
      callers.set(edge.callee, list);
    }
  }
  const work = functions.map((f) => f.name);
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    const leaving = sets.get(name) ?? [];
    for (const caller of callers.get(name) ?? []) {
      const before = caller.set.size;
      for (const exception of [...leaving]) if (exception !== caller.edge.caught) caller.set.add(exception);
      if (caller.set.size > before) work.push(caller.name);
    }
  }
  return sets;
}

export function mayRaiseCrep(program: crep.Program): ReadonlyMap<string, ExceptionSet> {
  return mayRaise(
    program.functions.map((f) => {
      const raised = new Set<number>();
      const calls: CallEdge[] = [];
      forEachStmt(f.body, (stmt) => {
        noteStmt(stmt, raised, calls);
      });
      return { name: f.name, raised, calls };
    }),
  );
}

export function mayRaiseLoop(program: loop.Program): ReadonlyMap<string, ExceptionSet> {
  return mayRaise(
    program.functions.map((f) => {
      const raised = new Set<number>();
      const calls: CallEdge[] = [];
      forEachStmt(f.body, (stmt) => {
        noteStmt(stmt, raised, calls);
      });
      return { name: f.name, raised, calls };
    }),
  );
}

function noteStmt(stmt: crep.Stmt | loop.Stmt, raised: Set<number>, calls: CallEdge[]): void {
  if (stmt.kind === "raise") raised.add(stmt.exception);
  else if (stmt.kind === "tailCall") calls.push({ callee: stmt.callee, caught: null });
  else if (stmt.kind === "call") {
    calls.push({ callee: stmt.callee, caught: stmt.handler === null ? null : stmt.handler.exception });
  }
}
