// The preprocessor through parseUnit: files, search, markers, limits. Expansion itself is compared with cpp in
// test/oracle/cpp.

import { expect, test } from "vitest";
import { parseUnit, type ParseOptions } from "../../compiler/syntax/index.ts";

function words(text: string, options: ParseOptions = {}): string {
  const { unit } = parseUnit([{ path: "main.pnk", text }], options);
  return unit.text
    .split(/\s+/)
    .filter((word) => word !== "")
    .join(" ");
}

function codes(text: string, options: ParseOptions = {}): readonly string[] {
  return parseUnit([{ path: "main.pnk", text }], options).diagnostics.map((d) => d.code);
}

const files = (entries: Readonly<Record<string, string>>): ParseOptions["reader"] & object => ({
  read: (path) => entries[path] ?? null,
});

test("text without directives is copied as it stands", () => {
  const text = "/* a */ fun f() { // b\n\treturn 1 #>> 2; }\n";
  expect(parseUnit([{ path: "main.pnk", text }]).unit.text).toBe(text);
});

test("`#>>` at the beginning of a line is an operator, not a directive", () => {
  expect(codes("#define N 1\nfun f(a) {\n  return a\n  #>> N;\n}\n")).toEqual([]);
});

test("quoted includes are looked for beside the file first, angle brackets only in the search path", () => {
  const reader = files({ "dir/a.h": "beside", "inc/a.h": "searched", "dir/b.h": '#include "a.h"' });
  const options = { reader, includePaths: ["inc"] };
  expect(words('#include "dir/b.h"\n#include <a.h>\n', options)).toBe("beside searched");
});

test("names of files are reduced to one form", () => {
  const reader = files({ "lib/x.h": "#pragma once\nonce" });
  const text = '#include "lib/x.h"\n#include "./lib/../lib/x.h"\n';
  const { filesRead, unit } = parseUnit([{ path: "main.pnk", text }], { reader });
  expect(filesRead).toEqual(["main.pnk", "lib/x.h"]);
  expect(unit.text.match(/once/g)).toEqual(["once"]);
});

test("files of the command line share macros, imported files have their own", () => {
  const parsed = parseUnit(
    [
      { path: "a.pnk", text: "#define N 3\n" },
      { path: "b.pnk", text: 'var x = N;\nimport "c.pnk";\n' },
    ],
    { reader: files({ "c.pnk": "#ifdef N\nvar wrong = 1;\n#else\nvar right = 1;\n#endif\n" }) },
  );
  expect(parsed.diagnostics).toEqual([]);
  const names = parsed.program.declarations.map((d) => (d.kind === "global" ? d.variable.name.text : d.kind));
  expect(names).toEqual(["x", "import", "right"]);
  expect(parsed.filesRead).toEqual(["a.pnk", "b.pnk", "c.pnk"]);
});

test("imports of one another end", () => {
  const reader = files({
    "a.pnk": 'import "b.pnk";\nvar a = 1;\n',
    "b.pnk": 'import "a.pnk";\nvar b = 1;\n',
  });
  const parsed = parseUnit([{ path: "a.pnk", text: reader.read("a.pnk") ?? "" }], { reader });
  expect(parsed.program.declarations.map((d) => d.kind)).toEqual(["import", "import", "global", "global"]);
});

test("__LINE__ and __FILE__ follow line markers", () => {
  expect(words('__LINE__\n#line 40 "other.pnk"\n__LINE__ __FILE__\n')).toBe('1 40 "other.pnk"');
});

test("the operand of a condition may come from macros", () => {
  expect(words("#define HAS defined(X)\n#define X\n#if HAS\nyes\n#endif\n")).toBe("yes");
  const reader = files({ "there.h": "" });
  const text = '#if __has_include("there.h") && !__has_include(<nowhere.h>)\nyes\n#endif\n';
  expect(words(text, { reader })).toBe("yes");
});

test("skipped text is not looked at, but for the nesting of conditionals", () => {
  const text =
    "#if 0\n#error no\n#include <no>\n'don't\n# if 1\n#else\n#endif\n/*\n#endif */\n#else\nyes\n#endif\n";
  expect(codes(`${text}/@ @/`)).toEqual(["P0201"]);
  expect(words(text)).toBe("yes");
});

test("macros that call themselves, and arguments without end, terminate", () => {
  expect(words("#define F(x) F(x) F(x)\nF(F(F(1)))\n")).toBe(
    "F(F(F(1) F(1)) F(F(1) F(1))) F(F(F(1) F(1)) F(F(1) F(1)))".replaceAll(" F", " F"),
  );
  const deep = `#define ID(x) x\n${"ID(".repeat(5000)}1${")".repeat(5000)}\n`;
  expect(codes(deep)).toContain("P0017");
  const open = `#define ID(x) x\n${"ID(\n".repeat(3000)}`;
  expect(codes(open).filter((code) => code === "P0010").length).toBeGreaterThan(0);
});

test("nothing is expanded in comments, strings and after @ of other words", () => {
  expect(words("#define N 1\n/* N */ \"N\" 'N' @N x@ N")).toBe("/* N */ \"N\" 'N' @1 x@ 1");
});

test("an annotation's end ends a line comment in it, for what follows is expanded", () => {
  expect(words("#define N 1\n/@ a // N @/ N\n")).toBe("/@ a // N @/ 1");
});
