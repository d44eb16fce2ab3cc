/**
 * pan-structs: PanLang → PanLang.  Upstream: pan_structsScript.sml.
 *
 * Named structs become raw ones: shapes are component lists, literals take declaration order, fields become indices.
 *
 * Needs:       P1 to P13.
 * Establishes: P15 (nothing named is left).
 * Keeps:       everything else; the fields of a literal are pure, so their order is free.
 * Cost:        one walk; a struct is expanded once.
 */

import { bug } from "../source/bug.ts";
import type { Block, Exp, Function, Program, Shape, Stmt } from "../lang/pan/ast.ts";
import { mapExpChildren, mapStmtBlocks, mapStmtExps } from "../lang/pan/children.ts";
import { newScopes, type Scopes } from "../lang/pan/scope.ts";
import { shapeOf, type ShapeEnv } from "../lang/pan/shape-of.ts";
import { structTable, type StructTable } from "../lang/pan/shape.ts";

export function panStructs(program: Program): Program {
  const structs = structTable(program);
  const raw = rawShapes(structs);
  const globals = new Map(program.globals.map((g) => [g.name, g.shape]));
  const contextFor = (locals: Scopes<Shape>): Context => ({
    raw,
    locals,
    env: {
      structs,
      variable: (scope, name) =>
        (scope === "global" ? globals.get(name) : locals.lookup(name)) ??
        bug(`${scope} ${name} is not in scope`),
    },
  });
  const initialisers = contextFor(newScopes<Shape>());
  return {
    ...program,
    structs: [],
    exceptions: program.exceptions.map((e) => ({ ...e, shape: raw(e.shape) })),
    globals: program.globals.map((g) => ({
      ...g,
      shape: raw(g.shape),
      value: rawExp(g.value, initialisers),
    })),
    functions: program.functions.map((f) => rawFunction(f, contextFor(newScopes<Shape>()))),
  };
}

interface Context {
  raw(shape: Shape): Shape;
  /** Shapes of locals as declared, names and all. */
  readonly locals: Scopes<Shape>;
  readonly env: ShapeEnv;
}

/** The raw form of shapes; each struct is expanded once and shared. */
function rawShapes(structs: StructTable): (shape: Shape) => Shape {
  const known = new Map<string, Shape>();
  const raw = (shape: Shape): Shape => {
    switch (shape.kind) {
      case "word":
        return shape;
      case "struct":
        return { kind: "struct", fields: shape.fields.map(raw) };
      case "named": {
        const before = known.get(shape.name);
        if (before !== undefined) return before;
        const fields = structs.get(shape.name) ?? bug(`struct ${shape.name} is not declared`);
        const expanded: Shape = { kind: "struct", fields: fields.map((f) => raw(f.shape)) };
        known.set(shape.name, expanded);
        return expanded;
      }
    }
  };
  return raw;
}

function rawFunction(f: Function, c: Context): Function {
  for (const p of f.params) c.locals.declare(p.name, p.shape);
  return {
    ...f,
    params: f.params.map((p) => ({ ...p, shape: c.raw(p.shape) })),
    result: c.raw(f.result),
    body: rawBlock(f.body, c),
  };
}

function rawExp(e: Exp, c: Context): Exp {
  if (e.kind === "namedStruct") return rawLiteral(e, c);
  if (e.kind === "namedField") return rawNamedField(e, c);
  const raw = mapExpChildren(e, (child) => rawExp(child, c));
  return raw.kind === "load" ? { ...raw, shape: c.raw(raw.shape) } : raw;
}

function rawLiteral(e: Extract<Exp, { readonly kind: "namedStruct" }>, c: Context): Exp {
  const declared = c.env.structs.get(e.name) ?? bug(`struct ${e.name} is not declared`, e.span);
  const given = new Map(e.fields.map((f) => [f.name, f.value]));
  const fields = declared.map((f) => rawExp(given.get(f.name) ?? bug(`no field ${f.name}`, e.span), c));
  return { kind: "rawStruct", fields, span: e.span };
}

function rawNamedField(e: Extract<Exp, { readonly kind: "namedField" }>, c: Context): Exp {
  const struct = shapeOf(e.value, c.env);
  const fields = struct.kind === "named" ? (c.env.structs.get(struct.name) ?? []) : [];
  const index = fields.findIndex((f) => f.name === e.field);
  if (index < 0) bug(`no field ${e.field}`, e.span);
  return { kind: "rawField", index, value: rawExp(e.value, c), span: e.span };
}

function rawBlock(block: Block, c: Context): Block {
  return c.locals.nested(() => block.map((stmt) => rawStmt(stmt, c)));
}

function rawStmt(stmt: Stmt, c: Context): Stmt {
  const raw = mapStmtBlocks(
    mapStmtExps(stmt, (e) => rawExp(e, c)),
    (block) => rawBlock(block, c),
  );
  if (raw.kind !== "dec" && raw.kind !== "decCall") return raw;
  c.locals.declare(raw.name, raw.shape);
  return { ...raw, shape: c.raw(raw.shape) };
}
