// Reads LoopLang's text form (print.ts writes it, spec/lang/loop.md defines it). Structure only: check.ts has the rules.

import { infixOperators } from "../operator-text.ts";
import { readText, type ParsedText, type TextReader, type Token } from "../text-reader.ts";
import {
  accessBytes,
  localBytes,
  readException,
  readHeadDeclaration,
  variableReader,
  type ProgramHead,
  type VariableReader,
} from "../structured/variable-text.ts";
import type { Block, Condition, Exp, Function, Operand, Program, Stmt, Var, VarSet } from "./ast.ts";

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
  return { name, exported, params, resultWords, body, names: vars.names, span };
}

function parseBlock(b: Body): Block {
  b.r.expect("{");
  const stmts: Stmt[] = [];
  while (!b.r.accept("}")) stmts.push(parseStmt(b));
  return stmts;
}

function liveSet(b: Body, word: string): VarSet {
  if (!b.r.accept(word)) return new Set();
  b.r.expect("{");
  return new Set(b.r.list("}", b.vars.variable));
}

function parseOperand({ r, vars }: Body): Operand {
  if (r.peek().kind === "integer") return { kind: "const", value: r.word() };
  return { kind: "var", var: vars.variable() };
}

function parseExp(b: Body): Exp {
  const { r } = b;
  if (r.accept("@base")) return { kind: "baseAddr" };
  if (r.accept("@top")) return { kind: "topAddr" };
  const left = parseOperand(b);
  const operator = infixOperators.get(r.peek().text);
  if (operator === undefined) return left;
  r.next();
  const right = parseOperand(b);
  switch (operator.kind) {
    case "op":
      return { kind: "op", op: operator.op, left, right };
    case "compare":
      return { kind: "compare", op: operator.op, left, right };
    case "shift":
      return { kind: "shift", op: operator.op, value: left, amount: right };
  }
}

function parseCondition(b: Body): Condition {
  const first = b.r.peek();
  const e = parseExp(b);
  return e.kind === "compare" ? e : b.r.fail("expected a comparison", first);
}

function parseStmt(b: Body): Stmt {
  const { r } = b;
  const first = r.peek();
  const nested = parseNested(b, first);
  if (nested !== null) return nested;
  const stmt = parseSimple(b, first);
  if (r.peek().text !== "}") r.expect(";");
  return stmt;
}

function parseNested(b: Body, first: Token): Stmt | null {
  const { r } = b;
  if (r.accept("try")) return parseTry(b, first);
  // `block` and `loop` are not reserved words of Pancake: functions may have these names.
  if (r.peek(1).text === "{" && r.accept("block")) {
    const body = parseBlock(b);
    return { kind: "block", body, liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
  }
  if (r.peek(1).text !== "(" && r.accept("loop")) {
    const liveIn = liveSet(b, "in");
    const body = parseBlock(b);
    return { kind: "loop", liveIn, body, liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
  }
  if (!r.accept("if")) return null;
  const condition = parseCondition(b);
  const then = parseBlock(b);
  const otherwise = r.accept("else") ? parseBlock(b) : [];
  const liveOut = liveSet(b, "out");
  return { kind: "if", condition, then, else: otherwise, liveOut, span: r.spanFrom(first) };
}

function parseTry(b: Body, first: Token): Stmt {
  const { r } = b;
  const dests = r.peek().kind === "variable" ? parseDests(b) : null;
  const call = parseCall(b);
  r.expect("catch");
  const exception = readException(r, b.head);
  r.expect("=>");
  r.expect("(");
  const payload = r.list(")", b.vars.variable);
  const handler = { exception, payload, body: parseBlock(b) };
  return { kind: "call", dests, ...call, handler, liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
}

function parseDests(b: Body): readonly Var[] {
  const dests = [b.vars.variable()];
  while (b.r.accept(",")) dests.push(b.vars.variable());
  b.r.expect(":=");
  return dests;
}

function parseCall(b: Body): { readonly callee: string; readonly args: readonly Operand[] } {
  const callee = b.r.name();
  b.r.expect("(");
  return { callee, args: b.r.list(")", () => parseOperand(b)) };
}

function isCall(r: TextReader): boolean {
  return r.peek().kind === "name" && r.peek(1).text === "(";
}

function parseSimple(b: Body, first: Token): Stmt {
  const { r } = b;
  if (first.kind === "variable") return parseAssign(b, first);
  if (r.accept("!")) return parseShared(b, first);
  if (r.accept("return")) return parseReturn(b, first);
  if (r.accept("throw")) {
    const exception = readException(r, b.head);
    r.expect("(");
    const payload = r.list(")", () => parseOperand(b));
    return { kind: "raise", exception, payload, span: r.spanFrom(first) };
  }
  if (isCall(r)) {
    const { callee, args } = parseCall(b);
    const liveOut = liveSet(b, "out");
    const span = r.spanFrom(first);
    return callee.startsWith("@")
      ? { kind: "foreignCall", name: callee.slice(1), args, liveOut, span }
      : { kind: "call", dests: null, callee, args, handler: null, liveOut, span };
  }
  for (const kind of ["break", "continue"] as const) {
    if (r.accept(kind)) return { kind, depth: r.natural(), span: r.spanFrom(first) };
  }
  if (r.accept("global")) {
    const index = parseGlobalIndex(r);
    r.expect(":=");
    return { kind: "setGlobal", index, value: parseOperand(b), span: r.spanFrom(first) };
  }
  return parseStore(b, first);
}

function parseGlobalIndex(r: TextReader): number {
  r.expect("[");
  const index = r.natural();
  r.expect("]");
  return index;
}

function parseStore(b: Body, first: Token): Stmt {
  const token = b.r.next();
  const bytes = token.text.startsWith("st") ? localBytes(token.text.slice(2)) : null;
  if (bytes === null) return b.r.fail(`expected a statement, found \`${token.text}\``, token);
  const address = parseOperand(b);
  b.r.expect(",");
  return { kind: "store", bytes, address, value: parseOperand(b), span: b.r.spanFrom(first) };
}

function parseShared(b: Body, first: Token): Stmt {
  const { r } = b;
  const token = r.next();
  const bytes = accessBytes(token.text.slice(2));
  if (bytes === null) return r.fail(`expected a shared access, found \`${token.text}\``, token);
  if (token.text.startsWith("ld")) {
    const dest = b.vars.variable();
    r.expect(",");
    return { kind: "sharedLoad", bytes, dest, address: parseOperand(b), span: r.spanFrom(first) };
  }
  const address = parseOperand(b);
  r.expect(",");
  return { kind: "sharedStore", bytes, address, value: parseOperand(b), span: r.spanFrom(first) };
}

function parseReturn(b: Body, first: Token): Stmt {
  const { r } = b;
  if (isCall(r)) return { kind: "tailCall", ...parseCall(b), span: r.spanFrom(first) };
  const values: Operand[] = [];
  if (r.peek().text !== ";" && r.peek().text !== "}") {
    do values.push(parseOperand(b));
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
    if (right === undefined || carryIn === undefined) {
      return r.fail("expected three arguments of `__add_with_carry__`");
    }
    return { kind: "addCarry", sum: dest, carry: second, left, right, carryIn, span: r.spanFrom(first) };
  }
  if (isCall(r)) {
    const call = parseCall(b);
    return {
      kind: "call",
      dests,
      ...call,
      handler: null,
      liveOut: liveSet(b, "out"),
      span: r.spanFrom(first),
    };
  }
  if (dest === undefined || second !== undefined) return r.fail("expected a call");
  return parseValue(b, dest, first);
}

/** The right side of an assignment to one variable. */
function parseValue(b: Body, dest: Var, first: Token): Stmt {
  const { r } = b;
  if (r.accept("global")) {
    return { kind: "getGlobal", dest, index: parseGlobalIndex(r), span: r.spanFrom(first) };
  }
  const head = r.peek();
  if (head.kind === "name" && head.text.startsWith("ld")) {
    r.next();
    const bytes = localBytes(head.text.slice(2));
    if (bytes === null) return r.fail("expected `ld8`, `ld32` or `ldw`", head);
    return { kind: "load", bytes, dest, address: parseOperand(b), span: r.spanFrom(first) };
  }
  return { kind: "assign", dest, value: parseExp(b), span: r.spanFrom(first) };
}
