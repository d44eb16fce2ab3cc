/**
 * word-ranges: WordLang → WordLang.  Upstream has none.
 *
 * Two branches in a row that test one value against constants, and of which either can send it the same way, become
 * one: `c >= 48 && c <= 57` is `c - 48 <+ 10`, `l == 2 || l == 3` is `l - 2 <+ 2`. The words that pass both tests must
 * be neighbours modulo 2^64.
 *
 * Needs:       W1, W2; no machine instructions. Finds what word-jumps has made of nested conditions.
 * Establishes: nothing that later passes need; no unreachable block.
 * Keeps:       everything else.
 * Cost:        linear.
 */

import { negateCompare, toWord, type CompareOp, type Word } from "../lang/machine-word.ts";
import type { Block, Edge, Function, Instr, Label, Program, Terminator, Value } from "../lang/word/ast.ts";
import { wordGraph, type WordGraph } from "../lang/word/graph.ts";
import { withoutUnreachable } from "./word-edit/join-blocks.ts";

export function wordRanges(program: Program): Program {
  return { ...program, functions: program.functions.map(joinTests) };
}

/** `size` words from `start` on, modulo 2^64; neither none nor all of them. */
interface Range {
  readonly start: Word;
  readonly size: Word;
}

interface Joining {
  readonly graph: WordGraph;
  readonly constants: Map<Value, Word>;
  /** Sums with a constant. */
  readonly sums: Map<Value, { readonly base: Value; readonly addend: Word }>;
  /** Sums that are made for a test and read by nothing else. */
  readonly made: Set<Value>;
  readonly blocks: Map<Label, Block>;
  readonly fresh: () => Value;
}

function joinTests(f: Function): Function {
  let nextValue = f.nextValue;
  const joining = newJoining(f, () => nextValue++);
  let changed = false;
  // Backwards, so that a chain of tests grows from its end.
  for (const label of joining.graph.order.toReversed()) {
    const block = joining.blocks.get(label);
    const joined = block === undefined ? null : joinWithNext(block, joining);
    if (joined === null) continue;
    joining.blocks.set(label, joined);
    changed = true;
  }
  if (!changed) return f;
  const blocks = f.blocks.map((block) => joining.blocks.get(block.label) ?? block);
  return withoutUnreachable({ ...f, blocks, nextValue });
}

function newJoining(f: Function, fresh: () => Value): Joining {
  const constants = new Map<Value, Word>();
  const sums: Joining["sums"] = new Map();
  const graph = wordGraph(f);
  for (const label of graph.order) {
    for (const instr of graph.block(label).body) {
      if (instr.kind === "const") constants.set(instr.dest, instr.value);
      if (instr.kind !== "op" || instr.op !== "add") continue;
      const addend = constants.get(instr.right);
      if (addend !== undefined) sums.set(instr.dest, { base: instr.left, addend });
    }
  }
  const blocks = new Map(f.blocks.map((b) => [b.label, b]));
  return { graph, constants, sums, made: new Set(), blocks, fresh };
}

type Branch = Extract<Terminator, { kind: "branch" }>;

// The block with its test and that of one of the blocks that it branches to; null if none can be joined.
function joinWithNext(block: Block, joining: Joining): Block | null {
  const { end } = block;
  if (end.kind !== "branch") return null;
  return (
    joinTwo(block, { end, op: end.op, next: end.then, other: end.else }, joining) ??
    joinTwo(block, { end, op: negateCompare[end.op], next: end.else, other: end.then }, joining)
  );
}

/** A branch seen from one of its ways: `op` holds on the way to `next`. */
interface Way {
  readonly end: Branch;
  readonly op: CompareOp;
  readonly next: Edge;
  readonly other: Edge;
}

function joinTwo(block: Block, { end, op, next, other }: Way, joining: Joining): Block | null {
  const second = joining.blocks.get(next.label);
  if (second?.end.kind !== "branch" || second.params.length > 0 || second.label === block.label) return null;
  if (joining.graph.predecessors(second.label).length !== 1) return null;
  const inner = second.end;
  // What this pass made for the second test goes with it.
  const body = second.body.filter((instr) => instr.kind !== "op" || !joining.made.has(instr.dest));
  if (!body.every((instr) => instr.kind === "const" || isTested(instr, inner, joining))) return null;
  const isThen = sameEdge(inner.else, other, joining);
  if (!isThen && !sameEdge(inner.then, other, joining)) return null;
  const first = testOf(op, end, joining);
  const innerTest = testOf(isThen ? inner.op : negateCompare[inner.op], inner, joining);
  if (first === null || first.value !== innerTest?.value) return null;
  const both = intersection(first.range, innerTest.range);
  if (both === null) return null;
  const test = rangeTest(first.value, both, end, joining);
  const branch: Branch = { ...test.branch, then: isThen ? inner.then : inner.else, else: other };
  return { ...block, body: [...block.body, ...body, ...test.body], end: branch };
}

// A sum that is tested may run before both tests: it is never Error.
function isTested(instr: Instr, end: Branch, { sums }: Joining): boolean {
  return instr.kind === "op" && instr.dest === end.left && sums.has(instr.dest);
}

function sameEdge(a: Edge, b: Edge, { constants }: Joining): boolean {
  if (a.label !== b.label) return false;
  return a.args.every((arg, i) => {
    const twin = b.args[i] ?? arg;
    return arg === twin || (constants.has(arg) && constants.get(arg) === constants.get(twin));
  });
}

/** The words of `value` that the comparison holds for. */
function testOf(
  op: CompareOp,
  { left, right }: Branch,
  { constants, sums }: Joining,
): { readonly value: Value; readonly range: Range } | null {
  const constant = constants.get(right);
  const range = constant === undefined ? null : rangeOf(op, constant);
  if (range === null) return null;
  const sum = sums.get(left);
  if (sum === undefined) return { value: left, range };
  return { value: sum.base, range: { start: toWord(range.start - sum.addend), size: range.size } };
}

const ALL = 1n << 64n;
const MIN_SIGNED: Word = 1n << 63n;

function rangeOf(op: CompareOp, constant: Word): Range | null {
  // How many words are below the constant.
  const below = op === "less" || op === "notLess" ? toWord(constant - MIN_SIGNED) : constant;
  switch (op) {
    case "equal":
      return { start: constant, size: 1n };
    case "notEqual":
      return { start: toWord(constant + 1n), size: ALL - 1n };
    case "less":
      return below === 0n ? null : { start: MIN_SIGNED, size: below };
    case "lower":
      return below === 0n ? null : { start: 0n, size: below };
    case "notLess":
    case "notLower":
      return below === 0n ? null : { start: constant, size: ALL - below };
  }
}

// The words of both ranges; null if there are none, or if they are in two places.
function intersection(a: Range, b: Range): Range | null {
  const ahead = toWord(b.start - a.start);
  const behind = toWord(a.start - b.start);
  const pieces: Range[] = [];
  if (ahead < a.size) pieces.push({ start: b.start, size: smaller(a.size - ahead, b.size) });
  if (behind !== 0n && behind < b.size)
    pieces.push({ start: a.start, size: smaller(b.size - behind, a.size) });
  const [only] = pieces;
  return pieces.length === 1 ? (only ?? null) : null;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

// The branch that is taken for the words of the range, and what must stand in front of it.
function rangeTest(
  value: Value,
  { start, size }: Range,
  end: Branch,
  { constants, sums, made, fresh }: Joining,
): { readonly body: readonly Instr[]; readonly branch: Branch } {
  const { span } = end;
  const body: Instr[] = [];
  const constant = (word: Word): Value => {
    const dest = fresh();
    body.push({ kind: "const", dest, value: word, span });
    constants.set(dest, word);
    return dest;
  };
  const behind = toWord(start + size);
  const plain = (
    op: CompareOp,
    word: Word,
  ): { readonly body: readonly Instr[]; readonly branch: Branch } => ({
    body,
    branch: { ...end, op, left: value, right: constant(word) },
  });
  if (size === 1n) return plain("equal", start);
  if (size === ALL - 1n) return plain("notEqual", behind);
  if (start === MIN_SIGNED) return plain("less", behind);
  if (behind === MIN_SIGNED) return plain("notLess", start);
  if (behind === 0n) return plain("notLower", start);
  if (start === 0n) return plain("lower", size);
  const addend = toWord(-start);
  const left = fresh();
  body.push({ kind: "op", dest: left, op: "add", left: value, right: constant(addend), span });
  sums.set(left, { base: value, addend });
  made.add(left);
  return { body, branch: { ...end, op: "lower", left, right: constant(size) } };
}
