// Large and deep programs: no pass recurses on length, nesting up to the front end's limit of 500 is fine everywhere.

import { expect, test } from "vitest";
import * as loop from "../../compiler/lang/loop/index.ts";
import * as pan from "../../compiler/lang/pan/index.ts";
import { loopLive } from "../../compiler/passes/loop-live.ts";
import { programWorld } from "../support/program-world.ts";
import { stagesOf } from "./stages.ts";

function panOf(body: string): pan.Program {
  const parsed = pan.parse(`fun 1 main() { ${body} }`);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

function expectSame(program: pan.Program): void {
  const outcomes = stagesOf(program, 1).map((stage) => {
    expect(stage.violations, stage.pass).toEqual([]);
    return stage.evaluator(programWorld()).call(stage.entry, [], 1_000_000);
  });
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  expect(outcomes[0]?.kind).toBe("returned");
}

test("a function of 3,000 statements", () => {
  const four = (i: number): string =>
    `var 1 v${String(i)} = (lds 1 (@base + 8));
     if (v${String(i)} < 3) { st (@base + 8), (v${String(i)} + 1); }
     v${String(i)} = (v${String(i)} * 24);
     @puthex(v${String(i)}, 0, 0, 0);`;
  expectSame(panOf(`${Array.from({ length: 750 }, (_, i) => four(i)).join("\n")} return 0;`));
});

test.each([
  ["loops", "while (x < 1) { x = (x + 1);", "}"],
  ["branches", "if (x < 500) { x = (x + 1);", "}"],
  ["other arms", "if (x == 500) { x = 7; } else { x = (x + 1);", "}"],
  ["blocks with declarations", "{ var 1 x = 1;", "}"],
])("%s nested 400 deep", (_, open, close) => {
  expectSame(panOf(`var 1 x = 0; ${open.repeat(400)} ${close.repeat(400)} return x;`));
});

test("expressions nested 400 deep", () => {
  expectSame(panOf(`var 1 x = 3; x = ${"(".repeat(400)}x${" - x)".repeat(400)}; return x;`));
});

test("copies carried round a loop, too many for dropping dead code, still get exact live sets", () => {
  const chain = Array.from({ length: 40 }, (_, i) => `%${String(i)} := %${String(i + 1)};`).join("\n");
  const start = Array.from({ length: 41 }, (_, i) => `%${String(i)} := ${String(i)};`).join("\n");
  const text = `fun main() : 1 {
    ${start}
    loop { if %0 == 40 { break 0; } ${chain} }
    return %0;
  }`;
  const parsed = loop.parse(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const live = loopLive(parsed.value);
  expect(loop.check(live, { live: true })).toEqual([]);
  const outcome = loop.evaluator(live, programWorld(), { forgetDead: true }).call("main", [], 1000);
  expect(outcome).toEqual({ kind: "returned", values: [40n] });
});
