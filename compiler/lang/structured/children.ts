// The parts of statements that CrepLang and LoopLang have alike: what they write, and whether control goes past them.

import type { Nesting } from "../nested-blocks.ts";
import type { Exit, Var } from "./ast.ts";

/** A statement as far as the variables go that it writes. */
interface Writer {
  readonly kind: string;
  readonly dest?: Var;
  readonly sum?: Var;
  readonly carry?: Var;
  readonly dests?: readonly Var[] | null;
  readonly handler?: { readonly payload: readonly Var[] } | null;
}

/** The variables that the statement itself writes; a handler's payload counts. */
export function writtenVars({ dest, sum, carry, dests, handler }: Writer): readonly Var[] {
  if (dest !== undefined) return [dest];
  if (sum !== undefined && carry !== undefined) return [sum, carry];
  return dests === undefined ? [] : [...(dests ?? []), ...(handler?.payload ?? [])];
}

const exits: Readonly<Record<Exit<unknown>["kind"], true>> = {
  break: true,
  continue: true,
  tailCall: true,
  raise: true,
  return: true,
};

/** True if nothing that follows the statement in its block can run; looks at last statements only. */
export function leaves<Stmt extends Nesting<Stmt>>(stmt: Stmt): boolean {
  if (stmt.then !== undefined && stmt.else !== undefined) return endLeaves(stmt.then) && endLeaves(stmt.else);
  return Object.hasOwn(exits, stmt.kind);
}

/** True if control cannot reach the end of the block; looks at last statements only. */
export function endLeaves<Stmt extends Nesting<Stmt>>(block: readonly Stmt[]): boolean {
  const last = block.at(-1);
  return last !== undefined && leaves(last);
}
