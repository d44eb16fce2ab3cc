/**
 * word-countdown: WordLang → WordLang.  Upstream has none.
 *
 * A counter that only says how often a loop runs counts down to 0 instead, where a branch needs no bound: `i` from s,
 * `i + 1 < n` becomes `c` from n - s, `c - 1 != 0`.
 *
 * Needs:       W1, W2; no machine instructions. After word-dce: whatever still reads the counter counts.
 * Establishes: nothing that later passes need.
 * Keeps:       everything else, the number of rounds of every loop above all.
 * Cost:        near linear, times the nesting depth of loops.
 */

import { negateCompare, toWord, type Word } from "../lang/machine-word.ts";
import type { Block, Edge, Function, Instr, Label, Program, Terminator, Value } from "../lang/word/ast.ts";
import { dominatorsOf } from "../lang/word/dominators.ts";
import { wordGraph } from "../lang/word/graph.ts";
import { edgesOf, mapEdges, noRoles } from "../lang/word/operands.ts";
import { NO_SPAN } from "../source/span.ts";
import { wordLoops } from "./analysis/word-loops.ts";
import { factsAt } from "./word-countdown/entry-facts.ts";
import { tripsOf, type Trips } from "./word-countdown/trips.ts";
import {
  countersOf,
  invariantOf,
  runsAlways,
  type Invariant,
  type LoopView,
} from "./word-induction/linear.ts";
import { definitionsOf, useCountsOf } from "./word-edit/uses.ts";
import { maxBits } from "./word-simp/view.ts";

export function wordCountdown(program: Program): Program {
  return { ...program, functions: program.functions.map(countDown) };
}

/** A loop whose counter is to count down. */
interface Plan {
  readonly header: Label;
  /** The counter's place among the header's parameters. */
  readonly index: number;
  /** That parameter. */
  readonly counter: Value;
  readonly trips: Trips;
  /** The block that enters the loop, and the one that tests the counter. */
  readonly entry: Label;
  readonly exit: Label;
  /** The counter's next value. */
  readonly next: Value;
  /** True if the loop goes on where the test holds. */
  readonly isThen: boolean;
}

function countDown(f: Function): Function {
  const graph = wordGraph(f);
  const dominators = dominatorsOf(graph);
  const { all: loops } = wordLoops(graph, dominators);
  if (loops.length === 0) return f;
  const definitions = definitionsOf(f, noRoles);
  const uses = useCountsOf(f, noRoles);
  const plans = loops.flatMap((loop): Plan[] => {
    const outside = graph.predecessors(loop.header).filter((label) => !loop.blocks.has(label));
    const inside = [...new Set(graph.predecessors(loop.header))].filter((label) => loop.blocks.has(label));
    const [from] = outside;
    if (from === undefined || outside.length !== 1) return [];
    const entry = edgesOf(graph.block(from).end).find((edge) => edge.label === loop.header);
    if (entry === undefined) return [];
    const latches = inside.map((label) => graph.block(label));
    const plan = planOf({ loop, graph, dominators, definitions, entry, latches }, from, uses);
    return plan === null ? [] : [plan];
  });
  return plans.reduce(apply, f);
}

// Only one counter of a loop can be what its exit tests.
function planOf(view: LoopView, entry: Label, uses: Uint32Array): Plan | null {
  const { loop, graph } = view;
  for (const { param, start, step } of countersOf(view)) {
    if (typeof step !== "bigint" || uses[param] !== 1) continue;
    const index = graph.block(loop.header).params.indexOf(param);
    const nexts = view.latches.flatMap(({ end }) =>
      edgesOf(end).flatMap((edge) => (edge.label === loop.header ? [edge.args[index] ?? param] : [])),
    );
    const [next] = nexts;
    // Read by the edges back and by one test.
    if (next === undefined || uses[next] !== nexts.length + 1 || nexts.some((n) => n !== next)) continue;
    for (const exit of loop.blocks) {
      const plan = planAt(exit, { index, counter: param, start, step, next, entry }, view);
      if (plan !== null) return plan;
    }
  }
  return null;
}

interface CounterUse {
  readonly index: number;
  readonly counter: Value;
  readonly start: Invariant;
  readonly step: Word;
  readonly next: Value;
  readonly entry: Label;
}

// The plan if this block tests the counter once a round and leaves the loop with it.
function planAt(exit: Label, use: CounterUse, view: LoopView): Plan | null {
  const { index, counter, start, step, next, entry } = use;
  const { loop, graph, definitions } = view;
  const { end } = graph.block(exit);
  if (end.kind !== "branch" || end.left !== next || !runsAlways(exit, view)) return null;
  const isThen = loop.blocks.has(end.then.label);
  if (isThen === loop.blocks.has(end.else.label)) return null;
  const bound = invariantOf(end.right, view);
  if (bound === null || end.right === next) return null;
  const definition = (value: Value): Instr | undefined => {
    const found = definitions.get(value);
    return found?.kind === "instr" ? found.instr : undefined;
  };
  const trips = tripsOf({
    start,
    step,
    op: isThen ? end.op : negateCompare[end.op],
    bound,
    isBoundPositive: maxBits(bound, { definition, isReadOnce: () => false }) < 64,
    facts: factsAt(loop.header, entry, view),
  });
  return trips === null ? null : { header: loop.header, index, counter, trips, entry, exit, next, isThen };
}

// --- changing -----------------------------------------------------------------------------------------------------

function apply(f: Function, plan: Plan): Function {
  let { nextValue } = f;
  const made: Instr[] = [];
  const constant = (body: Instr[], value: Word): Value => {
    body.push({ kind: "const", dest: nextValue, value, span: NO_SPAN });
    return nextValue++;
  };
  const valueOf = (invariant: Invariant): Value =>
    typeof invariant === "bigint" ? constant(made, invariant) : invariant;
  const startAt = (trips: Trips): Value => {
    if (typeof trips === "bigint") return constant(made, trips);
    if (trips.low === 0n) return valueOf(trips.high);
    const [left, right] = [valueOf(trips.high), valueOf(trips.low)];
    made.push({ kind: "op", dest: nextValue, op: "sub", left, right, span: NO_SPAN });
    return nextValue++;
  };
  const start = startAt(plan.trips);
  const enter = (edge: Edge): Edge =>
    edge.label === plan.header
      ? { ...edge, args: edge.args.map((arg, i) => (i === plan.index ? start : arg)) }
      : edge;
  const blocks = f.blocks.map((block): Block => {
    const stepped = stepDown(block, plan, constant);
    const tested = block.label === plan.exit ? testZero(stepped, plan, constant) : stepped;
    if (block.label !== plan.entry) return tested;
    return { ...tested, body: [...tested.body, ...made], end: mapEdges(tested.end, enter) };
  });
  return { ...f, blocks, nextValue };
}

type MakeConstant = (body: Instr[], value: Word) => Value;

// The step may have been a sum with the counter on either side, or a difference.
function stepDown(block: Block, { counter, next }: Plan, constant: MakeConstant): Block {
  const body: Instr[] = [];
  let changed = false;
  for (const instr of block.body) {
    if (instr.kind !== "op" || instr.dest !== next) {
      body.push(instr);
      continue;
    }
    changed = true;
    body.push({ ...instr, op: "add", left: counter, right: constant(body, toWord(-1n)) });
  }
  return changed ? { ...block, body } : block;
}

function testZero(block: Block, { isThen }: Plan, constant: MakeConstant): Block {
  if (block.end.kind !== "branch") return block;
  const body = [...block.body];
  const end: Terminator = { ...block.end, op: isThen ? "notEqual" : "equal", right: constant(body, 0n) };
  return { ...block, body, end };
}
