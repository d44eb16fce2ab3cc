// Random surface trees for property tests: every kind of node, names that are no keywords, positions left empty.

import fc from "fast-check";
import type {
  Block,
  Call,
  Declaration,
  Exp,
  Name,
  Shape,
  ShapedName,
  Stmt,
} from "../../compiler/syntax/index.ts";
import { keywords, operators } from "../../compiler/syntax/tokens.ts";

const span = { start: 0, end: 0 };

const word = fc
  .stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,6}$/)
  .filter((text) => !keywords.has(text) && text !== "const" && text !== "import");

const name: fc.Arbitrary<Name> = word.map((text) => ({ text, span }));

const shape: fc.Arbitrary<Shape> = fc.letrec<{ shape: Shape }>((tie) => ({
  shape: fc.oneof(
    { maxDepth: 3 },
    fc.integer({ min: 1, max: 40 }).map((n): Shape => ({ kind: "words", count: BigInt(n), span })),
    word.map((text): Shape => ({ kind: "named", name: text, span })),
    fc
      .array(tie("shape"), { minLength: 1, maxLength: 3 })
      .map((fields): Shape => ({ kind: "struct", fields, span })),
  ),
})).shape;

const shapedName: fc.Arbitrary<ShapedName> = fc
  .tuple(fc.option(shape), name)
  .map(([written, named]) => ({ shape: written, name: named, span }));

const integer: fc.Arbitrary<Exp> = fc.oneof(
  fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }).map((value): Exp => {
    return { kind: "int", value, text: value.toString(), span };
  }),
  fc.nat().map((n): Exp => ({ kind: "int", value: BigInt(n), text: `0x${n.toString(16)}`, span })),
);

// fast-check's typed recursion wants type aliases.
type Expressions = { exp: Exp; call: Call };

const expressions = fc.letrec<Expressions>((tie) => {
  const list = fc.array(tie("exp"), { maxLength: 3 });
  const some = fc.array(tie("exp"), { minLength: 1, maxLength: 3 });
  const fields = fc.array(fc.tuple(name, tie("exp")), { minLength: 1, maxLength: 3 });
  return {
    call: fc.tuple(name, list).map(([callee, args]) => ({ callee, args, span })),
    exp: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      integer,
      word.map((text): Exp => ({ kind: "name", name: text, span })),
      fc.boolean().map((value): Exp => ({ kind: "bool", value, span })),
      fc
        .constantFrom("@base" as const, "@top" as const, "@biw" as const)
        .map((constant): Exp => ({ kind: "constant", name: constant, span })),
      tie("exp").map((inner): Exp => ({ kind: "parens", inner, span })),
      fc
        .tuple(fc.constantFrom(...operators.values()), tie("exp"), tie("exp"))
        .map(([{ op }, left, right]): Exp => {
          return { kind: "binary", op, left, right, operatorSpan: span, span };
        }),
      tie("exp").map((operand): Exp => ({ kind: "not", operand, span })),
      fc
        .tuple(shape, tie("exp"))
        .map(([loaded, address]): Exp => ({ kind: "load", shape: loaded, address, span })),
      fc
        .tuple(fc.constantFrom(1 as const, 4 as const), tie("exp"))
        .map(([bytes, address]): Exp => ({ kind: "loadBytes", bytes, address, span })),
      some.map((items): Exp => ({ kind: "rawStruct", fields: items, span })),
      fc.tuple(name, fields).map(([struct, values]): Exp => {
        return {
          kind: "namedStruct",
          name: struct,
          fields: values.map(([field, value]) => ({ name: field, value, span })),
          span,
        };
      }),
      fc.tuple(tie("exp"), fc.nat({ max: 40 })).map(([value, index]): Exp => {
        return { kind: "index", value, index: BigInt(index), indexSpan: span, span };
      }),
      fc.tuple(tie("exp"), name).map(([value, field]): Exp => ({ kind: "field", value, field, span })),
      tie("call").map((call): Exp => ({ kind: "call", call, span })),
    ),
  };
});

const exp = expressions.exp;
const four = fc.array(exp, { minLength: 4, maxLength: 4 });
const accessBytes = fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const);
const annotationText = fc.constantFrom(" requires true ", "", "\n invariant x\n");

const simple: fc.Arbitrary<Stmt> = fc.oneof(
  fc
    .constantFrom("skip" as const, "tick" as const, "break" as const, "continue" as const)
    .map((kind) => ({ kind, span })),
  fc.tuple(shapedName, exp).map(([variable, value]): Stmt => ({ kind: "var", variable, value, span })),
  fc.tuple(name, exp).map(([target, value]): Stmt => ({ kind: "assign", target, value, span })),
  expressions.call.map((call): Stmt => ({ kind: "call", call, span })),
  fc.tuple(name, four).map(([foreign, args]): Stmt => ({ kind: "foreignCall", name: foreign, args, span })),
  fc
    .tuple(fc.constantFrom(null, 1 as const, 4 as const), exp, exp)
    .map(([bytes, address, value]): Stmt => ({ kind: "store", bytes, address, value, span })),
  fc
    .tuple(accessBytes, name, exp)
    .map(([bytes, target, address]): Stmt => ({ kind: "sharedLoad", bytes, target, address, span })),
  fc
    .tuple(accessBytes, exp, exp)
    .map(([bytes, address, value]): Stmt => ({ kind: "sharedStore", bytes, address, value, span })),
  fc.tuple(name, exp).map(([exception, value]): Stmt => ({ kind: "throw", exception, value, span })),
  exp.map((value): Stmt => ({ kind: "return", value, span })),
  annotationText.map((text): Stmt => ({ kind: "annotation", text, span })),
);

type Statements = { stmt: Stmt; block: Block };

const statements = fc.letrec<Statements>((tie) => ({
  block: fc.array(tie("stmt"), { maxLength: 4 }).map((list) => ({ statements: list, span })),
  stmt: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simple,
    fc
      .tuple(exp, tie("block"), fc.option(tie("block")), fc.boolean())
      .map(([condition, then, otherwise, chain]): Stmt => {
        const only = otherwise?.statements.length === 1 && otherwise.statements[0]?.kind === "if";
        return { kind: "if", condition, then, else: otherwise, elseIf: chain && only, span };
      }),
    fc.tuple(exp, tie("block")).map(([condition, body]): Stmt => ({ kind: "while", condition, body, span })),
    fc
      .tuple(fc.option(name), expressions.call, name, name, tie("block"))
      .map(([target, call, exception, payload, handler]): Stmt => {
        return { kind: "try", target, call, exception, payload, handler, span };
      }),
    tie("block").map((block): Stmt => ({ kind: "block", block, span })),
  ),
}));

export const declaration: fc.Arbitrary<Declaration> = fc.oneof(
  fc
    .tuple(fc.boolean(), fc.boolean(), shapedName, fc.array(shapedName, { maxLength: 3 }), statements.block)
    .map(([inline, exported, { shape: result, name: named }, parameters, body]): Declaration => {
      const signatureSpan = span;
      return {
        kind: "function",
        inline,
        exported,
        result,
        name: named,
        parameters,
        body,
        signatureSpan,
        span,
      };
    }),
  fc
    .tuple(shapedName, exp)
    .map(([variable, value]): Declaration => ({ kind: "global", variable, value, span })),
  fc
    .tuple(name, shape)
    .map(([named, carried]): Declaration => ({ kind: "exception", name: named, shape: carried, span })),
  fc
    .tuple(name, fc.array(shapedName, { minLength: 1, maxLength: 3 }))
    .map(([named, fields]): Declaration => ({ kind: "struct", name: named, fields, span })),
  annotationText.map((text): Declaration => ({ kind: "annotation", text, span })),
  fc.tuple(name, exp).map(([named, value]): Declaration => ({ kind: "const", name: named, value, span })),
);
