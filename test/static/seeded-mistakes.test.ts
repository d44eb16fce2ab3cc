// The drivers of test/corpus are free of complaints, and a mistake put into one is reported where it is: of all seeded
// mistakes at least 95 % have their first error on the mutated line, and none makes the front end throw.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../compiler/source/diagnostic.ts";
import { checkProgram } from "../../compiler/static/index.ts";
import { parseUnit } from "../../compiler/syntax/index.ts";
import { mutate, mutatedLine, mutations, type Mutation } from "../corpus/mutations.ts";

const CORPUS = join(import.meta.dirname, "../corpus");
const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const known = sources.get(file) ?? readFileSync(join(CORPUS, file), "utf8");
  sources.set(file, known);
  return known;
}

interface Report {
  readonly line: number;
  readonly diagnostic: Diagnostic;
}

/** What a user reads, first to last: by place, errors before warnings of the same place. */
function reportsOf(path: string, text: string): readonly Report[] {
  const { unit, program, diagnostics } = parseUnit([{ path, text }]);
  return [...diagnostics, ...checkProgram(program, unit.text).diagnostics]
    .sort((a, b) => a.span.start - b.span.start || a.severity.localeCompare(b.severity))
    .map((diagnostic) => ({ line: unit.locate(diagnostic.span)?.primary.line ?? 0, diagnostic }));
}

describe("the drivers", () => {
  test.each(["uart.pnk", "ethernet.pnk", "timer.pnk"])("%s is stock Pancake", (path) => {
    const { diagnostics } = parseUnit([{ path, text: sourceOf(path) }], { strict: true });
    expect(diagnostics.map((d) => d.message)).toEqual([]);
  });

  test.each(["uart.pnk", "ethernet.pnk", "timer.pnk"])("%s has no errors and no warnings", (file) => {
    expect(reportsOf(file, sourceOf(file)).map((r) => `${String(r.line)}: ${r.diagnostic.message}`)).toEqual(
      [],
    );
  });
});

interface Outcome {
  readonly mutation: Mutation;
  readonly line: number;
  readonly first: Report | null;
}

function outcomeOf(mutation: Mutation): Outcome {
  const source = sourceOf(mutation.file);
  const text = mutate(source, mutation);
  const errors = reportsOf(mutation.file, text).filter((r) => r.diagnostic.severity === "error");
  return { mutation, line: mutatedLine(source, text), first: errors[0] ?? null };
}

test("seeded mistakes are reported on their line", () => {
  const outcomes = mutations.map(outcomeOf);
  const missed = outcomes.filter((o) => o.first?.line !== o.line);
  const hit = outcomes.length - missed.length;
  const percent = (100 * hit) / outcomes.length;
  console.log(
    `seeded mistakes: ${String(hit)} of ${String(outcomes.length)} on their line (${percent.toFixed(1)} %)`,
  );
  for (const { mutation, line, first } of missed) {
    const said = first === null ? "nothing" : `line ${String(first.line)}: ${first.diagnostic.message}`;
    console.log(`  ${mutation.file}:${String(line)} ${mutation.what}: ${said}`);
  }
  expect(outcomes.length).toBeGreaterThanOrEqual(80);
  expect(percent).toBeGreaterThanOrEqual(95);
});
