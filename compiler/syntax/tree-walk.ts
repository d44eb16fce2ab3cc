// Walking the surface tree: children in source order, written once.

import type { Block, Call, Declaration, Exp, Program, Stmt } from "./tree.ts";

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
  switch (statement.kind) {
    case "var":
    case "assign":
    case "return":
      visitExp(statement.value, true, visitor);
      return;
    case "throw":
      visitExp(statement.value, false, visitor);
      return;
    case "call":
      visitArguments(statement.call, visitor);
      return;
    case "foreignCall":
      for (const arg of statement.args) visitExp(arg, false, visitor);
      return;
    case "store":
    case "sharedStore":
      visitExp(statement.address, false, visitor);
      visitExp(statement.value, false, visitor);
      return;
    case "sharedLoad":
      visitExp(statement.address, false, visitor);
      return;
    case "if":
      visitExp(statement.condition, false, visitor);
      visitBlock(statement.then, visitor);
      if (statement.else !== null) visitBlock(statement.else, visitor);
      return;
    case "while":
      visitExp(statement.condition, false, visitor);
      visitBlock(statement.body, visitor);
      return;
    case "try":
      visitArguments(statement.call, visitor);
      visitBlock(statement.handler, visitor);
      return;
    case "block":
      visitBlock(statement.block, visitor);
      return;
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "annotation":
    case "error":
      return;
  }
}

function visitArguments(call: Call, visitor: Visitor): void {
  for (const arg of call.args) visitExp(arg, false, visitor);
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
