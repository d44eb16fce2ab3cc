// `pancake cake` with stacks of every size: C's memory beside the stack stays as it is (reference-compiler.md, 4.6).

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { compileToCake } from "../../../compiler/compile.ts";
import { machineTargets, type MachineTarget } from "../../support/machine-targets.ts";
import { Workshop } from "../object/toolchain.ts";
import { analyseSource } from "./adversary.ts";
import { cHalf, optionsOf } from "./build.ts";

const shops = new Map(machineTargets.map((target) => [target, new Workshop(target)]));
const shopOf = (target: MachineTarget): Workshop => shops.get(target) ?? new Workshop(target);
afterAll(() => {
  for (const shop of shops.values()) shop.close();
});
const program = readFileSync(fileURLToPath(new URL("programs/small-stacks.pnk", import.meta.url)), "utf8");

const settings = machineTargets.flatMap((target) => ([0, 1, 2] as const).map((level) => ({ target, level })));

for (const { target, level } of settings) {
  test(`${target} -O${String(level)}`, () => {
    const shop = shopOf(target);
    shop.write("driver.S", compileToCake(analyseSource(program), optionsOf("cake", level, target)).value);
    shop.tool("gcc", "-static", "-O1", cHalf("small-stacks.c"), "driver.S", "-o", "a.out");
    const expected = [0, 1, 2, 3, 4].map((i) => `function ${String(i)} runs, and needs less than 1 KiB\n`);
    expect(shop.qemu("a.out").stdout).toBe(expected.join(""));
  });
}
