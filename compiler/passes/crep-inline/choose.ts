// Which calls crep-inline replaces: the size heuristic, and the order that expands callees first.
//
// Sizes count statements and expression nodes. SMALL is about what a call costs itself: moving arguments, saving
// registers, jumping there and back. A function called once is worth more, since its own copy disappears.

import type { Block, Function, Program, Stmt } from "../../lang/crep/ast.ts";
import { forEachExp, forEachStmt, stmtBlocks, stmtExps, writtenVars } from "../../lang/crep/children.ts";

/** Nodes of a body that is always worth inlining. */
const SMALL_NODES = 24;
/** Nodes of a body that is worth inlining at its only call. */
const ONCE_NODES = 400;
/** A function grows by inlining to at most this many nodes, and `inline` does not change that. */
const MOST_NODES = 20_000;
/** Nesting after inlining; the walks of later passes recurse on it. */
const MOST_NESTING = 200;

export interface Size {
  readonly nodes: number;
  /** Deepest nesting of blocks. */
  readonly nesting: number;
  /** One above the largest variable. */
  readonly nextVar: number;
}

const sizes = new WeakMap<Function, Size>();

/** The size of a function; computed once. */
export function measure(f: Function): Size {
  const known = sizes.get(f);
  if (known !== undefined) return known;
  let nodes = 0;
  let nextVar = f.params.reduce((next, v) => Math.max(next, v + 1), 0);
  forEachStmt(f.body, (stmt) => {
    nodes += 1;
    for (const v of writtenVars(stmt)) nextVar = Math.max(nextVar, v + 1);
    for (const e of stmtExps(stmt)) {
      forEachExp(e, () => {
        nodes += 1;
      });
    }
  });
  const size = { nodes, nesting: nestingOf(f.body), nextVar };
  sizes.set(f, size);
  return size;
}

function nestingOf(block: Block): number {
  let deepest = 0;
  for (const stmt of block) {
    for (const inner of stmtBlocks(stmt)) deepest = Math.max(deepest, nestingOf(inner));
  }
  return deepest + 1;
}

export interface Choice {
  /** True if `call` of `callee` (expanded) in `caller` (as it came) should be replaced. */
  takes(callee: Function, call: Stmt, caller: Function): boolean;
  /** True if a caller of `nodes` and `nesting` stays within the limits. */
  fits(nodes: number, nesting: number): boolean;
}

export function choose(program: Program, optimise: number): Choice {
  const calls = new Map<string, number>();
  const recursive = new Set<string>();
  for (const f of program.functions) {
    forEachStmt(f.body, (stmt) => {
      if (stmt.kind !== "call" && stmt.kind !== "tailCall") return;
      calls.set(stmt.callee, (calls.get(stmt.callee) ?? 0) + 1);
      if (stmt.callee === f.name) recursive.add(f.name);
    });
  }
  return {
    fits: (nodes, nesting) => nodes <= MOST_NODES && nesting <= MOST_NESTING,
    takes: (callee, call, caller) => {
      if (callee.name === caller.name) return false;
      if (callee.inline) return true;
      if (optimise < 1 || recursive.has(callee.name)) return false;
      // The generated entry ends in a call of `main`, which keeps its name in listings and debuggers this way.
      if (caller.name === program.entry && call.kind === "tailCall") return false;
      const { nodes } = measure(callee);
      if (nodes <= SMALL_NODES) return true;
      return calls.get(callee.name) === 1 && !callee.exported && nodes <= ONCE_NODES;
    },
  };
}

/** All functions, each after those that it calls, as far as cycles allow. */
export function calleesFirst(program: Program): readonly Function[] {
  const byName = new Map(program.functions.map((f) => [f.name, f]));
  const order: Function[] = [];
  const seen = new Set<string>();
  for (const root of program.functions) {
    if (seen.has(root.name)) continue;
    seen.add(root.name);
    const path = [{ f: root, callees: calleesOf(root), next: 0 }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const name = top.callees[top.next++];
      if (name === undefined) {
        order.push(top.f);
        path.pop();
        continue;
      }
      const callee = byName.get(name);
      if (callee === undefined || seen.has(name)) continue;
      seen.add(name);
      path.push({ f: callee, callees: calleesOf(callee), next: 0 });
    }
  }
  return order;
}

function calleesOf(f: Function): readonly string[] {
  const names = new Set<string>();
  forEachStmt(f.body, (stmt) => {
    if (stmt.kind === "call" || stmt.kind === "tailCall") names.add(stmt.callee);
  });
  return [...names];
}
