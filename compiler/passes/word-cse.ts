/**
 * word-cse: WordLang → WordLang.  Upstream: word_cseScript.sml, but over the whole graph.
 *
 * Value numbering along the dominator tree: a pure operation, an address, a constant, a local load or a read of a
 * global that was computed on every path before is not computed again; a word that was just stored is not loaded; a
 * branch that one before has decided becomes a jump; a store of what is there already goes.
 * Loads are told apart by memory versions (analysis/word-memory.ts).
 *
 * Needs:       W1, W2; no machine instructions; no unreachable blocks. Finds more after word-simp.
 * Establishes: nothing that later passes need; may leave unreachable blocks.
 * Keeps:       what memory holds at every event and call, shared accesses, calls.
 * Cost:        near linear; a load looks back over a bounded number of stores.
 */

import type { Block, Function, Instr, Label, Program, Terminator, Value } from "../lang/word/ast.ts";
import { dominatorsOf } from "../lang/word/dominators.ts";
import { wordGraph, type WordGraph } from "../lang/word/graph.ts";
import { mapUses, noRoles } from "../lang/word/operands.ts";
import { negateCompare } from "../lang/machine-word.ts";
import { callEffects, type CallEffects } from "./analysis/word-effects.ts";
import {
  accessOf,
  memoryVersions,
  type Access,
  type MemoryVersions,
  type Version,
  type Versions,
} from "./analysis/word-memory.ts";
import { Replacements } from "./word-edit/replacements.ts";

export function wordCse(program: Program): Program {
  const effects = callEffects(program);
  return { ...program, functions: program.functions.map((f) => numberFunction(f, effects)) };
}

type Branch = Extract<Terminator, { kind: "branch" }>;

interface Numbering {
  readonly replacements: Replacements;
  readonly memory: MemoryVersions;
  readonly definitions: Map<Value, Instr>;
  /** Computations by key, those of dominating blocks included. */
  readonly known: Map<string, Value>;
  /** Keys added since a point, to forget them when leaving a subtree. */
  readonly added: string[];
  /** Truth of conditions by key, as the branches on the way to the block have decided. */
  readonly conditions: Map<string, boolean>;
  changed: boolean;
}

function numberFunction(f: Function, effects: ReadonlyMap<string, CallEffects>): Function {
  const graph = wordGraph(f);
  const dominators = dominatorsOf(graph);
  const n: Numbering = {
    replacements: new Replacements(),
    memory: memoryVersions(graph, effects),
    definitions: new Map(),
    known: new Map(),
    added: [],
    conditions: new Map(),
    changed: false,
  };
  const done = new Map<Label, Block>();
  // Depth first over the dominator tree without recursion: a number on the stack says how much to forget.
  const stack: (Block | number)[] = [graph.block(graph.entry)];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    if (typeof item === "number") forget(item, n);
    else {
      stack.push(n.added.length);
      learnFromEdge(item, graph, n);
      done.set(item.label, numberBlock(item, n));
      for (const child of [...dominators.children(item.label)].reverse()) stack.push(graph.block(child));
    }
  }
  if (n.replacements.isEmpty && !n.changed) return f;
  const blocks = f.blocks.flatMap((b) => done.get(b.label) ?? []);
  return { ...f, blocks: blocks.map((b) => n.replacements.applyTo(b, noRoles)) };
}

function forget(count: number, n: Numbering): void {
  while (n.added.length > count) {
    const key = n.added.pop() ?? "";
    n.known.delete(key);
    n.conditions.delete(key);
  }
}

function remember(key: string, value: Value, n: Numbering): void {
  if (n.known.has(key)) return;
  n.known.set(key, value);
  n.added.push(key);
}

function numberBlock(block: Block, n: Numbering): Block {
  const body: Instr[] = [];
  let versions = n.memory.atStart(block.label);
  for (const original of block.body) {
    const instr = mapUses(original, noRoles, (v) => n.replacements.find(v));
    if (!numberInstr(instr, versions, n)) body.push(instr);
    versions = n.memory.after(original, versions);
    rememberStored(instr, versions, n);
  }
  return { ...block, body, end: decideEnd(block.end, n) };
}

// What the only branch into the block has decided holds in it and in all that it dominates.
function learnFromEdge(block: Block, graph: WordGraph, n: Numbering): void {
  const [only, ...others] = graph.predecessors(block.label);
  if (only === undefined || others.length > 0) return;
  const { end } = graph.block(only);
  if (end.kind !== "branch" || end.then.label === end.else.label) return;
  const holds = end.then.label === block.label;
  learn(conditionKey(end, n), holds, n);
  learn(conditionKey({ ...end, op: negateCompare[end.op] }, n), !holds, n);
}

function learn(key: string, holds: boolean, n: Numbering): void {
  if (n.conditions.has(key)) return;
  n.conditions.set(key, holds);
  n.added.push(key);
}

function conditionKey({ op, left, right }: Pick<Branch, "op" | "left" | "right">, n: Numbering): string {
  const sides = { left: n.replacements.find(left), right: n.replacements.find(right) };
  return `? ${binaryKey({ op, ...sides })}`;
}

function decideEnd(end: Terminator, n: Numbering): Terminator {
  const holds = end.kind === "branch" ? n.conditions.get(conditionKey(end, n)) : undefined;
  if (end.kind !== "branch" || holds === undefined) return end;
  n.changed = true;
  return { kind: "jump", to: holds ? end.then : end.else, span: end.span };
}

// True if the instruction is not needed: its value is known.
function numberInstr(instr: Instr, versions: Versions, n: Numbering): boolean {
  switch (instr.kind) {
    case "const":
      return numberPure(`= ${String(instr.value)}`, instr, n);
    case "address":
      return numberPure(instr.place, instr, n);
    case "op":
    case "compare":
      return numberPure(binaryKey(instr), instr, n);
    case "load":
      return numberLoad(instr, versions.local, n);
    case "getGlobal":
      return numberLoad(instr, versions.globals, n);
    case "store":
      return isStoredAlready(instr, versions.local, n);
    case "setGlobal":
      return isStoredAlready(instr, versions.globals, n);
    case "addCarry":
    case "sharedLoad":
    case "sharedStore":
    case "call":
    case "foreignCall":
    case "machine":
      return false;
  }
}

const commutative: ReadonlySet<string> = new Set(["add", "mul", "and", "or", "xor", "equal", "notEqual"]);

function binaryKey({
  op,
  left,
  right,
}: {
  readonly op: string;
  readonly left: Value;
  readonly right: Value;
}): string {
  const [a, b] = commutative.has(op) && left > right ? [right, left] : [left, right];
  return `${op} ${String(a)} ${String(b)}`;
}

function numberPure(key: string, instr: Extract<Instr, { readonly dest: Value }>, n: Numbering): boolean {
  const known = n.known.get(key);
  if (known !== undefined) {
    n.replacements.replace(instr.dest, known);
    return true;
  }
  n.definitions.set(instr.dest, instr);
  remember(key, instr.dest, n);
  return false;
}

// Looks for the same access at this version or, past writes to other places, at earlier ones.
function numberLoad(
  instr: Extract<Instr, { kind: "load" | "getGlobal" }>,
  start: Version,
  n: Numbering,
): boolean {
  const access = accessOf(instr, n.definitions);
  const known = lookUp(access, start, n);
  if (known !== undefined) {
    n.replacements.replace(instr.dest, known);
    return true;
  }
  n.definitions.set(instr.dest, instr);
  remember(`${String(start)} ${access.key}`, instr.dest, n);
  return false;
}

function lookUp(access: Access, start: Version, n: Numbering): Value | undefined {
  return n.memory.lookUp(access, start, (version) => n.known.get(`${String(version)} ${access.key}`));
}

// True if the place holds the value that is stored there.
function isStoredAlready(
  instr: Extract<Instr, { kind: "store" | "setGlobal" }>,
  start: Version,
  n: Numbering,
): boolean {
  const isThere = lookUp(accessOf(instr, n.definitions), start, n) === instr.value;
  n.changed ||= isThere;
  return isThere;
}

// A whole word that was stored is what a load of it reads.
function rememberStored(instr: Instr, after: Versions, n: Numbering): void {
  if (instr.kind === "store" && instr.bytes === 8) {
    remember(`${String(after.local)} ${accessOf(instr, n.definitions).key}`, instr.value, n);
  }
  if (instr.kind === "setGlobal") {
    remember(`${String(after.globals)} ${accessOf(instr, n.definitions).key}`, instr.value, n);
  }
}
