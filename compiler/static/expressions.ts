// Shapes and scope of expressions (pancake-language.md, 6.1 to 6.3).
//
// Every function returns the shape of its expression, `unknown` after a reported mistake. Calls are calls.ts.

import type { AccessBytes, BinaryOp, Exp, Name } from "../syntax/tree.ts";
import { checkInnerCall } from "./calls.ts";
import { chainNodes, withoutParens, type Binary } from "./chain.ts";
import { checkLiteral, checkShiftAmount } from "./constants.ts";
import {
  complain,
  didYouMean,
  meaningOf,
  reportUndeclared,
  structNamed,
  type BodyContext,
} from "./context.ts";
import { expectShape } from "./mismatch.ts";
import { isWord, showShape, structOf, UNKNOWN, WORD, type Shape } from "./shapes.ts";
import { resolveShape } from "./written-shapes.ts";

/** The shape of `exp`, after reporting every mistake in it. */
export function checkExpression(exp: Exp, ctx: BodyContext): Shape {
  switch (exp.kind) {
    case "int":
      checkLiteral(exp, ctx);
      return WORD;
    case "bool":
    case "constant":
      return WORD;
    case "name":
      return checkName({ text: exp.name, span: exp.span }, ctx);
    case "parens":
      return checkExpression(exp.inner, ctx);
    case "binary":
      return checkBinary(exp, ctx);
    case "not":
      checkOperand(exp.operand, "!", ctx);
      return WORD;
    case "load":
      checkAddress(exp.address, ctx);
      return resolveShape(exp.shape, ctx);
    case "loadBytes":
      checkAddress(exp.address, ctx);
      return WORD;
    case "rawStruct":
      return structOf(exp.fields.map((field) => checkExpression(field, ctx)));
    case "namedStruct":
      return checkNamedStruct(exp, ctx);
    case "index":
      return checkIndex(exp, ctx);
    case "field":
      return checkField(exp, ctx);
    case "call":
      return checkInnerCall(exp.call, ctx);
    case "error":
      return UNKNOWN;
  }
}

/** Checks an address operand of a load or store. */
export function checkAddress(exp: Exp, ctx: BodyContext): void {
  const found = checkExpression(exp, ctx);
  if (!isWord(found))
    complain(ctx, "S0220", exp.span, { with: { found: showShape(found) }, ...shapeLabel(found) });
}

/** Checks that `exp` is a word; reports `code` with `parameters` and the shape found otherwise. */
export function checkWord(
  exp: Exp,
  code: string,
  parameters: Readonly<Record<string, string>>,
  ctx: BodyContext,
): void {
  const found = checkExpression(exp, ctx);
  if (isWord(found)) return;
  complain(ctx, code, exp.span, { with: { ...parameters, found: showShape(found) }, ...shapeLabel(found) });
}

/** How the source writes an access of shared memory. */
export function sharedKeyword(kind: "ld" | "st", bytes: AccessBytes): string {
  return `!${kind}${bytes === 8 ? "w" : String(bytes * 8)}`;
}

function shapeLabel(found: Shape): { readonly label: string } {
  return { label: `this has shape ${showShape(found)}` };
}

function checkName(name: Name, ctx: BodyContext): Shape {
  const meaning = meaningOf(name.text, ctx);
  if (meaning === null) {
    reportUndeclared(name.text, name.span, ctx);
    return UNKNOWN;
  }
  return meaning.kind === "constant" ? WORD : meaning.shape;
}

function checkOperand(exp: Exp, operator: string, ctx: BodyContext): void {
  checkWord(exp, "S0223", { operator }, ctx);
}

const comparisons: ReadonlySet<BinaryOp> = new Set([
  "==",
  "!=",
  "<",
  ">",
  "<=",
  ">=",
  "<+",
  ">+",
  "<=+",
  ">=+",
]);

function checkBinary(exp: Binary, ctx: BodyContext): Shape {
  if (comparisons.has(exp.op)) {
    checkComparison(exp, ctx);
    return WORD;
  }
  const nodes = chainNodes(exp);
  checkOperand(nodes[0].left, exp.op, ctx);
  for (const node of nodes) {
    checkOperand(node.right, node.op, ctx);
    checkShiftAmount(node, ctx);
  }
  return WORD;
}

/** Comparing structs is rejected: the semantics wants words, and upstream compares only the first ones (Q10). */
function checkComparison(exp: Binary, ctx: BodyContext): void {
  const left = checkExpression(exp.left, ctx);
  const right = checkExpression(exp.right, ctx);
  const operator = exp.op;
  if (!isWord(left) && !isWord(right)) {
    complain(ctx, "S0224", exp.operatorSpan, { with: { operator, found: showShape(left) } });
    return;
  }
  for (const [side, found] of [[exp.left, left] as const, [exp.right, right] as const]) {
    if (isWord(found)) continue;
    complain(ctx, "S0223", side.span, { with: { operator, found: showShape(found) }, ...shapeLabel(found) });
  }
}

function checkNamedStruct(exp: Extract<Exp, { kind: "namedStruct" }>, ctx: BodyContext): Shape {
  const shape = structNamed(exp.name.text, exp.name.span, ctx);
  const info = ctx.declared.structs.get(exp.name.text);
  const given = new Set<string>();
  for (const { name, value } of exp.fields) {
    const found = checkExpression(value, ctx);
    if (info === undefined) continue;
    const where = { struct: info.name, field: name.text };
    const field = info.field.get(name.text);
    if (field === undefined) {
      const hint = didYouMean(ctx, name.text, info.field.keys(), {
        help: `its fields are ${fieldList(info)}`,
      });
      complain(ctx, "S0108", name.span, { with: where, related: [declaredHere(info)], ...hint });
    } else if (given.has(name.text)) {
      complain(ctx, "S0218", name.span, { with: where });
    } else {
      const related = [{ span: field.declaredAt, text: `field \`${field.name}\` is declared here` }];
      const names = { struct: info.name, field: field.name };
      const wanted = { code: "S0219", shape: field.shape, with: names, subject: "field", related };
      expectShape(value, found, wanted, ctx);
    }
    given.add(name.text);
  }
  const unknownGiven = exp.fields.some((field) => info?.field.has(field.name.text) === false);
  if (info === undefined || unknownGiven) return shape;
  for (const field of info.fields) {
    if (given.has(field.name)) continue;
    const related = [{ span: field.declaredAt, text: `field \`${field.name}\` is declared here` }];
    complain(ctx, "S0217", exp.name.span, { with: { struct: info.name, field: field.name }, related });
  }
  return shape;
}

function fieldList(info: { readonly fields: readonly { readonly name: string }[] }): string {
  return info.fields.map((field) => `\`${field.name}\``).join(", ");
}

function declaredHere(info: { readonly name: string; readonly declaredAt: Exp["span"] }) {
  return { span: info.declaredAt, text: `struct \`${info.name}\` is declared here` };
}

function checkIndex(exp: Extract<Exp, { kind: "index" }>, ctx: BodyContext): Shape {
  const value = checkExpression(exp.value, ctx);
  const index = String(exp.index);
  switch (value.kind) {
    case "unknown":
      return UNKNOWN;
    case "struct": {
      const part = exp.index < BigInt(value.fields.length) ? value.fields[Number(exp.index)] : undefined;
      if (part !== undefined) return part;
      complain(ctx, "S0215", exp.indexSpan, {
        with: { index, found: showShape(value) },
        help: `components are counted from 0: the last one is \`.${String(value.fields.length - 1)}\``,
      });
      return UNKNOWN;
    }
    case "named": {
      const info = ctx.declared.structs.get(value.name);
      const help = info === undefined ? {} : { help: `its fields have names: ${fieldList(info)}` };
      complain(ctx, "S0214", exp.indexSpan, { with: { index, found: value.name }, ...help });
      return UNKNOWN;
    }
    case "word":
      complain(ctx, "S0214", exp.indexSpan, {
        with: { index, found: "1" },
        label: "a word has no components",
      });
      return UNKNOWN;
  }
}

function checkField(exp: Extract<Exp, { kind: "field" }>, ctx: BodyContext): Shape {
  const value = checkExpression(exp.value, ctx);
  const field = exp.field.text;
  if (value.kind === "unknown") return UNKNOWN;
  const info = value.kind === "named" ? ctx.declared.structs.get(value.name) : undefined;
  const found = info?.field.get(field);
  if (found !== undefined) return found.shape;
  const details =
    info !== undefined
      ? {
          ...didYouMean(ctx, field, info.field.keys(), { help: `its fields are ${fieldList(info)}` }),
          related: [declaredHere(info)],
        }
      : value.kind === "struct"
        ? { help: "components of a raw struct have numbers: `.0`, `.1`, ..." }
        : { label: "a word has no fields", ...projectionHelp(exp.value) };
  complain(ctx, "S0216", exp.field.span, { with: { field, found: showShape(value) }, ...details });
  return UNKNOWN;
}

/** Programmers from C write `p.field` for a struct in memory. */
function projectionHelp(exp: Exp): { readonly help?: string } {
  const inner = withoutParens(exp);
  if (inner.kind !== "name") return {};
  return {
    help: `if \`${inner.name}\` is an address, load the struct first: \`(lds NAME ${inner.name}).field\``,
  };
}
