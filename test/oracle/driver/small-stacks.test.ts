// `pancake cake` with stacks of every size: C's memory beside the stack stays as it is (reference-compiler.md, 4.6).

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { compileToCake } from "../../../compiler/compile.ts";
import { Workshop } from "../object/toolchain.ts";
import { analyseSource } from "./adversary.ts";
import { cHalf, optionsOf } from "./build.ts";

const shop = new Workshop();
afterAll(() => {
  shop.close();
});
const program = readFileSync(fileURLToPath(new URL("programs/small-stacks.pnk", import.meta.url)), "utf8");

for (const level of [0, 1, 2] as const) {
  test(`-O${String(level)}`, () => {
    shop.write("driver.S", compileToCake(analyseSource(program), optionsOf("cake", level)).value);
    shop.tool("gcc", "-static", "-O1", cHalf("small-stacks.c"), "driver.S", "-o", "a.out");
    const expected = [0, 1, 2, 3, 4].map((i) => `function ${String(i)} runs, and needs less than 1 KiB\n`);
    expect(shop.qemu("a.out").stdout).toBe(expected.join(""));
  });
}
