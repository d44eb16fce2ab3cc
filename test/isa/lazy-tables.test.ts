// Who uses one architecture does not pay for another: its rows are never made.

import { expect, test } from "vitest";
import { compileProgram } from "../../compiler/compile.ts";
import { defaultOptions, type TargetName } from "../../compiler/options.ts";
import { memoryHost, runUserProgram } from "../../runtime/index.ts";
import { arm64 } from "../../spec/isa/arm64/arm64.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import { analyseText } from "../../tools/differential/run-everywhere.ts";

/** Notes from now on which groups of the description are asked for their rows. */
function watch(isa: Isa): readonly string[] {
  const asked: string[] = [];
  for (const group of isa.groups) {
    const rows = Object.getOwnPropertyDescriptor(group, "rows");
    if (rows?.get === undefined) throw new Error(`${group.name} is not made on demand`);
    const get = (): unknown => {
      asked.push(group.name);
      return rows.get?.call(group) as unknown;
    };
    Object.defineProperty(group, "rows", { get });
  }
  return asked;
}

function compileAndRun(target: TargetName): void {
  const analysis = analyseText(
    "var 1 g = 4; fun 1 f(1 x) { @putint(x, 0, 0, 0); return g; } fun main() { return f(3); }",
  );
  const linked = compileProgram(analysis, { ...defaultOptions, target }, { others: [], baseAddress: null });
  expect(linked.diagnostics).toEqual([]);
  expect(runUserProgram(linked.value, { host: memoryHost("") })).toMatchObject({ kind: "exit", exitCode: 4 });
}

test("a program for RV64 is compiled and run without Arm64's tables", () => {
  const asked = { arm64: watch(arm64), riscv64: watch(riscv64) };
  compileAndRun("riscv64");
  expect(asked.arm64).toEqual([]);
  expect(asked.riscv64).not.toEqual([]);
});
