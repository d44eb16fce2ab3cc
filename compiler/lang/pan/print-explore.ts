// PanLang as the S-expressions of `cake --pancake --explore` (reference/reference-compiler.md, 5.1), for consumers of
// its first section such as the Pancake verifier: `main` first, a location in front of every statement.
//
// Differences from upstream that a parser cannot see: line breaks, and exact source positions (upstream's drift).

import type { Place } from "../../source/translation-unit.ts";
import type { Span } from "../../source/span.ts";
import { list, listOfLines, printSexp, quoted, type Sexp } from "../sexp.ts";
import type { CompareOp, ShiftOp } from "../machine-word.ts";
import type { AccessBytes, Block, Exp, Handler, Program, ShapedName, Stmt } from "./ast.ts";
import { printShape } from "./print.ts";

/** Finds the source of spans, as a TranslationUnit does; null: nowhere. */
export interface Locator {
  readonly locate: (
    span: Span,
  ) => { readonly primary: Pick<Place, "line" | "column" | "endLine" | "endColumn"> } | null;
}

/** All declarations, each followed by a blank line: what stands below the title `# initial pancake program`. */
export function printExplore(program: Program, unit: Locator): string {
  return exploreDeclarations(program, unit)
    .map((text) => `${text}\n\n`)
    .join("");
}

/** One text a declaration, none with a blank line in it: entry, then the others in source order. */
function exploreDeclarations(program: Program, unit: Locator): readonly string[] {
  const declarations: { readonly at: number; readonly tree: Sexp }[] = [
    ...program.structs.map((s) => ({
      at: s.span.start,
      tree: list("struct", s.name, list(...s.fields.map(shapedName))),
    })),
    ...program.exceptions.map((e) => ({
      at: e.span.start,
      tree: list("exception", e.name, ":", printShape(e.shape)),
    })),
    ...program.globals.map((g) => ({
      at: g.span.start,
      tree: list("global", printShape(g.shape), g.name, ":=", exp(g.value)),
    })),
    ...program.functions.map((f) => ({
      at: f.name === program.entry ? -2 : f.span.start,
      tree: list("func", printShape(f.result), f.name, list(...f.params.map(shapedName)), body(f.body, unit)),
    })),
  ];
  return declarations.sort((a, b) => a.at - b.at).map(({ tree }) => printSexp(tree));
}

function shapedName({ name, shape }: ShapedName): Sexp {
  return list(name, ":", printShape(shape));
}

function exps(items: readonly Exp[]): readonly Sexp[] {
  return items.map(exp);
}

const compareNames: Readonly<Record<CompareOp, string>> = {
  equal: "Equal",
  notEqual: "NotEqual",
  less: "Less",
  notLess: "NotLess",
  lower: "Lower",
  notLower: "NotLower",
};

const shiftNames: Readonly<Record<ShiftOp, string>> = { lsl: "Lsl", lsr: "Lsr", asr: "Asr", ror: "Ror" };

const operationNames: Readonly<Record<Extract<Exp, { readonly kind: "op" }>["op"], string>> = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  and: "And",
  or: "Or",
  xor: "Xor",
};

function exp(e: Exp): Sexp {
  switch (e.kind) {
    case "const":
      return list("Const", `0x${e.value.toString(16)}`);
    case "var":
      return list("Var", e.scope, e.name);
    case "rawStruct":
      return list("RawStruct", ...exps(e.fields));
    case "rawField":
      return list("RawField", String(e.index), exp(e.value));
    case "namedStruct":
      return list("NamedStruct", e.name, ...e.fields.map((f) => list(f.name, ":=", exp(f.value))));
    case "namedField":
      return list("NamedField", e.field, exp(e.value));
    case "load":
      return list("MemLoad", printShape(e.shape), exp(e.address));
    case "loadBytes":
      return list(e.bytes === 1 ? "MemLoadByte" : "MemLoad32", exp(e.address));
    case "op":
      return list(operationNames[e.op], ...exps(e.args));
    case "compare":
      return list(compareNames[e.op], exp(e.left), exp(e.right));
    case "shift":
      return list(shiftNames[e.op], exp(e.value), exp(e.amount));
    case "baseAddr":
      return list("BaseAddr");
    case "topAddr":
      return list("TopAddr");
    case "bytesInWord":
      return list("BytesInWord");
  }
}

/** A block as one statement. */
function body(block: Block, unit: Locator): Sexp {
  return sequence(items(block, unit));
}

function sequence(stmts: readonly Sexp[]): Sexp {
  const [only] = stmts;
  if (only === undefined) return "skip";
  return stmts.length === 1 ? only : listOfLines("seq", ...stmts);
}

/** The statements of a block; a declaration holds what follows it, so the walk goes backwards. */
function items(block: Block, unit: Locator): readonly Sexp[] {
  // In reverse order.
  let after: Sexp[] = [];
  for (let i = block.length - 1; i >= 0; i--) {
    const stmt = block[i];
    if (stmt === undefined) break;
    if (stmt.kind === "block") after.push(...[...items(stmt.body, unit)].reverse());
    else if (stmt.kind === "dec") {
      const head = list("local", printShape(stmt.shape), stmt.name, ":=", exp(stmt.value));
      after = [located(list("dec", head, sequence(after.reverse())), stmt, unit)];
    } else if (stmt.kind === "decCall") {
      const head = list(
        printShape(stmt.shape),
        stmt.name,
        ":=",
        list("call", stmt.callee, list(...exps(stmt.args))),
      );
      after = [located(list("dec", head, sequence(after.reverse())), stmt, unit)];
    } else after.push(located(statement(stmt, unit), stmt, unit));
  }
  return after.reverse();
}

function located(tree: Sexp, stmt: Stmt, unit: Locator): Sexp {
  const at = unit.locate(stmt.span)?.primary;
  const place =
    at === undefined
      ? "(UNKNOWN UNKNOWN)"
      : `(${String(at.line)}:${String(at.column)} ${String(at.endLine)}:${String(at.endColumn)})`;
  return listOfLines("seq", list("annot", quoted("location"), quoted(place)), tree);
}

const accessNames: Readonly<Record<AccessBytes, string>> = { 1: "byte", 2: "word16", 4: "word32", 8: "word" };

type Plain = Exclude<Stmt, { readonly kind: "dec" | "decCall" | "block" }>;

function statement(stmt: Plain, unit: Locator): Sexp {
  switch (stmt.kind) {
    case "skip":
    case "break":
    case "continue":
    case "tick":
      return stmt.kind;
    case "annotation":
      return list("annot", quoted("@"), quoted(stmt.text));
    case "if":
      return list("if", exp(stmt.condition), body(stmt.then, unit), body(stmt.else, unit));
    case "while":
      return list("while", exp(stmt.condition), body(stmt.body, unit));
    case "assign":
      return list(stmt.scope, stmt.name, ":=", exp(stmt.value));
    case "addCarry":
      return list(stmt.name, ":=", list("AddCarry", ...exps([stmt.left, stmt.right, stmt.carryIn])));
    case "store":
      return list("mem", exp(stmt.address), ":=", exp(stmt.value));
    case "storeBytes":
      return list("mem", exp(stmt.address), ":=", stmt.bytes === 1 ? "byte" : "32bit", exp(stmt.value));
    case "sharedLoad":
      return list("shared_mem_load", accessNames[stmt.bytes], stmt.scope, stmt.name, exp(stmt.address));
    case "sharedStore":
      return list("shared_mem_store", accessNames[stmt.bytes], exp(stmt.address), exp(stmt.value));
    case "call":
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
      return transfer(stmt, unit);
  }
}

type Transfer = Extract<Stmt, { readonly kind: "call" | "tailCall" | "foreignCall" | "raise" | "return" }>;

function transfer(stmt: Transfer, unit: Locator): Sexp {
  switch (stmt.kind) {
    case "call": {
      const call = list("call", stmt.callee, list(...exps(stmt.args)), handlerTree(stmt.handler, unit));
      return stmt.target === null ? call : list(stmt.target.name, ":=", call);
    }
    case "tailCall":
      return list("tail_call", stmt.callee, list(...exps(stmt.args)));
    case "foreignCall":
      return list("ext_call", stmt.name, ...exps(stmt.args));
    case "raise":
      return list("raise", stmt.exception, exp(stmt.value));
    case "return":
      return list("return", exp(stmt.value));
  }
}

function handlerTree(handler: Handler | null, unit: Locator): Sexp {
  if (handler === null) return "no_handler";
  return list("handler", list(handler.exception, handler.variable, body(handler.body, unit)));
}
