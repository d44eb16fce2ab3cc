// Which exceptions may leave each function of a LoopLang program, and how its compiled form reports them.
//
// Relies on: exceptions are raised by `raise` and by calls only; a handler stands at one call and covers no more.
// Guarantees: a function without escaping exceptions keeps its plain convention, so calls of it cost nothing.

import type { Block, Function, Program, Stmt } from "../../lang/loop/ast.ts";
import { bug } from "../../source/bug.ts";

/** Exceptions by number. */
export type ExceptionSet = ReadonlySet<number>;

/** The exceptions that may leave each function: the least solution over the calls. */
export function escapingExceptions(program: Program): ReadonlyMap<string, ExceptionSet> {
  const sets = new Map<string, Set<number>>();
  const callers = new Map<string, { readonly caller: string; readonly caught: number | null }[]>();
  for (const f of program.functions) {
    const raised = new Set<number>();
    forEachStmt(f.body, (stmt) => {
      if (stmt.kind === "raise") raised.add(stmt.exception);
      if (stmt.kind !== "call" && stmt.kind !== "tailCall") return;
      const caught = stmt.kind === "call" && stmt.handler !== null ? stmt.handler.exception : null;
      const list = callers.get(stmt.callee) ?? [];
      list.push({ caller: f.name, caught });
      callers.set(stmt.callee, list);
    });
    sets.set(f.name, raised);
  }
  const work = program.functions.map((f) => f.name);
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    const escaping = sets.get(name) ?? new Set();
    for (const { caller, caught } of callers.get(name) ?? []) {
      const before = sets.get(caller);
      if (before === undefined) continue;
      const size = before.size;
      for (const exception of escaping) if (exception !== caught) before.add(exception);
      if (before.size > size) work.push(caller);
    }
  }
  return sets;
}

/** Calls `visit` for every statement of the block and of the blocks in it. */
export function forEachStmt(block: Block, visit: (stmt: Stmt) => void): void {
  for (const stmt of block) {
    visit(stmt);
    switch (stmt.kind) {
      case "if":
        forEachStmt(stmt.then, visit);
        forEachStmt(stmt.else, visit);
        break;
      case "loop":
      case "block":
        forEachStmt(stmt.body, visit);
        break;
      case "call":
        if (stmt.handler !== null) forEachStmt(stmt.handler.body, visit);
        break;
      case "assign":
      case "addCarry":
      case "load":
      case "store":
      case "getGlobal":
      case "setGlobal":
      case "break":
      case "continue":
      case "tailCall":
      case "foreignCall":
      case "raise":
      case "return":
      case "sharedLoad":
      case "sharedStore":
        break;
    }
  }
}

/**
 * How a function ends when an exception leaves it.
 * `plain`: none can. `status`: it returns a status word first. `trap`: C or nobody called it, so the program stops.
 * `wrapped`: as `trap`, but other functions call it too: they call the status version, named `inner`.
 */
export type Convention =
  | { readonly kind: "plain" | "trap"; readonly escapes: ExceptionSet }
  | { readonly kind: "status"; readonly escapes: ExceptionSet }
  | { readonly kind: "wrapped"; readonly escapes: ExceptionSet; readonly inner: string };

/** The convention of every function. */
export function conventions(program: Program): ReadonlyMap<string, Convention> {
  const escapes = escapingExceptions(program);
  const called = new Set<string>();
  for (const f of program.functions) {
    forEachStmt(f.body, (stmt) => {
      if (stmt.kind === "call" || stmt.kind === "tailCall") called.add(stmt.callee);
    });
  }
  return new Map(
    program.functions.map((f) => {
      const own = escapes.get(f.name) ?? bug(`nothing is known about ${f.name}`);
      return [f.name, conventionOf(f, own, { entry: program.entry, called })];
    }),
  );
}

function conventionOf(
  f: Function,
  escapes: ExceptionSet,
  program: { readonly entry: string; readonly called: ReadonlySet<string> },
): Convention {
  if (escapes.size === 0) return { kind: "plain", escapes };
  if (!f.exported && f.name !== program.entry) return { kind: "status", escapes };
  // A quote cannot be part of a Pancake name.
  if (program.called.has(f.name)) return { kind: "wrapped", escapes, inner: `${f.name}'status` };
  return { kind: "trap", escapes };
}
