// Imports go downhill (house-style 3.2): the table below is the rule, as data.

import { expect, test } from "vitest";
import { importsOf, typescriptFiles } from "./source-tree.ts";

/** A file may import from its own folder's entry and from what the most specific matching row lists. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  spec: ["spec"],
  compiler: ["compiler", "spec"],
  "compiler/source": ["compiler/source", "spec"],
  "compiler/syntax": ["compiler/syntax", "compiler/source", "spec"],
  "compiler/static": ["compiler/static", "compiler/lang", "compiler/syntax", "compiler/source", "spec"],
  "compiler/lang": ["compiler/lang", "compiler/source", "compiler/target", "spec"],
  "compiler/object": ["compiler/object", "compiler/source", "spec"],
  // The shim is made for browsers and Node alike, and users copy it: it stands in lib/ and relies on nothing.
  "runtime/wasm32": ["runtime", "lib/wasm32", "spec"],
  runtime: ["runtime", "spec"],
  tools: ["package.json", "tools", "compiler", "runtime", "spec"],
  test: ["test", "tools", "compiler", "runtime", "lib/wasm32", "spec"],
};

/** Node's own modules are only for the edges. */
const mayUseNode = ["tools/", "runtime/host/", "test/"];

const files = typescriptFiles().filter((file) => file.path.includes("/"));

function rowFor(path: string): readonly string[] {
  const row = Object.keys(mayImport)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
  return mayImport[row ?? ""] ?? [];
}

test("every import is allowed by the table", () => {
  const wrong = files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, target }) => {
      if (target === null) return [];
      const allowed = rowFor(file.path).some(
        (folder) => target === folder || target.startsWith(`${folder}/`),
      );
      return allowed ? [] : [`${file.path} imports ${specifier}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test("only the edges use Node's modules", () => {
  const wrong = files
    .filter((file) => !mayUseNode.some((folder) => file.path.startsWith(folder)))
    .flatMap((file) =>
      importsOf(file)
        .filter(({ specifier }) => specifier.startsWith("node:"))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
  expect(wrong).toEqual([]);
});

test("a pass never imports another pass", () => {
  const isPass = (path: string): boolean =>
    /^compiler\/passes\/[^/]+\.ts$/.test(path) && !path.endsWith("/pass.ts");
  const wrong = files
    .filter((file) => isPass(file.path))
    .flatMap((file) =>
      importsOf(file).flatMap(({ target }) =>
        target !== null && isPass(target) ? [`${file.path} imports ${target}`] : [],
      ),
    );
  expect(wrong).toEqual([]);
});

test("relative imports name the file with its ending", () => {
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter(({ specifier }) => specifier.startsWith(".") && !/\.(ts|json|js|mjs)$/.test(specifier))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});
