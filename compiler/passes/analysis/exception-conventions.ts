// How the compiled form of each LoopLang function reports the exceptions that may leave it.
//
// Relies on may-raise.ts. Used by every translation that leaves LoopLang.
// Guarantees: a function that lets none escape keeps its plain convention, so calls of it cost nothing.

import { forEachStmt } from "../../lang/loop/children.ts";
import type { Function, Program } from "../../lang/loop/ast.ts";
import { bug } from "../../source/bug.ts";
import { mayRaiseLoop, type ExceptionSet } from "./may-raise.ts";

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
  const escapes = mayRaiseLoop(program);
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
