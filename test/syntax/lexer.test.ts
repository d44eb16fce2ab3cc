// Tokens: the table of the language reference (1.3) one by one, literals, and bounds on reports.

import { describe, expect, test } from "vitest";
import { parseUnit } from "../../compiler/syntax/index.ts";
import { lex } from "../../compiler/syntax/lexer.ts";
import { T } from "../../compiler/syntax/tokens.ts";

function images(text: string): string {
  return lex(text)
    .tokens.slice(0, -1)
    .map((token) => token.image)
    .join(" ");
}

function codes(text: string): readonly string[] {
  return lex(text).diagnostics.map((d) => d.code);
}

describe("longest runs", () => {
  const good: readonly (readonly [string, string])[] = [
    ["a<+1", "a <+ 1"],
    ["p<=+1", "p <=+ 1"],
    ["a>=+b", "a >=+ b"],
    ["a&!b", "a & ! b"],
    ["a||!b", "a || ! b"],
    ["a==-1", "a == - 1"],
    ["a=-1", "a = - 1"],
    ["!!x", "! ! x"],
    ["a=>b", "a => b"],
    ["a#>>b", "a #>> b"],
    ["a>>>b", "a >>> b"],
    ["x+=1", "x + = 1"],
    ["x<-1", "x < - 1"],
    ["1<<-1", "1 << - 1"],
    ["a.0.b[1]:{}", "a . 0 . b [ 1 ] : { }"],
    ["007 12abc _x9", "007 12 abc _x9"],
    ["@base @top @biw @basement @f", "@base @top @biw @basement @f"],
  ];
  test.each(good)("%s", (text, expected) => {
    expect(codes(text)).toEqual([]);
    expect(images(text)).toBe(expected);
  });

  const repaired: readonly (readonly [string, string, string])[] = [
    ["x = <a,b>&&c", "P0107", "x = < a , b > && c"],
    ["x = <a>==<b>", "P0107", "x = < a > == < b >"],
    ["x=s<x=<1>>;", "P0107", "x = s < x = < 1 > > ;"],
    ["x = 1<<+y", "P0107", "x = 1 << y"],
    ["x = !<1,2>.0", "P0107", "x = ! < 1 , 2 > . 0"],
    ["x = a&&&b", "P0107", "x = a && b"],
    ["x >>= 1", "P0116", "x = 1"],
    ["x = <<1,2>,<3,4>>;", "P0108", "x = < < 1 , 2 > , < 3 , 4 > > ;"],
    ["x = < <1>, <2>>.0;", "P0108", "x = < < 1 > , < 2 > > . 0 ;"],
    ["x = <>;", "P0109", "x = ;"],
    ["x = 'a';", "P0110", "x = 97 ;"],
    ["x = '\\n';", "P0110", "x = 10 ;"],
    ["x = a / b;", "P0112", "x = a * b ;"],
  ];
  test.each(repaired)("%s is %s", (text, code, expected) => {
    expect(codes(text)).toEqual([code]);
    expect(images(text)).toBe(expected);
  });
});

test("shifts stay shifts", () => {
  for (const text of ["a << b >> c;", "<a >> 1, b>;", "x = (a)>>1;", "f(a >>> b);", "x = <a> >> 1;"]) {
    expect(codes(text)).toEqual([]);
  }
});

test("hexadecimal literals are integers; anything else after 0x is a mistake", () => {
  expect(
    lex("0x1F 0XaB")
      .tokens.slice(0, 2)
      .map((t) => t.tokenType),
  ).toEqual([T.integer, T.integer]);
  expect(codes("0x 0xg 0x1g")).toEqual(["P0114", "P0114", "P0114"]);
});

test("comments are kept beside the tokens; a line comment may end with the file", () => {
  const { comments, tokens } = lex("/* a */ x // b");
  expect(comments.map((c) => c.kind)).toEqual(["block", "line"]);
  expect(comments.map((c) => [c.span.start, c.span.end])).toEqual([
    [0, 7],
    [10, 14],
  ]);
  expect(tokens.length).toBe(2);
});

test("delimiters do not close themselves", () => {
  expect(codes("/*/ x")).toEqual(["P0104"]);
  expect(codes("/@/ x")).toEqual(["P0105"]);
});

test("annotations carry their text without comments", () => {
  const [token] = lex("/@ requires /* why */ a // here\n && b @/").tokens;
  expect(token?.image).toBe(" requires   a  \n && b ");
});

test("offsets count from the base", () => {
  expect(lex("ab", 100).tokens.map((t) => [t.startOffset, t.end])).toEqual([
    [100, 102],
    [102, 102],
  ]);
});

test("after twenty lexical mistakes reading stops with P0103, and nothing else is said", () => {
  const { diagnostics } = parseUnit([{ path: "a.pnk", text: "$ ".repeat(1000) }]);
  expect(diagnostics.map((d) => d.code)).toEqual([...Array<string>(20).fill("P0101"), "P0103"]);
});

test("megabytes of garbage cost little and give few reports", () => {
  for (const text of [
    "\u0000".repeat(1e6),
    "'".repeat(3e5),
    '"'.repeat(3e5),
    "/*".repeat(5e5),
    "@".repeat(3e5),
  ]) {
    expect(parseUnit([{ path: "a.pnk", text }]).diagnostics.length).toBeLessThan(25);
  }
});
