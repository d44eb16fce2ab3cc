// Shapes of expressions: rules P3 to P6 and P15 of check.ts.

import { hasItsArity, operandsOf } from "../operation.ts";
import { violate, type Report } from "../violation.ts";
import type { Exp, Scope, Shape } from "./ast.ts";
import { printShape } from "./print.ts";
import { sameShape, WORD_SHAPE, type StructTable } from "./shape.ts";

export interface ExpContext {
  readonly report: Report;
  readonly structs: StructTable;
  /** Undefined: not in scope. */
  variable(scope: Scope, name: string): Shape | undefined;
  /** Rule P15 holds. */
  readonly raw: boolean;
}

/** Checks `e` and that it has shape `wanted` (null: any). Answers its shape, null if that is unknown. */
export function checkExp(e: Exp, wanted: Shape | null, context: ExpContext): Shape | null {
  const found = infer(e, context);
  if (found !== null && wanted !== null && !sameShape(found, wanted)) {
    violate(context.report, "P4", `expected shape ${printShape(wanted)}, found ${printShape(found)}`, e.span);
  }
  return found;
}

function checkWords(exps: readonly Exp[], context: ExpContext): Shape {
  for (const e of exps) checkExp(e, WORD_SHAPE, context);
  return WORD_SHAPE;
}

function infer(e: Exp, context: ExpContext): Shape | null {
  switch (e.kind) {
    case "const":
      if (BigInt.asUintN(64, e.value) !== e.value) violate(context.report, "P5", "not a word", e.span);
      return WORD_SHAPE;
    case "var": {
      const shape = context.variable(e.scope, e.name);
      if (shape === undefined) violate(context.report, "P3", `${e.scope} ${e.name} is not in scope`, e.span);
      return shape ?? null;
    }
    case "load":
      checkWords([e.address], context);
      return checkLoadShape(e.shape, e, context) ? e.shape : null;
    case "loadBytes":
      return checkWords([e.address], context);
    case "op":
    case "compare":
    case "shift":
      if (!hasItsArity(e)) {
        const message = `${e.op} of ${String(operandsOf(e).length)} arguments`;
        violate(context.report, "P5", message, e.span);
      }
      return checkWords(operandsOf(e), context);
    case "baseAddr":
    case "topAddr":
    case "bytesInWord":
      return WORD_SHAPE;
    case "rawStruct":
    case "rawField":
    case "namedStruct":
    case "namedField":
      return inferStruct(e, context);
  }
}

function checkLoadShape(shape: Shape, e: Exp, context: ExpContext): boolean {
  switch (shape.kind) {
    case "word":
      return true;
    case "struct":
      if (shape.fields.length === 0)
        violate(context.report, "P2", "a struct shape without components", e.span);
      return shape.fields.every((field) => checkLoadShape(field, e, context));
    case "named":
      if (!context.structs.has(shape.name)) {
        violate(context.report, "P2", `struct ${shape.name} is not declared`, e.span);
      }
      if (context.raw) violate(context.report, "P15", "a named shape after pan-structs", e.span);
      return context.structs.has(shape.name);
  }
}

function inferStruct(
  e: Extract<Exp, { readonly kind: "rawStruct" | "rawField" | "namedStruct" | "namedField" }>,
  context: ExpContext,
): Shape | null {
  if (context.raw && (e.kind === "namedStruct" || e.kind === "namedField")) {
    violate(context.report, "P15", `a ${e.kind} after pan-structs`, e.span);
  }
  switch (e.kind) {
    case "rawStruct":
      return inferRawStruct(e, context);
    case "namedStruct":
      return checkNamedLiteral(e, context);
    case "rawField": {
      const struct = infer(e.value, context);
      if (struct === null) return null;
      const field = struct.kind === "struct" ? struct.fields[e.index] : undefined;
      if (field === undefined) {
        violate(context.report, "P6", `no component ${String(e.index)} in ${printShape(struct)}`, e.span);
      }
      return field ?? null;
    }
    case "namedField": {
      const struct = infer(e.value, context);
      if (struct === null) return null;
      const fields = struct.kind === "named" ? context.structs.get(struct.name) : undefined;
      const field = fields?.find((f) => f.name === e.field);
      if (field === undefined) violate(context.report, "P6", `no field ${e.field}`, e.span);
      return field?.shape ?? null;
    }
  }
}

function inferRawStruct(e: Extract<Exp, { readonly kind: "rawStruct" }>, context: ExpContext): Shape | null {
  if (e.fields.length === 0) violate(context.report, "P2", "a struct without components", e.span);
  const fields = e.fields.map((field) => infer(field, context));
  return fields.every((f) => f !== null) ? { kind: "struct", fields } : null;
}

function checkNamedLiteral(
  e: Extract<Exp, { readonly kind: "namedStruct" }>,
  context: ExpContext,
): Shape | null {
  const fields = context.structs.get(e.name);
  if (fields === undefined) {
    violate(context.report, "P2", `struct ${e.name} is not declared`, e.span);
    return null;
  }
  for (const { name, value } of e.fields) {
    const field = fields.find((f) => f.name === name);
    if (field === undefined) violate(context.report, "P6", `no field ${name} in ${e.name}`, e.span);
    checkExp(value, field?.shape ?? null, context);
  }
  const given = e.fields.map((f) => f.name);
  if (given.length !== fields.length || !fields.every((f) => given.includes(f.name))) {
    violate(context.report, "P6", `a literal of ${e.name} must give each field once`, e.span);
  }
  return { kind: "named", name: e.name };
}
