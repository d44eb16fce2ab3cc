// The names that fault reports look for are those that the back end and lib/ define.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentOf, SYMBOLS } from "../../compiler/target/environment.ts";
import {
  AREA_SYMBOLS,
  FUNCTION_PREFIXES,
  TRAP_PREFIXES,
  TRAP_REASONS,
} from "../../spec/abi/program-symbols.ts";

test("areas, functions and trap labels have the back end's names", () => {
  expect(AREA_SYMBOLS.flatMap(({ start, end }) => [start, end])).toEqual([
    SYMBOLS.heap,
    SYMBOLS.heapEnd,
    SYMBOLS.stack,
    SYMBOLS.stackEnd,
  ]);
  const environments = [environmentOf({ os: "linux" }), environmentOf({ os: "cake" })];
  environments.forEach((environment, i) => {
    expect(FUNCTION_PREFIXES.some((prefix) => environment.functionSymbol("f") === `${prefix}f`)).toBe(true);
    for (const reason of TRAP_REASONS) {
      expect(environment.trapSymbol(reason)).toBe(`${TRAP_PREFIXES[i] ?? ""}${reason}`);
    }
  });
});

test("lib defines every trap label, for Linux and for the bare machine", () => {
  for (const os of ["linux", "none"]) {
    const text = readFileSync(join(import.meta.dirname, `../../lib/${os}/riscv64/trap.s`), "utf8");
    for (const reason of TRAP_REASONS) expect(text).toContain(`\n${TRAP_PREFIXES[0]}${reason}:`);
  }
});
