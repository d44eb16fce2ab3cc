// The parts of PanLang nodes, written once: a pass names only the cases that it changes.
//
// `map...` functions rebuild a node from mapped parts in source order; scopes are the caller's business.

import { mapOperands, operandsOf } from "../operation.ts";
import type { Block, Exp, Stmt } from "./ast.ts";

export { forEachStmt, mapStmtBlocks, stmtBlocks } from "../nested-blocks.ts";

/** The direct subexpressions. */
export function expChildren(e: Exp): readonly Exp[] {
  switch (e.kind) {
    case "const":
    case "var":
    case "baseAddr":
    case "topAddr":
    case "bytesInWord":
      return [];
    case "rawStruct":
      return e.fields;
    case "namedStruct":
      return e.fields.map((f) => f.value);
    case "rawField":
    case "namedField":
      return [e.value];
    case "load":
    case "loadBytes":
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
    case "baseAddr":
    case "topAddr":
    case "bytesInWord":
      return e;
    case "rawStruct":
      return { ...e, fields: e.fields.map(f) };
    case "namedStruct":
      return { ...e, fields: e.fields.map((field) => ({ ...field, value: f(field.value) })) };
    case "rawField":
    case "namedField":
      return { ...e, value: f(e.value) };
    case "load":
    case "loadBytes":
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
    case "skip":
    case "break":
    case "continue":
    case "tick":
    case "annotation":
    case "block":
      return [];
    case "dec":
    case "assign":
    case "raise":
    case "return":
      return [stmt.value];
    case "decCall":
    case "call":
    case "tailCall":
    case "foreignCall":
      return stmt.args;
    case "addCarry":
      return [stmt.left, stmt.right, stmt.carryIn];
    case "store":
    case "storeBytes":
    case "sharedStore":
      return [stmt.address, stmt.value];
    case "sharedLoad":
      return [stmt.address];
    case "if":
    case "while":
      return [stmt.condition];
  }
}

/** `stmt` with its own expressions mapped. */
export function mapStmtExps(stmt: Stmt, f: (e: Exp) => Exp): Stmt {
  switch (stmt.kind) {
    case "skip":
    case "break":
    case "continue":
    case "tick":
    case "annotation":
    case "block":
      return stmt;
    case "dec":
    case "assign":
    case "raise":
    case "return":
      return { ...stmt, value: f(stmt.value) };
    case "decCall":
    case "call":
    case "tailCall":
    case "foreignCall":
      return { ...stmt, args: stmt.args.map(f) };
    case "addCarry":
      return { ...stmt, left: f(stmt.left), right: f(stmt.right), carryIn: f(stmt.carryIn) };
    case "store":
    case "storeBytes":
    case "sharedStore":
      return { ...stmt, address: f(stmt.address), value: f(stmt.value) };
    case "sharedLoad":
      return { ...stmt, address: f(stmt.address) };
    case "if":
    case "while":
      return { ...stmt, condition: f(stmt.condition) };
  }
}

/** True if nothing that follows the statement in its block can run; looks at last statements only. */
export function leaves(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case "return":
    case "raise":
    case "tailCall":
    case "break":
    case "continue":
      return true;
    case "block":
      return endLeaves(stmt.body);
    case "if":
      return endLeaves(stmt.then) && endLeaves(stmt.else);
    case "while":
    case "call":
    case "skip":
    case "dec":
    case "decCall":
    case "assign":
    case "addCarry":
    case "store":
    case "storeBytes":
    case "foreignCall":
    case "sharedLoad":
    case "sharedStore":
    case "tick":
    case "annotation":
      return false;
  }
}

function endLeaves(block: Block): boolean {
  const last = block.at(-1);
  return last !== undefined && leaves(last);
}
