// Text forms of Pan, Crep and Loop: mistakes are values with a place; what print writes, parse reads.

import { expect, test } from "vitest";
import * as crep from "../../compiler/lang/crep/index.ts";
import * as loop from "../../compiler/lang/loop/index.ts";
import * as pan from "../../compiler/lang/pan/index.ts";
import { printWord } from "../../compiler/lang/text-reader.ts";

test.each([
  ["pan", pan.parse, "fun 1 main() {\n  return 1 2;\n}", "expected `;`, found `2`", 2, 12],
  ["pan", pan.parse, "fun 1 main() {\n  return (1 ? 2);\n}", 'unexpected character "?"', 2, 13],
  ["pan", pan.parse, "fun 1 main() {\n  return (1 , 2);\n}", "expected an operator, found `,`", 2, 13],
  ["pan", pan.parse, "fun 2 main() { }", "expected the shape `1`, `{...}` or a name", 1, 7],
  ["pan", pan.parse, "fun 1 main() {", "expected a name, found `end of text`", 1, 15],
  ["crep", crep.parse, "fun main() : 1 { a%1 := 2; b%1 := 3; }", "variable 1 is called both a and b", 1, 28],
  ["crep", crep.parse, "fun main() : 1 { throw E (1); }", "exception E is not declared", 1, 24],
  ["crep", crep.parse, "fun main() : 1 { %1 := (ld16 3); }", "expected `ld8`, `ld32` or `ldw`", 1, 25],
  ["loop", loop.parse, "fun main() : 1 { if %1 { } }", "expected a comparison", 1, 21],
  ["loop", loop.parse, "fun main() : 1 { %1 := %2 + (3); }", "expected a variable, found `(`", 1, 29],
])("a mistake in %s: %3$s", (_, parse, text, ...expected) => {
  const [message, line, column] = expected;
  expect(parse(text)).toEqual({ ok: false, message, line, column });
});

test.each([
  [0n, "0"],
  [-1n, "-1"],
  [-65536n, "-65536"],
  [-65537n, "0xfffffffffffeffff"],
  [0xffff_ffffn, "4294967295"],
  [0x1_0000_0000n, "0x100000000"],
])("the word %s is written %s", (value, text) => {
  expect(printWord(BigInt.asUintN(64, value))).toBe(text);
});

test("functions may be called like the words that only the text forms have", () => {
  const text = [
    "entry main;",
    "fun block(a%0) : 1 {",
    "  %1 := block(a%0);",
    "  loop(%1);",
    "  return loop(%1);",
    "}",
    "fun loop(a%0) : 1 {",
    "  return a%0;",
    "}",
    "fun main() : 1 {",
    "  return 0;",
    "}",
    "",
  ].join("\n");
  const inCrep = crep.parse(text);
  expect(inCrep.ok ? crep.print(inCrep.value) : inCrep).toBe(text);
  const parsed = loop.parse(text);
  expect(parsed.ok ? loop.print(parsed.value) : parsed).toBe(text);
});
