// Builds the package: bundles the `pancake` command into dist/, one file a command, so that start-up loads little.

import { build } from "esbuild";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Bundles into `dist/`; what was there before is removed. */
export async function buildPackage(): Promise<void> {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { pancake: "tools/cli/main.ts" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outdir: "dist",
    // Names stay for messages about our own mistakes; esbuild's `keepNames` would wrap every function at start-up.
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: false,
    legalComments: "none",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
}

await buildPackage();
