// The package as users install it: built, started through its launcher, from its code cache.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { buildPackage } from "../../tools/build/package.ts";
import { ROOT } from "../house/source-tree.ts";
import { scratchFolder } from "./pancake.ts";

const folder = join(ROOT, "build/package-under-test");
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

beforeAll(() => buildPackage(folder), 60_000);

test("runs a program", () => {
  expect(node(join(folder, "pancake.js"), "run", program)).toEqual({ status: 7, stdout: "7", stderr: "" });
});

test("runs a program as WebAssembly: binaryen is loaded from node_modules", () => {
  const words = ["run", "--target", "wasm32", program];
  expect(node(join(folder, "pancake.js"), ...words)).toEqual({ status: 7, stdout: "7", stderr: "" });
});

test("reports a user's mistake with exit code 1", () => {
  const { status, stderr } = node(join(folder, "pancake.js"), "check", "missing.pnk");
  expect(status).toBe(1);
  expect(stderr).toContain("missing.pnk");
});

test("starts from its code cache", () => {
  const bundle = join(ROOT, "tools/build/bundle.ts");
  const probe = `import(${JSON.stringify(bundle)}).then((b) => console.log(b.loadBundle(${JSON.stringify(folder)}).fromCache))`;
  expect(node("--import", join(ROOT, "node_modules/tsx/dist/esm/index.mjs"), "-e", probe).stdout).toBe(
    "true\n",
  );
});
