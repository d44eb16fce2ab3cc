// The shape of an expression of a well-formed program; passes and the evaluator ask, check.ts has its own rules.

import { bug } from "../../source/bug.ts";
import type { Exp, Scope, Shape } from "./ast.ts";
import { WORD_SHAPE, type StructTable } from "./shape.ts";

/** What is in scope where the expression stands. */
export interface ShapeEnv {
  readonly structs: StructTable;
  variable(scope: Scope, name: string): Shape;
}

export function shapeOf(e: Exp, env: ShapeEnv): Shape {
  switch (e.kind) {
    case "var":
      return env.variable(e.scope, e.name);
    case "rawStruct":
      return { kind: "struct", fields: e.fields.map((field) => shapeOf(field, env)) };
    case "namedStruct":
      return { kind: "named", name: e.name };
    case "load":
      return e.shape;
    case "rawField":
      return rawFieldShape(shapeOf(e.value, env), e);
    case "namedField": {
      const struct = shapeOf(e.value, env);
      const fields = struct.kind === "named" ? env.structs.get(struct.name) : undefined;
      const field = fields?.find((f) => f.name === e.field);
      return field?.shape ?? bug(`no field ${e.field}`, e.span);
    }
    case "const":
    case "loadBytes":
    case "op":
    case "compare":
    case "shift":
    case "baseAddr":
    case "topAddr":
    case "bytesInWord":
      return WORD_SHAPE;
  }
}

function rawFieldShape(struct: Shape, e: Extract<Exp, { readonly kind: "rawField" }>): Shape {
  const field = struct.kind === "struct" ? struct.fields[e.index] : undefined;
  return field ?? bug(`no component ${String(e.index)}`, e.span);
}
