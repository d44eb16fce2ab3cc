// The examples in the explanations of static diagnostics are true: the wrong one gives that code, the right one nothing.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkProgram } from "../../compiler/static/index.ts";
import { parseUnit } from "../../compiler/syntax/index.ts";

const EXPLAIN = join(import.meta.dirname, "../../spec/diagnostics/explain");

function codesOf(text: string): readonly string[] {
  const { unit, program, diagnostics } = parseUnit([{ path: "example.pnk", text }]);
  return [...diagnostics, ...checkProgram(program, unit.text).diagnostics].map((d) => d.code);
}

const pages = readdirSync(EXPLAIN).filter((name) => /^S\d{4}\.md$/.test(name));

test.each(pages)("%s", (name) => {
  const page = readFileSync(join(EXPLAIN, name), "utf8");
  const [wrong, right, ...more] = [...page.matchAll(/```pancake\n([\s\S]*?)```/g)].map(
    (match) => match[1] ?? "",
  );
  expect(more).toEqual([]);
  if (wrong === undefined || right === undefined) return;
  expect(new Set(codesOf(wrong))).toEqual(new Set([name.slice(0, 5)]));
  expect(codesOf(right)).toEqual([]);
});
