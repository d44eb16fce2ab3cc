// Walking the surface tree: children in source order, written once.

import type { Block, Declaration, Exp, Program, Stmt } from "./tree.ts";

export interface Visitor {
  /** `whole`: the expression is a whole initialiser, right side of an assignment, or returned value. */
  readonly exp: (exp: Exp, whole: boolean) => void;
  readonly stmt: (statement: Stmt) => void;
}

/** Visits every expression and statement of the program, parents before children. */
export function forEachExp(program: Program, visitor: Visitor): void {
  for (const declaration of program.declarations) visitDeclaration(declaration, visitor);
}

function visitDeclaration(declaration: Declaration, visitor: Visitor): void {
  switch (declaration.kind) {
    case "function":
      visitBlock(declaration.body, visitor);
      return;
    case "global":
    case "const":
      visitExp(declaration.value, false, visitor);
      return;
    case "exception":
    case "struct":
    case "annotation":
    case "import":
    case "error":
      return;
  }
}

function visitBlock(block: Block, visitor: Visitor): void {
  for (const statement of block.statements) visitStmt(statement, visitor);
}

function visitStmt(statement: Stmt, visitor: Visitor): void {
  visitor.stmt(statement);
  const whole = statement.kind === "var" || statement.kind === "assign" || statement.kind === "return";
  for (const exp of expsOf(statement)) visitExp(exp, whole, visitor);
  for (const block of blocksOf(statement)) visitBlock(block, visitor);
}

/** The expressions directly inside a statement, in source order; they stand in front of its blocks. */
export function expsOf(statement: Stmt): readonly Exp[] {
  switch (statement.kind) {
    case "var":
    case "assign":
    case "return":
    case "throw":
      return [statement.value];
    case "call":
    case "try":
      return statement.call.args;
    case "foreignCall":
      return statement.args;
    case "store":
    case "sharedStore":
      return [statement.address, statement.value];
    case "sharedLoad":
      return [statement.address];
    case "if":
    case "while":
      return [statement.condition];
    case "block":
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "annotation":
    case "error":
      return [];
  }
}

/** The blocks directly inside a statement, in source order. */
export function blocksOf(statement: Stmt): readonly Block[] {
  switch (statement.kind) {
    case "if":
      return statement.else === null ? [statement.then] : [statement.then, statement.else];
    case "while":
      return [statement.body];
    case "try":
      return [statement.handler];
    case "block":
      return [statement.block];
    case "var":
    case "assign":
    case "return":
    case "throw":
    case "call":
    case "foreignCall":
    case "store":
    case "sharedStore":
    case "sharedLoad":
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "annotation":
    case "error":
      return [];
  }
}

function visitExp(exp: Exp, whole: boolean, visitor: Visitor): void {
  visitor.exp(exp, whole);
  for (const child of childrenOf(exp)) visitExp(child, false, visitor);
}

/** The direct operands of an expression, in source order. */
export function childrenOf(exp: Exp): readonly Exp[] {
  switch (exp.kind) {
    case "parens":
      return [exp.inner];
    case "binary":
      return [exp.left, exp.right];
    case "not":
      return [exp.operand];
    case "load":
    case "loadBytes":
      return [exp.address];
    case "rawStruct":
      return exp.fields;
    case "namedStruct":
      return exp.fields.map((field) => field.value);
    case "index":
    case "field":
      return [exp.value];
    case "call":
      return exp.call.args;
    case "int":
    case "bool":
    case "constant":
    case "name":
    case "error":
      return [];
  }
}
