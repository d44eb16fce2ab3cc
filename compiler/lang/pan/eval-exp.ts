// Expressions of PanLang as closures: one word, or all words of a struct.

import { bug } from "../../source/bug.ts";
import { loadMemory, type Get, type GetAll, type Machine } from "../eval/machine.ts";
import { globalWord, localLoad } from "../eval/memory.ts";
import { comparison, constant, isTrue, operation, slotValue, type Test } from "../eval/operations.ts";
import { WORD_BYTES } from "../machine-word.ts";
import type { Exp, Scope, Shape } from "./ast.ts";
import type { Scopes } from "./scope.ts";
import { shapeOf, type ShapeEnv } from "./shape-of.ts";
import type { StructTable } from "./shape.ts";

/** Where a variable's words lie: slots of the frame, or words of the globals. */
export interface Place {
  readonly start: number;
  readonly shape: Shape;
  readonly words: number;
}

export interface ValueContext {
  readonly machine: Machine;
  readonly structs: StructTable;
  words(shape: Shape): number;
  readonly globals: ReadonlyMap<string, Place>;
  readonly locals: Scopes<Place>;
}

export function placeOf(scope: Scope, name: string, context: ValueContext): Place {
  const place = scope === "global" ? context.globals.get(name) : context.locals.lookup(name);
  return place ?? bug(`${scope} ${name} is not in scope`);
}

function shapeEnv(context: ValueContext): ShapeEnv {
  return { structs: context.structs, variable: (scope, name) => placeOf(scope, name, context).shape };
}

/** An expression of shape `word`. */
export function compileWord(e: Exp, context: ValueContext): Get {
  const word = (inner: Exp): Get => compileWord(inner, context);
  switch (e.kind) {
    case "const":
      return constant(e.value);
    case "var":
      return placeWord(e.scope, placeOf(e.scope, e.name, context).start, e.name, context);
    case "loadBytes":
      return localLoad(context.machine, word(e.address), e);
    case "load":
      return localLoad(context.machine, word(e.address), { bytes: 8, span: e.span });
    case "op":
    case "compare":
    case "shift":
      return operation(e, word);
    case "baseAddr":
      return constant(context.machine.base);
    case "topAddr":
      return constant(context.machine.top);
    case "bytesInWord":
      return constant(BigInt(WORD_BYTES));
    case "rawField":
    case "namedField":
      return compileFieldWord(e, context);
    case "rawStruct":
    case "namedStruct":
      return bug("a struct where a word is wanted", e.span);
  }
}

/** A condition. */
export function compileTest(e: Exp, context: ValueContext): Test {
  if (e.kind !== "compare") return isTrue(compileWord(e, context));
  return comparison(e.op, compileWord(e.left, context), compileWord(e.right, context));
}

function placeWord(scope: Scope, index: number, name: string, context: ValueContext): Get {
  return scope === "local" ? slotValue(index, name) : globalWord(context.machine, index);
}

type Field = Extract<Exp, { readonly kind: "rawField" | "namedField" }>;

/** Where the field's words begin within the words of the struct. */
function fieldOffset(e: Field, context: ValueContext): number {
  const struct = shapeOf(e.value, shapeEnv(context));
  const before = (shapes: readonly Shape[]): number => shapes.reduce((sum, s) => sum + context.words(s), 0);
  if (e.kind === "rawField") return struct.kind === "struct" ? before(struct.fields.slice(0, e.index)) : 0;
  const fields = struct.kind === "named" ? (context.structs.get(struct.name) ?? []) : [];
  const index = fields.findIndex((f) => f.name === e.field);
  return before(fields.slice(0, index).map((f) => f.shape));
}

/** A word-shaped field; straight from its slot if the struct is a variable. */
function compileFieldWord(e: Field, context: ValueContext): Get {
  let offset = 0;
  let struct: Exp = e;
  while (struct.kind === "rawField" || struct.kind === "namedField") {
    offset += fieldOffset(struct, context);
    struct = struct.value;
  }
  if (struct.kind === "var") {
    const place = placeOf(struct.scope, struct.name, context);
    return placeWord(struct.scope, place.start + offset, struct.name, context);
  }
  const all = compileValue(struct, context);
  return (frame) => all(frame)[offset] ?? bug("a field outside its struct", e.span);
}

/** An expression of any shape. */
export function compileValue(e: Exp, context: ValueContext): GetAll {
  if (shapeOf(e, shapeEnv(context)).kind === "word") {
    const word = compileWord(e, context);
    return (frame) => [word(frame)];
  }
  switch (e.kind) {
    case "var":
      return placeWords(e.scope, placeOf(e.scope, e.name, context), e.name, context);
    case "rawStruct":
      return concatenate(e.fields, context);
    case "namedStruct": {
      const fields = context.structs.get(e.name) ?? bug(`struct ${e.name} is not declared`, e.span);
      const value = (name: string): Exp =>
        e.fields.find((f) => f.name === name)?.value ?? bug(`field ${name} is missing`, e.span);
      return concatenate(
        fields.map((f) => value(f.name)),
        context,
      );
    }
    case "load":
      return compileLoadAll(e, context);
    case "rawField":
    case "namedField": {
      const all = compileValue(e.value, context);
      const start = fieldOffset(e, context);
      const end = start + context.words(shapeOf(e, shapeEnv(context)));
      return (frame) => all(frame).slice(start, end);
    }
    case "const":
    case "loadBytes":
    case "op":
    case "compare":
    case "shift":
    case "baseAddr":
    case "topAddr":
    case "bytesInWord":
      return bug("a word where a struct is wanted", e.span);
  }
}

function placeWords(scope: Scope, place: Place, name: string, context: ValueContext): GetAll {
  const gets = Array.from({ length: place.words }, (_, i) =>
    placeWord(scope, place.start + i, name, context),
  );
  return (frame) => gets.map((get) => get(frame));
}

function concatenate(exps: readonly Exp[], context: ValueContext): GetAll {
  const parts = exps.map((field) => compileValue(field, context));
  return (frame) => parts.flatMap((part) => part(frame));
}

function compileLoadAll(e: Extract<Exp, { readonly kind: "load" }>, context: ValueContext): GetAll {
  const address = compileWord(e.address, context);
  const count = context.words(e.shape);
  const { machine } = context;
  const { span } = e;
  return (frame) => {
    const start = address(frame);
    return Array.from({ length: count }, (_, i) =>
      loadMemory(machine, BigInt.asUintN(64, start + BigInt(i * WORD_BYTES)), 8, span),
    );
  };
}
