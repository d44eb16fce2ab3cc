// The simplifier against the evaluator: random expressions over corner values keep their value, at every node.

import { expect, test } from "vitest";
import { evaluator, print, type Exp, type Program } from "../../compiler/lang/crep/index.ts";
import { simplify } from "../../compiler/passes/crep-arith/simplify.ts";
import { NO_SPAN as span } from "../../compiler/source/span.ts";
import { programWorld } from "../support/program-world.ts";
import { newRandom, type Random } from "../support/random-program/prng.ts";

const SEED = 20261122;
const COUNT = 6000;

const OPERATORS = ["add", "sub", "mul", "and", "or", "xor"] as const;
const COMPARISONS = ["equal", "notEqual", "less", "notLess", "lower", "notLower"] as const;
const SHIFTS = ["lsl", "lsr", "asr", "ror"] as const;

function constant(value: bigint): Exp {
  return { kind: "const", value, span };
}

/** Few variables and small depth, so that rules for equal operands and for nesting meet. */
function randomExp(random: Random, depth: number): Exp {
  const smaller = (): Exp => randomExp(random, depth - 1);
  if (depth === 0 || random.chance(15)) {
    if (random.chance(45)) return constant(random.word());
    if (random.chance(20)) {
      const bytes = random.pick([1, 4, 8] as const);
      const address: Exp = { kind: "op", op: "add", args: [{ kind: "baseAddr", span }, constant(8n)], span };
      return { kind: "load", bytes, address, span };
    }
    return { kind: "var", var: random.below(2), span };
  }
  switch (random.below(5)) {
    case 0:
      return { kind: "compare", op: random.pick(COMPARISONS), left: smaller(), right: smaller(), span };
    case 1: {
      const amount = constant(BigInt(random.below(64)));
      return { kind: "shift", op: random.pick(SHIFTS), value: smaller(), amount, span };
    }
    default: {
      const op = random.pick(OPERATORS);
      const count = op === "sub" || op === "mul" ? 2 : 2 + random.below(2);
      return { kind: "op", op, args: Array.from({ length: count }, smaller), span };
    }
  }
}

function programOf(exps: readonly Exp[]): Program {
  const f = { name: "f", inline: false, exported: false, params: [0, 1], names: new Map(), span };
  const body = [{ kind: "return", values: exps, span } as const];
  const main = { ...f, name: "main", params: [], resultWords: 1 };
  const zero = [{ kind: "return", values: [constant(0n)], span } as const];
  return {
    functions: [
      { ...f, resultWords: exps.length, body },
      { ...main, body: zero },
    ],
    exceptions: [],
    globalWords: 0,
    entry: "main",
  };
}

test(`random expressions keep their value (seed ${String(SEED)})`, () => {
  const random = newRandom(SEED);
  for (let i = 0; i < COUNT; i++) {
    const before = randomExp(random, 4);
    const program = programOf([before, simplify(before)]);
    const world = programWorld();
    world.memory.set([0xff, 0x80, 3, 4, 0x85, 6, 7, 0xf8], 8);
    const run = evaluator(program, world);
    run.call("main", [], 10);
    for (let k = 0; k < 6; k++) {
      const args = [random.word(), random.word()];
      const outcome = run.call("f", args, 10);
      const [left, right] = outcome.kind === "returned" ? outcome.values : [];
      if (left === undefined || left !== right) {
        expect.fail(
          `${print(program)}\nfor ${args.join(", ")}: ${JSON.stringify(outcome, (_, v) => String(v))}`,
        );
      }
    }
  }
});

test("simplifying twice seldom finds more than simplifying once", () => {
  const random = newRandom(SEED + 1);
  const size = (e: Exp): number =>
    JSON.stringify(e, (_, v: unknown) => (typeof v === "bigint" ? 0 : v)).length;
  let changed = 0;
  for (let i = 0; i < 1000; i++) {
    const once = simplify(randomExp(random, 4));
    if (size(simplify(once)) !== size(once)) changed += 1;
  }
  expect(changed).toBeLessThan(60);
});
