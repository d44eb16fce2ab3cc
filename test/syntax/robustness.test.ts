// No text makes the front end throw, hang or point outside of the text; places survive the way through macros.

import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderJson, renderText } from "../../compiler/source/render.ts";
import { childrenOf, forEachExp, parseUnit, type ParsedUnit } from "../../compiler/syntax/index.ts";
import { lex } from "../../compiler/syntax/lexer.ts";

const sample = readFileSync(join(import.meta.dirname, "sample-driver.pnk"), "utf8");

interface Spanned {
  readonly span: { readonly start: number; readonly end: number };
}

function isInside(inner: Spanned, outer: Spanned): boolean {
  return outer.span.start <= inner.span.start && inner.span.end <= outer.span.end;
}

/** Parses, renders, and checks every span; gives the result. */
function parseSafely(text: string): ParsedUnit {
  const reader = { read: (path: string) => (path.length < 20 ? "var included = 1;\n" : null) };
  const parsed = parseUnit([{ path: "a.pnk", text }], { reader, strict: true });
  const { unit, diagnostics, program } = parsed;
  renderText(diagnostics, unit);
  for (const diagnostic of diagnostics) expect(isInside(diagnostic, program)).toBe(true);
  for (const place of renderJson(diagnostics, unit)) {
    expect(place.line).toBeGreaterThan(0);
    expect([place.endLine, place.endColumn] >= [place.line, 0]).toBe(true);
  }
  for (const declaration of program.declarations) expect(isInside(declaration, program)).toBe(true);
  forEachExp(program, {
    stmt: (statement) => expect(isInside(statement, program)).toBe(true),
    exp: (exp) => {
      for (const child of childrenOf(exp)) expect(isInside(child, exp)).toBe(true);
    },
  });
  return parsed;
}

test("random text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void parseSafely(text)),
    { numRuns: 150 },
  );
});

test("random sequences of the words and symbols of Pancake and its preprocessor", () => {
  const piece = fc.constantFrom(
    ..."fun var if else while try catch throw return st st8 lds ld8 ! !ldw !st8 skip struct exception inline export".split(
      " ",
    ),
    ..."x f 1 -1 0x1 @f @base ( ) { } < > , ; : . = == => >> << && | + - * /@ @/ /* */ // ' \" [ ]".split(
      " ",
    ),
    ..."#define #if #else #endif #include #undef F(x) x##y F #x \\\n \n".split(" "),
    "\n",
    "\n#define F(x) x ",
    "\n#if ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => void parseSafely(pieces.join(" "))),
    { numRuns: 500 },
  );
});

test("truncations of a real file", () => {
  fc.assert(
    fc.property(fc.nat({ max: sample.length }), (length) => void parseSafely(sample.slice(0, length))),
    { numRuns: 80 },
  );
});

test("deletions and exchanges of tokens of a real file", () => {
  const { tokens } = lex(sample);
  const index = fc.nat({ max: tokens.length - 2 });
  fc.assert(
    fc.property(fc.array(fc.tuple(index, index), { minLength: 1, maxLength: 4 }), (changes) => {
      const images = tokens.map((token) => sample.slice(token.startOffset, token.end));
      for (const [from, to] of changes) images[from] = from % 2 === 0 ? "" : (images[to] ?? "");
      const text = tokens.map(
        (token, i) => sample.slice(tokens[i - 1]?.end ?? 0, token.startOffset) + (images[i] ?? ""),
      );
      parseSafely(text.join(""));
    }),
    { numRuns: 80 },
  );
});

test("copied text maps to itself, expanded text to its use and its definition", () => {
  const { unit } = parseUnit([{ path: "sample-driver.pnk", text: sample }]);
  const { tokens } = lex(unit.text);
  for (const token of tokens.slice(0, -1)) {
    const located = unit.locate({ start: token.startOffset, end: token.end });
    const image = unit.text.slice(token.startOffset, token.end);
    if (located === null) throw new Error(`no place for ${image}`);
    const { primary, expansions } = located;
    const written = sample.slice(primary.start, primary.end);
    const definition = expansions[0]?.place;
    const defined = definition === undefined ? "" : sample.slice(definition.start, definition.end);
    // An annotation, and `@` with a macro, are one token for the lexer and several for the preprocessor.
    expect(written === image || image.startsWith("/@") || (defined !== "" && image.startsWith(defined))).toBe(
      true,
    );
  }
});
