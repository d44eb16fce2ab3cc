// Reads the text form of what CrepLang and LoopLang share (print.ts writes it).
//
// A language reads its values and its own statements, and gives the rest to `parsePlain` and the readers of calls here.

import { readText, type ParsedText, type TextReader, type Token } from "../text-reader.ts";
import type { Call, Exception, ForeignCall, Function, PlainStmt, Program, Var } from "./ast.ts";
import { accessBytes, localBytes, variableReader, type VariableReader } from "./variable-text.ts";

/** What a language adds. */
export interface Language<Value, Stmt> {
  parseValue(b: Body<Value, Stmt>): Value;
  /** A statement that ends in a block, or null if none is next. `first` is its first token. */
  parseNested(b: Body<Value, Stmt>, first: Token): Stmt | null;
  /** Any other statement, up to its semicolon. */
  parseSimple(b: Body<Value, Stmt>, first: Token): Stmt;
}

/** The reading of one function. */
export interface Body<Value, Stmt> {
  readonly r: TextReader;
  readonly head: ProgramHead;
  readonly vars: VariableReader;
  readonly language: Language<Value, Stmt>;
}

/** What stands before the functions. */
export interface ProgramHead {
  entry: string;
  globalWords: number;
  readonly exceptions: Exception[];
}

/** The program that `text` says, or the first mistake in it. */
export function parseProgram<F>(
  text: string,
  parseFunction: (r: TextReader, head: ProgramHead) => F,
): ParsedText<Program<F>> {
  return readText(text, (r) => {
    const head: ProgramHead = { entry: "main", globalWords: 0, exceptions: [] };
    const functions: F[] = [];
    while (r.peek().kind !== "end") {
      if (!parseDeclaration(r, head)) functions.push(parseFunction(r, head));
    }
    return { ...head, functions };
  });
}

/** Reads one declaration of the head if one is next. */
function parseDeclaration(r: TextReader, head: ProgramHead): boolean {
  if (r.accept("entry")) head.entry = r.name();
  else if (r.accept("globals")) head.globalWords = r.natural();
  else if (r.accept("exception")) {
    const name = r.name();
    r.expect(":");
    head.exceptions.push({ name, payloadWords: r.natural() });
  } else return false;
  r.expect(";");
  return true;
}

/** The function from `export` on; `first` is its first token. */
export function parseFunctionFrom<Value, Stmt>(
  first: Token,
  r: TextReader,
  head: ProgramHead,
  language: Language<Value, Stmt>,
): Function<Stmt> {
  const exported = r.accept("export");
  r.expect("fun");
  const name = r.name();
  const vars = variableReader(r);
  r.expect("(");
  const params = r.list(")", vars.variable);
  r.expect(":");
  const resultWords = r.natural();
  const span = r.spanFrom(first);
  const body = parseBlock({ r, head, vars, language });
  return { name, exported, params, resultWords, body, names: vars.names, span };
}

/** `{ ... }`. */
export function parseBlock<Value, Stmt>(b: Body<Value, Stmt>): readonly Stmt[] {
  b.r.expect("{");
  const stmts: Stmt[] = [];
  while (!b.r.accept("}")) stmts.push(parseStmt(b));
  return stmts;
}

function parseStmt<Value, Stmt>(b: Body<Value, Stmt>): Stmt {
  const { r, language } = b;
  const first = r.peek();
  const nested = language.parseNested(b, first);
  if (nested !== null) return nested;
  const stmt = language.parseSimple(b, first);
  if (r.peek().text !== "}") r.expect(";");
  return stmt;
}

/** The blocks of an `if`. */
export function parseBranches<Value, Stmt>(
  b: Body<Value, Stmt>,
): { readonly then: readonly Stmt[]; readonly else: readonly Stmt[] } {
  const then = parseBlock(b);
  return { then, else: b.r.accept("else") ? parseBlock(b) : [] };
}

/** One value of the language. */
export function parseValue<Value, Stmt>(b: Body<Value, Stmt>): Value {
  return b.language.parseValue(b);
}

/** `call catch exception => (payload) { ... }`; `try` has been read. */
export function parseTry<Value, Stmt>(b: Body<Value, Stmt>): Omit<Call<Value, Stmt>, "span"> {
  const { r, vars } = b;
  const dests = vars.isVariable(r.peek()) ? parseDests(b) : null;
  const call = parseCall(b);
  r.expect("catch");
  const exception = parseException(b);
  r.expect("=>");
  r.expect("(");
  const payload = r.list(")", vars.variable);
  return { kind: "call", dests, ...call, handler: { exception, payload, body: parseBlock(b) } };
}

/** `a, b :=`. */
export function parseDests<Value, Stmt>({ r, vars }: Body<Value, Stmt>): readonly Var[] {
  const dests = [vars.variable()];
  while (r.accept(",")) dests.push(vars.variable());
  r.expect(":=");
  return dests;
}

/** True before `name(`. */
export function isCall(r: TextReader): boolean {
  return r.peek().kind === "name" && r.peek(1).text === "(";
}

interface CallText<Value> {
  readonly callee: string;
  readonly args: readonly Value[];
}

/** `callee(args)`. */
export function parseCall<Value, Stmt>(b: Body<Value, Stmt>): CallText<Value> {
  const callee = b.r.name();
  b.r.expect("(");
  return { callee, args: b.r.list(")", () => parseValue(b)) };
}

/** A call as a statement of its own; a name with `@` is foreign. */
export function parseCallAlone<Value, Stmt>(
  b: Body<Value, Stmt>,
): Omit<Call<Value, Stmt>, "span"> | Omit<ForeignCall<Value>, "span"> {
  const { callee, args } = parseCall(b);
  return callee.startsWith("@")
    ? { kind: "foreignCall", name: callee.slice(1), args }
    : { kind: "call", dests: null, callee, args, handler: null };
}

/** The name of a declared exception as its number. */
function parseException<Value, Stmt>({ r, head }: Body<Value, Stmt>): number {
  const token = r.peek();
  const name = r.name();
  const index = head.exceptions.findIndex((e) => e.name === name);
  return index >= 0 ? index : r.fail(`exception ${name} is not declared`, token);
}

/** `[index]`. */
export function parseGlobalIndex(r: TextReader): number {
  r.expect("[");
  const index = r.natural();
  r.expect("]");
  return index;
}

/** `__add_with_carry__(left, right, carryIn)` behind `dests`, or null if something else is next. */
export function parseAddCarry<Value, Stmt>(
  dests: readonly Var[],
  b: Body<Value, Stmt>,
  first: Token,
): PlainStmt<Value> | null {
  const { r } = b;
  if (r.peek().text !== "__add_with_carry__") return null;
  const [sum, carry] = dests;
  const [left, right, carryIn] = parseCall(b).args;
  if (sum === undefined || carry === undefined || left === undefined) return r.fail("expected `sum, carry`");
  if (right === undefined || carryIn === undefined) {
    return r.fail("expected three arguments of `__add_with_carry__`");
  }
  return { kind: "addCarry", sum, carry, left, right, carryIn, span: r.spanFrom(first) };
}

/** A statement that begins with a word or `!`, or null if none is next. */
export function parsePlain<Value, Stmt>(b: Body<Value, Stmt>, first: Token): PlainStmt<Value> | null {
  const { r } = b;
  if (r.accept("!")) return parseShared(b, first);
  if (r.accept("return")) return parseReturn(b, first);
  if (r.accept("throw")) {
    const exception = parseException(b);
    r.expect("(");
    const payload = r.list(")", () => parseValue(b));
    return { kind: "raise", exception, payload, span: r.spanFrom(first) };
  }
  for (const kind of ["break", "continue"] as const) {
    if (r.accept(kind)) return { kind, depth: r.natural(), span: r.spanFrom(first) };
  }
  // Not a reserved word of Pancake: a function may have this name.
  if (!isCall(r) && r.accept("global")) {
    const index = parseGlobalIndex(r);
    r.expect(":=");
    return { kind: "setGlobal", index, value: parseValue(b), span: r.spanFrom(first) };
  }
  return parseStore(b, first);
}

function parseStore<Value, Stmt>(b: Body<Value, Stmt>, first: Token): PlainStmt<Value> | null {
  const { r } = b;
  const bytes = first.text.startsWith("st") ? localBytes(first.text.slice(2)) : null;
  if (bytes === null) return null;
  r.next();
  const address = parseValue(b);
  r.expect(",");
  return { kind: "store", bytes, address, value: parseValue(b), span: r.spanFrom(first) };
}

function parseShared<Value, Stmt>(b: Body<Value, Stmt>, first: Token): PlainStmt<Value> {
  const { r } = b;
  const token = r.next();
  const bytes = accessBytes(token.text.slice(2));
  if (bytes === null) return r.fail(`expected a shared access, found \`${token.text}\``, token);
  if (token.text.startsWith("ld")) {
    const dest = b.vars.variable();
    r.expect(",");
    return { kind: "sharedLoad", bytes, dest, address: parseValue(b), span: r.spanFrom(first) };
  }
  const address = parseValue(b);
  r.expect(",");
  return { kind: "sharedStore", bytes, address, value: parseValue(b), span: r.spanFrom(first) };
}

function parseReturn<Value, Stmt>(b: Body<Value, Stmt>, first: Token): PlainStmt<Value> {
  const { r } = b;
  if (isCall(r)) return { kind: "tailCall", ...parseCall(b), span: r.spanFrom(first) };
  const values: Value[] = [];
  if (r.peek().text !== ";" && r.peek().text !== "}") {
    do values.push(parseValue(b));
    while (r.accept(","));
  }
  return { kind: "return", values, span: r.spanFrom(first) };
}
