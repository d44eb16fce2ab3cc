// The parts of CrepLang nodes, written once: a pass names only the cases that it changes.

import { mapOperands, operandsOf } from "../operation.ts";
import type { Exp, Stmt, Var } from "./ast.ts";

export { forEachStmt, mapStmtBlocks, stmtBlocks } from "../nested-blocks.ts";
export { endLeaves, leaves, writtenVars } from "../structured/children.ts";

/** The direct subexpressions. */
export function expChildren(e: Exp): readonly Exp[] {
  switch (e.kind) {
    case "const":
    case "var":
    case "global":
    case "baseAddr":
    case "topAddr":
      return [];
    case "load":
      return [e.address];
    case "op":
    case "compare":
    case "shift":
      return operandsOf(e);
  }
}

/** `e` with its direct subexpressions mapped. */
export function mapExpChildren(e: Exp, f: (child: Exp) => Exp): Exp {
  switch (e.kind) {
    case "const":
    case "var":
    case "global":
    case "baseAddr":
    case "topAddr":
      return e;
    case "load":
      return { ...e, address: f(e.address) };
    case "op":
    case "compare":
    case "shift":
      return mapOperands(e, f);
  }
}

/** Every expression at or below `e`, outermost first. */
export function forEachExp(e: Exp, visit: (e: Exp) => void): void {
  visit(e);
  for (const child of expChildren(e)) forEachExp(child, visit);
}

/** The expressions of the statement itself, not of the blocks in it. */
export function stmtExps(stmt: Stmt): readonly Exp[] {
  switch (stmt.kind) {
    case "block":
    case "break":
    case "continue":
    case "tick":
      return [];
    case "assign":
    case "setGlobal":
      return [stmt.value];
    case "addCarry":
      return [stmt.left, stmt.right, stmt.carryIn];
    case "store":
    case "sharedStore":
      return [stmt.address, stmt.value];
    case "sharedLoad":
      return [stmt.address];
    case "if":
    case "while":
      return [stmt.condition];
    case "call":
    case "tailCall":
    case "foreignCall":
      return stmt.args;
    case "raise":
      return stmt.payload;
    case "return":
      return stmt.values;
  }
}

/** `stmt` with its own expressions mapped. */
export function mapStmtExps(stmt: Stmt, f: (e: Exp) => Exp): Stmt {
  switch (stmt.kind) {
    case "block":
    case "break":
    case "continue":
    case "tick":
      return stmt;
    case "assign":
    case "setGlobal":
      return { ...stmt, value: f(stmt.value) };
    case "addCarry":
      return { ...stmt, left: f(stmt.left), right: f(stmt.right), carryIn: f(stmt.carryIn) };
    case "store":
    case "sharedStore":
      return { ...stmt, address: f(stmt.address), value: f(stmt.value) };
    case "sharedLoad":
      return { ...stmt, address: f(stmt.address) };
    case "if":
    case "while":
      return { ...stmt, condition: f(stmt.condition) };
    case "call":
    case "tailCall":
    case "foreignCall":
      return { ...stmt, args: stmt.args.map(f) };
    case "raise":
      return { ...stmt, payload: stmt.payload.map(f) };
    case "return":
      return { ...stmt, values: stmt.values.map(f) };
  }
}

/** `stmt` with the variables that it writes mapped. */
export function mapWrittenVars(stmt: Stmt, f: (v: Var) => Var): Stmt {
  switch (stmt.kind) {
    case "assign":
    case "sharedLoad":
      return { ...stmt, dest: f(stmt.dest) };
    case "addCarry":
      return { ...stmt, sum: f(stmt.sum), carry: f(stmt.carry) };
    case "call": {
      const handler =
        stmt.handler === null ? null : { ...stmt.handler, payload: stmt.handler.payload.map((v) => f(v)) };
      return { ...stmt, dests: stmt.dests?.map((v) => f(v)) ?? null, handler };
    }
    case "store":
    case "setGlobal":
    case "if":
    case "while":
    case "block":
    case "break":
    case "continue":
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
    case "sharedStore":
    case "tick":
      return stmt;
  }
}
