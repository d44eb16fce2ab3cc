// Units, places and rendering: what the command line and the editors see.

import { expect, test } from "vitest";
import { diagnose } from "../../compiler/source/diagnostic.ts";
import { columnAt, indexLines, lineAt, lineText } from "../../compiler/source/line-index.ts";
import { renderJson, renderText } from "../../compiler/source/render.ts";
import { originalOffset, sourceFile } from "../../compiler/source/source-file.ts";
import { NO_SPAN } from "../../compiler/source/span.ts";
import { unitOfFile } from "../../compiler/source/translation-unit.ts";
import { parseUnit } from "../../compiler/syntax/index.ts";

test("lines end after line feeds; columns count code points", () => {
  const index = indexLines("ab\r\n\u{1f95e}x\n\nlast");
  expect([0, 1, 4, 6, 7, 8, 9].map((offset) => lineAt(index, offset))).toEqual([1, 1, 2, 2, 2, 3, 4]);
  expect(columnAt(index, 6)).toBe(2);
  expect([1, 2, 3, 4].map((line) => lineText(index, line))).toEqual(["ab", "\u{1f95e}x", "", "last"]);
});

test("joined lines keep the places of the file", () => {
  const file = sourceFile("a.pnk", "var x\\\ny = 1;\\\r\n\nz");
  expect(file.logical).toBe("var xy = 1;\nz");
  const offsets = [...file.logical].map((_, i) => file.text[originalOffset(file, i)]);
  expect(offsets.join("")).toBe(file.logical);
});

test("a byte order mark is dropped", () => {
  expect(parseUnit([{ path: "a.pnk", text: "\uFEFFvar x = 1;\n" }]).diagnostics).toEqual([]);
});

test("JSON has the documented shape", () => {
  const { diagnostics, unit } = parseUnit([{ path: "a.pnk", text: "fun f() {\n  return 1\n}\n" }]);
  expect(renderJson(diagnostics, unit)).toEqual([
    {
      code: "P0202",
      severity: "error",
      message: "missing `;` before `}`",
      file: "a.pnk",
      line: 2,
      column: 11,
      endLine: 2,
      endColumn: 11,
      help: "end the statement with `;`",
    },
  ]);
});

test("a diagnostic without a place is a header and its notes", () => {
  const unit = unitOfFile(sourceFile("a.pnk", ""));
  const text = renderText([diagnose("P0250", NO_SPAN, { count: 3 })], unit);
  expect(text).toBe(
    "error[P0250]: 3 mistakes: the rest of the text was not checked\n = help: correct these first",
  );
});

test("frames expand tabs, show control characters and cut long lines around the marker", () => {
  const long = `${"x + ".repeat(200)}$${" + y".repeat(200)}`;
  const { diagnostics, unit } = parseUnit([{ path: "a.pnk", text: `var a = 1;\t$;\nvar b = ${long};\n` }]);
  const [first = "", second = ""] = renderText(diagnostics, unit).split("\n\n");
  const [, , tabLine = "", tabMarker = ""] = first.split("\n");
  expect(tabLine.indexOf("$")).toBe(tabMarker.indexOf("^"));
  expect(tabLine).not.toContain("\t");
  const [, , cutLine = "", cutMarker = ""] = second.split("\n");
  expect(cutLine.length).toBeLessThan(120);
  expect(cutLine.indexOf("$")).toBe(cutMarker.indexOf("^"));
});

test("a palette colours header, gutter and marker only", () => {
  const { diagnostics, unit } = parseUnit([{ path: "a.pnk", text: "var a = $;\n" }]);
  const mark = (tag: string) => (text: string) => `<${tag}>${text}</${tag}>`;
  const painted = renderText(diagnostics.slice(0, 1), unit, {
    error: mark("e"),
    warning: mark("w"),
    gutter: mark("g"),
    strong: mark("s"),
  });
  expect(painted).toContain("<e>error[P0101]</e><s>: `$` is not part of Pancake</s>");
  expect(painted.replace(/<\/?[a-z]>/g, "")).toBe(renderText(diagnostics.slice(0, 1), unit));
});

test("the same file included twice has two readings, each with its inclusion", () => {
  const reader = { read: (path: string) => (path === "lib.h" ? "var x = ;\n" : null) };
  const text = '#include "lib.h"\n\n#include "lib.h"\n';
  const { diagnostics, unit } = parseUnit([{ path: "a.pnk", text }], { reader });
  const lines = diagnostics.map((d) => unit.locate(d.span)?.includedFrom.map((place) => place.line));
  expect(lines).toEqual([[1], [3]]);
});
