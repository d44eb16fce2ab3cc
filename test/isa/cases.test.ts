// The golden cases of instructions and of the assembler.

import { describe, expect, it } from "vitest";
import { assembleKind } from "../../tools/golden/kinds/assemble.ts";
import { isaKind } from "../../tools/golden/kinds/isa.ts";
import { findCases, runCase } from "../../tools/golden/runner.ts";

const kinds = new Map([isaKind, assembleKind].map((kind) => [kind.name, kind]));

describe.each(["test/cases/isa", "test/cases/asm-files"])("%s", (folder) => {
  const accept = process.env["GOLDEN_ACCEPT"] === "1";
  it.each(findCases(folder))("%s", async (path) => {
    const result = await runCase(path, kinds, { accept });
    expect(result.status === "failed" ? result.detail : "").toBe("");
  });
});
