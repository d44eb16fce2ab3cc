/**
 * crep-to-loop: CrepLang → LoopLang.  Upstream: crep_to_loopScript.sml.
 *
 * Three-address form: every operation of an expression becomes one assignment to a fresh variable. Comparisons in
 * conditions stay conditions; `&&` and `||` in conditions become branches that skip what no longer matters, without
 * copying code, through `block` and `break` (their operands are pure, so skipping them only removes Error). `while`
 * becomes `loop` with a `break` at its head. Ticks go: they have no effect but on the clock.
 *
 * Needs:       C1 to C11.
 * Establishes: L1 to L6, L8 to L10; live sets are empty.
 * Keeps:       order of memory operations, calls and events; every span; names of variables.
 * Cost:        one walk.
 */

import type * as crep from "../lang/crep/ast.ts";
import { endLeaves, forEachStmt, writtenVars } from "../lang/crep/children.ts";
import type * as loop from "../lang/loop/ast.ts";
import { bug } from "../source/bug.ts";
import { branchAway, directCondition, isLogical } from "./crep-to-loop/conditions.ts";
import { assignExp, operandOf, operandsOf, type Lowering, type Out } from "./crep-to-loop/expressions.ts";

export function crepToLoop(program: crep.Program): loop.Program {
  return {
    functions: program.functions.map(lowerFunction),
    exceptions: program.exceptions,
    globalWords: program.globalWords,
    entry: program.entry,
  };
}

const NOTHING_LIVE: loop.VarSet = new Set();

interface Context extends Lowering {
  /** For each enclosing `while` and `block`, innermost last: how many Loop scopes enclose it, itself included. */
  readonly scopes: number[];
  /** Loop scopes open now. */
  depth: number;
}

function lowerFunction(f: crep.Function): loop.Function {
  const c: Context = { nextVar: firstFreeVar(f), scopes: [], depth: 0 };
  const { name, exported, params, resultWords, names, span } = f;
  return { name, exported, params, resultWords, body: lowerBlock(f.body, c), names, span };
}

function firstFreeVar(f: crep.Function): number {
  let next = 0;
  const note = (v: crep.Var): void => {
    next = Math.max(next, v + 1);
  };
  f.params.forEach(note);
  forEachStmt(f.body, (stmt) => {
    writtenVars(stmt).forEach(note);
  });
  return next;
}

/** Runs `make` inside one more Loop scope, which no `break` of the source names. */
function inScope<T>(c: Context, make: () => T): T {
  c.depth += 1;
  const made = make();
  c.depth -= 1;
  return made;
}

/** The same for a scope that a `break` of the source may name. */
function inNamedScope<T>(c: Context, make: () => T): T {
  return inScope(c, () => {
    c.scopes.push(c.depth);
    const made = make();
    c.scopes.pop();
    return made;
  });
}

function lowerBlock(block: crep.Block, c: Context): loop.Block {
  const out: Out = [];
  for (const stmt of block) lowerStmt(stmt, out, c);
  return out;
}

function lowerStmt(stmt: crep.Stmt, out: Out, c: Context): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "tick":
      return;
    case "if":
      lowerIf(stmt, out, c);
      return;
    case "while":
      lowerWhile(stmt, out, c);
      return;
    case "block": {
      const body = inNamedScope(c, () => lowerBlock(stmt.body, c));
      out.push({ kind: "block", body, liveOut: NOTHING_LIVE, span });
      return;
    }
    case "break":
    case "continue": {
      const named = c.scopes.at(-1 - stmt.depth) ?? bug(`${stmt.kind} leaves no scope`, span);
      out.push({ kind: stmt.kind, depth: c.depth - named, span });
      return;
    }
    case "assign":
    case "addCarry":
    case "store":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
      lowerData(stmt, out, c);
      return;
    case "call":
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
      lowerTransfer(stmt, out, c);
      return;
  }
}

function lowerIf(stmt: Extract<crep.Stmt, { readonly kind: "if" }>, out: Out, c: Context): void {
  const { span } = stmt;
  if (!isLogical(stmt.condition)) {
    const condition = directCondition(stmt.condition, out, c);
    const then = lowerBlock(stmt.then, c);
    out.push({ kind: "if", condition, then, else: lowerBlock(stmt.else, c), liveOut: NOTHING_LIVE, span });
    return;
  }
  if (stmt.else.length === 0 || stmt.then.length === 0) {
    // block { leave it if the condition does not hold; the arm }
    const body: Out = [];
    inScope(c, () => {
      branchAway(stmt.condition, stmt.then.length === 0, { depth: 0, span, out: body, c });
      for (const inner of stmt.then.length === 0 ? stmt.else : stmt.then) lowerStmt(inner, body, c);
    });
    out.push({ kind: "block", body, liveOut: NOTHING_LIVE, span });
    return;
  }
  // block { block { leave it if the condition does not hold; then; break 1 } else }
  const whole: Out = [];
  inScope(c, () => {
    const first: Out = [];
    inScope(c, () => {
      branchAway(stmt.condition, false, { depth: 0, span, out: first, c });
      for (const inner of stmt.then) lowerStmt(inner, first, c);
      if (!endLeaves(stmt.then)) first.push({ kind: "break", depth: 1, span });
    });
    whole.push({ kind: "block", body: first, liveOut: NOTHING_LIVE, span });
    for (const inner of stmt.else) lowerStmt(inner, whole, c);
  });
  out.push({ kind: "block", body: whole, liveOut: NOTHING_LIVE, span });
}

function lowerWhile(stmt: Extract<crep.Stmt, { readonly kind: "while" }>, out: Out, c: Context): void {
  const { span } = stmt;
  const body: Out = [];
  inNamedScope(c, () => {
    branchAway(stmt.condition, false, { depth: 0, span, out: body, c });
    for (const inner of stmt.body) lowerStmt(inner, body, c);
  });
  out.push({ kind: "loop", liveIn: NOTHING_LIVE, body, liveOut: NOTHING_LIVE, span });
}

type Data = Extract<
  crep.Stmt,
  { readonly kind: "assign" | "addCarry" | "store" | "setGlobal" | "sharedLoad" | "sharedStore" }
>;

function lowerData(stmt: Data, out: Out, c: Context): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "assign":
      assignExp(stmt.dest, stmt.value, out, c);
      return;
    case "addCarry": {
      const { sum, carry } = stmt;
      const left = operandOf(stmt.left, out, c);
      const right = operandOf(stmt.right, out, c);
      out.push({ kind: "addCarry", sum, carry, left, right, carryIn: operandOf(stmt.carryIn, out, c), span });
      return;
    }
    case "store":
    case "sharedStore": {
      const address = operandOf(stmt.address, out, c);
      const value = operandOf(stmt.value, out, c);
      if (stmt.kind === "store") out.push({ kind: "store", bytes: stmt.bytes, address, value, span });
      else out.push({ kind: "sharedStore", bytes: stmt.bytes, address, value, span });
      return;
    }
    case "setGlobal":
      out.push({ kind: "setGlobal", index: stmt.index, value: operandOf(stmt.value, out, c), span });
      return;
    case "sharedLoad": {
      const address = operandOf(stmt.address, out, c);
      out.push({ kind: "sharedLoad", bytes: stmt.bytes, dest: stmt.dest, address, span });
      return;
    }
  }
}

type Transfer = Extract<
  crep.Stmt,
  { readonly kind: "call" | "tailCall" | "foreignCall" | "raise" | "return" }
>;

function lowerTransfer(stmt: Transfer, out: Out, c: Context): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "call": {
      const args = operandsOf(stmt.args, out, c);
      const { dests, callee } = stmt;
      const handler =
        stmt.handler === null ? null : { ...stmt.handler, body: lowerBlock(stmt.handler.body, c) };
      out.push({ kind: "call", dests, callee, args, handler, liveOut: NOTHING_LIVE, span });
      return;
    }
    case "tailCall":
      out.push({ kind: "tailCall", callee: stmt.callee, args: operandsOf(stmt.args, out, c), span });
      return;
    case "foreignCall": {
      const args = operandsOf(stmt.args, out, c);
      out.push({ kind: "foreignCall", name: stmt.name, args, liveOut: NOTHING_LIVE, span });
      return;
    }
    case "raise": {
      const payload = operandsOf(stmt.payload, out, c);
      out.push({ kind: "raise", exception: stmt.exception, payload, span });
      return;
    }
    case "return":
      out.push({ kind: "return", values: operandsOf(stmt.values, out, c), span });
      return;
  }
}
