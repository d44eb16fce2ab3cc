// Reads CrepLang's text form (print.ts writes it, spec/lang/crep.md defines it). Structure only: check.ts has the rules.

import { readText, type ParsedText, type TextReader, type Token } from "../text-reader.ts";
import {
  accessBytes,
  readException,
  readHeadDeclaration,
  variableReader,
  type ProgramHead,
  type VariableReader,
} from "../structured/variable-text.ts";
import type { Block, Exp, Function, Program, Stmt, Var } from "./ast.ts";
import { parseExp } from "./parse-exp.ts";

/** The program that `text` says, or the first mistake in it. */
export function parse(text: string): ParsedText<Program> {
  return readText(text, (r) => {
    const head: ProgramHead = { entry: "main", globalWords: 0, exceptions: [] };
    const functions: Function[] = [];
    while (r.peek().kind !== "end") {
      if (!readHeadDeclaration(r, head)) functions.push(parseFunction(r, head));
    }
    return { ...head, functions };
  });
}

interface Body {
  readonly r: TextReader;
  readonly head: ProgramHead;
  readonly vars: VariableReader;
}

function parseFunction(r: TextReader, head: ProgramHead): Function {
  const first = r.peek();
  const inline = r.accept("inline");
  const exported = r.accept("export");
  r.expect("fun");
  const name = r.name();
  const vars = variableReader(r);
  r.expect("(");
  const params = r.list(")", vars.variable);
  r.expect(":");
  const resultWords = r.natural();
  const span = r.spanFrom(first);
  const body = parseBlock({ r, head, vars });
  return { name, inline, exported, params, resultWords, body, names: vars.names, span };
}

function parseBlock(b: Body): Block {
  b.r.expect("{");
  const stmts: Stmt[] = [];
  while (!b.r.accept("}")) stmts.push(parseStmt(b));
  return stmts;
}

function parseStmt(b: Body): Stmt {
  const { r } = b;
  const first = r.peek();
  if (r.accept("try")) return parseTry(b, first);
  // Not a reserved word of Pancake: a function may have this name.
  if (r.peek(1).text === "{" && r.accept("block")) {
    return { kind: "block", body: parseBlock(b), span: r.spanFrom(first) };
  }
  if (r.accept("while")) {
    const condition = parseExp(r, b.vars);
    return { kind: "while", condition, body: parseBlock(b), span: r.spanFrom(first) };
  }
  if (r.accept("if")) {
    const condition = parseExp(r, b.vars);
    const then = parseBlock(b);
    const otherwise = r.accept("else") ? parseBlock(b) : [];
    return { kind: "if", condition, then, else: otherwise, span: r.spanFrom(first) };
  }
  const stmt = parseSimple(b, first);
  if (r.peek().text !== "}") r.expect(";");
  return stmt;
}

function parseTry(b: Body, first: Token): Stmt {
  const { r } = b;
  const call = parseCallWithDests(b);
  r.expect("catch");
  const exception = readException(r, b.head);
  r.expect("=>");
  r.expect("(");
  const payload = r.list(")", b.vars.variable);
  const handler = { exception, payload, body: parseBlock(b) };
  return { kind: "call", ...call, handler, span: r.spanFrom(first) };
}

interface CallText {
  readonly dests: readonly Var[] | null;
  readonly callee: string;
  readonly args: readonly Exp[];
}

function parseCallWithDests(b: Body): CallText {
  const dests = b.vars.isVariable(b.r.peek()) ? parseDests(b) : null;
  return { dests, ...parseCall(b) };
}

function parseDests(b: Body): readonly Var[] {
  const dests = [b.vars.variable()];
  while (b.r.accept(",")) dests.push(b.vars.variable());
  b.r.expect(":=");
  return dests;
}

function parseCall(b: Body): { readonly callee: string; readonly args: readonly Exp[] } {
  const callee = b.r.name();
  b.r.expect("(");
  return { callee, args: b.r.list(")", () => parseExp(b.r, b.vars)) };
}

function isCall(r: TextReader): boolean {
  return r.peek().kind === "name" && r.peek(1).text === "(";
}

function parseSimple(b: Body, first: Token): Stmt {
  const { r, vars } = b;
  if (vars.isVariable(first)) return parseAssign(b, first);
  if (r.accept("!")) return parseShared(b, first);
  if (r.accept("return")) return parseReturn(b, first);
  if (r.accept("throw")) {
    const exception = readException(r, b.head);
    r.expect("(");
    const payload = r.list(")", () => parseExp(r, vars));
    return { kind: "raise", exception, payload, span: r.spanFrom(first) };
  }
  const store = parseStore(b, first);
  if (store !== null) return store;
  if (isCall(r)) {
    const { callee, args } = parseCall(b);
    const span = r.spanFrom(first);
    return callee.startsWith("@")
      ? { kind: "foreignCall", name: callee.slice(1), args, span }
      : { kind: "call", dests: null, callee, args, handler: null, span };
  }
  if (r.accept("tick")) return { kind: "tick", span: r.spanFrom(first) };
  for (const kind of ["break", "continue"] as const) {
    if (r.accept(kind)) return { kind, depth: r.natural(), span: r.spanFrom(first) };
  }
  if (r.accept("global")) return parseSetGlobal(b, first);
  return r.fail(`expected a statement, found \`${first.text}\``);
}

function parseSetGlobal(b: Body, first: Token): Stmt {
  b.r.expect("[");
  const index = b.r.natural();
  b.r.expect("]");
  b.r.expect(":=");
  return { kind: "setGlobal", index, value: parseExp(b.r, b.vars), span: b.r.spanFrom(first) };
}

const stores: ReadonlyMap<string, 1 | 4 | 8> = new Map<string, 1 | 4 | 8>([
  ["st8", 1],
  ["st32", 4],
  ["stw", 8],
]);

function parseStore({ r, vars }: Body, first: Token): Stmt | null {
  const bytes = stores.get(first.text);
  if (bytes === undefined) return null;
  r.next();
  const address = parseExp(r, vars);
  r.expect(",");
  return { kind: "store", bytes, address, value: parseExp(r, vars), span: r.spanFrom(first) };
}

function parseShared({ r, vars }: Body, first: Token): Stmt {
  const token = r.next();
  const bytes = accessBytes(token.text.slice(2));
  if (bytes === null) return r.fail(`expected a shared access, found \`${token.text}\``, token);
  if (token.text.startsWith("ld")) {
    const dest = vars.variable();
    r.expect(",");
    return { kind: "sharedLoad", bytes, dest, address: parseExp(r, vars), span: r.spanFrom(first) };
  }
  const address = parseExp(r, vars);
  r.expect(",");
  return { kind: "sharedStore", bytes, address, value: parseExp(r, vars), span: r.spanFrom(first) };
}

function parseReturn(b: Body, first: Token): Stmt {
  const { r } = b;
  if (isCall(r)) return { kind: "tailCall", ...parseCall(b), span: r.spanFrom(first) };
  const values: Exp[] = [];
  if (r.peek().text !== ";" && r.peek().text !== "}") {
    do values.push(parseExp(r, b.vars));
    while (r.accept(","));
  }
  return { kind: "return", values, span: r.spanFrom(first) };
}

function parseAssign(b: Body, first: Token): Stmt {
  const { r } = b;
  const dests = parseDests(b);
  const [dest, second] = dests;
  if (r.peek().text === "__add_with_carry__") {
    const [left, right, carryIn] = parseCall(b).args;
    if (dest === undefined || second === undefined || left === undefined)
      return r.fail("expected `sum, carry`");
    if (right === undefined || carryIn === undefined)
      return r.fail("expected three arguments of `__add_with_carry__`");
    return { kind: "addCarry", sum: dest, carry: second, left, right, carryIn, span: r.spanFrom(first) };
  }
  if (isCall(r)) return { kind: "call", dests, ...parseCall(b), handler: null, span: r.spanFrom(first) };
  if (dest === undefined || second !== undefined) return r.fail("expected a call");
  return { kind: "assign", dest, value: parseExp(r, b.vars), span: r.spanFrom(first) };
}
