// An environment that does all that it may: every shared load answers something new, every foreign call writes words of
// local memory. What it does follows from a seed and the number of the event, so the same events give the same run.
//
// For random programs (test/support/random-program.ts), whose control does not depend on trusted memory contents.

import { analyse, type Analysis } from "../../../compiler/compile.ts";
import type { Outcome, World } from "../../../compiler/lang/world.ts";
import type { Program } from "../../../compiler/lang/pan/ast.ts";
import { newRandom } from "../../support/random-program/prng.ts";
import type { Evaluated } from "./trace.ts";

export const BASE = 0x20_0000n;
/** Local memory: random programs use 1280 bytes. */
export const MEMORY_BYTES = 2048;
/** Foreign calls write words below this one. */
const SCRIBBLED_WORDS = 64;
const FUEL = 3_000_000;

export interface AdversaryWorld extends World {
  /** Every event, one line each. */
  readonly events: string[];
}

export function adversaryWorld(seed: number): AdversaryWorld {
  const random = newRandom(seed ^ 0x2545_f491);
  const memory = new Uint8Array(MEMORY_BYTES);
  const view = new DataView(memory.buffer);
  const events: string[] = [];
  return {
    base: BASE,
    memory,
    events,
    foreignCall: (name, args) => {
      events.push(`@${name} ${args.join(" ")} memory ${digest(memory)}`);
      for (let i = random.below(4); i > 0; i--) {
        view.setBigUint64(8 * random.below(SCRIBBLED_WORDS), BigInt.asUintN(64, random.word()), true);
      }
      return null;
    },
    sharedLoad: (bytes, address) => {
      const value = BigInt.asUintN(8 * bytes, random.word());
      events.push(`ld${String(bytes)} ${String(address - BASE)} -> ${String(value)}`);
      return value;
    },
    sharedStore: (bytes, address, value) => {
      events.push(`st${String(bytes)} ${String(address - BASE)} ${String(value)}`);
      return true;
    },
  };
}

function digest(memory: Uint8Array): string {
  let sum = 0;
  for (const byte of memory) sum = (Math.imul(sum, 31) + byte) | 0;
  return String(sum);
}

/** Runs main, then exported functions with arguments by chance; events and results. */
export function adversaryRun(tree: Program, evaluated: Evaluated, seed: number): readonly string[] {
  const world = adversaryWorld(seed);
  const evaluator = evaluated.make(world);
  const random = newRandom(seed + 17);
  const ends = [endOf(evaluator.call(evaluated.entry, [], FUEL))];
  for (const call of exportedCalls(tree, (n) => random.below(n))) {
    world.events.push(`call ${call.name} ${call.args.join(" ")}`);
    ends.push(endOf(evaluator.call(call.name, call.args, FUEL)));
  }
  return [...world.events, ...ends, digest(world.memory)];
}

export interface ExportedCall {
  readonly name: string;
  readonly args: readonly bigint[];
}

/** Three calls of each exported function. */
export function exportedCalls(tree: Program, below: (n: number) => number): readonly ExportedCall[] {
  const exported = tree.functions.filter((f) => f.exported);
  return [1, 2, 3].flatMap(() =>
    exported.map((f) => ({ name: f.name, args: f.params.map(() => BigInt(below(1 << 30))) })),
  );
}

function endOf(outcome: Outcome): string {
  return outcome.kind === "returned"
    ? `returned ${String(outcome.values[0] ?? "")}`
    : JSON.stringify(outcome.kind);
}

export function analyseSource(source: string): Analysis {
  const analysis = analyse([{ path: "program.pnk", text: source }], { reader: { read: () => null } });
  const [error] = analysis.diagnostics.filter((d) => d.severity === "error");
  if (error !== undefined) throw new Error(`${error.code} ${error.message}`);
  return analysis;
}

/** The first difference of two runs with what came before it. */
export function firstDifference(a: readonly string[], b: readonly string[]): string | null {
  const at = a.findIndex((line, i) => line !== b[i]);
  if (at < 0) return a.length === b.length ? null : `one run is longer: ${b[a.length] ?? ""}`;
  return [...a.slice(Math.max(at - 5, 0), at), `- ${a[at] ?? ""}`, `+ ${b[at] ?? "the end"}`].join("\n");
}
