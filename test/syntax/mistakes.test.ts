// Seeded mistakes in a real file: nearly all are reported first on their line, and nearly all with one message.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseUnit } from "../../compiler/syntax/index.ts";
import { lex } from "../../compiler/syntax/lexer.ts";

const sample = readFileSync(join(import.meta.dirname, "sample-driver.pnk"), "utf8");
const first = sample.indexOf("struct ring");
const tokens = lex(sample)
  .tokens.filter((token) => token.image !== "" && token.startOffset >= first)
  // Every third one keeps the test short; which ones changes with the file.
  .filter((_, i) => i % 3 === sample.length % 3);

interface Outcome {
  /** Lines of the reports, in order; empty: the change is still a program. */
  readonly lines: readonly number[];
  readonly mutated: number;
}

function outcome(text: string, offset: number): Outcome {
  const { diagnostics, unit } = parseUnit([{ path: "a.pnk", text }]);
  const lines = diagnostics.map((d) => unit.locate(d.span)?.primary.line ?? 0);
  return { lines, mutated: sample.slice(0, offset).split("\n").length };
}

function rates(outcomes: readonly Outcome[]): { readonly onLine: number; readonly single: number } {
  const wrong = outcomes.filter((o) => o.lines.length > 0);
  const onLine = wrong.filter((o) => o.lines[0] === o.mutated).length / wrong.length;
  const single = wrong.filter((o) => o.lines.length === 1).length / wrong.length;
  return { onLine, single };
}

test("any token deleted", () => {
  const all = tokens.map((t) => outcome(sample.slice(0, t.startOffset) + sample.slice(t.end), t.startOffset));
  const { onLine, single } = rates(all);
  expect(onLine).toBeGreaterThan(0.98);
  expect(single).toBeGreaterThan(0.96);
});

test("any token doubled", () => {
  const all = tokens.map((t) =>
    outcome(`${sample.slice(0, t.end)} ${t.image}${sample.slice(t.end)}`, t.startOffset),
  );
  const { onLine, single } = rates(all);
  expect(onLine).toBeGreaterThan(0.98);
  expect(single).toBeGreaterThan(0.96);
});

test("any symbol replaced by another character", () => {
  const symbols = tokens.filter((t) => !/^\w/.test(t.image));
  const all = symbols.map((t) =>
    outcome(`${sample.slice(0, t.startOffset)}$${sample.slice(t.end)}`, t.startOffset),
  );
  const { onLine, single } = rates(all);
  expect(onLine).toBeGreaterThan(0.98);
  expect(single).toBeGreaterThan(0.85);
});
