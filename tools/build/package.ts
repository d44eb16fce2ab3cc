// The built package: the bundled toolchain, its launcher, and the code cache that makes it start fast.

import { build, type BuildOptions } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BUNDLE } from "./bundle.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Where `npm run build` puts it. */
export const DIST = join(root, "dist");

// One script without top-level `await`: modules that are imported dynamically still initialise when they are asked for.
const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  charset: "ascii",
  // Names stay for messages about our own mistakes; esbuild's `keepNames` would wrap every function at start-up.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: false,
  legalComments: "none",
  alias: {
    "node:child_process": "./tools/build/no-child-process.ts",
    binaryen: "./tools/build/import-binaryen.ts",
  },
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
};

/** Bundles into `folder`, which lies below the repository's root; what was there before is removed. */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const outfile = (name: string): BuildOptions => ({ ...shared, outfile: join(folder, name) });
  await build({ ...outfile(BUNDLE.script), entryPoints: ["tools/cli/process.ts"] });
  await build({ ...outfile("pancake.js"), entryPoints: ["tools/build/launcher.ts"], banner: {} });
  // The package as a whole is of type "module".
  writeFileSync(join(folder, "package.json"), '{ "type": "commonjs" }\n');
  await writeCodeCache(folder);
}

// Warms the commands that people wait for, on the tutorial's driver.
async function writeCodeCache(folder: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "pancake-build-"));
  const writer = join(scratch, "write-code-cache.cjs");
  await build({ ...shared, outfile: writer, entryPoints: ["tools/build/write-code-cache.ts"], banner: {} });
  const files = ["queue", "uart", "main"].map((name) => `docs/tutorial/serial/${name}.pnk`);
  const out = join(scratch, "out");
  const compile = (...options: readonly string[]): readonly string[] => [
    "compile",
    ...options,
    ...files,
    "-o",
    out,
  ];
  const commands = [["check", ...files], compile(), compile("-c"), compile("--target", "arm64")];
  const words = commands.flatMap((command) => [...command, "--"]).slice(0, -1);
  const done = spawnSync(process.execPath, [writer, folder, ...words], { cwd: root, encoding: "utf8" });
  rmSync(scratch, { recursive: true });
  if (done.status !== 0) throw new Error(`the code cache could not be made: ${done.stderr}`);
}
