/**
 * pan-to-crep: PanLang → CrepLang.  Upstream: pan_to_crepScript.sml.
 *
 * Flattens: a variable of n words becomes n numbered variables, a struct value a list of word expressions, a global
 * consecutive global words. Projections are pushed inward, so that of a load only the wanted words are loaded.
 * Results and payloads travel in variables (upstream: transfer slots).
 *
 * Statements with several words evaluate everything before they write: an assignment that mentions its own target
 * and a store whose later values load from memory go through temporaries.
 *
 * Needs:       P1 to P16.
 * Establishes: C1 to C11; variables number the declarations of a function in source order.
 * Keeps:       order of effects; every span; names of variables (`x`, `p.0`).
 * Cost:        one walk; a struct costs its words at each use.
 */

import { bug } from "../source/bug.ts";
import type * as crep from "../lang/crep/ast.ts";
import { forEachExp } from "../lang/crep/children.ts";
import { WORD_BYTES } from "../lang/machine-word.ts";
import type * as pan from "../lang/pan/ast.ts";
import { newScopes } from "../lang/pan/scope.ts";
import { wordCounter } from "../lang/pan/shape.ts";
import type { Span } from "../source/span.ts";
import {
  flattenWord,
  flattenWords,
  localPlace,
  plusOffset,
  readsMemory,
  shareable,
  temporary,
  type Context,
  type GlobalPlace,
  type Out,
} from "./pan-to-crep/expressions.ts";

export function panToCrep(program: pan.Program): crep.Program {
  const words = wordCounter(new Map());
  const globals = new Map<string, GlobalPlace>();
  let globalWords = 0;
  for (const g of program.globals) {
    globals.set(g.name, { start: globalWords, shape: g.shape });
    globalWords += words(g.shape);
  }
  const shared: Shared = {
    words,
    globals,
    exceptions: new Map(program.exceptions.map((e, index) => [e.name, index])),
  };
  return {
    functions: program.functions.map((f) => flattenFunction(f, shared)),
    exceptions: program.exceptions.map((e) => ({ name: e.name, payloadWords: words(e.shape) })),
    globalWords,
    entry: program.entry,
  };
}

type Shared = Pick<Context, "words" | "globals" | "exceptions">;

function flattenFunction(f: pan.Function, shared: Shared): crep.Function {
  const c: Context = { ...shared, locals: newScopes(), names: new Map(), nextVar: 0 };
  const params = f.params.flatMap((p) => declare(p.name, p.shape, c));
  const body = flattenBlock(f.body, c);
  const { name, inline, exported, span } = f;
  return { name, inline, exported, params, resultWords: c.words(f.result), body, names: c.names, span };
}

/** Fresh variables for a local, in scope from now on. */
function declare(name: string, shape: pan.Shape, c: Context): readonly crep.Var[] {
  const vars: crep.Var[] = [];
  const number = (part: pan.Shape, path: string): void => {
    if (part.kind === "struct") {
      part.fields.forEach((field, i) => {
        number(field, `${path}.${String(i)}`);
      });
    } else {
      c.names.set(c.nextVar, path);
      vars.push(c.nextVar++);
    }
  };
  number(shape, name);
  c.locals.declare(name, { vars, shape });
  return vars;
}

function flattenBlock(block: pan.Block, c: Context): crep.Block {
  const out: Out = [];
  flattenInto(block, out, c);
  return out;
}

function flattenInto(block: pan.Block, out: Out, c: Context): void {
  c.locals.nested(() => {
    for (const stmt of block) flattenStmt(stmt, out, c);
  });
}

function flattenStmt(stmt: pan.Stmt, out: Out, c: Context): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "skip":
    case "annotation":
      return;
    case "tick":
      out.push({ kind: "tick", span });
      return;
    case "break":
    case "continue":
      out.push({ kind: stmt.kind, depth: 0, span });
      return;
    case "block":
      flattenInto(stmt.body, out, c);
      return;
    case "if":
      out.push({
        kind: "if",
        condition: flattenWord(stmt.condition, c),
        then: flattenBlock(stmt.then, c),
        else: flattenBlock(stmt.else, c),
        span,
      });
      return;
    case "while":
      out.push({
        kind: "while",
        condition: flattenWord(stmt.condition, c),
        body: flattenBlock(stmt.body, c),
        span,
      });
      return;
    case "dec":
    case "assign":
    case "addCarry":
    case "store":
    case "storeBytes":
    case "sharedLoad":
    case "sharedStore":
      flattenData(stmt, out, c);
      return;
    case "decCall":
    case "call":
    case "tailCall":
    case "foreignCall":
    case "raise":
    case "return":
      flattenTransfer(stmt, out, c);
      return;
  }
}

type Data = Extract<
  pan.Stmt,
  {
    readonly kind: "dec" | "assign" | "addCarry" | "store" | "storeBytes" | "sharedLoad" | "sharedStore";
  }
>;

function flattenData(stmt: Data, out: Out, c: Context): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "dec": {
      const values = flattenWords(stmt.value, out, c);
      assignAll(declare(stmt.name, stmt.shape, c), values, span, out);
      return;
    }
    case "assign":
      flattenAssign(stmt, out, c);
      return;
    case "addCarry": {
      const [sum, carry] = localPlace(stmt.name, c).vars;
      if (sum === undefined || carry === undefined)
        return bug("add with carry into less than two words", span);
      const left = flattenWord(stmt.left, c);
      const right = flattenWord(stmt.right, c);
      out.push({ kind: "addCarry", sum, carry, left, right, carryIn: flattenWord(stmt.carryIn, c), span });
      return;
    }
    case "store":
      flattenStore(stmt, out, c);
      return;
    case "storeBytes":
    case "sharedStore": {
      const address = flattenWord(stmt.address, c);
      const value = flattenWord(stmt.value, c);
      if (stmt.kind === "storeBytes") out.push({ kind: "store", bytes: stmt.bytes, address, value, span });
      else out.push({ kind: "sharedStore", bytes: stmt.bytes, address, value, span });
      return;
    }
    case "sharedLoad": {
      const [dest] = localPlace(stmt.name, c).vars;
      if (dest === undefined || stmt.scope === "global") return bug("a shared load into a global", span);
      const address = flattenWord(stmt.address, c);
      out.push({ kind: "sharedLoad", bytes: stmt.bytes, dest, address, span });
      return;
    }
  }
}

function assignAll(dests: readonly crep.Var[], values: readonly crep.Exp[], span: Span, out: Out): void {
  dests.forEach((dest, i) => {
    out.push({ kind: "assign", dest, value: values[i] ?? bug("too few words", span), span });
  });
}

function flattenAssign(stmt: Extract<pan.Stmt, { readonly kind: "assign" }>, out: Out, c: Context): void {
  const { span } = stmt;
  let values = flattenWords(stmt.value, out, c);
  if (stmt.scope === "local") {
    const { vars } = localPlace(stmt.name, c);
    const position = new Map(vars.map((v, i) => [v, i]));
    const written = (e: crep.Exp): number | undefined => (e.kind === "var" ? position.get(e.var) : undefined);
    if (readsEarlier(values, written)) values = throughTemporaries(values, out, c);
    assignAll(vars, values, span, out);
    return;
  }
  const { start } = c.globals.get(stmt.name) ?? bug(`global ${stmt.name} has no place`, span);
  const written = (e: crep.Exp): number | undefined => (e.kind === "global" ? e.index - start : undefined);
  if (readsEarlier(values, written)) values = throughTemporaries(values, out, c);
  values.forEach((value, i) => {
    out.push({ kind: "setGlobal", index: start + i, value, span });
  });
}

/** True if a value reads what the write of an earlier value changes; `written`: position of what `e` reads. */
function readsEarlier(values: readonly crep.Exp[], written: (e: crep.Exp) => number | undefined): boolean {
  return values.some((value, i) => {
    let hit = false;
    forEachExp(value, (e) => {
      const position = written(e);
      if (position !== undefined && position >= 0 && position < i) hit = true;
    });
    return hit;
  });
}

function throughTemporaries(values: readonly crep.Exp[], out: Out, c: Context): readonly crep.Exp[] {
  return values.map((value) => temporary(value, out, c));
}

function flattenStore(stmt: Extract<pan.Stmt, { readonly kind: "store" }>, out: Out, c: Context): void {
  const address = flattenWord(stmt.address, c);
  const values = flattenWords(stmt.value, out, c);
  const start = values.length > 1 ? shareable(address, out, c) : address;
  // The first word is evaluated before anything is written; the others must not load what has been.
  const safe = values.map((value, i) => (i > 0 && readsMemory(value) ? temporary(value, out, c) : value));
  safe.forEach((value, i) => {
    out.push({ kind: "store", bytes: 8, address: plusOffset(start, i * WORD_BYTES), value, span: stmt.span });
  });
}

type Transfer = Extract<
  pan.Stmt,
  { readonly kind: "decCall" | "call" | "tailCall" | "foreignCall" | "raise" | "return" }
>;

function flattenTransfer(stmt: Transfer, out: Out, c: Context): void {
  const { span } = stmt;
  switch (stmt.kind) {
    case "decCall": {
      const args = flattenArgs(stmt.args, out, c);
      const dests = declare(stmt.name, stmt.shape, c);
      out.push({ kind: "call", dests, callee: stmt.callee, args, handler: null, span });
      return;
    }
    case "call": {
      if (stmt.target?.scope === "global") return bug("a call writes a global after pan-globals", span);
      const args = flattenArgs(stmt.args, out, c);
      const dests = stmt.target === null ? null : localPlace(stmt.target.name, c).vars;
      out.push({ kind: "call", dests, callee: stmt.callee, args, handler: flattenHandler(stmt, c), span });
      return;
    }
    case "tailCall":
      out.push({ kind: "tailCall", callee: stmt.callee, args: flattenArgs(stmt.args, out, c), span });
      return;
    case "foreignCall":
      out.push({ kind: "foreignCall", name: stmt.name, args: flattenArgs(stmt.args, out, c), span });
      return;
    case "raise": {
      const exception = exceptionNumber(stmt.exception, c);
      out.push({ kind: "raise", exception, payload: flattenWords(stmt.value, out, c), span });
      return;
    }
    case "return":
      out.push({ kind: "return", values: flattenWords(stmt.value, out, c), span });
      return;
  }
}

function exceptionNumber(name: string, c: Context): number {
  return c.exceptions.get(name) ?? bug(`exception ${name} is not declared`);
}

function flattenHandler(
  { handler }: Extract<pan.Stmt, { readonly kind: "call" }>,
  c: Context,
): crep.Handler | null {
  if (handler === null) return null;
  return {
    exception: exceptionNumber(handler.exception, c),
    payload: localPlace(handler.variable, c).vars,
    body: flattenBlock(handler.body, c),
  };
}

function flattenArgs(args: readonly pan.Exp[], out: Out, c: Context): readonly crep.Exp[] {
  return args.flatMap((arg) => flattenWords(arg, out, c));
}
