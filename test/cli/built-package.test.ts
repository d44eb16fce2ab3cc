// The package as users install it: built, started through its launcher, from its code cache.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../house/source-tree.ts";
import { PACKAGED_PANCAKE } from "../support/package-under-test.ts";
import { scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();
const program = scratch.write("seven.pnk", "fun 1 main() { @putchar(55, 0, 0, 0); return 7; }\n");

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function node(...words: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: scratch.path,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("runs a program", () => {
  expect(node(PACKAGED_PANCAKE, "run", program)).toEqual({ status: 7, stdout: "7", stderr: "" });
});

test("runs a program as WebAssembly: binaryen is loaded from node_modules", () => {
  const words = ["run", "--target", "wasm32", program];
  expect(node(PACKAGED_PANCAKE, ...words)).toEqual({ status: 7, stdout: "7", stderr: "" });
});

test("reports a user's mistake with exit code 1", () => {
  const { status, stderr } = node(PACKAGED_PANCAKE, "check", "missing.pnk");
  expect(status).toBe(1);
  expect(stderr).toContain("missing.pnk");
});

test("starts from its code cache", () => {
  const bundle = join(ROOT, "tools/build/bundle.ts");
  const probe = `import(${JSON.stringify(bundle)}).then((b) => console.log(b.loadBundle(${JSON.stringify(dirname(PACKAGED_PANCAKE))}).fromCache))`;
  expect(node("--import", join(ROOT, "node_modules/tsx/dist/esm/index.mjs"), "-e", probe).stdout).toBe(
    "true\n",
  );
});
