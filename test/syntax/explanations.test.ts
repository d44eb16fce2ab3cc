// The examples of the explanations: the wrong one shows its diagnostic, the right one shows none.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseUnit } from "../../compiler/syntax/index.ts";
import { syntaxDiagnostics } from "../../spec/diagnostics/syntax.ts";
import { ROOT } from "../house/source-tree.ts";

const folder = join(ROOT, "spec/diagnostics/explain");
const files: Readonly<Record<string, string>> = {
  "lib.h": "var from_header = 1;\n",
  "lib.pnk": "var from_library = 1;\n",
  "self.h": '#include "self.h"\n',
};

function example(text: string, name: "Wrong" | "Right"): string | null {
  return new RegExp(`^${name}:\\n\\n\`\`\`pancake\\n([\\s\\S]*?)\`\`\``, "m").exec(text)?.[1] ?? null;
}

function codes(text: string, strict: boolean): readonly string[] {
  const reader = { read: (path: string) => files[path] ?? null };
  return parseUnit([{ path: "example.pnk", text }], { reader, strict }).diagnostics.map((d) => d.code);
}

const explained = readdirSync(folder).flatMap((name) => /^(P\d{4})\.md$/.exec(name)?.[1] ?? []);

test("every code of the syntax is explained", () => {
  expect([...explained].sort()).toEqual(Object.keys(syntaxDiagnostics).sort());
});

test.each(explained)("%s", (code) => {
  const text = readFileSync(join(folder, `${code}.md`), "utf8");
  const isStrict = code >= "P0300";
  const wrong = example(text, "Wrong");
  const right = example(text, "Right");
  if (wrong !== null) expect([...new Set(codes(wrong, isStrict))]).toEqual([code]);
  if (right !== null) expect(codes(right, isStrict)).toEqual([]);
});
