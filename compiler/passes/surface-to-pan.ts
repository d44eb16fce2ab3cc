/**
 * surface-to-pan: surface tree (stock Pancake) → Pan.  Upstream: panPtreeConversionScript.sml with its localisation.
 *
 * Desugars operators (pancake-language.md, section 5), resolves every variable to local or global, sorts calls by
 * what becomes of their result, adds the default `main`, and gives each of several globals of one name its own name.
 *
 * Needs:       lower-conveniences; checkProgram found no error.
 * Establishes: every variable is declared; the entry `main` exists; calls are statements.
 * Keeps:       order of statements and operands; annotations in bodies; every span. Top-level annotations stay behind
 *              in the surface tree, where the verifier reads them.
 * Cost:        one walk.
 */

import type * as pan from "../lang/pan/ast.ts";
import { bug } from "../source/bug.ts";
import { NO_SPAN, type Span } from "../source/span.ts";
import {
  addWithCarryIn,
  bind,
  enterBlock,
  freshNames,
  leaveBlock,
  lookUp,
  mentions,
  newScope,
} from "../static/index.ts";
import type {
  Block,
  Call,
  Declaration,
  Exp,
  FunctionDeclaration,
  Program,
  ShapedName,
  Stmt,
} from "../syntax/tree.ts";
import { expressionToPan, resolve, shapeToPan, type Names } from "./surface-to-pan/expressions.ts";

type StmtOf<K extends Stmt["kind"]> = Extract<Stmt, { kind: K }>;

interface Context extends Names {
  /** A name that occurs nowhere in the program. */
  readonly fresh: (prefix: string) => string;
}

const ENTRY = "main";

/** `program` in Pan. */
export function surfaceToPan(program: Program): pan.Program {
  const of = <K extends Declaration["kind"]>(kind: K): readonly Extract<Declaration, { kind: K }>[] =>
    program.declarations.filter((d): d is Extract<Declaration, { kind: K }> => d.kind === kind);
  const fresh = freshNames(program);
  const { globals, visible } = globalsToPan(of("global"), fresh);
  const functions = of("function").map((fun) =>
    functionToPan(fun, { fresh, globals: visible, locals: newScope() }),
  );
  return {
    structs: of("struct").map(({ name, fields, span }) => ({
      name: name.text,
      fields: fields.map(shapedName),
      span,
    })),
    exceptions: of("exception").map(({ name, shape, span }) => ({
      name: name.text,
      shape: shapeToPan(shape),
      span,
    })),
    globals,
    functions: functions.some((fun) => fun.name === ENTRY) ? functions : [...functions, defaultMain()],
    entry: ENTRY,
  };
}

/** The globals in order, and what a function body's names of globals mean: the last declaration of each. */
function globalsToPan(
  declarations: readonly Extract<Declaration, { kind: "global" }>[],
  fresh: (prefix: string) => string,
): { readonly globals: readonly pan.Global[]; readonly visible: ReadonlyMap<string, string> } {
  const last = new Map(declarations.map((declaration) => [declaration.variable.name.text, declaration]));
  const visible = new Map<string, string>();
  const globals = declarations.map((declaration): pan.Global => {
    const { variable, span } = declaration;
    const value = expressionToPan(declaration.value, { locals: newScope(), globals: visible });
    const source = variable.name.text;
    const name = last.get(source) === declaration ? source : fresh(source);
    visible.set(source, name);
    return { name, shape: shapeToPan(variable.shape), value, span };
  });
  return { globals, visible };
}

function shapedName({ name, shape }: ShapedName): pan.ShapedName {
  return { name: name.text, shape: shapeToPan(shape) };
}

/** What a program without `main` starts with: it returns 0 (Q15, Q17). */
function defaultMain(): pan.Function {
  const zero: pan.Exp = { kind: "const", value: 0n, span: NO_SPAN };
  return {
    name: ENTRY,
    inline: false,
    exported: false,
    params: [],
    result: { kind: "word" },
    body: [{ kind: "return", value: zero, span: NO_SPAN }],
    span: NO_SPAN,
  };
}

function functionToPan(fun: FunctionDeclaration, ctx: Context): pan.Function {
  for (const { name } of fun.parameters) bind(ctx.locals, name.text, true);
  return {
    name: fun.name.text,
    inline: fun.inline,
    exported: fun.exported,
    params: fun.parameters.map(shapedName),
    result: shapeToPan(fun.result),
    body: blockToPan(fun.body, ctx),
    span: fun.span,
  };
}

function blockToPan(block: Block, ctx: Context): pan.Block {
  const mark = enterBlock(ctx.locals);
  const body: pan.Stmt[] = [];
  for (const stmt of block.statements) {
    if (stmt.kind === "var") body.push(...declarationToPan(stmt, ctx));
    else body.push(statementToPan(stmt, ctx));
  }
  leaveBlock(ctx.locals, mark);
  return body;
}

function statementToPan(stmt: Exclude<Stmt, { kind: "var" }>, ctx: Context): pan.Stmt {
  const { span } = stmt;
  switch (stmt.kind) {
    case "skip":
    case "tick":
    case "break":
    case "continue":
      return { kind: stmt.kind, span };
    case "annotation":
      return { kind: "annotation", text: stmt.text, span };
    case "assign":
      return assignmentToPan(stmt, ctx);
    case "call":
      return { kind: "call", target: null, ...callToPan(stmt.call, ctx), handler: null, span };
    case "foreignCall":
      return {
        kind: "foreignCall",
        name: stmt.name.text,
        args: toPan(stmt.args, ctx),
        span,
      };
    case "store": {
      const [address, value] = [expressionToPan(stmt.address, ctx), expressionToPan(stmt.value, ctx)];
      return stmt.bytes === null
        ? { kind: "store", address, value, span }
        : { kind: "storeBytes", bytes: stmt.bytes, address, value, span };
    }
    case "sharedLoad":
    case "sharedStore":
      return sharedToPan(stmt, ctx);
    case "if":
      return {
        kind: "if",
        condition: expressionToPan(stmt.condition, ctx),
        then: blockToPan(stmt.then, ctx),
        else: stmt.else === null ? [] : blockToPan(stmt.else, ctx),
        span,
      };
    case "while":
      return {
        kind: "while",
        condition: expressionToPan(stmt.condition, ctx),
        body: blockToPan(stmt.body, ctx),
        span,
      };
    case "try":
      return tryToPan(stmt, ctx);
    case "throw":
      return { kind: "raise", exception: stmt.exception.text, value: expressionToPan(stmt.value, ctx), span };
    case "return":
      return stmt.value.kind === "call"
        ? { kind: "tailCall", ...callToPan(stmt.value.call, ctx), span }
        : { kind: "return", value: expressionToPan(stmt.value, ctx), span };
    case "block":
      return { kind: "block", body: blockToPan(stmt.block, ctx), span };
    case "error":
      return bug("a statement with a syntax error passed the checks", span);
  }
}

function toPan(exps: readonly Exp[], ctx: Context): readonly pan.Exp[] {
  return exps.map((exp) => expressionToPan(exp, ctx));
}

function callToPan(call: Call, ctx: Context): { readonly callee: string; readonly args: readonly pan.Exp[] } {
  return { callee: call.callee.text, args: toPan(call.args, ctx) };
}

function sharedToPan(stmt: StmtOf<"sharedLoad"> | StmtOf<"sharedStore">, ctx: Context): pan.Stmt {
  const { bytes, span } = stmt;
  const address = expressionToPan(stmt.address, ctx);
  return stmt.kind === "sharedLoad"
    ? { kind: "sharedLoad", bytes, ...resolve(stmt.target.text, stmt.target.span, ctx), address, span }
    : { kind: "sharedStore", bytes, address, value: expressionToPan(stmt.value, ctx), span };
}

function assignmentToPan({ target, value, span }: StmtOf<"assign">, ctx: Context): pan.Stmt {
  const variable = resolve(target.text, target.span, ctx);
  const carry = addWithCarryIn(value);
  if (carry !== null) return addCarry(variable.name, toPan(carry.args, ctx), span);
  return value.kind === "call"
    ? { kind: "call", target: variable, ...callToPan(value.call, ctx), handler: null, span }
    : { kind: "assign", ...variable, value: expressionToPan(value, ctx), span };
}

function tryToPan(stmt: StmtOf<"try">, ctx: Context): pan.Stmt {
  const target = stmt.target === null ? null : resolve(stmt.target.text, stmt.target.span, ctx);
  const call = callToPan(stmt.call, ctx);
  const variable = stmt.payload.text;
  const handler = { exception: stmt.exception.text, variable, body: blockToPan(stmt.handler, ctx) };
  return { kind: "call", target, ...call, handler, span: stmt.span };
}

function addCarry(name: string, args: readonly pan.Exp[], span: Span): pan.Stmt {
  const [left, right, carryIn] = args;
  if (left === undefined || right === undefined || carryIn === undefined)
    return bug("add with carry lacks operands", span);
  return { kind: "addCarry", name, left, right, carryIn, span };
}

function declarationToPan(stmt: StmtOf<"var">, ctx: Context): readonly pan.Stmt[] {
  const { variable, value, span } = stmt;
  const carry = addWithCarryIn(value);
  if (carry !== null) return carryDeclaration(stmt, carry, ctx);
  const declared = shapedName(variable);
  const pans: pan.Stmt =
    value.kind === "call"
      ? { kind: "decCall", ...declared, ...callToPan(value.call, ctx), span }
      : { kind: "dec", ...declared, value: expressionToPan(value, ctx), span };
  bind(ctx.locals, declared.name, true);
  return [pans];
}

/**
 * `var r = __add_with_carry__(...)`: the variable is declared with zeros and then assigned. The operands belong to
 * the scope outside (Q12), so operands that name an outer local `r` are evaluated first.
 */
function carryDeclaration(stmt: StmtOf<"var">, call: Call, ctx: Context): readonly pan.Stmt[] {
  const { variable, span } = stmt;
  const { name, shape } = shapedName(variable);
  const hidden = lookUp(ctx.locals, name) !== undefined;
  const before: pan.Stmt[] = [];
  const args = call.args.map((arg): pan.Exp => {
    const operand = expressionToPan(arg, ctx);
    if (!hidden || !mentions(arg, name)) return operand;
    const outer = ctx.fresh(name);
    before.push({ kind: "dec", name: outer, shape: { kind: "word" }, value: operand, span: arg.span });
    return { kind: "var", scope: "local", name: outer, span: arg.span };
  });
  bind(ctx.locals, name, true);
  const zero: pan.Exp = { kind: "const", value: 0n, span };
  const zeros: pan.Exp = { kind: "rawStruct", fields: [zero, zero], span };
  return [...before, { kind: "dec", name, shape, value: zeros, span }, addCarry(name, args, span)];
}
