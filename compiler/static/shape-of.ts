// Shapes in a program that passed the checks: for passes that need the shape of an expression, without reporting.
//
// Relies on checkProgram having found no error; anything else is our own mistake.

import { bug } from "../source/bug.ts";
import type { Exp, Shape as WrittenShape } from "../syntax/tree.ts";
import type { StaticInfo } from "./declared.ts";
import { lookUp, type Scope } from "./scope.ts";
import { shapeOfWords, structOf, WORD, type Shape } from "./shapes.ts";

/** The shape that `written` means; null is one word. */
export function shapeOfWritten(written: WrittenShape | null, info: StaticInfo): Shape {
  if (written === null) return WORD;
  switch (written.kind) {
    case "words":
      return shapeOfWords(Number(written.count));
    case "struct":
      return structOf(written.fields.map((field) => shapeOfWritten(field, info)));
    case "named": {
      const struct = info.structs.get(written.name) ?? bug(`struct ${written.name} is unknown`, written.span);
      return { kind: "named", name: struct.name, words: struct.words };
    }
    case "error":
      return bug("a shape with a syntax error passed the checks", written.span);
  }
}

/** The shape of `exp` where `locals` are visible. */
export function shapeOfExpression(exp: Exp, locals: Scope<Shape>, info: StaticInfo): Shape {
  switch (exp.kind) {
    case "int":
    case "bool":
    case "constant":
    case "binary":
    case "not":
    case "loadBytes":
      return WORD;
    case "name": {
      const constant = info.constants.has(exp.name) ? WORD : undefined;
      const shape = lookUp(locals, exp.name) ?? constant ?? info.globals.get(exp.name)?.shape;
      return shape ?? bug(`variable ${exp.name} is unknown`, exp.span);
    }
    case "parens":
      return shapeOfExpression(exp.inner, locals, info);
    case "load":
      return shapeOfWritten(exp.shape, info);
    case "rawStruct":
      return structOf(exp.fields.map((field) => shapeOfExpression(field, locals, info)));
    case "namedStruct":
      return shapeOfWritten({ kind: "named", name: exp.name.text, span: exp.name.span }, info);
    case "index": {
      const value = shapeOfExpression(exp.value, locals, info);
      const part = value.kind === "struct" ? value.fields[Number(exp.index)] : undefined;
      return part ?? bug(`no component ${exp.index}`, exp.span);
    }
    case "field": {
      const value = shapeOfExpression(exp.value, locals, info);
      const struct = value.kind === "named" ? info.structs.get(value.name) : undefined;
      return struct?.field.get(exp.field.text)?.shape ?? bug(`no field ${exp.field.text}`, exp.span);
    }
    case "call":
      return info.functions.get(exp.call.callee.text)?.result ?? bug("call of an unknown function", exp.span);
    case "error":
      return bug("an expression with a syntax error passed the checks", exp.span);
  }
}

/** `shape` as the source would write it. */
export function writtenShape(shape: Shape, span: WrittenShape["span"]): WrittenShape | null {
  switch (shape.kind) {
    case "word":
      return null;
    case "named":
      return { kind: "named", name: shape.name, span };
    case "struct":
      return {
        kind: "struct",
        fields: shape.fields.map((field) => writtenShape(field, span) ?? { kind: "words", count: 1n, span }),
        span,
      };
    case "unknown":
      return bug("a value of unknown shape passed the checks", span);
  }
}
