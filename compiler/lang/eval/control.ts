// Closures for control that Pan, Crep and Loop share, and the Evaluator built from a table of functions.
//
// Loops and blocks count as scopes for `break` and `continue`: code BREAK + 2 * depth leaves `depth` scopes more.

import { bug } from "../../source/bug.ts";
import type { Word } from "../machine-word.ts";
import type { Evaluator } from "../world.ts";
import type { Test } from "./operations.ts";
import {
  BREAK,
  CONTINUE,
  invoke,
  NORMAL,
  runMachine,
  spendFuel,
  type Code,
  type Exec,
  type Machine,
} from "./machine.ts";

/** Runs statements until one ends otherwise than normally. */
export function sequence(stmts: readonly Exec[]): Exec {
  const [first, second, third] = stmts;
  if (first === undefined) return () => NORMAL;
  if (second === undefined) return first;
  if (third === undefined) {
    return (frame) => {
      const ended = first(frame);
      return ended === NORMAL ? second(frame) : ended;
    };
  }
  return (frame) => {
    for (const stmt of stmts) {
      const ended = stmt(frame);
      if (ended !== NORMAL) return ended;
    }
    return NORMAL;
  };
}

/** One unit of fuel. */
export function tick(machine: Machine): Exec {
  return () => {
    spendFuel(machine);
    return NORMAL;
  };
}

/** Out of `depth` scopes more than the innermost. */
export function jump(kind: "break" | "continue", depth: number): Exec {
  const ended = (kind === "break" ? BREAK : CONTINUE) + 2 * depth;
  return () => ended;
}

/** One of two arms. */
export function branch(test: Test, then: Exec, otherwise: Exec): Exec {
  return (frame) => (test(frame) ? then(frame) : otherwise(frame));
}

/** A `break` or `continue` that names this scope ends here; deeper ones lose one level. */
function outOf(ended: number): number {
  return ended >= BREAK + 2 ? ended - 2 : ended;
}

/** Repeats `body` while `test` holds; one unit of fuel an iteration. */
export function whileLoop(machine: Machine, test: Test, body: Exec): Exec {
  return (frame) => {
    while (test(frame)) {
      spendFuel(machine);
      const ended = body(frame);
      if (ended === NORMAL || ended === CONTINUE) continue;
      if (ended === BREAK) break;
      return outOf(ended);
    }
    return NORMAL;
  };
}

/** Runs `body` once; a `break` of depth 0 goes to its end. */
export function breakable(body: Exec): Exec {
  return (frame) => {
    const ended = body(frame);
    return ended === BREAK ? NORMAL : outOf(ended);
  };
}

/** The evaluator over a table of functions. `prepare` runs before the first call's body, under its fuel. */
export function newEvaluator(
  machine: Machine,
  codes: ReadonlyMap<string, Code>,
  entry: string,
  prepare: () => void = () => undefined,
): Evaluator {
  let started = false;
  return {
    call(name: string, args: readonly Word[], fuel: number) {
      const code = codes.get(name) ?? bug(`evaluator: function ${name} does not exist`);
      if (code.paramWords !== args.length) bug(`evaluator: ${name} takes ${String(code.paramWords)} words`);
      if (!started && name !== entry) bug(`evaluator: the first call must be of ${entry}`);
      return runMachine(machine, code, fuel, () => {
        if (!started) {
          started = true;
          prepare();
        }
        return invoke(machine, code, args);
      });
    },
  };
}
