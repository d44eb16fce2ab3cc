// Calls inside expressions are evaluated left to right, together with the reads around them.
//
// Random expressions over a global, a word of memory and locals, with calls that log their argument and change both.
// A direct evaluator of those expressions (below) says what must happen; the program goes through the checker, the
// lowering, the translation, and the Pan evaluator.

import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluator } from "../../compiler/lang/pan/index.ts";
import type { World } from "../../compiler/lang/world.ts";
import { lowerConveniences } from "../../compiler/passes/lower-conveniences.ts";
import { surfaceToPan } from "../../compiler/passes/surface-to-pan.ts";
import { checkProgram } from "../../compiler/static/index.ts";
import { parseUnit } from "../../compiler/syntax/index.ts";

const SEED = 20261123;
const BASE = 0x1000n;
const word = (value: bigint): bigint => BigInt.asUintN(64, value);

type Exp =
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "global" | "memory" | "local" }
  | { readonly kind: "binary"; readonly op: keyof typeof operators; readonly left: Exp; readonly right: Exp }
  | { readonly kind: "not"; readonly operand: Exp }
  /** One argument: `effect`; two: `pair`, which adds them after `effect` of both. */
  | { readonly kind: "call"; readonly args: readonly Exp[] };

const operators = {
  "+": (a: bigint, b: bigint) => word(a + b),
  "-": (a: bigint, b: bigint) => word(a - b),
  "^": (a: bigint, b: bigint) => a ^ b,
  "&&": (a: bigint, b: bigint) => (a !== 0n && b !== 0n ? 1n : 0n),
  "||": (a: bigint, b: bigint) => (a !== 0n || b !== 0n ? 1n : 0n),
  "<+": (a: bigint, b: bigint) => (a < b ? 1n : 0n),
  "==": (a: bigint, b: bigint) => (a === b ? 1n : 0n),
};

const expression = fc.letrec<{ exp: Exp }>((tie) => ({
  exp: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.constantFrom<Exp>({ kind: "global" }, { kind: "memory" }, { kind: "local" }),
    fc.nat(9).map((n): Exp => ({ kind: "number", value: BigInt(n) })),
    fc
      .tuple(fc.constantFrom(...typedKeys(operators)), tie("exp"), tie("exp"))
      .map(([op, left, right]): Exp => ({ kind: "binary", op, left, right })),
    tie("exp").map((operand): Exp => ({ kind: "not", operand })),
    fc.array(tie("exp"), { minLength: 1, maxLength: 2 }).map((args): Exp => ({ kind: "call", args })),
  ),
})).exp;

function typedKeys<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  // Object.keys forgets the keys' type.
  return Object.keys(record) as K[];
}

function textOf(exp: Exp): string {
  switch (exp.kind) {
    case "number":
      return String(exp.value);
    case "global":
      return "g";
    case "memory":
      return "(lds 1 @base)";
    case "local":
      return "x";
    case "binary":
      return `(${textOf(exp.left)} ${exp.op} ${textOf(exp.right)})`;
    case "not":
      return `(!${textOf(exp.operand)})`;
    case "call":
      return exp.args.length === 1
        ? `effect(${exp.args.map(textOf).join(", ")})`
        : `pair(<${exp.args.map(textOf).join(", ")}>)`;
  }
}

/** What the program under test may see and change. */
interface State {
  g: bigint;
  memory: bigint;
  readonly x: bigint;
  readonly log: bigint[];
}

function effect(argument: bigint, state: State): bigint {
  state.log.push(argument);
  state.g = word(state.g * 3n + argument);
  state.memory = word(state.memory + state.g);
  return state.g ^ argument;
}

function evaluate(exp: Exp, state: State): bigint {
  switch (exp.kind) {
    case "number":
      return exp.value;
    case "global":
      return state.g;
    case "memory":
      return state.memory;
    case "local":
      return state.x;
    case "binary": {
      const left = evaluate(exp.left, state);
      return operators[exp.op](left, evaluate(exp.right, state));
    }
    case "not":
      return evaluate(exp.operand, state) === 0n ? 1n : 0n;
    case "call": {
      const [first = 0n, second] = exp.args.map((arg) => evaluate(arg, state));
      const result = effect(first, state);
      return second === undefined ? result : word(result + effect(second, state));
    }
  }
}

const library = `
var g = 5;
fun effect(1 n) {
    @log(n, 0, 0, 0);
    g = g * 3 + n;
    st @base, (lds 1 @base) + g;
    return g ^ n;
}
fun pair({1,1} p) {
    var first = effect(p.0);
    return first + effect(p.1);
}
`;

interface Run {
  readonly result: bigint;
  readonly log: readonly bigint[];
}

function runProgram(body: string): Run {
  const text = `${library}fun main() {\n    var x = 7;\n${body}\n}\n`;
  const { unit, program, diagnostics } = parseUnit([{ path: "test.pnk", text }]);
  const checked = checkProgram(program, unit.text);
  expect([...diagnostics, ...checked.diagnostics].map((d) => d.message)).toEqual([]);
  const log: bigint[] = [];
  const world: World = {
    base: BASE,
    memory: new Uint8Array(64),
    foreignCall: (_, [value]) => {
      log.push(value);
      return null;
    },
    sharedLoad: () => null,
    sharedStore: () => false,
  };
  const pan = surfaceToPan(lowerConveniences(program, checked.value));
  const outcome = evaluator(pan, world).call("main", [], 10_000);
  if (outcome.kind !== "returned") throw new Error(`${outcome.kind} of ${text}`);
  return { result: outcome.values[0] ?? 0n, log };
}

function expected(use: (state: State) => bigint): Run {
  const state: State = { g: 5n, memory: 0n, x: 7n, log: [] };
  return { result: use(state), log: state.log };
}

const runs = { seed: SEED, numRuns: 150 };

test("in a returned value, and as operands of a store", () => {
  fc.assert(
    fc.property(expression, expression, (a, b) => {
      const body = `    st @base + 8 + (${textOf(a)} & 0), ${textOf(b)};\n    return (lds 1 @base + 8) ^ ${textOf(a)};`;
      const wanted = expected((state) => {
        evaluate(a, state);
        const stored = evaluate(b, state);
        return stored ^ evaluate(a, state);
      });
      expect(runProgram(body)).toEqual(wanted);
    }),
    runs,
  );
});

test("in conditions, arguments of foreign calls, and tail calls", () => {
  fc.assert(
    fc.property(expression, expression, (a, b) => {
      const body = `    if ${textOf(a)} { @log(${textOf(b)}, g, 0, 0); } else if ${textOf(b)} { x = x; } else { g = 1; }
    return effect(${textOf(a)});`;
      const wanted = expected((state) => {
        if (evaluate(a, state) !== 0n) state.log.push(evaluate(b, state));
        else if (evaluate(b, state) === 0n) state.g = 1n;
        return effect(evaluate(a, state), state);
      });
      expect(runProgram(body)).toEqual(wanted);
    }),
    runs,
  );
});

test("in the condition of a loop, also after continue", () => {
  fc.assert(
    fc.property(expression, (a) => {
      const body = `    var i = 0;
    while (${textOf(a)} | 1) && i <+ 5 {
        i = i + 1;
        if i == 2 { continue; }
        if i == 4 { break; }
        @log(i, 0, 0, 0);
    }
    return i;`;
      const wanted = expected((state) => {
        for (let i = 0n; ;) {
          evaluate(a, state);
          i++;
          if (i === 4n) return i;
          if (i !== 2n) state.log.push(i);
        }
      });
      expect(runProgram(body)).toEqual(wanted);
    }),
    runs,
  );
});
