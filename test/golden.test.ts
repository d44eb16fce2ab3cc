// Every golden case of the repository runs here, as `pancake test test/cases` runs it. One test a folder of cases,
// so that the report stays readable; a failing case prints its difference and the command that accepts it.

import { dirname, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCase } from "../tools/golden/case-file.ts";
import { asmKind } from "../tools/golden/kinds/asm.ts";
import { goldenKinds } from "../tools/golden/kinds/index.ts";
import { findCases, runCase } from "../tools/golden/runner.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./house/source-tree.ts";

const root = join(ROOT, "test/cases");
const byFolder = new Map<string, string[]>();
for (const path of findCases(root)) {
  const folder = relative(root, dirname(path));
  byFolder.set(folder, [...(byFolder.get(folder) ?? []), path]);
}

describe("golden cases", () => {
  for (const [folder, paths] of byFolder) {
    test(`${folder} (${String(paths.length)})`, async () => {
      const failures: string[] = [];
      for (const path of paths) {
        const result = await runCase(path, goldenKinds, { accept: false });
        if (result.status === "failed") failures.push(result.detail);
      }
      const help = `accept with: npm run golden -- --accept --filter ${folder}`;
      expect(failures, `${failures.join("\n")}\n${help}`).toEqual([]);
    });
  }

  // A misspelt target would expect nothing.
  test.each([
    "// arm46: add",
    "// arm64_not: add",
    "// arm64: add   riscv46: add",
    "// arm64:add",
    "// arm64: add ;",
  ])("of kind asm have no mistake in `%s`", (comment) => {
    const text = `# lost\nkind: asm\n---- input\nfun 1 main() { return 0; } // arm64: movz\n${comment}\n---- expect\nmatched\n`;
    const parsed = parseCase("lost.case", text);
    if (!parsed.ok) throw new Error(parsed.problem);
    expect(() => asmKind.run(parsed.case)).toThrow(/^line 2: /);
  });

  test("no case is over the budget of its kind", () => {
    const long = [...byFolder.values()].flat().flatMap((path) => {
      const parsed = parseCase(path, readFileSync(path, "utf8"));
      if (!parsed.ok) return [`${path}: ${parsed.problem}`];
      const budget = goldenKinds.get(parsed.case.kind)?.budgetLines ?? 0;
      return parsed.case.lineCount > budget
        ? [`${path}: ${String(parsed.case.lineCount)} lines, budget ${String(budget)}`]
        : [];
    });
    expect(long).toEqual([]);
  });
});
