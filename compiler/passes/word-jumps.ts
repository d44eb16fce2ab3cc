/**
 * word-jumps: WordLang → WordLang.  Upstream: remove_unreach in word_unreachScript.sml, and jump threading.
 *
 * Sends edges past blocks that only jump, and past blocks that only test something which the edge decides; turns a
 * branch with two equal edges into a jump; joins a block with the only block that jumps to it; drops unreachable
 * blocks. Endless loops stay.
 *
 * Needs:       W1, W2.
 * Establishes: no block with a single predecessor is reached by a jump; no unreachable block.
 * Keeps:       instructions and their order; the layout of the blocks that are left.
 * Cost:        a few linear rounds.
 */

import type { Block, Edge, Function, Label, Program, Terminator, Value } from "../lang/word/ast.ts";
import {
  edgesOf,
  forEachEndUse,
  forEachOwnEndUse,
  mapEdges,
  rolesOf,
  type Roles,
} from "../lang/word/operands.ts";
import { compare, type Word } from "../lang/machine-word.ts";
import { isaNamed } from "../target/isa-named.ts";
import { joinBlocks, withoutUnreachable } from "./word-edit/join-blocks.ts";
import { useCountsOf } from "./word-edit/uses.ts";

/** Rounds of threading and joining: each can only make room for the next where jumps were nested that deep. */
const MAX_ROUNDS = 4;
/** Blocks that one edge is sent past in a round, so that long chains stay linear. */
const MAX_STEPS = 16;

export function wordJumps(program: Program): Program {
  const roles = rolesOf(isaNamed(program.isa));
  return { ...program, functions: program.functions.map((f) => simplifyJumps(f, roles)) };
}

function simplifyJumps(f: Function, roles: Roles): Function {
  let current = f;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const threaded = threadEdges(current, roles);
    const joined = joinBlocks(withoutUnreachable(threaded ?? current), roles);
    if (threaded === null && joined === null) return withoutUnreachable(current);
    current = joined ?? withoutUnreachable(threaded ?? current);
  }
  return current;
}

// --- threading ----------------------------------------------------------------------------------------------------

interface Threading {
  readonly blocks: ReadonlyMap<Label, Block>;
  /** Blocks that edges may be sent past. */
  readonly passable: ReadonlySet<Label>;
  readonly constants: ReadonlyMap<Value, Word>;
}

// Null if nothing changes.
function threadEdges(f: Function, roles: Roles): Function | null {
  const constants = new Map<Value, Word>();
  for (const block of f.blocks) {
    for (const instr of block.body) if (instr.kind === "const") constants.set(instr.dest, instr.value);
  }
  const uses = useCountsOf(f, roles);
  const passable = new Set(f.blocks.filter((b) => isPassable(b, uses)).map((b) => b.label));
  const threading: Threading = { blocks: new Map(f.blocks.map((b) => [b.label, b])), passable, constants };
  const changed: Block[] = [];
  const blocks = f.blocks.map((block): Block => {
    const end = sameEdges(mapEdges(block.end, (edge) => follow(edge, threading)));
    const same = end.kind === block.end.kind && edgesOf(end).every((e, i) => e === edgesOf(block.end)[i]);
    if (same) return block;
    changed.push(block);
    return { ...block, end };
  });
  return changed.length > 0 ? { ...f, blocks } : null;
}

// True if leaving the block out loses nothing: it computes only constants, and what it defines is read by its end only.
function isPassable(block: Block, uses: Uint32Array): boolean {
  if (block.end.kind !== "jump" && block.end.kind !== "branch") return false;
  const made = block.body.flatMap((instr) => (instr.kind === "const" ? [instr.dest] : []));
  if (made.length !== block.body.length) return false;
  const own = new Map<Value, number>();
  const count = (value: Value): void => void own.set(value, (own.get(value) ?? 0) + 1);
  forEachEndUse(block.end, count);
  // Constants must not leave the block; parameters may, as arguments.
  const ownCompare = new Map<Value, number>();
  forEachOwnEndUse(block.end, (value) => ownCompare.set(value, (ownCompare.get(value) ?? 0) + 1));
  return (
    block.params.every((p) => uses[p] === (own.get(p) ?? 0)) &&
    made.every((constant) => uses[constant] === (ownCompare.get(constant) ?? 0))
  );
}

// Where the edge ends up; the same object if it goes nowhere else.
function follow(start: Edge, threading: Threading): Edge {
  let edge = start;
  const seen = new Set<Label>();
  while (threading.passable.has(edge.label) && !seen.has(edge.label) && seen.size < MAX_STEPS) {
    seen.add(edge.label);
    const block = threading.blocks.get(edge.label);
    const next = block === undefined ? null : nextEdge(block, edge.args, threading);
    if (next === null) return edge;
    edge = next;
  }
  // A cycle of empty blocks is an endless loop: leave it alone.
  return threading.passable.has(edge.label) && seen.has(edge.label) ? start : edge;
}

// The edge that the passable block takes when entered with `args`; null if that depends on more.
function nextEdge(block: Block, args: readonly Value[], { constants }: Threading): Edge | null {
  const given = new Map(block.params.map((p, i) => [p, args[i] ?? p]));
  const read = (value: Value): Value => given.get(value) ?? value;
  const pass = (e: Edge): Edge => ({ label: e.label, args: e.args.map(read) });
  if (block.end.kind === "jump") return pass(block.end.to);
  if (block.end.kind !== "branch") return null;
  const left = constants.get(read(block.end.left));
  const right = constants.get(read(block.end.right));
  if (left === undefined || right === undefined) return null;
  return pass(compare[block.end.op](left, right) ? block.end.then : block.end.else);
}

function sameEdges(end: Terminator): Terminator {
  if (end.kind !== "branch" && end.kind !== "machineBranch") return end;
  const { then, else: otherwise, span } = end;
  const same = then.label === otherwise.label && then.args.every((value, i) => value === otherwise.args[i]);
  return same ? { kind: "jump", to: then, span } : end;
}
