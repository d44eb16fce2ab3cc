/**
 * lower-conveniences: surface tree → surface tree in stock Pancake (what `pancake lower` prints). Upstream: none.
 *
 * Removes `import` (the parser has loaded it), `const`, hexadecimal literals, `else if`, `!!x` and calls inside
 * expressions. A loop whose condition calls becomes `while true` with a conditional `break` at its head, so that
 * `continue` still evaluates the condition. `&&` and `||` evaluate both sides, so their calls move out like others.
 *
 * Needs:       checkProgram found no error.
 * Establishes: calls stand only as a whole initialiser, right side or returned value, as a statement, or in `try`.
 * Keeps:       the order of calls, loads and reads of globals; every span; every node that needs no change.
 * Cost:        linear; an expression that holds calls is searched once per level of its nesting.
 */

import {
  bind,
  enterBlock,
  freshNames,
  leaveBlock,
  newScope,
  shapeOfWritten,
  withoutParens,
  type StaticInfo,
} from "../static/index.ts";
import type { Block, Declaration, Exp, Program, Stmt } from "../syntax/tree.ts";
import {
  containsCall,
  lowerCall,
  lowerExpression,
  lowerOperands,
  type LowerContext,
} from "./lower-conveniences/expressions.ts";

/** `program` without conveniences; `info` is what checkProgram said of it. */
export function lowerConveniences(program: Program, info: StaticInfo): Program {
  const fresh = freshNames(program);
  const declarations = program.declarations.flatMap((declaration) =>
    declaration.kind === "const" || declaration.kind === "import"
      ? []
      : [lowerDeclaration(declaration, { info, fresh, locals: newScope() })],
  );
  return { ...program, declarations };
}

function lowerDeclaration(declaration: Declaration, ctx: LowerContext): Declaration {
  switch (declaration.kind) {
    case "function": {
      for (const { name, shape } of declaration.parameters) {
        bind(ctx.locals, name.text, shapeOfWritten(shape, ctx.info));
      }
      const body = lowerBlock(declaration.body, ctx);
      return body === declaration.body ? declaration : { ...declaration, body };
    }
    case "global": {
      const value = lowerExpression(declaration.value, ctx, []);
      return value === declaration.value ? declaration : { ...declaration, value };
    }
    case "struct":
    case "exception":
    case "annotation":
    case "const":
    case "import":
    case "error":
      return declaration;
  }
}

function lowerBlock(block: Block, ctx: LowerContext): Block {
  const statements = lowerStatements(block, ctx, []);
  const same =
    statements.length === block.statements.length &&
    statements.every((stmt, i) => stmt === block.statements[i]);
  return same ? block : { ...block, statements };
}

/** The statements of `block` after `head`, which is in the same scope. */
function lowerStatements(block: Block, ctx: LowerContext, head: readonly Stmt[]): readonly Stmt[] {
  const mark = enterBlock(ctx.locals);
  const statements = [...head];
  for (const stmt of block.statements) {
    const lowered = lowerStatement(stmt, ctx, statements);
    statements.push(lowered);
    if (stmt.kind === "var") {
      bind(ctx.locals, stmt.variable.name.text, shapeOfWritten(stmt.variable.shape, ctx.info));
    }
  }
  leaveBlock(ctx.locals, mark);
  return statements;
}

/** `stmt` in stock Pancake; what must run before it is added to `before`. */
function lowerStatement(stmt: Stmt, ctx: LowerContext, before: Stmt[]): Stmt {
  switch (stmt.kind) {
    case "skip":
    case "tick":
    case "break":
    case "continue":
    case "annotation":
    case "error":
      return stmt;
    case "var":
    case "assign":
    case "return":
      return changed(stmt, { value: lowerValue(stmt.value, ctx, before) });
    case "throw":
      return changed(stmt, { value: lowerExpression(stmt.value, ctx, before) });
    case "call":
      return changed(stmt, { call: lowerCall(stmt.call, ctx, before) });
    case "foreignCall": {
      const args = lowerOperands(stmt.args, ctx, before);
      return args.every((arg, i) => arg === stmt.args[i]) ? stmt : { ...stmt, args };
    }
    case "store":
    case "sharedStore": {
      const [address = stmt.address, value = stmt.value] = lowerOperands(
        [stmt.address, stmt.value],
        ctx,
        before,
      );
      return changed(stmt, { address, value });
    }
    case "sharedLoad":
      return changed(stmt, { address: lowerExpression(stmt.address, ctx, before) });
    case "if": {
      const condition = lowerExpression(stmt.condition, ctx, before);
      const then = lowerBlock(stmt.then, ctx);
      const otherwise = stmt.else === null ? null : lowerBlock(stmt.else, ctx);
      return changed(stmt, { condition, then, else: otherwise, elseIf: false });
    }
    case "while":
      return lowerWhile(stmt, ctx);
    case "try": {
      const call = lowerCall(stmt.call, ctx, before);
      return changed(stmt, { call, handler: lowerBlock(stmt.handler, ctx) });
    }
    case "block":
      return changed(stmt, { block: lowerBlock(stmt.block, ctx) });
  }
}

/** `stmt` with `parts` replaced; `stmt` itself if they are what it has. */
function changed<S extends Stmt>(stmt: S, parts: Partial<S>): S {
  for (const key in parts) {
    if (parts[key] !== stmt[key]) return { ...stmt, ...parts };
  }
  return stmt;
}

/** A value that may be one call as a whole; parentheses around that call go. */
function lowerValue(value: Exp, ctx: LowerContext, before: Stmt[]): Exp {
  const inner = withoutParens(value);
  if (inner.kind !== "call") return lowerExpression(value, ctx, before);
  const call = lowerCall(inner.call, ctx, before);
  return call === inner.call ? inner : { ...inner, call };
}

function lowerWhile(stmt: Extract<Stmt, { kind: "while" }>, ctx: LowerContext): Stmt {
  if (!containsCall(stmt.condition)) {
    const condition = lowerExpression(stmt.condition, ctx, []);
    return changed(stmt, { condition, body: lowerBlock(stmt.body, ctx) });
  }
  const { span } = stmt.condition;
  const mark = enterBlock(ctx.locals);
  const head: Stmt[] = [];
  const condition = lowerExpression(stmt.condition, ctx, head);
  const atom = condition.kind === "name" || condition.kind === "parens";
  const operand: Exp = atom ? condition : { kind: "parens", inner: condition, span };
  const leave: Block = { statements: [{ kind: "break", span }], span };
  const test: Exp = { kind: "not", operand, span };
  head.push({ kind: "if", condition: test, then: leave, else: null, elseIf: false, span });
  const statements = lowerStatements(stmt.body, ctx, head);
  leaveBlock(ctx.locals, mark);
  const always: Exp = { kind: "bool", value: true, span };
  return { ...stmt, condition: always, body: { ...stmt.body, statements } };
}
