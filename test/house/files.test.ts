// Names, headers and sizes of our files (house-style 3.1, 3.9, 3.10). Prints the distribution on every run.

import { expect, test } from "vitest";
import { functionSizes, listFiles, typescriptFiles } from "./source-tree.ts";

const BANNED = /(^|\/)(utils?|helpers?|common|misc|manager)(\.ts)?(\/|$)|(^|\/)types\.ts$/;
const TOP_LEVEL = new Set([
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "LICENSE",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "vitest.config.ts",
  "vitest.oracle.config.ts",
  "eslint.config.js",
  ".gitignore",
  ".npmrc",
  ".prettierrc.json",
  ".prettierignore",
  "spec",
  "compiler",
  "runtime",
  "lib",
  "drivers",
  "os",
  "tools",
  "test",
  "docs",
  ".ci",
]);
const MAX_FILE_LINES = 600;
const MAX_FUNCTION_LINES = 60;

/** Exceptions with their reasons; the number is the most they may have. */
const longFiles: Readonly<Record<string, { readonly lines: number; readonly reason: string }>> = {};
const longFunctions: Readonly<Record<string, { readonly lines: number; readonly reason: string }>> = {};

const files = typescriptFiles();
const product = files.filter((file) => !file.path.startsWith("test/"));

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
}

test("no banned names, and nothing new at the top level", () => {
  expect(listFiles().filter((path) => BANNED.test(path))).toEqual([]);
  const top = new Set(listFiles().map((path) => path.split("/")[0] ?? ""));
  expect([...top].filter((name) => !TOP_LEVEL.has(name))).toEqual([]);
});

test("every TypeScript file opens with a header", () => {
  const bare = files
    .filter((file) => !/^(#!.*\n)?(\/\/ \S|\/\*\*?\s)/.test(file.text))
    .map((file) => file.path);
  expect(bare).toEqual([]);
});

test("file sizes stay under the cap", () => {
  const counted = product.map((file) => ({ path: file.path, lines: file.text.split("\n").length - 1 }));
  const sorted = counted
    .filter((f) => !f.path.startsWith("spec/"))
    .map((f) => f.lines)
    .sort((a, b) => a - b);
  console.log(
    `files: ${String(sorted.length)}, lines median ${String(quantile(sorted, 0.5))}, p90 ${String(quantile(sorted, 0.9))}, max ${String(sorted.at(-1) ?? 0)}`,
  );
  const over = counted.filter(
    (f) => !f.path.startsWith("spec/") && f.lines > (longFiles[f.path]?.lines ?? MAX_FILE_LINES),
  );
  expect(over).toEqual([]);
});

test("function sizes stay under the cap", () => {
  const sizes = product.flatMap((file) =>
    functionSizes(file).map((f) => ({ ...f, id: `${file.path}:${f.name}` })),
  );
  const sorted = sizes.map((f) => f.lines).sort((a, b) => a - b);
  console.log(
    `functions: ${String(sorted.length)}, lines median ${String(quantile(sorted, 0.5))}, p90 ${String(quantile(sorted, 0.9))}, max ${String(sorted.at(-1) ?? 0)}`,
  );
  expect(sizes.filter((f) => f.lines > (longFunctions[f.id]?.lines ?? MAX_FUNCTION_LINES))).toEqual([]);
});

test("exceptions that are no longer needed are removed", () => {
  const stale = Object.entries(longFiles).filter(
    ([path]) => (files.find((f) => f.path === path)?.text.split("\n").length ?? 0) <= MAX_FILE_LINES,
  );
  expect(stale).toEqual([]);
});
