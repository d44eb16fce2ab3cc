// Which functions may run out of stack while they run: those that reach one that checks the stack itself.
// Relies on Lab's call lines. Cost: linear in the calls.

import type * as lab from "../lang/lab/ast.ts";

/** Names of functions from which a `trap stackExhausted` can be reached by calls. */
export function overflowingFunctions(program: lab.Program): ReadonlySet<string> {
  const callers = new Map<string, string[]>();
  const found = new Set<string>();
  for (const section of program.sections) {
    for (const line of section.lines) {
      if (line.kind === "trap" && line.reason === "stackExhausted") found.add(section.name);
      if (line.kind !== "call" && line.kind !== "tailCall") continue;
      const list = callers.get(line.callee);
      if (list === undefined) callers.set(line.callee, [section.name]);
      else list.push(section.name);
    }
  }
  const todo = [...found];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    for (const caller of callers.get(name) ?? []) {
      if (found.has(caller)) continue;
      found.add(caller);
      todo.push(caller);
    }
  }
  return found;
}
