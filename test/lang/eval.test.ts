// The evaluators of Pan, Crep and Loop: results, Error, fuel, deep recursion, memory and what persists between calls.
//
// One Pan program a test, run in all three languages at -O0, where passes keep Error because nothing is dropped.

import { describe, expect, test } from "vitest";
import * as pan from "../../compiler/lang/pan/index.ts";
import type { Outcome, World } from "../../compiler/lang/world.ts";
import { stagesOf, type Stage } from "../passes/stages.ts";
import { programWorld } from "../support/program-world.ts";

function stages(text: string): readonly Stage[] {
  const parsed = pan.parse(text);
  if (!parsed.ok) throw new Error(`${parsed.message} at ${String(parsed.line)}:${String(parsed.column)}`);
  const all = stagesOf(parsed.value, 0);
  for (const stage of all) expect(stage.violations, stage.pass).toEqual([]);
  return all;
}

function main(body: string): string {
  return `exception E : {1,1};\nfun 1 main() { ${body} return 0; }`;
}

/** Outcomes of the program in each language. */
function outcomes(text: string, fuel = 10_000, world: () => World = programWorld): readonly Outcome[] {
  return stages(text).map((stage) => stage.evaluator(world()).call(stage.entry, [], fuel));
}

function results(text: string): readonly (readonly string[])[] {
  return outcomes(text).map((o) => (o.kind === "returned" ? o.values.map(String) : [JSON.stringify(o)]));
}

const same = <T>(value: T): readonly T[] => Array.from({ length: 11 }, () => value);

describe("arithmetic", () => {
  test.each([
    ["(0 - 1)", "18446744073709551615"],
    ["(0x8000000000000000 * 2)", "0"],
    ["(-8 >> 1)", "18446744073709551612"],
    ["(-8 >>> 1)", "9223372036854775804"],
    ["(3 #>> 1)", "9223372036854775809"],
    ["(5 #>> 0)", "5"],
    ["((1 << 63) < 1)", "1"],
    ["((1 << 63) <+ 1)", "0"],
    ["(1 + 2 + 3)", "6"],
    ["(7 ^ 2 ^ 1)", "4"],
    ["@biw", "8"],
    ["(@top - @base)", "4096"],
  ])("%s is %s", (exp, value) => {
    expect(results(main(`return ${exp};`))).toEqual(same([value]));
  });

  test("add with carry", () => {
    const text = main("var {1,1} s = < 0, 0 >; s = __add_with_carry__(-1, 0, 5); return (s.0 + (s.1 * 10));");
    expect(results(text)).toEqual(same(["10"]));
  });
});

describe("Error", () => {
  test.each([
    ["a store below local memory", "st (@base - 8), 1;", "not in local memory"],
    ["a store at the top", "st @top, 1;", "not in local memory"],
    [
      "a load that runs over the top",
      "var {1,1} x = (lds {1,1} (@top - 8)); @f(x.1, 0, 0, 0);",
      "not in local",
    ],
    ["a word that is not aligned", "st (@base + 4), 1;", "not a multiple of 8"],
    ["32 bits that are not aligned", "st32 (@base + 2), 1;", "not a multiple of 4"],
    ["a shift by 64", "var 1 n = 64; @f((1 << n), 0, 0, 0);", "shift by 64"],
    ["a rotation by -1", "var 1 n = -1; @f((1 #>> n), 0, 0, 0);", "shift by 18446744073709551615"],
    ["a shared store elsewhere", "!st8 8, 1;", "not shared memory"],
    ["a shared load elsewhere", "var 1 x = 0; !ld8 x, 8;", "not shared memory"],
    ["a shared word that is not aligned", "!stw (@base + 4), 1;", "not a multiple of 8"],
    ["an exception that nobody catches", "throw E < 1, 2 >;", "uncaught exception"],
  ])("%s", (_, body, why) => {
    for (const outcome of outcomes(main(body))) {
      expect(outcome).toMatchObject({ kind: "error" });
      expect(outcome.kind === "error" ? outcome.why : "").toContain(why);
    }
  });

  test("says where it happened", () => {
    const text = main("@f(1, 0, 0, 0); st (@base + 1), 1;");
    const [outcome] = outcomes(text);
    expect(outcome?.kind === "error" ? text.slice(outcome.span.start, outcome.span.end) : "").toBe(
      "st (@base + 1), 1",
    );
  });
});

describe("memory", () => {
  test("is little-endian, sub-word loads are zero-extended", () => {
    const text = main(
      "st @base, 0x8182838485868788; return ((ld8 (@base + 1)) + ((ld32 (@base + 4)) << 8));",
    );
    expect(results(text)).toEqual(same([String(0x87n + (0x81828384n << 8n))]));
  });

  test("sub-word stores keep the rest of the word", () => {
    const text = main(
      "st @base, -1; st8 (@base + 1), 0x1234; st32 (@base + 4), 0x1_2345_6789;".replace(/_/g, ""),
    );
    expect(results(text.replace("return 0", "return (lds 1 @base)"))).toEqual(
      same([String(0x23456789ffff34ffn)]),
    );
  });

  test("a store evaluates everything before it writes", () => {
    const body = "st @base, < 1, 2, 3 >; st (@base + 8), (lds {1,1,1} @base); return (lds 1 (@base + 24));";
    expect(results(main(body))).toEqual(same(["3"]));
  });
});

describe("ends", () => {
  test("fuel bounds loops", () => {
    expect(outcomes(main("while 1 { }"))).toEqual(same({ kind: "timeout" }));
  });

  test("fuel bounds tail calls, which need no stack", () => {
    const text = "fun 1 f(1 n) { return f((n + 1)); } fun 1 main() { return f(0); }";
    expect(outcomes(text, 200_000)).toEqual(same({ kind: "timeout" }));
  });

  test("deep recursion is an outcome", () => {
    const text =
      "fun 1 f(1 n) { var 1 r = f((n + 1)); return (r + 1); } fun 1 main() { var 1 r = f(0); return (r + 1); }";
    expect(outcomes(text, 10_000_000)).toEqual(same({ kind: "exhausted" }));
  });

  test("the world may end the program", () => {
    expect(outcomes(main("@exit(7, 0, 0, 0); st 0, 1;"))).toEqual(same({ kind: "exit", code: 7 }));
  });
});

test("exceptions unwind to the matching handler; the target of the call keeps its value", () => {
  const text = `
    exception A : 1; exception B : 1;
    fun 1 f(1 n) { if (n == 0) { throw A 10; } throw B 20; }
    fun 1 g(1 n) { var 1 v = 0; var 1 r = 1; try r = f(n) catch A => v { return (r + v); } return r; }
    fun 1 main() {
      var 1 v = 0; var 1 x = 100;
      try x = g(1) catch B => v { x = (x + v); }
      var 1 y = g(0);
      return (x + (y * 1000));
    }`;
  expect(results(text)).toEqual(same(["11120"]));
});

test("globals and memory persist from call to call", () => {
  const text = `
    var 1 count = 40;
    export fun 1 next(1 by) { $count = ($count + by); st @base, $count; return $count; }
    fun 1 main() { return $count; }`;
  for (const stage of stages(text)) {
    const world = programWorld();
    const evaluator = stage.evaluator(world);
    expect(evaluator.call(stage.entry, [], 100)).toEqual({ kind: "returned", values: [40n] });
    expect(evaluator.call("next", [1n], 100)).toEqual({ kind: "returned", values: [41n] });
    expect(evaluator.call("next", [1n], 100)).toEqual({ kind: "returned", values: [42n] });
    expect(world.memory[0]).toBe(42);
  }
});

test("the first call must be of the entry", () => {
  const [stage] = stages("export fun 1 f() { return 1; } fun 1 main() { return 0; }");
  expect(() => stage?.evaluator(programWorld()).call("f", [], 10)).toThrow("first call");
});
