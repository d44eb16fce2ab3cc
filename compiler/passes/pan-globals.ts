/**
 * pan-globals: PanLang → PanLang.  Upstream: pan_globalsScript.sml, which moves globals into the heap; ours stay
 * variables of their own, so that no store can alias them and `@top` needs no arithmetic.
 *
 * A generated entry runs the initialisers in order and tail-calls the user's `main`. Calls and shared loads that
 * write a global go through a fresh local, whose name ends in `'`. Globals that no function mentions go.
 *
 * With a handler, `try g = f() catch E => v { b }` becomes
 *     { var t = g; try t = f() catch E => v { b; t = g; } g = t; }
 * so that on the exceptional path the last assignment writes what is there already.
 *
 * Needs:       P1 to P15.
 * Establishes: P16 (initialisers are zeros; only plain assignments write globals).
 * Keeps:       order of initialisers, of everything in functions; every span.
 * Cost:        one walk.
 */

import type { Block, Exp, Function, Global, Program, Shape, Stmt } from "../lang/pan/ast.ts";
import { forEachExp, forEachStmt, mapStmtBlocks, stmtExps } from "../lang/pan/children.ts";
import { WORD_SHAPE } from "../lang/pan/shape.ts";
import { bug } from "../source/bug.ts";
import type { Span } from "../source/span.ts";

const ENTRY = "generated_main";

export function panGlobals(program: Program): Program {
  const globals = usedGlobals(program);
  if (globals.length === 0) return { ...program, globals };
  const shapes = new Map(globals.map((g) => [g.name, g.shape]));
  const entry = entryFunction(program, globals);
  return {
    ...program,
    globals: globals.map((g) => ({ ...g, value: zero(g.shape, g.span) })),
    functions: [entry, ...program.functions.map((f) => ({ ...f, body: plainBlock(f.body, shapes) }))],
    entry: entry.name,
  };
}

/** Runs the initialisers; named so that no user function clashes. */
function entryFunction(program: Program, globals: readonly Global[]): Function {
  const taken = new Set(program.functions.map((f) => f.name));
  const name = taken.has(ENTRY) ? `${ENTRY}'` : ENTRY;
  const main = program.functions.find((f) => f.name === program.entry) ?? bug("the entry does not exist");
  const body: Stmt[] = globals.map((g) => assignGlobal(g.name, g.value, g.span));
  body.push({ kind: "tailCall", callee: program.entry, args: [], span: main.span });
  return { name, inline: false, exported: false, params: [], result: main.result, body, span: main.span };
}

function assignGlobal(name: string, value: Exp, span: Span): Stmt {
  return { kind: "assign", scope: "global", name, value, span };
}

function zero(shape: Shape, span: Span): Exp {
  switch (shape.kind) {
    case "word":
      return { kind: "const", value: 0n, span };
    case "struct":
      return { kind: "rawStruct", fields: shape.fields.map((field) => zero(field, span)), span };
    case "named":
      return bug("a named shape after pan-structs", span);
  }
}

/** Globals that a function mentions, and those that their initialisers mention. Initialisers are pure. */
function usedGlobals(program: Program): readonly Global[] {
  const used = new Set<string>();
  const noteExp = (e: Exp): void => {
    if (e.kind === "var" && e.scope === "global") used.add(e.name);
  };
  const noteStmt = (stmt: Stmt): void => {
    for (const e of stmtExps(stmt)) forEachExp(e, noteExp);
    const written = writtenGlobal(stmt);
    if (written !== null) used.add(written);
  };
  for (const f of program.functions) forEachStmt(f.body, noteStmt);
  // An initialiser mentions earlier globals only, so one backward walk is enough.
  for (const g of [...program.globals].reverse()) if (used.has(g.name)) forEachExp(g.value, noteExp);
  return program.globals.filter((g) => used.has(g.name));
}

function writtenGlobal(stmt: Stmt): string | null {
  if (stmt.kind === "assign" || stmt.kind === "sharedLoad") return stmt.scope === "global" ? stmt.name : null;
  return stmt.kind === "call" && stmt.target?.scope === "global" ? stmt.target.name : null;
}

type Shapes = ReadonlyMap<string, Shape>;

function plainBlock(block: Block, shapes: Shapes): Block {
  return block.map((stmt) => plainStmt(stmt, shapes));
}

function plainStmt(stmt: Stmt, shapes: Shapes): Stmt {
  const plain = mapStmtBlocks(stmt, (block) => plainBlock(block, shapes));
  const name = writtenGlobal(plain);
  if (name === null || plain.kind === "assign") return plain;
  const { span } = plain;
  const temporary = `${name}'`;
  const copyOut = assignGlobal(name, local(temporary, span), span);
  if (plain.kind === "sharedLoad") {
    const load: Stmt = { ...plain, scope: "local", name: temporary };
    const start: Exp = { kind: "const", value: 0n, span };
    const dec: Stmt = { kind: "dec", name: temporary, shape: WORD_SHAPE, value: start, span };
    return { kind: "block", body: [dec, load, copyOut], span };
  }
  if (plain.kind !== "call") return plain;
  const shape = shapes.get(name) ?? bug(`global ${name} has no shape`, span);
  return { kind: "block", body: [...callIntoLocal(plain, { name, temporary, shape }), copyOut], span };
}

function local(name: string, span: Span): Exp {
  return { kind: "var", scope: "local", name, span };
}

interface Replaced {
  readonly name: string;
  readonly temporary: string;
  readonly shape: Shape;
}

function callIntoLocal(
  call: Extract<Stmt, { readonly kind: "call" }>,
  { name, temporary, shape }: Replaced,
): readonly Stmt[] {
  const { callee, args, handler, span } = call;
  if (handler === null) return [{ kind: "decCall", name: temporary, shape, callee, args, span }];
  const current: Exp = { kind: "var", scope: "global", name, span };
  const restore: Stmt = { kind: "assign", scope: "local", name: temporary, value: current, span };
  return [
    { kind: "dec", name: temporary, shape, value: current, span },
    {
      ...call,
      target: { scope: "local", name: temporary },
      handler: { ...handler, body: [{ kind: "block", body: handler.body, span }, restore] },
    },
  ];
}
