// The bundle of the built package as a script: how the launcher loads it and how the build makes its code cache.
//
// Most of a short command's time would go into parsing and compiling our own JavaScript. V8 can store what it compiled
// (`cachedData`); a cache of another Node version or of other V8 flags is refused by V8 and only costs that time again.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/** Names in the package's `dist` folder. */
export const BUNDLE = { script: "toolchain.js", codeCache: "toolchain.cache" } as const;

/**
 * V8's settings for a process that ends soon and that nobody watches frame by frame. A function runs about four times
 * the default number of bytecodes before it is considered for optimisation: a command on a driver ends before
 * optimised code pays for its compilation, long runs still get it. Marking happens in one piece, when it is needed:
 * in steps it costs more in all and starts in runs that never need it.
 */
const V8_FLAGS: readonly string[] = ["--interrupt-budget=300000", "--no-incremental-marking"];

/** What the bundle exports: tools/cli/process.ts. */
export interface Toolchain {
  readonly runProcess: (words: readonly string[]) => Promise<void>;
}

interface LoadedBundle {
  readonly script: Script;
  /** False if there was no code cache, or none that fits this Node and its flags. */
  readonly fromCache: boolean;
  readonly toolchain: Toolchain;
}

/** Loads the bundle of `folder`, from its code cache if there is one that fits. */
export function loadBundle(folder: string): LoadedBundle {
  // Before any script is compiled: the flags are part of what V8 compares a cache with.
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
  const filename = join(folder, BUNDLE.script);
  const cachePath = join(folder, BUNDLE.codeCache);
  // The bundle is ASCII (esbuild escapes the rest), so one byte is one character.
  const source = readFileSync(filename, "latin1");
  const script = new Script(`(function (exports, require, module, __filename, importModule) {${source}\n})`, {
    filename,
    ...(existsSync(cachePath) ? { cachedData: readFileSync(cachePath) } : {}),
  });
  const module = { exports: {} };
  const run = script.runInThisContext() as (...scope: readonly unknown[]) => void;
  // Code from a cache has lost its way to Node's loader, so what the bundle imports comes through this file.
  const importModule = (specifier: string): Promise<unknown> => import(specifier);
  run(module.exports, createRequire(filename), module, filename, importModule);
  const fromCache = script.cachedDataRejected === false;
  return { script, fromCache, toolchain: module.exports as Toolchain };
}
