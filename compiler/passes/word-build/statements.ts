// Statements of LoopLang to blocks of WordLang; part of loop-to-word. Loops are loops.ts, calls are calls.ts.
//
// Invariant: `t.variables` holds only values whose definitions dominate the open block, because everything that a
// construct set is taken back before the block after it starts.

import type { Block, Exp, Operand, Stmt } from "../../lang/loop/ast.ts";
import type { Edge, Value } from "../../lang/word/ast.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import type { FunctionBuilder } from "./builder.ts";
import { translateCall, translateRaise, translateReturn, translateTailCall } from "./calls.ts";
import { translateLoop } from "./loops.ts";
import {
  continueEdge,
  define,
  operandValue,
  operandValues,
  scopeAt,
  type Translation,
} from "./translation.ts";
import { edgeTo, newJoin, startJoin, Variables, type Join } from "./variables.ts";

/** Translates the whole body; the builder's open block is the entry, `params` are the parameters' values. */
export function translateBody(
  start: Omit<Translation, "variables" | "names" | "scopes"> & {
    readonly params: readonly Value[];
    readonly builder: FunctionBuilder;
  },
): void {
  const variables = new Variables();
  start.f.params.forEach((variable, i) => variables.set(variable, start.params[i] ?? bug("parameter")));
  const t: Translation = { ...start, variables, names: start.f.names, scopes: [] };
  translateBlock(start.f.body, t);
  // Only a loop that never ends gets here (rule of LoopLang: every path leaves the function).
  if (t.builder.reachable) t.builder.end({ kind: "trap", reason: "unreachable", span: start.f.span });
}

/** Translates until the end or until nothing more can be reached. */
export function translateBlock(block: Block, t: Translation): void {
  for (const stmt of block) {
    if (!t.builder.reachable) return;
    translateStmt(stmt, t);
  }
}

function translateStmt(stmt: Stmt, t: Translation): void {
  switch (stmt.kind) {
    case "if": {
      translateIf(stmt, t);
      return;
    }
    case "loop": {
      translateLoop(stmt, t, translateBlock);
      return;
    }
    case "block": {
      const after = newJoin(t.builder, stmt.liveOut);
      const mark = t.variables.mark();
      t.scopes.push({ after, continueEdge: null, continueLive: [] });
      translateBlock(stmt.body, t);
      t.scopes.pop();
      finish(after, mark, t, stmt.span);
      return;
    }
    case "break": {
      t.builder.jump(edgeTo(scopeAt(stmt.depth, t).after, t.variables), stmt.span);
      return;
    }
    case "continue": {
      t.builder.jump(continueEdge(stmt.depth, t, stmt.span), stmt.span);
      return;
    }
    case "call": {
      translateCall(stmt, t, translateBlock);
      return;
    }
    case "tailCall": {
      translateTailCall(stmt, t);
      return;
    }
    case "raise": {
      translateRaise(stmt, t);
      return;
    }
    case "return": {
      translateReturn(operandValues(stmt.values, t, stmt.span), t, stmt.span);
      return;
    }
    case "assign": {
      translateAssign(stmt.dest, stmt.value, t, stmt.span);
      return;
    }
    case "addCarry":
    case "load":
    case "store":
    case "getGlobal":
    case "setGlobal":
    case "foreignCall":
    case "sharedLoad":
    case "sharedStore": {
      translateSimple(stmt, t);
      return;
    }
  }
}

/** Goes on after a construct: jumps to `after` if its end is reached, takes its assignments back, starts `after`. */

function finish(after: Join, mark: number, t: Translation, span: Span): void {
  if (t.builder.reachable) t.builder.jump(edgeTo(after, t.variables), span);
  t.variables.restore(mark);
  startJoin(after, t);
}

function translateIf(stmt: Extract<Stmt, { kind: "if" }>, t: Translation): void {
  const { builder, variables } = t;
  const { op } = stmt.condition;
  const left = operandValue(stmt.condition.left, t, stmt.span);
  const right = operandValue(stmt.condition.right, t, stmt.span);
  const after = newJoin(builder, stmt.liveOut);
  const direct = [stmt.then, stmt.else].map((arm) => directEdge(arm, after, t));
  const edges = direct.map((edge): Edge => edge ?? { label: builder.label(), args: [] });
  const [then, otherwise] = edges;
  if (then === undefined || otherwise === undefined) return bug("an `if` has two arms");
  builder.end({ kind: "branch", op, left, right, then, else: otherwise, span: stmt.span });
  const mark = variables.mark();
  [stmt.then, stmt.else].forEach((arm, i) => {
    const edge = edges[i];
    if (direct[i] !== null || edge === undefined) return;
    builder.start(edge.label);
    translateBlock(arm, t);
    if (builder.reachable) builder.jump(edgeTo(after, variables), stmt.span);
    variables.restore(mark);
  });
  startJoin(after, t);
}

// Where an arm that does nothing but jump goes, so that it needs no block; null for any other arm.
function directEdge(arm: Block, after: Join, t: Translation): Edge | null {
  const [first] = arm;
  if (first === undefined) return edgeTo(after, t.variables);
  if (first.kind === "break") return edgeTo(scopeAt(first.depth, t).after, t.variables);
  return first.kind === "continue" ? continueEdge(first.depth, t, first.span) : null;
}

function translateAssign(dest: number, value: Exp, t: Translation, span: Span): void {
  const operand = (o: Operand): Value => operandValue(o, t, span);
  switch (value.kind) {
    case "var":
    case "const": {
      t.variables.set(dest, operand(value));
      return;
    }
    case "op":
    case "compare": {
      const sides = { left: operand(value.left), right: operand(value.right) };
      if (value.kind === "op") {
        t.builder.emit({ kind: "op", op: value.op, ...sides, dest: define(dest, t), span });
        return;
      }
      t.builder.emit({ kind: "compare", op: value.op, ...sides, dest: define(dest, t), span });
      return;
    }
    case "shift": {
      const left = operand(value.value);
      const right = operand(value.amount);
      t.builder.emit({ kind: "op", op: value.op, left, right, dest: define(dest, t), span });
      return;
    }
    case "baseAddr":
    case "topAddr": {
      const place = value.kind === "baseAddr" ? "heapBase" : "heapTop";
      t.builder.emit({ kind: "address", dest: define(dest, t), place, span });
      return;
    }
  }
}

type Simple = Extract<
  Stmt,
  {
    kind:
      | "addCarry"
      | "load"
      | "store"
      | "getGlobal"
      | "setGlobal"
      | "foreignCall"
      | "sharedLoad"
      | "sharedStore";
  }
>;

function translateSimple(stmt: Simple, t: Translation): void {
  const { builder } = t;
  const { span } = stmt;
  const operand = (o: Operand): Value => operandValue(o, t, span);
  switch (stmt.kind) {
    case "addCarry": {
      const values = { left: operand(stmt.left), right: operand(stmt.right), carryIn: operand(stmt.carryIn) };
      const sum = define(stmt.sum, t);
      builder.emit({ kind: "addCarry", sum, carry: define(stmt.carry, t), ...values, span });
      return;
    }
    case "load": {
      const address = operand(stmt.address);
      const { bytes } = stmt;
      builder.emit({ kind: "load", bytes, dest: define(stmt.dest, t), address, offset: 0n, span });
      return;
    }
    case "sharedLoad": {
      const address = operand(stmt.address);
      const { bytes } = stmt;
      builder.emit({
        kind: "sharedLoad",
        bytes,
        dest: define(stmt.dest, t),
        address,
        offset: 0n,
        span,
      });
      return;
    }
    case "store":
    case "sharedStore": {
      const place = { address: operand(stmt.address), offset: 0n };
      const value = operand(stmt.value);
      if (stmt.kind === "store") {
        builder.emit({ kind: "store", bytes: stmt.bytes, ...place, value, span });
        return;
      }
      builder.emit({ kind: "sharedStore", bytes: stmt.bytes, ...place, value, span });
      return;
    }
    case "getGlobal": {
      builder.emit({ kind: "getGlobal", dest: define(stmt.dest, t), index: stmt.index, span });
      return;
    }
    case "setGlobal": {
      builder.emit({ kind: "setGlobal", index: stmt.index, value: operand(stmt.value), span });
      return;
    }
    case "foreignCall": {
      builder.emit({
        kind: "foreignCall",
        name: stmt.name,
        args: operandValues(stmt.args, t, span),
        span,
      });
      return;
    }
  }
}
