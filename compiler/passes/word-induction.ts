/**
 * word-induction: WordLang → WordLang.  Upstream has none.
 *
 * Strength reduction: a value that is linear in a loop's counter, such as the address of an element, becomes a counter
 * of its own, started in front of the loop and increased once an iteration, if that is less work than computing it.
 *
 * Needs:       W1, W2; no machine instructions. Best after word-licm and word-offsets.
 * Establishes: nothing that later passes need. Leaves operations and counters that nobody reads for word-dce.
 * Keeps:       everything that happens; comparisons that end loops.
 * Cost:        near linear, times the nesting depth of loops.
 */

import { arith, shift } from "../lang/machine-word.ts";
import type { Block, Edge, Function, Instr, Label, Program, Value } from "../lang/word/ast.ts";
import { dominatorsOf } from "../lang/word/dominators.ts";
import { wordGraph } from "../lang/word/graph.ts";
import { edgesOf, forEachEndUse, forEachUse, mapEdges, noRoles } from "../lang/word/operands.ts";
import { NO_SPAN } from "../source/span.ts";
import { wordLoops } from "./analysis/word-loops.ts";
import { insertPreheaders, type Preheader } from "./word-edit/preheaders.ts";
import { Replacements } from "./word-edit/replacements.ts";
import { definitionsOf } from "./word-edit/uses.ts";
import {
  linearValues,
  type Invariant,
  type LinearStep,
  type LinearValue,
  type LoopView,
} from "./word-induction/linear.ts";

/** New counters of one loop: each needs a register while it runs. */
const MAX_COUNTERS = 4;
/** Counters of an inner loop are started by operations that may be linear in the outer one. */
const MAX_ROUNDS = 2;

export function wordInduction(program: Program): Program {
  return { ...program, functions: program.functions.map(reduceFunction) };
}

function reduceFunction(f: Function): Function {
  let current = f;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = reduceLoops(current);
    if (next === current) return current;
    current = next;
  }
  return current;
}

/** What becomes of one loop. */
interface Plan {
  readonly preheader: Preheader;
  readonly counters: readonly NewCounter[];
}

interface NewCounter {
  readonly param: Value;
  readonly start: Value;
  readonly step: Value;
  readonly replaces: Value;
}

function reduceLoops(f: Function): Function {
  const graph = wordGraph(f);
  const dominators = dominatorsOf(graph);
  const loops = wordLoops(graph, dominators).all.filter((loop) => !loop.calls);
  if (loops.length === 0) return f;
  const definitions = definitionsOf(f, noRoles);
  const readers = readersOf(f);
  let { nextValue, nextLabel } = f;
  const fresh = (): Value => nextValue++;
  const plans = new Map<Label, Plan>();
  for (const loop of loops) {
    const entries = graph.predecessors(loop.header).filter((label) => !loop.blocks.has(label));
    const into = entries.flatMap((label) =>
      edgesOf(graph.block(label).end).filter((e) => e.label === loop.header),
    );
    const [entry] = into;
    if (entry === undefined || into.length !== 1) continue;
    const latches = [...new Set(graph.predecessors(loop.header))].filter((label) => loop.blocks.has(label));
    const view: LoopView = {
      loop,
      graph,
      dominators,
      definitions,
      entry,
      latches: latches.map((label) => graph.block(label)),
    };
    const chosen = worthwhile(linearValues(view), view, readers);
    if (chosen.length > 0) plans.set(loop.header, planOf(chosen, view, { label: nextLabel++, fresh }));
  }
  if (plans.size === 0) return f;
  const blocks = applyPlans(f, plans, fresh);
  return { ...f, blocks, nextValue, nextLabel };
}

// --- choosing -----------------------------------------------------------------------------------------------------

/** Instructions that read a value, by their result; -1 for readers without one result (stores, ends). */
type Readers = ReadonlyMap<Value, ReadonlySet<Value>>;

function readersOf(f: Function): Readers {
  const readers = new Map<Value, Set<Value>>();
  const add = (value: Value, reader: Value): void => {
    const list = readers.get(value);
    if (list === undefined) readers.set(value, new Set([reader]));
    else list.add(reader);
  };
  for (const block of f.blocks) {
    for (const instr of block.body) {
      const reader = instr.kind === "op" ? instr.dest : -1;
      forEachUse(instr, noRoles, (value) => {
        add(value, reader);
      });
    }
    forEachEndUse(block.end, (value) => {
      add(value, -1);
    });
  }
  return readers;
}

// The linear values to make counters of: those that something else reads, if enough operations die.
function worthwhile(
  linear: readonly LinearValue[],
  view: LoopView,
  readers: Readers,
): readonly LinearValue[] {
  const isLinear = new Set(linear.map((l) => l.value));
  const isRead = (l: LinearValue): boolean => [...(readers.get(l.value) ?? [])].some((r) => !isLinear.has(r));
  const isNext = nextValues(view);
  const only = addressOnlyCounters(linear, view, readers);
  const isAddress = (l: LinearValue): boolean => only.has(l.counter.param) && isSumWithBase(l);
  const candidates = linear
    .filter((l) => (l.steps.length > 1 || isAddress(l)) && isRead(l) && !isNext.has(l.value))
    .sort((a, b) => weightOf(b.steps) - weightOf(a.steps))
    .slice(0, MAX_COUNTERS);
  const dying = new Set(candidates.map((l) => l.value));
  let saved = 0;
  for (const l of [...linear].reverse()) {
    // What nobody reads is dead already and saves nothing.
    const own = [...(readers.get(l.value) ?? [])];
    const dies = dying.has(l.value) || own.every((r) => dying.has(r));
    if (!dies || own.length === 0 || isNext.has(l.value)) continue;
    dying.add(l.value);
    saved += weightOf(l.steps.slice(-1));
  }
  // A counter that is left with saying how often the loop runs counts down, which takes no comparison.
  if (candidates.length < MAX_COUNTERS)
    saved += new Set(candidates.filter(isAddress).map((l) => l.counter)).size;
  return saved > candidates.length ? candidates : [];
}

function isSumWithBase({ steps }: LinearValue): boolean {
  const [step] = steps;
  return steps.length === 1 && step?.op === "add" && typeof step.operand === "number";
}

// Counters that make sums with bases, other linear values that are read for nothing else, and the end of the loop.
function addressOnlyCounters(
  linear: readonly LinearValue[],
  view: LoopView,
  readers: Readers,
): ReadonlySet<Value> {
  const byValue = new Map(linear.map((l) => [l.value, l]));
  const isNext = nextValues(view);
  const goesOn = (reader: Value): boolean => {
    const l = byValue.get(reader);
    if (l === undefined || isNext.has(reader)) return isNext.has(reader);
    return (
      isSumWithBase(l) || [...(readers.get(reader) ?? [])].every((r) => byValue.has(r) && !isNext.has(r))
    );
  };
  const counters = new Set(
    linear.flatMap(({ counter: { param, step } }) => (typeof step === "bigint" ? [param] : [])),
  );
  return new Set([...counters].filter((param) => [...(readers.get(param) ?? [])].every(goesOn)));
}

// What the loop's counters become; they die only with their counter.
function nextValues({ loop, latches }: LoopView): ReadonlySet<Value> {
  const edges = latches.flatMap((latch) => edgesOf(latch.end).filter((edge) => edge.label === loop.header));
  return new Set(edges.flatMap((edge) => edge.args));
}

// A multiplication takes about as long as three simple operations.
function weightOf(steps: readonly LinearStep[]): number {
  return steps.reduce((sum, { op }) => sum + (op === "mul" ? 3 : 1), 0);
}

// --- changing -----------------------------------------------------------------------------------------------------

function planOf(
  chosen: readonly LinearValue[],
  { loop }: LoopView,
  { label, fresh }: { readonly label: Label; readonly fresh: () => Value },
): Plan {
  const body: Instr[] = [];
  const span = NO_SPAN;
  const known = new Map<bigint, Value>();
  const valueOf = (invariant: Invariant): Value => {
    if (typeof invariant === "number") return invariant;
    const made = known.get(invariant);
    if (made !== undefined) return made;
    const dest = fresh();
    body.push({ kind: "const", dest, value: invariant, span });
    known.set(invariant, dest);
    return dest;
  };
  const apply = (left: Invariant, step: LinearStep): Invariant => {
    const folded = foldStep(left, step);
    if (folded !== null) return folded;
    const sides = { left: valueOf(left), right: valueOf(step.operand) };
    const dest = fresh();
    body.push({ kind: "op", dest, op: step.op, ...sides, span });
    return dest;
  };
  const counters = chosen.map((l): NewCounter => {
    const start = valueOf(l.steps.reduce(apply, l.counter.start));
    // Sums do not change by how much the value grows; products and shifts do.
    const factors = l.steps.filter(({ op }) => op === "mul" || op === "lsl");
    const step = valueOf(factors.reduce(apply, l.counter.step));
    return { param: fresh(), start, step, replaces: l.value };
  });
  return { preheader: { label, loop, body }, counters };
}

// The step on a known word, where that makes no instruction.
function foldStep(left: Invariant, { op, operand }: LinearStep): Invariant | null {
  if (typeof left !== "bigint") return null;
  if (typeof operand === "bigint")
    return op === "lsl" ? shift.lsl(left, Number(operand)) : arith[op](left, operand);
  if (left !== 0n) return null;
  if (op === "add") return operand;
  return op === "mul" ? 0n : null;
}

function applyPlans(f: Function, plans: ReadonlyMap<Label, Plan>, fresh: () => Value): readonly Block[] {
  const replacements = new Replacements();
  for (const { counters } of plans.values()) {
    for (const { param, replaces } of counters) replacements.replace(replaces, param);
  }
  const changed = f.blocks.map((block): Block => {
    const plan = plans.get(block.label);
    const params = [...block.params, ...(plan?.counters.map((c) => c.param) ?? [])];
    return addIncreases({ ...block, params }, plans, fresh);
  });
  const byPreheader = new Map([...plans.values()].map((plan) => [plan.preheader.label, plan]));
  const preheaders = [...plans.values()].map((plan) => plan.preheader);
  const entered = insertPreheaders(changed, preheaders, fresh).map((block): Block => {
    const plan = byPreheader.get(block.label);
    if (plan === undefined) return block;
    const starts = plan.counters.map((c) => c.start);
    return { ...block, end: mapEdges(block.end, (e) => ({ label: e.label, args: [...e.args, ...starts] })) };
  });
  return entered.map((block) => replacements.applyTo(block, noRoles));
}

// At the end of a block that jumps back: the increased counters, as arguments of that edge.
function addIncreases(block: Block, plans: ReadonlyMap<Label, Plan>, fresh: () => Value): Block {
  const body = [...block.body];
  const increase = (edge: Edge): Edge => {
    const plan = plans.get(edge.label);
    if (plan?.preheader.loop.blocks.has(block.label) !== true) return edge;
    const nexts = plan.counters.map(({ param, step }) => {
      const dest = fresh();
      body.push({ kind: "op", dest, op: "add", left: param, right: step, span: block.end.span });
      return dest;
    });
    return { label: edge.label, args: [...edge.args, ...nexts] };
  };
  const end = mapEdges(block.end, increase);
  return { ...block, body, end };
}
