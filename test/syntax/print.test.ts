// Printing and parsing are inverse, but for positions and parentheses: on random trees and on real files.

import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseUnit, printProgram, type Declaration } from "../../compiler/syntax/index.ts";
import { declaration } from "./tree-generator.ts";

/** Positions dropped; with `transparent`, parentheses too. */
function plain(value: unknown, transparent: boolean): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map((item) => plain(item, transparent));
  if (value === null || typeof value !== "object") return value;
  if (transparent && "kind" in value && value.kind === "parens" && "inner" in value) {
    return plain(value.inner, transparent);
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "span" && !key.endsWith("Span"))
      .map(([key, item]) => [key, plain(item, transparent)]),
  );
}

function reparse(declarations: readonly Declaration[]) {
  const text = printProgram({ declarations, comments: [], span: { start: 0, end: 0 } });
  return { text, parsed: parseUnit([{ path: "printed.pnk", text }]) };
}

test("a random tree survives printing and parsing", () => {
  fc.assert(
    fc.property(fc.array(declaration, { minLength: 1, maxLength: 3 }), (declarations) => {
      const { text, parsed } = reparse(declarations);
      expect(parsed.diagnostics, text).toEqual([]);
      expect(plain(parsed.program.declarations, true)).toEqual(plain(declarations, true));
    }),
    { numRuns: 200 },
  );
});

test("a parsed tree survives exactly, and printing is stable", () => {
  const text = readFileSync(join(import.meta.dirname, "sample-driver.pnk"), "utf8");
  const first = parseUnit([{ path: "sample-driver.pnk", text }]);
  const printed = printProgram(first.program);
  const second = parseUnit([{ path: "printed.pnk", text: printed }]);
  expect(second.diagnostics).toEqual([]);
  expect(plain(second.program.declarations, false)).toEqual(plain(first.program.declarations, false));
  expect(printProgram(second.program)).toBe(printed);
});
