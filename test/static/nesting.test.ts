// Deep nesting: a clear report (S0115) or acceptance, never a stack overflow; long chains and rows are not nesting.

import { expect, test } from "vitest";
import { check } from "../../compiler/lang/pan/index.ts";
import { lowerConveniences } from "../../compiler/passes/lower-conveniences.ts";
import { surfaceToPan } from "../../compiler/passes/surface-to-pan.ts";
import { checkProgram, MAX_NESTING } from "../../compiler/static/index.ts";
import { parseUnit } from "../../compiler/syntax/index.ts";
import type { Declaration, Exp } from "../../compiler/syntax/tree.ts";

const SPAN = { start: 0, end: 1 };

function codesOf(text: string): readonly string[] {
  const { unit, program, diagnostics } = parseUnit([{ path: "deep.pnk", text }]);
  const checked = checkProgram(program, unit.text);
  const all = [...diagnostics, ...checked.diagnostics].map((d) => d.code);
  if (all.length === 0) expect(check(surfaceToPan(lowerConveniences(program, checked.value)))).toEqual([]);
  return all;
}

/** `text` wrapped `depth` times. */
function nest(depth: number, [before, text, after]: readonly [string, string, string]): string {
  return before.repeat(depth) + text + after.repeat(depth);
}

const inFunction = (body: string): string => `fun f(1 x) { ${body} return x; }\n`;

test.each<readonly [string, readonly [string, string, string]]>([
  ["blocks", ["{ ", "skip;", " };"]],
  ["ifs", ["if x { ", "skip;", " }"]],
  ["else ifs", ["if x { skip; } else ", "if x { skip; }", ""]],
  ["loops", ["while x { ", "skip;", " }"]],
])("%s: too deep is one clear report, and the rest of the program is still checked", (_, shape) => {
  const around = (depth: number): string => inFunction(nest(depth, shape)) + "fun g() { return y; }\n";
  expect(codesOf(around(MAX_NESTING - 100))).toEqual(["S0001"]);
  for (const depth of [MAX_NESTING + 100, 10_000]) {
    const codes = codesOf(around(depth));
    expect(codes.at(-1)).toBe("S0001");
    expect(codes.slice(0, -1)).not.toEqual([]);
  }
});

test("expressions and shapes in trees that no parser limited", () => {
  let deep: Exp = { kind: "name", name: "x", span: SPAN };
  for (let i = 0; i < 50_000; i++)
    deep = { kind: i % 2 === 0 ? "parens" : "not", inner: deep, operand: deep, span: SPAN };
  const { program } = parseUnit([
    { path: "deep.pnk", text: "fun f(1 x) { return x; }\nconst C = 1;\nvar g = 1;" },
  ]);
  const declarations = program.declarations.map((declaration) =>
    declaration.kind === "const" || declaration.kind === "global"
      ? { ...declaration, value: deep }
      : declaration,
  );
  const codes = checkProgram({ ...program, declarations }).diagnostics.map((d) => d.code);
  expect(codes).toEqual(["S0115", "S0115"]);
});

test("a function nested too deep is left out, and only it", () => {
  const text = "fun f(1 x) { skip; return x; }\nfun g() { return f(1) + y; }\n";
  const { program } = parseUnit([{ path: "deep.pnk", text }]);
  const declarations = program.declarations.map((declaration): Declaration => {
    if (declaration.kind !== "function" || declaration.name.text !== "f") return declaration;
    let body = declaration.body;
    for (let i = 0; i < 20_000; i++)
      body = { statements: [{ kind: "block", block: body, span: SPAN }], span: SPAN };
    return { ...declaration, body };
  });
  const codes = checkProgram({ ...program, declarations }).diagnostics.map((d) => d.code);
  expect(codes).toEqual(["S0115", "S0001"]);
});

test("long chains of one operator are not nested, in trees that no parser limited", () => {
  for (const op of ["+", "&", "|", "^", "&&", "||"] as const) {
    const { program } = parseUnit([{ path: "long.pnk", text: "fun f(1 x) { return x; }" }]);
    const x: Exp = { kind: "name", name: "x", span: SPAN };
    let value: Exp = { kind: "parens", inner: x, span: SPAN };
    for (let i = 0; i < 20_000; i++)
      value = { kind: "binary", op, left: value, right: x, operatorSpan: SPAN, span: SPAN };
    const declarations = program.declarations.map((declaration): Declaration => {
      if (declaration.kind !== "function") return declaration;
      const statements = [{ kind: "return", value, span: SPAN } as const];
      return { ...declaration, body: { statements, span: declaration.body.span } };
    });
    const long = { ...program, declarations };
    const checked = checkProgram(long);
    expect(checked.diagnostics).toEqual([]);
    surfaceToPan(lowerConveniences(long, checked.value));
  }
});

test("rows of statements and of constants are not nested", () => {
  expect(codesOf(inFunction("x = x - 1; ".repeat(20_000)))).toEqual([]);
  const constants = Array.from({ length: 5000 }, (_, i) => `const N${String(i)} = N${String(i + 1)} + 1;\n`);
  expect(codesOf(`${constants.join("")}const N5000 = 1;\n${inFunction("x = N0;")}`)).toEqual([]);
});
