// Variables share locals of WebAssembly only if they never live at the same time, and share them where there are many.

import { describe, expect, test } from "vitest";
import * as loop from "../../compiler/lang/loop/index.ts";
import { sharedLocals } from "../../compiler/passes/loop-to-wasm/shared-locals.ts";
import { loopLive } from "../../compiler/passes/loop-live.ts";
import { bug } from "../../compiler/source/bug.ts";
import { moduleObservations } from "../../tools/differential/run-module.ts";
import { defaultRequest, disagreement, runEverywhere } from "../../tools/differential/run-everywhere.ts";
import { binaryen, compiled } from "./compiled.ts";

const OTHERS = "exception E : 1; fun g(a%0) : 1 { throw E (a%0); } fun main() : 1 { return 0; }";

/** Variables of `fun f` that share, each set as `0=2=3`. */
function sharing(f: string): readonly string[] {
  const parsed = loop.parse(`entry main; ${OTHERS} ${f}`);
  if (!parsed.ok) return bug(parsed.message);
  const program = loopLive(parsed.value);
  expect(loop.check(program, { live: true })).toEqual([]);
  const locals = sharedLocals(program.functions.find((g) => g.name === "f") ?? bug("no `f`"), false);
  const variablesOf = (local: number): string =>
    [...locals.keys()].filter((v) => locals.get(v) === local).join("=");
  return [...new Set(locals.values())].map(variablesOf).sort();
}

const shapes = [
  ["one ends where the next begins", "%1 := a%0 + 1; %2 := %1 + 1; %3 := %2 + 1; return %3;", ["1=2=3"]],
  ["two at the same time", "%1 := a%0 + 1; %2 := a%0 + 2; %3 := %1 + %2; return %3;", ["1", "2=3"]],
  ["parameters and named variables have their own", "x%1 := a%0; %2 := x%1; return %2;", ["2"]],
  [
    "a result that nobody reads is written all the same",
    "%1, %2 := __add_with_carry__(a%0, 1, 0); %3 := %1 * 2; return %3;",
    ["1=3", "2"],
  ],
  [
    "what is read in a loop lives to its end",
    "%1 := a%0; loop { %2 := %1 + a%0; a%0 := %2; if a%0 < 9 { break 0; } %3 := a%0 * 2; a%0 := %3; } return a%0;",
    ["1", "2=3"],
  ],
  [
    "what a loop carries round lives in all of it",
    "%1 := 0; loop { %2 := %1 + a%0; if %2 < 9 { break 0; } %1 := %2 - 1; %3 := %1 * 5; a%0 := %3; } return a%0;",
    ["1", "2=3"],
  ],
  [
    "both arms, and what joins them",
    "if a%0 < 1 { %1 := 5; %2 := %1 + 1; } else { %3 := 6; %2 := %3 + 2; } return %2;",
    ["1=2", "3"],
  ],
  [
    "a handler sees what was there before the call",
    "%1 := a%0 + 1; try %2 := g(a%0) catch E => (%3) { %4 := %1 + %3; return %4; } return %2;",
    ["1", "2", "3=4"],
  ],
] as const;

test.each(shapes)("%s", (_, body, expected) => {
  expect(sharing(`fun f(a%0) : 1 { ${body} }`)).toEqual(expected);
});

// ---- Large functions

/** A statement over the variables a to d, different for each `i`. */
function statement(i: number): string {
  const [x, y, z] = [i, i >> 2, i >> 4].map((n) => "abcd"[(n * 7 + (n >> 3)) & 3] ?? "a");
  const forms = [
    `${String(x)} = ${String(y)} * ${String(i)} + ${String(z)};`,
    `if (${String(y)} & 7) < 3 && ${String(z)} != 5 { ${String(x)} = ${String(x)} + 1; } else { ${String(x)} = ${String(x)} - ${String(y)}; }`,
    `st @base + 8 * ((${String(x)} + ${String(i)}) & 63), ${String(y)} * 3 + ${String(z)};`,
    `${String(x)} = ${String(x)} + (lds 1 (@base + 8 * (${String(y)} & 63)));`,
    `while (${String(x)} & 3) != 0 { ${String(x)} = (${String(x)} ^ ${String(y)} * 4) >>> 1; }`,
    `var v${String(i)} = ${String(x)} ^ ${String(y)}; ${String(z)} = v${String(i)} + (v${String(i)} << 3);`,
  ];
  return `{ ${forms[i % forms.length] ?? ""} };`;
}

const STATEMENTS = 420;
const large = `fun 1 main() {
  var a = 1; var b = 2; var c = 3; var d = 4; var i = 0;
  while i < 64 { st @base + 8 * i, i * i; i = i + 1; }
  ${Array.from({ length: STATEMENTS }, (_, i) => statement(i)).join("\n")}
  @puthex(a ^ b ^ c ^ d, 0, 0, 0);
  return 0;
}`;

function mostLocals(bytes: Uint8Array): number {
  const module = binaryen.readBinary(bytes);
  const counts = Array.from(
    { length: module.getNumFunctions() },
    (_, i) => binaryen.getFunctionInfo(module.getFunctionByIndex(i)).vars.length,
  );
  module.dispose();
  return Math.max(...counts);
}

describe("a function with thousands of variables", () => {
  test("does the same as on a machine", () => {
    const request = { ...defaultRequest, source: large, evaluate: false };
    const machine = runEverywhere({ ...request, levels: [0] });
    const modules = moduleObservations(binaryen)({ ...request, levels: [0, 1] });
    expect(disagreement([...machine, ...modules])).toBeNull();
    expect(machine[0]?.output).toMatch(/^[0-9a-f]{16}\n$/);
  });

  test.each([0, 1] as const)("has few locals at -O%i", (optimise) => {
    const named = 5 + STATEMENTS / 6;
    expect(mostLocals(compiled(large, { optimise }).bytes)).toBeLessThan(optimise === 0 ? named + 30 : 30);
  });

  test("shares the locals of named variables too if they are many", () => {
    const names = Array.from(
      { length: 1500 },
      (_, i) => `{ var v${String(i)} = a * 3; a = v${String(i)} + 1; };`,
    );
    const source = `fun 1 main() { var a = 1; ${names.join("\n")} return a; }`;
    expect(mostLocals(compiled(source, { optimise: 0 }).bytes)).toBeLessThan(10);
  });
});
