// `npm run docs`: rebuilds the file tables of folder READMEs and the generated reference. With `--check` it only
// says what is stale (exit code 1); test/house/docs.test.ts does the same.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFileTable } from "./folder-tables.ts";
import { referencePages } from "./reference.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

export interface Page {
  /** Path from the root. */
  readonly path: string;
  readonly text: string;
}

/** Every page as it should be. */
export function freshPages(): readonly Page[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter((path) => path !== "" && existsSync(join(root, path)));
  const sources = listed
    .filter((path) => path.endsWith(".ts"))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
  const folders = listed.filter((path) =>
    /^(spec|compiler|runtime|tools|lib)\/(.*\/)?README\.md$/.test(path),
  );
  const tables = folders.map((path) => ({
    path,
    text: withFileTable(readFileSync(join(root, path), "utf8"), dirname(path), sources),
  }));
  return [...tables, ...referencePages()];
}

/** The pages that differ from what is on disk. */
export function stalePages(): readonly Page[] {
  return freshPages().filter(({ path, text }) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, "utf8") !== text;
  });
}

function main(): void {
  const stale = stalePages();
  for (const { path, text } of stale) {
    console.log(process.argv.includes("--check") ? `stale: ${path}` : `wrote ${path}`);
    if (process.argv.includes("--check")) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  if (process.argv.includes("--check") && stale.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
