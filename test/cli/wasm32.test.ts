// `--target wasm32` on the command line: what each command writes, and how runs end.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SourceMapConsumer, type RawSourceMap } from "source-map";
import { expect, test } from "vitest";
import { pancake, pancakeProcess, scratchFolder } from "./pancake.ts";

const scratch = scratchFolder();
const at = (name: string): string => join(scratch.path, name);
const WASM = ["--target", "wasm32"];
const hello = scratch.write(
  "hello.pnk",
  "fun 1 main() {\n  @putint(40 + 2, 0, 0, 0);\n  @read(0, 0, @base, 16);\n  @write(@base + 8, 5, 0, 0);\n  return 300;\n}\n",
);
const wild = scratch.write("wild.pnk", "fun 1 main() {\n  st 8, 1;\n  return 0;\n}\n");
const foreign = scratch.write("foreign.pnk", "fun 1 main() {\n  @mine(1, 2, 3, 4);\n  return 0;\n}\n");

test("run: output, input and exit code, of source and of a module made before", async () => {
  const expected = { status: 300 & 255, stdout: "42\nhello", stderr: "" };
  expect(await pancake(["run", ...WASM, hello], "hello")).toEqual(expected);
  expect(await pancake(["compile", ...WASM, hello, "-o", at("hello.wasm")])).toMatchObject({ status: 0 });
  expect(await pancake(["run", at("hello.wasm")], "hello")).toEqual(expected);
});

test("run: a fault is exit code 3, with function, line and reason", async () => {
  const shown = await pancake(["run", ...WASM, wild]);
  expect(shown.status).toBe(3);
  expect(shown.stdout).toBe("");
  expect(shown.stderr).toContain(
    "error[R0102]: store of 8 bytes to 0x00000008: it is outside of local memory",
  );
  expect(shown.stderr).toContain(`at ${wild}:2:`);
});

test("run: what was written before a fault is shown, as a process too", () => {
  const program = scratch.write(
    "late.pnk",
    "fun 1 main() {\n  @putchar(65, 0, 0, 0);\n  st 8, 1;\n  return 0;\n}\n",
  );
  const shown = pancakeProcess(["run", ...WASM, program]);
  expect(shown).toMatchObject({ status: 3, stdout: "A" });
  expect(shown.stderr).toContain("R0102");
});

test("--heap: its size reaches the program, and a memory that cannot be is an error", async () => {
  const size = scratch.write("size.pnk", "fun 1 main() { @putint(@top - @base, 0, 0, 0); return 0; }\n");
  expect((await pancake(["run", ...WASM, "--heap", "64K", size])).stdout).toBe("65536\n");
  const shown = await pancake(["compile", ...WASM, "--heap", "8G", size, "-o", at("never.wasm")]);
  expect(shown.status).toBe(1);
  expect(shown.stderr).toContain("error[L0301]");
  expect(existsSync(at("never.wasm"))).toBe(false);
});

test("run --stats: sizes of the module and its memory, after a fault too", async () => {
  for (const file of [hello, wild]) {
    const { stderr } = await pancake(["run", "--stats", ...WASM, "--heap", "64K", file]);
    expect(stderr).toMatch(/^module bytes: \d+\nmemory bytes: 131072\n/m);
  }
});

test("compile -c leaves foreign functions open; without it they are named", async () => {
  const closed = await pancake(["compile", ...WASM, foreign, "-o", at("closed.wasm")]);
  expect(closed.status).toBe(1);
  expect(closed.stderr).toContain(
    `error[L0201]: unknown foreign function \`@mine\`, called in \`main\` of ${foreign}`,
  );
  expect(closed.stderr).toContain(`${foreign}:2:3`);
  expect((await pancake(["compile", "-c", ...WASM, foreign, "-o", at("open.wasm")])).status).toBe(0);
  const run = await pancake(["run", at("open.wasm")]);
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/error\[R0013\].*mine/);
});

test("compile -S prints WebAssembly text, explore ends with the module", async () => {
  const text = await pancake(["compile", "-S", ...WASM, hello, "-o", "-"]);
  expect(text.stdout).toMatch(/^\(module\n[^]*\(func \$main \(result i64\)\n/);
  expect(text.stdout).toContain(`;;@ ${hello}:2:2`);
  const explored = await pancake(["explore", ...WASM, hello]);
  expect(explored.stdout).toMatch(/# after loop-to-wasm\n\n\(module\n[^]*call \$@putint[^]*\n\)\n\n$/);
  expect(explored.stdout).not.toContain("# after loop-to-word");
  const emitted = await pancake(["compile", "--emit", "loop-to-wasm", ...WASM, hello]);
  expect(emitted.stdout).toContain("(module");
  expect((await pancake(["explore", hello, "--pass", "loop-to-wasm"])).status).toBe(2);
});

test("--source-map writes the map and its name into the module", async () => {
  const words = ["compile", ...WASM, wild, "-o", at("wild.wasm"), "--source-map", at("wild.wasm.map")];
  expect((await pancake(words)).status).toBe(0);
  expect(readFileSync(at("wild.wasm"), "latin1")).toMatch(/sourceMappingURL[^]wild\.wasm\.map$/);
  const map = JSON.parse(readFileSync(at("wild.wasm.map"), "utf8")) as RawSourceMap; // what we have just written
  await SourceMapConsumer.with(map, null, (consumer) => {
    expect(consumer.sources.map(decodeURIComponent)).toEqual([wild]);
  });
});
