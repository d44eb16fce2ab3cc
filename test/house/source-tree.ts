// The repository as the house tests see it: its TypeScript files, their text, imports and functions.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

export interface SourceText {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** All files git knows below the root (tracked, and untracked but not ignored), in name order. */
export function listFiles(): readonly string[] {
  const out = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return [...new Set(out.split("\n").filter((line) => line !== ""))].sort();
}

/** Our TypeScript files, generated ones left out. */
export function typescriptFiles(): readonly SourceText[] {
  return listFiles()
    .filter((path) => path.endsWith(".ts") && !path.includes("/gen/"))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(ROOT, path), "utf8") }];
      } catch {
        return []; // deleted but not yet committed
      }
    });
}

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from the root for relative imports, null for packages. */
  readonly target: string | null;
}

/** Static and dynamic imports and re-exports of a file. */
export function importsOf(file: SourceText): readonly Import[] {
  const info = ts.preProcessFile(file.text, true, true);
  return info.importedFiles.map(({ fileName }) => ({
    specifier: fileName,
    target: fileName.startsWith(".") ? normalize(join(dirname(file.path), fileName)) : null,
  }));
}

/** Line counts of named functions and methods (anonymous callbacks left out), with their names. */
export function functionSizes(
  file: SourceText,
): readonly { readonly name: string; readonly lines: number }[] {
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true);
  const sizes: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.body !== undefined) {
      const start = tree.getLineAndCharacterOfPosition(node.getStart()).line;
      const end = tree.getLineAndCharacterOfPosition(node.end).line;
      sizes.push({ name: node.name?.getText(tree) ?? "default", lines: end - start + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return sizes;
}
