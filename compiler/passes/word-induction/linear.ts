// Values of a loop that are linear in one of its counters, and the counters.
//
// A counter is a parameter of the loop's header that every way around the loop increases by the same amount, which does
// not change in the loop. Relies on W1, W2. All arithmetic is modulo 2^64, so nothing can overflow.

import { toWord, type Word } from "../../lang/machine-word.ts";
import type { Block, Edge, Instr, Label, Value } from "../../lang/word/ast.ts";
import type { Dominators } from "../../lang/word/dominators.ts";
import type { WordGraph } from "../../lang/word/graph.ts";
import { edgesOf } from "../../lang/word/operands.ts";
import type { WordLoop } from "../analysis/word-loops.ts";
import type { Definition } from "../word-edit/uses.ts";

/** An operand that does not change in the loop: a value from outside, or a word. */
export type Invariant = Value | Word;

export interface Counter {
  readonly param: Value;
  /** What it is when the loop is entered. */
  readonly start: Invariant;
  readonly step: Invariant;
}

/** One operation on the way from the counter. */
export interface LinearStep {
  readonly op: "add" | "sub" | "mul" | "lsl";
  readonly operand: Invariant;
}

/** `value` is what the steps make of the counter, in order. */
export interface LinearValue {
  readonly value: Value;
  readonly counter: Counter;
  readonly steps: readonly LinearStep[];
  /** The linear value that the last step works on; the counter's parameter for a single step. */
  readonly from: Value;
}

export interface LoopView {
  readonly loop: WordLoop;
  readonly graph: WordGraph;
  readonly dominators: Dominators;
  readonly definitions: ReadonlyMap<Value, Definition>;
  /** The only edge that enters the loop. */
  readonly entry: Edge;
  /** Blocks of the loop that jump to its header. */
  readonly latches: readonly Block[];
}

/** The linear values of the loop that every iteration computes, each after those that it is made of. */
export function linearValues(view: LoopView): readonly LinearValue[] {
  const linear = new Map<Value, LinearValue>();
  for (const counter of countersOf(view)) {
    linear.set(counter.param, { value: counter.param, counter, steps: [], from: counter.param });
  }
  const found: LinearValue[] = [];
  for (const label of view.graph.order) {
    if (!view.loop.blocks.has(label) || !runsAlways(label, view)) continue;
    for (const instr of view.graph.block(label).body) {
      const value = instr.kind === "op" ? linearOf(instr, linear, view) : null;
      if (value === null) continue;
      linear.set(value.value, value);
      found.push(value);
    }
  }
  return found;
}

/** True if every way around the loop passes the block. */
export function runsAlways(label: Label, { latches, dominators }: LoopView): boolean {
  return latches.every((latch) => dominators.dominates(label, latch.label));
}

/** The counters of the loop. */
export function countersOf(view: LoopView): Counter[] {
  const header = view.graph.block(view.loop.header);
  return header.params.flatMap((param, index) => {
    const first = view.entry.args[index];
    const start = first === undefined ? null : invariantOf(first, view);
    const steps = view.latches.flatMap((latch) =>
      edgesOf(latch.end)
        .filter((edge) => edge.label === header.label)
        .map((edge) => increaseOf(edge.args[index] ?? -1, param, view)),
    );
    const [step] = steps;
    if (start === null || step === undefined || step === null) return [];
    return steps.every((s) => s === step) ? [{ param, start, step }] : [];
  });
}

// By how much `next` is more than `param`; null if that is not known or changes.
function increaseOf(next: Value, param: Value, view: LoopView): Invariant | null {
  const definition = view.definitions.get(next);
  if (definition?.kind !== "instr" || definition.instr.kind !== "op") return null;
  const { op, left, right } = definition.instr;
  if (op === "add" && right === param) return invariantOf(left, view);
  if (left !== param) return null;
  const step = invariantOf(right, view);
  if (op === "add") return step;
  return op === "sub" && typeof step === "bigint" ? toWord(-step) : null;
}

/** The value as seen from outside the loop; null if it may change in it. */
export function invariantOf(value: Value, { loop, definitions }: LoopView): Invariant | null {
  const definition = definitions.get(value);
  if (definition === undefined || definition.kind === "param") return value;
  if (definition.kind === "instr" && definition.instr.kind === "const") return definition.instr.value;
  return loop.blocks.has(definition.block.label) ? null : value;
}

function linearOf(
  { op, left, right, dest }: Extract<Instr, { kind: "op" }>,
  linear: ReadonlyMap<Value, LinearValue>,
  view: LoopView,
): LinearValue | null {
  if (op !== "add" && op !== "sub" && op !== "mul" && op !== "lsl") return null;
  const isSwapped = (op === "add" || op === "mul") && !linear.has(left);
  const from = linear.get(isSwapped ? right : left);
  const operand = invariantOf(isSwapped ? left : right, view);
  if (from === undefined || operand === null) return null;
  // A shift by an amount that is not known could be Error, and its step could not be made in front of the loop.
  if (op === "lsl" && (typeof operand !== "bigint" || operand >= 64n)) return null;
  return { value: dest, counter: from.counter, steps: [...from.steps, { op, operand }], from: from.value };
}
