// The generator and the shrinker themselves: well-defined, repeatable, varied programs, and small ones on failure.

import { describe, expect, test } from "vitest";
import { check, evaluator, type Exp, type Program, type Stmt } from "../../compiler/lang/pan/index.ts";
import { forEachExp, forEachStmt, stmtExps } from "../../compiler/lang/pan/children.ts";
import { programWorld } from "./program-world.ts";
import { randomProgram, shrink } from "./random-program.ts";

const FUEL = 200_000;

function outputOf(tree: Program, base = 0x10_0000n): string {
  const world = programWorld({ base });
  const outcome = evaluator(tree, world).call(tree.entry, [], FUEL);
  return `${world.output()}${outcome.kind === "returned" ? String(outcome.values[0]) : outcome.kind}`;
}

describe("programs", () => {
  test("are well-formed, end normally and do not show where memory lies", () => {
    for (let seed = 20_000; seed < 20_080; seed++) {
      const { tree } = randomProgram(seed, 50);
      expect(check(tree), `seed ${String(seed)}`).toEqual([]);
      const output = outputOf(tree);
      expect(output, `seed ${String(seed)}`).toMatch(/\d$/);
      expect(outputOf(tree, 0x7f00_1234_5000n), `seed ${String(seed)}`).toBe(output);
    }
  });

  test("are the same for the same seed, and differ otherwise", () => {
    expect(randomProgram(77, 60)).toEqual(randomProgram(77, 60));
    expect(randomProgram(77, 60).source).not.toBe(randomProgram(78, 60).source);
  });

  test("together have every kind of statement and expression", () => {
    const stmts = new Set<Stmt["kind"]>();
    const exps = new Set<Exp["kind"]>();
    let [handlers, tailCalls, exported, inline, recursive] = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 80; seed++) {
      for (const f of randomProgram(seed, 60).tree.functions) {
        exported += Number(f.exported);
        inline += Number(f.inline);
        forEachStmt(f.body, (stmt) => {
          stmts.add(stmt.kind);
          if (stmt.kind === "tailCall") tailCalls += 1;
          if (stmt.kind === "call" && stmt.handler !== null) handlers += 1;
          if ("callee" in stmt && stmt.callee === f.name) recursive += 1;
          for (const e of stmtExps(stmt)) forEachExp(e, (inner) => exps.add(inner.kind));
        });
      }
    }
    expect(stmts.size).toBe(21);
    expect(exps.size).toBe(14);
    for (const count of [handlers, tailCalls, exported, inline, recursive]) expect(count).toBeGreaterThan(10);
  });
});

test("shrinking keeps the failure and drops the rest", () => {
  const fails = (tree: Program): boolean => {
    let found = false;
    for (const f of tree.functions) {
      forEachStmt(f.body, (stmt) => {
        if (stmt.kind === "addCarry") found = true;
      });
    }
    return found;
  };
  let seed = 300;
  while (!fails(randomProgram(seed, 80).tree)) seed += 1;
  const { tree, source, tries } = shrink(randomProgram(seed, 80).tree, (candidate) => fails(candidate.tree));
  expect(fails(tree)).toBe(true);
  expect(check(tree)).toEqual([]);
  expect(source.split("\n").length).toBeLessThan(12);
  expect(tries).toBeLessThan(1000);
});
