// Statements of PanLang's text form. Which statement it is shows in its first two tokens.

import type { TextReader, Token } from "../text-reader.ts";
import type { AccessBytes, Block, Exp, ResultTarget, Stmt } from "./ast.ts";
import { parseExp, parseShape } from "./parse-exp.ts";

/** `{ ... }`. */
export function parseBlock(r: TextReader): Block {
  r.expect("{");
  const stmts: Stmt[] = [];
  while (!r.accept("}")) stmts.push(parseStmt(r));
  return stmts;
}

function parseStmt(r: TextReader): Stmt {
  const first = r.peek();
  if (first.kind === "annotation")
    return { kind: "annotation", text: r.next().text, span: r.spanFrom(first) };
  if (first.text === "{") return { kind: "block", body: parseBlock(r), span: r.spanFrom(first) };
  const nested = parseNested(r, first);
  if (nested !== null) return nested;
  const stmt = parseSimple(r, first);
  if (r.peek().text !== "}") r.expect(";");
  return stmt;
}

function parseNested(r: TextReader, first: Token): Stmt | null {
  if (r.accept("if")) {
    const condition = parseExp(r);
    const then = parseBlock(r);
    const otherwise = r.accept("else") ? parseBlock(r) : [];
    return { kind: "if", condition, then, else: otherwise, span: r.spanFrom(first) };
  }
  if (r.accept("while")) {
    const condition = parseExp(r);
    return { kind: "while", condition, body: parseBlock(r), span: r.spanFrom(first) };
  }
  return r.accept("try") ? parseTry(r, first) : null;
}

function parseTry(r: TextReader, first: Token): Stmt {
  const target = isCall(r) ? null : parseTarget(r);
  if (target !== null) r.expect("=");
  const { callee, args } = parseCall(r);
  r.expect("catch");
  const exception = r.name();
  r.expect("=>");
  const variable = r.name();
  const handler = { exception, variable, body: parseBlock(r) };
  return { kind: "call", target, callee, args, handler, span: r.spanFrom(first) };
}

const accesses: ReadonlyMap<string, AccessBytes> = new Map<string, AccessBytes>([
  ["8", 1],
  ["16", 2],
  ["32", 4],
  ["w", 8],
]);

function parseSimple(r: TextReader, first: Token): Stmt {
  for (const kind of ["skip", "tick"] as const) {
    if (r.accept(kind)) return { kind, span: r.spanFrom(first) };
  }
  for (const kind of ["break", "continue"] as const) {
    if (r.accept(kind)) return { kind, span: r.spanFrom(first) };
  }
  if (r.accept("!")) return parseShared(r, first);
  if (r.accept("var")) return parseDeclaration(r, first);
  if (r.accept("throw")) {
    const exception = r.name();
    return { kind: "raise", exception, value: parseExp(r), span: r.spanFrom(first) };
  }
  if (r.accept("return")) {
    if (isCall(r)) return { kind: "tailCall", ...parseCall(r), span: r.spanFrom(first) };
    return { kind: "return", value: parseExp(r), span: r.spanFrom(first) };
  }
  return parseStore(r, first) ?? parseCallOrAssign(r, first);
}

function parseStore(r: TextReader, first: Token): Stmt | null {
  const operands = (): { readonly address: Exp; readonly value: Exp } => {
    const address = parseExp(r);
    r.expect(",");
    return { address, value: parseExp(r) };
  };
  if (r.accept("st")) return { kind: "store", ...operands(), span: r.spanFrom(first) };
  if (r.accept("st8")) return { kind: "storeBytes", bytes: 1, ...operands(), span: r.spanFrom(first) };
  if (r.accept("st32")) return { kind: "storeBytes", bytes: 4, ...operands(), span: r.spanFrom(first) };
  return null;
}

/** After `!`. */
function parseShared(r: TextReader, first: Token): Stmt {
  const token = r.next();
  const bytes = accesses.get(token.text.slice(2));
  if (bytes === undefined)
    return r.fail("expected a shared access: ld8 ld16 ld32 ldw st8 st16 st32 stw", token);
  if (token.text.startsWith("ld")) {
    const target = parseTarget(r);
    r.expect(",");
    return { kind: "sharedLoad", bytes, ...target, address: parseExp(r), span: r.spanFrom(first) };
  }
  const address = parseExp(r);
  r.expect(",");
  return { kind: "sharedStore", bytes, address, value: parseExp(r), span: r.spanFrom(first) };
}

/** After `var`. */
function parseDeclaration(r: TextReader, first: Token): Stmt {
  const shape = parseShape(r);
  const name = r.name();
  r.expect("=");
  if (isCall(r)) return { kind: "decCall", name, shape, ...parseCall(r), span: r.spanFrom(first) };
  return { kind: "dec", name, shape, value: parseExp(r), span: r.spanFrom(first) };
}

function parseCallOrAssign(r: TextReader, first: Token): Stmt {
  if (isCall(r)) {
    const { callee, args } = parseCall(r);
    const span = r.spanFrom(first);
    return callee.startsWith("@")
      ? { kind: "foreignCall", name: callee.slice(1), args, span }
      : { kind: "call", target: null, callee, args, handler: null, span };
  }
  const target = parseTarget(r);
  r.expect("=");
  if (r.peek().text === "__add_with_carry__") return parseAddCarry(r, first, target.name);
  if (!isCall(r)) return { kind: "assign", ...target, value: parseExp(r), span: r.spanFrom(first) };
  return { kind: "call", target, ...parseCall(r), handler: null, span: r.spanFrom(first) };
}

function parseAddCarry(r: TextReader, first: Token, name: string): Stmt {
  const [left, right, carryIn, ...rest] = parseCall(r).args;
  if (left === undefined || right === undefined || carryIn === undefined || rest.length > 0) {
    return r.fail("expected three arguments of `__add_with_carry__`", first);
  }
  return { kind: "addCarry", name, left, right, carryIn, span: r.spanFrom(first) };
}

function parseTarget(r: TextReader): ResultTarget {
  return r.accept("$") ? { scope: "global", name: r.name() } : { scope: "local", name: r.name() };
}

/** `name (` is always a call: expressions have none. */
function isCall(r: TextReader): boolean {
  return r.peek().kind === "name" && r.peek(1).text === "(";
}

function parseCall(r: TextReader): { readonly callee: string; readonly args: readonly Exp[] } {
  const callee = r.name();
  r.expect("(");
  return { callee, args: r.list(")", () => parseExp(r)) };
}
