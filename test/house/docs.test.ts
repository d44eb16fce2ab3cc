// Documents tell the truth about the tree: generated tables are fresh, links lead somewhere.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { stalePages } from "../../tools/docs/main.ts";
import { listFiles, ROOT } from "./source-tree.ts";

test("generated pages and file tables are fresh (`npm run docs`)", () => {
  expect(stalePages().map((page) => page.path)).toEqual([]);
});

test("relative links in documents lead to files", () => {
  const dead = listFiles()
    .filter((path) => path.endsWith(".md") && existsSync(join(ROOT, path)))
    .flatMap((path) =>
      [...readFileSync(join(ROOT, path), "utf8").matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(path), target)))
        .map((target) => `${path}: ${target}`),
    );
  expect(dead).toEqual([]);
});

test("README stays under 120 lines and ARCHITECTURE under 400", () => {
  const lines = (path: string): number => readFileSync(join(ROOT, path), "utf8").split("\n").length - 1;
  expect(lines("README.md")).toBeLessThanOrEqual(120);
  expect(lines("ARCHITECTURE.md")).toBeLessThanOrEqual(400);
});
