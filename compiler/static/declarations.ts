// Top-level declarations (pancake-language.md, section 3): structs first, then constants, signatures and exceptions,
// then globals with their initial values in file order. Fills Declared; function bodies come after it.

import type { Declaration, FunctionDeclaration, ShapedName } from "../syntax/tree.ts";
import { declareConstants } from "./constants.ts";
import { complain, type BodyContext, type CheckContext } from "./context.ts";
import type { FieldInfo, FunctionInfo, ParameterInfo, StructInfo } from "./declared.ts";
import { checkExpression } from "./expressions.ts";
import { expectShape } from "./mismatch.ts";
import { newScope } from "./scope.ts";
import {
  isWord,
  MAX_SHAPE_WORDS,
  MAX_TRANSFER_WORDS,
  showShape,
  UNKNOWN,
  wordsOf,
  type Shape,
} from "./shapes.ts";
import { checkAddressesOf } from "./taint.ts";
import { resolveShape } from "./written-shapes.ts";

type DeclarationOf<K extends Declaration["kind"]> = Extract<Declaration, { kind: K }>;

/** Fills `ctx.declared` from `declarations`, reporting every mistake outside of function bodies. */
export function declareAll(declarations: readonly Declaration[], ctx: CheckContext): void {
  const of = <K extends Declaration["kind"]>(kind: K): readonly DeclarationOf<K>[] =>
    declarations.filter((d): d is DeclarationOf<K> => d.kind === kind);
  const [structs, globals, functions] = [of("struct"), of("global"), of("function")];
  for (const { name } of structs) {
    if (!ctx.declared.structPlaces.has(name.text)) ctx.declared.structPlaces.set(name.text, name.span);
  }
  for (const { variable } of globals) {
    const { text, span } = variable.name;
    if (!ctx.declared.globalPlaces.has(text)) ctx.declared.globalPlaces.set(text, span);
  }
  for (const declaration of structs) declareStruct(declaration, ctx);
  declareConstants(of("const"), ctx);
  for (const declaration of functions) declareFunction(declaration, ctx);
  for (const declaration of of("exception")) declareException(declaration, ctx);
  for (const declaration of globals) declareGlobal(declaration, ctx);
}

function declareStruct(declaration: DeclarationOf<"struct">, ctx: CheckContext): void {
  const { text: name, span } = declaration.name;
  const first = ctx.declared.structs.get(name);
  const fields: FieldInfo[] = [];
  const byName = new Map<string, FieldInfo>();
  let words = 0;
  for (const { name: field, shape: written } of declaration.fields) {
    const shape = resolveShape(written, ctx);
    const info: FieldInfo = { name: field.text, shape, declaredAt: field.span };
    const before = byName.get(field.text);
    if (before === undefined) {
      fields.push(info);
      byName.set(field.text, info);
      words += wordsOf(shape);
    } else {
      const related = [{ span: before.declaredAt, text: `field \`${field.text}\` is first declared here` }];
      complain(ctx, "S0009", field.span, { with: { name: field.text, struct: name }, related });
    }
  }
  if (first !== undefined) {
    const related = [{ span: first.declaredAt, text: `struct \`${name}\` is first declared here` }];
    complain(ctx, "S0008", span, { with: { name }, related });
    return;
  }
  if (words > MAX_SHAPE_WORDS) {
    complain(ctx, "S0202", span, {
      with: { found: words, limit: MAX_SHAPE_WORDS },
      label: `struct \`${name}\``,
    });
    words = 1;
  }
  const info: StructInfo = { name, fields, field: byName, words, declaredAt: span };
  ctx.declared.structs.set(name, info);
}

function declareFunction(fun: FunctionDeclaration, ctx: CheckContext): void {
  const name = fun.name.text;
  const info: FunctionInfo = {
    name,
    parameters: declareParameters(fun, ctx),
    result: resolveShape(fun.result, ctx),
    declaredAt: fun.name.span,
  };
  if (wordsOf(info.result) > MAX_TRANSFER_WORDS) {
    const found = { found: showShape(info.result), words: wordsOf(info.result) };
    complain(ctx, "S0229", fun.result?.span ?? fun.name.span, { with: found });
  }
  if (name === "main") checkMain(fun, info.result, ctx);
  if (fun.exported) checkExported(fun, info, ctx);
  const first = ctx.declared.functions.get(name);
  if (first === undefined) {
    ctx.declared.functions.set(name, info);
    return;
  }
  const related = [{ span: first.declaredAt, text: `function \`${name}\` is first declared here` }];
  complain(ctx, "S0006", fun.name.span, { with: { name }, related });
}

/** The parameters of `fun` with their shapes; reports repeated names. */
function declareParameters(fun: FunctionDeclaration, ctx: CheckContext): readonly ParameterInfo[] {
  const seen = new Map<string, ShapedName>();
  return fun.parameters.map((parameter) => {
    const { text: name, span } = parameter.name;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, parameter);
    else {
      const related = [{ span: first.name.span, text: `\`${name}\` is first declared here` }];
      complain(ctx, "S0007", span, { with: { name, function: fun.name.text }, related });
    }
    return { name, shape: resolveShape(parameter.shape, ctx), declaredAt: span };
  });
}

function checkMain(fun: FunctionDeclaration, result: Shape, ctx: CheckContext): void {
  const [firstParameter] = fun.parameters;
  if (firstParameter !== undefined) {
    complain(ctx, "S0101", firstParameter.span, { with: { found: fun.parameters.length } });
  }
  if (fun.exported) complain(ctx, "S0102", fun.name.span);
  if (!isWord(result)) {
    complain(ctx, "S0227", fun.result?.span ?? fun.name.span, { with: { found: showShape(result) } });
  }
}

function checkExported(fun: FunctionDeclaration, info: FunctionInfo, ctx: CheckContext): void {
  const surplus = fun.parameters[4];
  if (surplus !== undefined) {
    complain(ctx, "S0103", surplus.span, { with: { name: info.name, found: fun.parameters.length } });
  }
  info.parameters.forEach((parameter, i) => {
    if (isWord(parameter.shape)) return;
    const what = `parameter \`${parameter.name}\``;
    const span = fun.parameters[i]?.span ?? fun.name.span;
    complain(ctx, "S0228", span, { with: { what, found: showShape(parameter.shape) } });
  });
  if (isWord(info.result) || info.name === "main") return;
  const found = { what: "the result", found: showShape(info.result) };
  complain(ctx, "S0228", fun.result?.span ?? fun.name.span, { with: found });
}

function declareException(declaration: DeclarationOf<"exception">, ctx: CheckContext): void {
  const { text: name, span } = declaration.name;
  const shape = resolveShape(declaration.shape, ctx);
  if (wordsOf(shape) > MAX_TRANSFER_WORDS) {
    complain(ctx, "S0233", declaration.shape.span, {
      with: { found: showShape(shape), words: wordsOf(shape) },
    });
  }
  const first = ctx.declared.exceptions.get(name);
  if (first === undefined) {
    ctx.declared.exceptions.set(name, { name, shape, declaredAt: span });
    return;
  }
  const related = [{ span: first.declaredAt, text: `exception \`${name}\` is first declared here` }];
  complain(ctx, "S0010", span, { with: { name }, related });
}

function declareGlobal(declaration: DeclarationOf<"global">, ctx: CheckContext): void {
  const { variable, value } = declaration;
  const { text: name, span } = variable.name;
  const shape = resolveShape(variable.shape, ctx);
  const body: BodyContext = {
    ...ctx,
    owner: null,
    locals: newScope(),
    ended: new Map(),
    reported: new Set(),
  };
  const found = checkExpression(value, body);
  const place = { span: variable.span, text: `declared here with shape ${showShape(shape)}` };
  const wanted = { code: "S0210", shape, with: { name }, subject: "name", related: [place] };
  const fits = expectShape(value, found, wanted, ctx);
  checkAddressesOf(value, ctx);

  const constant = ctx.declared.constants.get(name);
  const before = ctx.declared.globals.get(name);
  if (constant !== undefined) {
    const related = [{ span: constant.declaredAt, text: `constant \`${name}\` is declared here` }];
    complain(ctx, "S0011", span, { with: { name }, related });
  } else if (before !== undefined) {
    const related = [{ span: before.declaredAt, text: `global \`${name}\` is declared here` }];
    complain(ctx, "S0402", span, { with: { name }, label: "each has storage of its own", related });
  }
  ctx.declared.globals.set(name, { name, shape: fits ? shape : UNKNOWN, declaredAt: span });
}
