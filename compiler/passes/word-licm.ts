/**
 * word-licm: WordLang → WordLang.  Upstream has none.
 *
 * Moves what computes the same in every iteration in front of the loop: pure operations, reads of globals that the loop
 * does not write, and local loads at the start of the header. Only loops without calls, where the results can stay in
 * registers, and only as many as there may be registers for. Constants are word-select's business.
 *
 * Needs:       W1, W2; no machine instructions. Best after word-cse.
 * Establishes: nothing that later passes need. New blocks in front of loops may be empty but for their jump.
 * Keeps:       stores, events, calls. A local load moves only to where it would have run anyway, and past no event.
 * Cost:        near linear, times the nesting depth of loops.
 */

import type { Function, Instr, Label, Program, Value } from "../lang/word/ast.ts";
import { dominatorsOf } from "../lang/word/dominators.ts";
import { wordGraph, type WordGraph } from "../lang/word/graph.ts";
import { forEachDef, forEachUse, noRoles } from "../lang/word/operands.ts";
import type { Word } from "../lang/machine-word.ts";
import { bug } from "../source/bug.ts";
import { callEffects, type CallEffects } from "./analysis/word-effects.ts";
import { wordLoops, type WordLoop } from "./analysis/word-loops.ts";
import { memoryVersions, type MemoryVersions } from "./analysis/word-memory.ts";
import { insertPreheaders } from "./word-edit/preheaders.ts";

/** More values than this in front of one loop would only be stored again. */
const MAX_MOVED = 8;

export function wordLicm(program: Program): Program {
  const effects = callEffects(program);
  return { ...program, functions: program.functions.map((f) => moveInvariants(f, effects)) };
}

function moveInvariants(f: Function, effects: ReadonlyMap<string, CallEffects>): Function {
  const graph = wordGraph(f);
  const loops = wordLoops(graph, dominatorsOf(graph)).all.filter((loop) => !loop.calls);
  if (loops.length === 0) return f;
  const moving = newMoving(f, graph, memoryVersions(graph, effects));
  // Outer loops first: what they take is no longer in their inner ones.
  const moved = loops.map((loop) => ({ loop, body: takeInvariants(loop, moving) }));
  const busy = moved.filter(({ body }) => body.length > 0);
  if (busy.length === 0) return f;
  let { nextValue, nextLabel } = f;
  const preheaders = busy.map((p) => ({ ...p, label: nextLabel++ }));
  const kept = f.blocks.map((b) => ({ ...b, body: moving.bodies.get(b.label) ?? b.body }));
  const blocks = insertPreheaders(kept, preheaders, () => nextValue++);
  return { ...f, blocks, nextValue, nextLabel };
}

interface Moving {
  readonly graph: WordGraph;
  readonly memory: MemoryVersions;
  /** What is left of each block. */
  readonly bodies: Map<Label, readonly Instr[]>;
  /** The block of each definition; absent for parameters and for what was moved out of every loop it was in. */
  readonly home: Map<Value, Label>;
  /** Constants, and addresses as null: whatever reads them can move. */
  readonly constants: ReadonlyMap<Value, Word | null>;
}

function newMoving(f: Function, graph: WordGraph, memory: MemoryVersions): Moving {
  const home = new Map<Value, Label>();
  const constants = new Map<Value, Word | null>();
  const bodies = new Map<Label, readonly Instr[]>();
  for (const block of f.blocks) {
    bodies.set(block.label, block.body);
    for (const param of block.params) home.set(param, block.label);
    for (const instr of block.body) {
      forEachDef(instr, noRoles, (value) => home.set(value, block.label));
      if (instr.kind === "const") constants.set(instr.dest, instr.value);
      if (instr.kind === "address") constants.set(instr.dest, null);
    }
  }
  return { graph, memory, bodies, home, constants };
}

// Takes the loop's invariant instructions out of its blocks, in an order in which they can run in front of it.
function takeInvariants(loop: WordLoop, m: Moving): Instr[] {
  const taken: Instr[] = [];
  const needed = new Set<Value>();
  for (const label of m.graph.order) {
    if (!loop.blocks.has(label)) continue;
    let eventless = label === loop.header;
    const kept = (m.bodies.get(label) ?? []).filter((instr) => {
      eventless &&= instr.kind !== "sharedLoad" && instr.kind !== "sharedStore";
      if (taken.length >= MAX_MOVED || !isInvariant(instr, { loop, eventless }, m)) return true;
      taken.push(instr);
      forEachDef(instr, noRoles, (value) => m.home.delete(value));
      forEachUse(instr, noRoles, (value) => m.constants.has(value) && needed.add(value));
      return false;
    });
    m.bodies.set(label, kept);
  }
  return [...takeConstants(loop, needed, m), ...taken];
}

interface Place {
  readonly loop: WordLoop;
  /** True if the instruction runs whenever the loop is entered, before any event. */
  readonly eventless: boolean;
}

function isInvariant(instr: Instr, place: Place, m: Moving): boolean {
  let fixed = canMove(instr, place, m);
  forEachUse(instr, noRoles, (value) => {
    const label = m.home.get(value);
    fixed &&= m.constants.has(value) || label === undefined || !place.loop.blocks.has(label);
  });
  return fixed;
}

function canMove(instr: Instr, { loop, eventless }: Place, m: Moving): boolean {
  switch (instr.kind) {
    case "op":
      return eventless || !mayBeError(instr, m);
    case "compare":
    case "addCarry":
    case "address":
      return true;
    case "getGlobal":
      return isUnchanged("globals", loop, m);
    case "load":
      return eventless && isUnchanged("local", loop, m);
    case "const":
    case "store":
    case "setGlobal":
    case "sharedLoad":
    case "sharedStore":
    case "call":
    case "foreignCall":
    case "machine":
      return false;
  }
}

// A shift by an amount that is not known to be in range must not run where it did not before.
function mayBeError({ op, right }: Extract<Instr, { kind: "op" }>, m: Moving): boolean {
  if (op !== "lsl" && op !== "lsr" && op !== "asr" && op !== "ror") return false;
  const amount = m.constants.get(right);
  return typeof amount !== "bigint" || amount >= 64n;
}

// True if nothing in the loop writes that memory.
function isUnchanged(memory: "local" | "globals", loop: WordLoop, m: Moving): boolean {
  const start = m.memory.atStart(loop.header)[memory];
  return [...loop.blocks].every((label) => m.memory.atEnd(label)[memory] === start);
}

// Constants that the moved instructions read and that were made in the loop: they come along (as copies are made by
// value, moving the definition itself is enough, since the new block dominates the loop).
function takeConstants(loop: WordLoop, needed: ReadonlySet<Value>, m: Moving): Instr[] {
  const taken: Instr[] = [];
  for (const label of loop.blocks) {
    const body = m.bodies.get(label) ?? bug(`b${String(label)} has no body`);
    const isNeeded = (instr: Instr): boolean =>
      (instr.kind === "const" || instr.kind === "address") && needed.has(instr.dest);
    if (!body.some(isNeeded)) continue;
    for (const instr of body) {
      if (!isNeeded(instr)) continue;
      taken.push(instr);
      forEachDef(instr, noRoles, (value) => m.home.delete(value));
    }
    m.bodies.set(
      label,
      body.filter((instr) => !isNeeded(instr)),
    );
  }
  return taken;
}
