// The first section of `--explore` as its consumers read it: split at blank lines, parsed as S-expressions.

import { expect, test } from "vitest";
import { parse, printExplore } from "../../../compiler/lang/pan/index.ts";
import type { Span } from "../../../compiler/source/span.ts";
import { randomProgram } from "../../support/random-program.ts";

const nowhere = { locate: () => null };

/** Locations in a one-file text. */
function locator(text: string): Parameters<typeof printExplore>[1] {
  const at = (offset: number): { readonly line: number; readonly column: number } => {
    const before = text.slice(0, offset);
    return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
  };
  return {
    locate: (span: Span) => {
      const start = at(span.start);
      const end = at(span.end);
      return { primary: { ...start, endLine: end.line, endColumn: end.column } };
    },
  };
}

function explore(text: string): string {
  const parsed = parse(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return printExplore(parsed.value, locator(text));
}

test("main first, then declarations in source order; locations, annotations, nested declarations", () => {
  const text = `struct S { 1 a, {1,1} b }
exception E : S;
var 1 g = 42;
fun 1 f(S s, 1 x) { return s.a; }
fun 1 main() {
  /@ assert "x" @/
  var 1 y = 1;
  y = f(S < a = 1, b = < 2, 3 > >, $g);
}`;
  expect(explore(text)).toBe(`(func 1 main
  ()
  (seq
    (seq
      (annot "location" "(6:3 6:19)")
      (annot "@" " assert \\"x\\" "))
    (seq
      (annot "location" "(7:3 7:14)")
      (dec
        (local 1 y := (Const 0x1))
        (seq
          (annot "location" "(8:3 8:39)")
          (y :=
            (call f
              ((NamedStruct S
                  (a := (Const 0x1))
                  (b := (RawStruct (Const 0x2) (Const 0x3))))
                (Var global g))
              no_handler)))))))

(struct S ((a : 1) (b : {1,1})))

(exception E : S)

(global 1 g := (Const 0x2a))

(func 1 f
  ((s : S) (x : 1))
  (seq
    (annot "location" "(4:21 4:31)")
    (return (NamedField a (Var local s)))))

`);
});

test("every section is one balanced expression without blank lines, and no line starts with #", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { tree } = randomProgram(seed, 60);
    const text = printExplore(tree, nowhere);
    expect(text.endsWith(")\n\n")).toBe(true);
    const sections = text.trimEnd().split("\n\n");
    const declared =
      tree.functions.length + tree.globals.length + tree.structs.length + tree.exceptions.length;
    expect(sections.length).toBe(declared);
    for (const section of sections) {
      const bare = section.replace(/"(?:[^"\\]|\\.)*"/g, '""');
      expect(bare.split("(").length, section).toBe(bare.split(")").length);
      expect(/^#/m.test(section)).toBe(false);
    }
  }
});

test("ten thousand declarations in a row do not exhaust the stack", () => {
  const body = Array.from({ length: 10_000 }, (_, i) => `var 1 v${String(i)} = 1;`).join("\n");
  const parsed = parse(`fun 1 main() { ${body} return 0; }`);
  const text = parsed.ok ? printExplore(parsed.value, nowhere) : "";
  expect(text.match(/\(local 1 v/g)?.length).toBe(10_000);
});
