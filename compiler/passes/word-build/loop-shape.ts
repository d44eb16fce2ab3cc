// What a piece of LoopLang assigns, reads and jumps to, and whether a loop begins with a test that is cheap to repeat.
//
// Relies on: nothing but the tree. Summaries are remembered by block, so nested loops stay linear in their depth.

import type { Block, Condition, Operand, Stmt, Var } from "../../lang/loop/ast.ts";
import { stmtBlocks, stmtOperands, writtenVars } from "../../lang/loop/children.ts";

/** What the statements of a block do, those of inner blocks included. */
export interface Summary {
  readonly assigned: ReadonlySet<Var>;
  readonly read: ReadonlySet<Var>;
  /** Depths of `break` and `continue` that leave the block, counted from outside it. */
  readonly breaks: ReadonlySet<number>;
  readonly continues: ReadonlySet<number>;
}

interface MutableSummary {
  readonly assigned: Set<Var>;
  readonly read: Set<Var>;
  readonly breaks: Set<number>;
  readonly continues: Set<number>;
}

const summaries = new WeakMap<Block, Summary>();

export function summaryOf(block: Block): Summary {
  const known = summaries.get(block);
  if (known !== undefined) return known;
  const summary: MutableSummary = {
    assigned: new Set(),
    read: new Set(),
    breaks: new Set(),
    continues: new Set(),
  };
  for (const stmt of block) addStmt(stmt, summary);
  summaries.set(block, summary);
  return summary;
}

function addAll<T>(to: Set<T>, from: Iterable<T>): void {
  for (const item of from) to.add(item);
}

// `scopes`: how many loops or blocks the inner block is in, seen from here (0 or 1).
function addBlock(block: Block, summary: MutableSummary, scopes: 0 | 1): void {
  const inner = summaryOf(block);
  addAll(summary.assigned, inner.assigned);
  addAll(summary.read, inner.read);
  for (const depth of inner.breaks) if (depth >= scopes) summary.breaks.add(depth - scopes);
  for (const depth of inner.continues) if (depth >= scopes) summary.continues.add(depth - scopes);
}

function addStmt(stmt: Stmt, summary: MutableSummary): void {
  forEachVar(stmtOperands(stmt), (v) => summary.read.add(v));
  addAll(summary.assigned, writtenVars(stmt));
  if (stmt.kind === "break") summary.breaks.add(stmt.depth);
  if (stmt.kind === "continue") summary.continues.add(stmt.depth);
  const scopes = stmt.kind === "loop" || stmt.kind === "block" ? 1 : 0;
  for (const block of stmtBlocks(stmt)) addBlock(block, summary, scopes);
}

function forEachVar(operands: readonly Operand[], visit: (variable: Var) => void): void {
  for (const operand of operands) if (operand.kind === "var") visit(operand.var);
}

/** A loop that tests first: `prefix; if condition stay else leave`. */
export interface GuardedLoop {
  readonly prefix: Block;
  readonly condition: Condition;
  /** True if the loop goes on when the condition holds. */
  readonly staysIf: boolean;
  readonly stay: Block;
}

/** Repeating a test costs code; this many statements are worth a jump less in every iteration. */
const MAX_PREFIX = 8;

/** The parts of a loop's body if it begins with a test that is cheap to repeat, else null. */
export function guardedLoop(body: Block): GuardedLoop | null {
  const at = body.findIndex((s) => !isSimple(s));
  const test = body[at];
  if (test?.kind !== "if" || at > MAX_PREFIX) return null;
  const prefix = body.slice(0, at);
  const rest = body.slice(at + 1);
  const { condition } = test;
  if (isBreak(test.else)) return { prefix, condition, staysIf: true, stay: [...test.then, ...rest] };
  if (isBreak(test.then)) return { prefix, condition, staysIf: false, stay: [...test.else, ...rest] };
  return null;
}

function isBreak(block: Block): boolean {
  const [only] = block;
  return block.length === 1 && only?.kind === "break" && only.depth === 0;
}

function isSimple(stmt: Stmt): boolean {
  return (
    stmt.kind === "assign" ||
    stmt.kind === "addCarry" ||
    stmt.kind === "load" ||
    stmt.kind === "getGlobal" ||
    stmt.kind === "sharedLoad"
  );
}

/** Variables that `prefix` may read before it assigns them, or that are read after it. */
export function neededAfterTest(loop: GuardedLoop): (variable: Var) => boolean {
  const { read } = summaryOf(loop.stay);
  const exposed = new Set<Var>();
  const assigned = new Set<Var>();
  const expose = (v: Var): void => {
    if (!assigned.has(v)) exposed.add(v);
  };
  for (const stmt of loop.prefix) {
    forEachVar(stmtOperands(stmt), expose);
    addAll(assigned, writtenVars(stmt));
  }
  forEachVar([loop.condition.left, loop.condition.right], expose);
  return (variable) => read.has(variable) || exposed.has(variable);
}
