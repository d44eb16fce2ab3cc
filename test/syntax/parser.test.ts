// The parser: precedence, the places where the order of rules matters, limits, and trees after mistakes.

import { describe, expect, test } from "vitest";
import { parseUnit, printExp, type Exp, type Stmt } from "../../compiler/syntax/index.ts";
import { ProgramParser } from "../../compiler/syntax/parser.ts";

function parse(text: string) {
  return parseUnit([{ path: "a.pnk", text }]);
}

function body(statements: string): readonly Stmt[] {
  const { program } = parse(`fun f(a, b) {\n${statements}\n}\n`);
  const [declaration] = program.declarations;
  return declaration?.kind === "function" ? declaration.body.statements : [];
}

function codes(text: string): readonly string[] {
  return parse(text).diagnostics.map((d) => d.code);
}

/** The expression with all its operators in parentheses. */
function grouped(exp: Exp): string {
  switch (exp.kind) {
    case "binary":
      return `(${grouped(exp.left)} ${exp.op} ${grouped(exp.right)})`;
    case "not":
      return `(!${grouped(exp.operand)})`;
    case "load":
      return `(lds ${grouped(exp.address)})`;
    case "loadBytes":
      return `(ld${String(exp.bytes * 8)} ${grouped(exp.address)})`;
    case "index":
      return `(${grouped(exp.value)}.${String(exp.index)})`;
    case "rawStruct":
      return `<${exp.fields.map(grouped).join(", ")}>`;
    case "parens":
      return grouped(exp.inner);
    default:
      return printExp(exp);
  }
}

test("the grammar passes Chevrotain's own validations", () => {
  expect(() => new ProgramParser(false)).not.toThrow();
});

describe("precedence", () => {
  const table: readonly (readonly [string, string])[] = [
    ["a || b && c == d", "(a || (b && (c == d)))"],
    ["a == b < c", "(a == (b < c))"],
    ["x & y != 0", "((x & y) != 0)"],
    ["a | b ^ c & d << 1 + 2 * 3", "(a | (b ^ (c & (d << (1 + (2 * 3))))))"],
    ["a - b - c", "((a - b) - c)"],
    ["a << b >> c", "((a << b) >> c)"],
    ["1 << a + 3", "(1 << (a + 3))"],
    ["ld8 p + 1", "(ld8 (p + 1))"],
    ["ld8 a == ld8 b", "((ld8 a) == (ld8 b))"],
    ["ld8 a | b", "(ld8 (a | b))"],
    ["lds 1 ld8 ld32 p + 1", "(lds (ld8 (ld32 (p + 1))))"],
    ["lds {1, 1} a < b", "((lds a) < b)"],
    ["a && ld8 b && c", "((a && (ld8 b)) && c)"],
    ["!x.0", "(!(x.0))"],
    ["!a == b", "((!a) == b)"],
    ["!!a", "(!(!a))"],
    ["a-1", "(a - 1)"],
    ["a - -1", "(a - -1)"],
    ["-1 - 1", "(-1 - 1)"],
    ["<a > b, c>", "<(a > b), c>"],
    ["<a > b>", "<(a > b)>"],
    ["<a, b>.0", "(<a, b>.0)"],
    ["<a> > b", "(<a> > b)"],
    ["<a == b > c>", "<(a == (b > c))>"],
    ["<a > b > .0", "(<(a > b)>.0)"],
    ["a #>> b >>> c", "((a #>> b) >>> c)"],
  ];
  test.each(table)("%s", (text, expected) => {
    const [statement] = body(`x = ${text};`);
    expect(statement?.kind === "assign" ? grouped(statement.value) : statement?.kind).toBe(expected);
  });
});

test("an identifier before `<` begins a struct only with `name =` behind it", () => {
  const kinds = body("x = s < a; x = s <a = 1>; x = s < a == 1;").map((s) =>
    s.kind === "assign" ? s.value.kind : s.kind,
  );
  expect(kinds).toEqual(["binary", "namedStruct", "binary"]);
});

test("a shape before a name, also a name", () => {
  expect(codes("fun s f(s a, 2 b, {s, {1, 1}} c, d) { var s x = a; return lds s x; }")).toEqual([]);
});

test("a throw's value may begin with a struct or a sign", () => {
  expect(codes("fun f() { throw E <1, 2>; throw E -1; throw E < 3 >; }")).toEqual([]);
});

test("`const` and `import` stay ordinary names elsewhere", () => {
  expect(codes("fun const(import) { var const = import; const = 1; return const(const); }")).toEqual([]);
});

test("else-if chains are flagged, and end positions cover the chain", () => {
  const [statement] = body("if a { skip; } else if b { tick; } else { break; }");
  expect(statement).toMatchObject({
    kind: "if",
    elseIf: true,
    else: { statements: [{ kind: "if", elseIf: false }] },
  });
});

describe("depth", () => {
  const cases: Readonly<Record<string, (n: number) => string>> = {
    parentheses: (n) => `x = ${"(".repeat(n)}1${")".repeat(n)};`,
    calls: (n) => `x = ${"f(a, ".repeat(n)}1${")".repeat(n)};`,
    structs: (n) => `x = ${"< ".repeat(n)}1${" >".repeat(n)};`,
    named: (n) => `x = ${"s <a = ".repeat(n)}1${" >".repeat(n)};`,
    negations: (n) => `x = ${"!".repeat(n)}1;`,
    sums: (n) => `x = 1${" + 1".repeat(n)};`,
    fields: (n) => `x = a${".0".repeat(n)};`,
    blocks: (n) => `${"if a { ".repeat(n)}${"} ".repeat(n)}`,
    elseIfs: (n) => `if a { } ${"else if a { } ".repeat(n)}`,
    shapes: (n) => `var ${"{".repeat(n)}1${"}".repeat(n)} x = 1;`,
  };
  test.each(Object.keys(cases))("%s: deep is accepted, 10,000 levels are one mistake", (name) => {
    const make = cases[name] ?? (() => "");
    const wrap = (n: number): string => `fun f(a) {\n${make(n)}\nreturn 0;\n}\nfun g() { return 1 }\n`;
    expect(codes(wrap(90))).toEqual(["P0202"]);
    expect(codes(wrap(10_000))).toEqual(["P0231", "P0202"]);
  });
});

test("one line of a megabyte", () => {
  const text = `fun f(a) { ${"a = a + (1 * 2); if a { a = 3; } ".repeat(28_000)}return a; }`;
  expect(text.length).toBeGreaterThan(900_000);
  expect(codes(text)).toEqual([]);
});

test("after sixty mistakes the rest is not checked (P0250)", () => {
  const all = codes(`fun f(a) {\n${"a = 1 2;\n".repeat(500)}}\n`);
  expect(all.length).toBe(61);
  expect(all.at(-1)).toBe("P0250");
});

test("a repaired statement has the tree that was meant", () => {
  const statements = body("a++;\nint x = 3;\nif a b = 1;\na += 2\n");
  expect(statements.map((s) => s.kind)).toEqual(["assign", "var", "if", "assign"]);
});

test("a function that lost text holds an error statement", () => {
  const { program } = parse("fun f(a) {\n  a = 1 2;\n}\nfun g(a) {\n  if a {\n    a = 1;\n  return a;\n}\n");
  const bodies = program.declarations.map((d) => (d.kind === "function" ? d.body.statements : []));
  expect(bodies.map((statements) => statements.some((s) => s.kind === "error"))).toEqual([true, true]);
});

test("strict: a last line comment needs its line end (P0308)", () => {
  const strict = (text: string) =>
    parseUnit([{ path: "a.pnk", text }], { strict: true }).diagnostics.map((d) => d.code);
  expect(strict("var x = 1; // end")).toEqual(["P0308"]);
  expect(strict("var x = 1; // end\n")).toEqual([]);
  expect(strict("// first\nvar x = 1;")).toEqual([]);
});

test("strict: stock programs have nothing to report", () => {
  const stock =
    "fun f(a) { var x = f(1); x = f(2); f(3); try x = f(1) catch E => x { skip; } return f(x - 1); }\n";
  expect(parseUnit([{ path: "a.pnk", text: stock }], { strict: true }).diagnostics).toEqual([]);
});

test("two files are one program", () => {
  const parsed = parseUnit([
    { path: "a.pnk", text: "fun f() { return 1; }" },
    { path: "b.pnk", text: "fun g() { return 2 }" },
  ]);
  expect(parsed.program.declarations.length).toBe(2);
  const place = parsed.unit.locate(parsed.diagnostics[0]?.span ?? { start: -1, end: -1 })?.primary;
  expect([place?.file, place?.line, place?.column]).toEqual(["b.pnk", 1, 19]);
});
