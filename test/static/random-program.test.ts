// Random programs: what the rules allow is accepted, lowers to stock Pancake, and translates to Pan that its own
// check accepts; nothing ever throws.

import fc from "fast-check";
import { expect, test } from "vitest";
import { check } from "../../compiler/lang/pan/index.ts";
import { lowerConveniences } from "../../compiler/passes/lower-conveniences.ts";
import { surfaceToPan } from "../../compiler/passes/surface-to-pan.ts";
import { hasErrors } from "../../compiler/source/diagnostic.ts";
import { checkProgram } from "../../compiler/static/index.ts";
import type { Program } from "../../compiler/syntax/tree.ts";
import { programFromTape } from "./random-program.ts";

const SEED = 20261122;
const tape = fc.array(fc.nat(9999), { minLength: 50, maxLength: 600, size: "max" });
const runs = { seed: SEED, numRuns: 400 };

function errorsOf(program: Program): readonly string[] {
  return checkProgram(program)
    .diagnostics.filter((d) => d.severity === "error")
    .map((d) => `${d.code} ${d.message}`);
}

console.log(`random programs: seed ${String(SEED)}, ${String(runs.numRuns)} each`);

test("generated programs obey the rules, before and after lowering", () => {
  fc.assert(
    fc.property(tape, (choices) => {
      const program = programFromTape(choices);
      const { value, diagnostics } = checkProgram(program);
      expect(diagnostics.filter((d) => d.severity === "error").map((d) => d.message)).toEqual([]);
      const lowered = lowerConveniences(program, value);
      expect(errorsOf(lowered)).toEqual([]);
      const again = checkProgram(lowered);
      expect(lowerConveniences(lowered, again.value).declarations).toEqual(lowered.declarations);
      expect(check(surfaceToPan(lowered))).toEqual([]);
    }),
    runs,
  );
});

/** What may stand in place of a node. Calls are both: expression and statement have the same form. */
function family(node: object): string {
  if (!("kind" in node) || typeof node.kind !== "string")
    return "text" in node && !("condition" in node) ? "name" : "";
  if (["words", "named"].includes(node.kind) || (node.kind === "struct" && !("name" in node))) return "shape";
  return expressionKinds.has(node.kind) ? "expression" : statementKinds.has(node.kind) ? "statement" : "";
}

const expressionKinds = new Set(
  "int bool constant name parens binary not load loadBytes rawStruct namedStruct index field error".split(
    " ",
  ),
);
const statementKinds = new Set(
  "skip tick break continue var assign foreignCall store sharedLoad sharedStore if while try throw return block".split(
    " ",
  ),
);

/** Damages a tree: nodes become other nodes of the same family, and members of lists disappear, as `choices` say. */
function damage(program: Program, choices: readonly number[]): Program {
  const pool = new Map<string, object[]>();
  const collect = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const of = Array.isArray(node) ? "" : family(node);
    if (of !== "") pool.set(of, [...(pool.get(of) ?? []), node]);
    for (const part of Object.values(node)) collect(part);
  };
  collect(program.declarations);
  let at = 0;
  const next = (): number => choices[at++ % choices.length] ?? 0;
  const rebuild = (node: unknown): unknown => {
    if (typeof node !== "object" || node === null) return node;
    if (Array.isArray(node))
      return node.filter(() => node.length === 1 || node.length === 4 || next() % 61 !== 1).map(rebuild);
    const choice = next();
    const others = pool.get(family(node)) ?? [];
    if (choice % 37 === 1 && others.length > 0) return others[choice % others.length];
    return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, rebuild(part)]));
  };
  // The tree keeps its form: every node is replaced by one of its family.
  return { ...program, declarations: rebuild(program.declarations) as Program["declarations"] };
}

test("damaged programs never make the checker throw, and what it accepts translates", () => {
  let accepted = 0;
  fc.assert(
    fc.property(tape, fc.array(fc.nat(9999), { minLength: 20, maxLength: 200 }), (choices, hits) => {
      const program = damage(programFromTape(choices), hits);
      const { value, diagnostics } = checkProgram(program);
      if (hasErrors(diagnostics)) return;
      accepted++;
      expect(check(surfaceToPan(lowerConveniences(program, value)))).toEqual([]);
    }),
    runs,
  );
  console.log(`damaged programs accepted: ${String(accepted)} of ${String(runs.numRuns)}`);
  expect(accepted).toBeLessThan(runs.numRuns);
});
