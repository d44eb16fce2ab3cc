// Which variables of a LoopLang function share a local of WebAssembly; part of loop-to-wasm.
//
// A variable lives from its first to its last occurrence in source order: control goes backwards only to the head of a
// loop, so that a variable that lives there lives in the whole loop (rule L7), and no other one is carried over.
// Locals are handed out in the order of first occurrences, those of variables that have ended first.
// Cost: occurrences, plus a sort of the variables by their ends.

import type { Block, Function, Operand, Var } from "../../lang/loop/ast.ts";
import { stmtBlocks, stmtOperands, writtenVars } from "../../lang/loop/children.ts";

/**
 * With more variables of a kind than this, they share. Without need they do not: debuggers show names, and binaryen
 * moves a value to its use only if its local has no other value (the bench kernels grow by up to 3 % if all share).
 * With need they must: binaryen's `coalesce-locals` is quadratic in locals, and engines accept 50,000.
 */
const MOST_SEPARATE = 1000;

/**
 * The numbers of locals for variables of `f` that share; those that are left out have a local of their own, as
 * parameters have. Where no optimiser follows, variables without a source name share always: shorter code.
 * `f` satisfies L2 and L7.
 */
export function sharedLocals(f: Function, isOptimised: boolean): ReadonlyMap<Var, number> {
  const all = intervalsOf(f);
  const groups = [
    { intervals: all.filter((i) => f.names.has(i.var)), mostSeparate: MOST_SEPARATE },
    { intervals: all.filter((i) => !f.names.has(i.var)), mostSeparate: isOptimised ? MOST_SEPARATE : 0 },
  ];
  const crowded = groups.filter((g) => g.intervals.length > g.mostSeparate);
  const sharing = new Set(crowded.flatMap((g) => g.intervals));
  return assignLocals(all.filter((i) => sharing.has(i)));
}

interface Interval {
  readonly var: Var;
  /** A statement reads at an even position and writes at the odd one after it. */
  readonly start: number;
  end: number;
}

function assignLocals(byStart: readonly Interval[]): ReadonlyMap<Var, number> {
  const byEnd = byStart.toSorted((a, b) => a.end - b.end);
  const locals = new Map<Var, number>();
  const free: number[] = [];
  let [ended, count] = [0, 0];
  for (const { var: v, start } of byStart) {
    for (let next = byEnd[ended]; next !== undefined && next.end < start; next = byEnd[++ended]) {
      const local = locals.get(next.var);
      if (local !== undefined) free.push(local);
    }
    locals.set(v, free.pop() ?? count++);
  }
  return locals;
}

interface Walk {
  /** In the order of their starts. */
  readonly intervals: Map<Var, Interval>;
  readonly params: ReadonlySet<Var>;
  position: number;
}

/** In the order of their starts; parameters are left out. */
function intervalsOf(f: Function): readonly Interval[] {
  const walk: Walk = { intervals: new Map(), params: new Set(f.params), position: 0 };
  visitBlock(f.body, walk);
  return [...walk.intervals.values()];
}

function visitBlock(block: Block, walk: Walk): void {
  for (const stmt of block) {
    touch(variablesOf(stmtOperands(stmt)), walk);
    walk.position++;
    touch(writtenVars(stmt), walk);
    walk.position++;
    for (const inner of stmtBlocks(stmt)) visitBlock(inner, walk);
    if (stmt.kind === "loop") touch(stmt.liveIn, walk);
  }
}

const variablesOf = (operands: readonly Operand[]): readonly Var[] =>
  operands.flatMap((operand) => (operand.kind === "var" ? [operand.var] : []));

function touch(variables: Iterable<Var>, { intervals, params, position }: Walk): void {
  for (const v of variables) {
    const known = intervals.get(v);
    if (known !== undefined) known.end = position;
    else if (!params.has(v)) intervals.set(v, { var: v, start: position, end: position });
  }
}
