// Every diagnostic code has an explanation and at least one golden case (house-style 3.7).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { allDiagnostics } from "../../spec/diagnostics/registry.ts";
import { listFiles, ROOT } from "./source-tree.ts";

const codes = [...allDiagnostics().keys()];

test("codes are a letter and four digits", () => {
  expect(codes.filter((code) => !/^[PSALRMTVB]\d{4}$/.test(code))).toEqual([]);
});

test("every code has an explanation", () => {
  const explained = new Set(
    listFiles().map((path) => /^spec\/diagnostics\/explain\/(\w+)\.md$/.exec(path)?.[1] ?? ""),
  );
  expect(codes.filter((code) => !explained.has(code))).toEqual([]);
});

test("every explanation belongs to a code", () => {
  const known = new Set<string>(codes);
  const orphans = listFiles().filter((path) => {
    const code = /^spec\/diagnostics\/explain\/(\w+)\.md$/.exec(path)?.[1];
    return code !== undefined && !known.has(code);
  });
  expect(orphans).toEqual([]);
});

test("every code is shown by a case or asserted by a test", () => {
  const texts = listFiles()
    .filter((path) => path.startsWith("test/"))
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .join("\n");
  expect(codes.filter((code) => !texts.includes(code))).toEqual([]);
});
