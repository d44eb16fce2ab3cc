// Which numbered variables are certainly assigned where: the forward walk behind rules C2 and L2.
//
// A check walks a body once and tells this object what it meets, in order. Sets are kept as one set with an undo
// trail, so straight code costs nothing extra and a join costs the variables assigned in its arms.

import type { Span } from "../../source/span.ts";

/** What a check tells about the walk, in order. */
export interface AssignedVariables {
  assign(vars: readonly number[]): void;
  /** Reports the variable if a path reaches this read without an assignment of it. */
  read(v: number, span: Span): void;
  /** The path ends here: return, raise, tail call, continue. */
  leave(): void;
  /** False after `leave` on every path. */
  reachable(): boolean;
  /** Two alternatives that join. */
  either(first: () => void, second: () => void): void;
  /** A loop body that may not run; what it assigns is not certain afterwards. Counts as a scope. */
  maybe(body: () => void): void;
  /** A scope whose end is reached by `breakOut` and, if `falls`, by falling off its body. */
  breakable(falls: boolean, body: () => void): void;
  /** `break` out of the scope `depth`, 0 is the innermost. */
  breakOut(depth: number): void;
}

interface OpenScope {
  /** Trail length at its start; null: where a break arrives does not matter. */
  readonly mark: number | null;
  /** Assigned on every path that has broken out so far; null: none has. */
  atBreaks: Set<number> | null;
}

interface State {
  readonly assigned: Set<number>;
  /** Members of `assigned` in the order of their assignment. */
  readonly trail: number[];
  readonly scopes: OpenScope[];
  reachable: boolean;
}

/** At the start of a body nothing is assigned; `report` hears of each read that comes too early. */
export function assignedVariables(report: (v: number, span: Span) => void): AssignedVariables {
  const state: State = { assigned: new Set(), trail: [], scopes: [], reachable: true };
  return {
    assign: (vars) => {
      assign(state, vars);
    },
    read: (v, span) => {
      if (state.reachable && !state.assigned.has(v)) report(v, span);
    },
    leave: () => {
      state.reachable = false;
    },
    reachable: () => state.reachable,
    either: (first, second) => {
      const one = armOf(state, first);
      join(state, [one, armOf(state, second)]);
    },
    maybe: (body) => {
      const before = state.reachable;
      state.scopes.push({ mark: null, atBreaks: null });
      armOf(state, body);
      state.scopes.pop();
      state.reachable = before;
    },
    breakable: (falls, body) => {
      const scope: OpenScope = { mark: state.trail.length, atBreaks: null };
      state.scopes.push(scope);
      const arm = armOf(state, body);
      state.scopes.pop();
      join(state, [falls ? arm : null, scope.atBreaks]);
    },
    breakOut: (depth) => {
      breakOut(state, depth);
    },
  };
}

function assign(state: State, vars: Iterable<number>): void {
  for (const v of vars) {
    if (state.assigned.has(v)) continue;
    state.assigned.add(v);
    state.trail.push(v);
  }
}

/** Runs an arm and takes back its assignments; answers them, or null if its end cannot be reached. */
function armOf(state: State, arm: () => void): Set<number> | null {
  const mark = state.trail.length;
  const before = state.reachable;
  arm();
  const added = state.trail.splice(mark);
  for (const v of added) state.assigned.delete(v);
  const ends = state.reachable;
  state.reachable = before;
  return ends ? new Set(added) : null;
}

/** Continues after arms that meet: what all reachable ones have assigned is assigned. */
function join(state: State, arms: readonly (Set<number> | null)[]): void {
  const reached = arms.filter((arm) => arm !== null);
  const [first, ...others] = reached;
  if (first === undefined) state.reachable = false;
  else
    assign(
      state,
      [...first].filter((v) => others.every((arm) => arm.has(v))),
    );
}

function breakOut(state: State, depth: number): void {
  const scope = state.scopes.at(-1 - depth);
  if (scope !== undefined && scope.mark !== null && state.reachable) {
    const now = state.trail.slice(scope.mark);
    const { atBreaks } = scope;
    scope.atBreaks = new Set(atBreaks === null ? now : [...atBreaks].filter((v) => state.assigned.has(v)));
  }
  state.reachable = false;
}
