// Where the frame begins: behind the tests at a function's start that may leave it without needing a frame.
//
// Walks from the entry along blocks with one way in. Such a block may stay outside of the frame if it needs none, once
// its moves into callee-saved registers and slots are put off to the frame's beginning (until then their sources still
// hold the words). It must end in a branch of which one side never needs a frame; that side reads the sources, too.
// Blocks that both sides share are copied for that side, if they are short.

import type { Block, Function, Instr, Label, Terminator } from "../../lang/stack/ast.ts";
import { endTargets, forEachWrite } from "../../lang/stack/register-use.ts";
import type { Convention } from "../../target/convention.ts";
import { putOff, renameBlock, type PutOff } from "./put-off.ts";

/** A function whose frame begins at `frameLabel`. */
export interface Wrapped {
  /** The entry first. */
  readonly blocks: readonly Block[];
  readonly frameLabel: Label;
  /** Blocks that run without the frame. */
  readonly unframed: ReadonlySet<Label>;
}

const MAX_CHAIN = 8;
const MAX_COPIED_INSTRS = 8;

// How far the walk has come: the frame begins on the edge to `next`, with `put`.
interface Progress {
  readonly blocks: readonly Block[];
  readonly next: Label;
  readonly put: PutOff;
  readonly unframed: ReadonlySet<Label>;
  /** The last block outside of the frame; null: the frame begins at the entry. */
  readonly from: Label | null;
}

export function wrapFrame(f: Function, convention: Convention): Wrapped {
  const [entry] = f.blocks;
  const start = entry?.label ?? 0;
  let progress: Progress = {
    blocks: f.blocks,
    next: start,
    put: { instrs: [], registers: new Map(), slots: new Map() },
    unframed: new Set(),
    from: null,
  };
  for (let i = 0; i < MAX_CHAIN; i += 1) {
    const further = oneFurther(progress, convention);
    if (further === null) break;
    progress = further;
  }
  return beginFrame(progress);
}

// A block of its own between the last block outside and the first one inside.
function beginFrame({ blocks, next, put, unframed, from }: Progress): Wrapped {
  if (from === null) return { blocks, frameLabel: next, unframed };
  const label = freshLabel(blocks);
  const wrapped = blocks.flatMap((block): Block[] => {
    if (block.label !== from) return [block];
    const { span } = block.end;
    const beginning: Block = { label, body: put.instrs, end: { kind: "jump", to: next, span } };
    return [{ ...block, end: retarget(block.end, (l) => (l === next ? label : l)) }, beginning];
  });
  return { blocks: wrapped, frameLabel: label, unframed };
}

function freshLabel(blocks: readonly Block[]): Label {
  return blocks.reduce((most, b) => Math.max(most, b.label), 0) + 1;
}

// Leaves one more block outside; null if it must be inside.
function oneFurther(progress: Progress, convention: Convention): Progress | null {
  const { blocks, next } = progress;
  const block = blocks.find((b) => b.label === next);
  if (block === undefined || waysIn(blocks, next) > 1) return null;
  const kept = putOff(block, progress.put, convention);
  if (kept === null || kept.block.end.kind !== "machineBranch") return null;
  const { then, else: otherwise } = kept.block.end;
  const needing = labelsThatNeedFrame(blocks, convention);
  if (then === otherwise || needing.has(then) === needing.has(otherwise)) return null;
  const [inside, outside] = needing.has(then) ? [then, otherwise] : [otherwise, then];
  const changed = blocks.map((b) => (b === block ? kept.block : b));
  const parted = partSides(changed, { block: kept.block, inside, outside });
  if (parted === null) return null;
  const renamed = renameOutside(parted, kept.put, convention);
  if (renamed === null) return null;
  return {
    blocks: renamed,
    next: inside,
    put: kept.put,
    unframed: new Set([...progress.unframed, next, ...parted.outside]),
    from: next,
  };
}

function waysIn(blocks: readonly Block[], label: Label): number {
  return blocks.reduce((n, b) => n + endTargets(b.end).filter((l) => l === label).length, 0);
}

// Reads of callee-saved registers and slots may still turn out not to need it.
function needsFrame(instr: Instr, convention: Convention): boolean {
  if (instr.kind === "slotLoad") return convention.calleeSaved.includes(instr.dest);
  if (instr.kind !== "machine" && instr.kind !== "address") return true;
  let answer = false;
  forEachWrite(instr, convention, (r) => {
    if (convention.calleeSaved.includes(r)) answer = true;
  });
  return answer;
}

// Labels from which a block can be reached that needs the frame.
function labelsThatNeedFrame(blocks: readonly Block[], convention: Convention): ReadonlySet<Label> {
  const before = new Map<Label, Label[]>(blocks.map((b) => [b.label, []]));
  for (const b of blocks) for (const to of endTargets(b.end)) before.get(to)?.push(b.label);
  const needing = new Set<Label>();
  const work: Label[] = [];
  const add = (label: Label): void => {
    if (needing.has(label)) return;
    needing.add(label);
    work.push(label);
  };
  for (const b of blocks) if (blockNeedsFrame(b, convention)) add(b.label);
  for (let label = work.pop(); label !== undefined; label = work.pop()) before.get(label)?.forEach(add);
  return needing;
}

function blockNeedsFrame({ body }: Block, convention: Convention): boolean {
  return body.some((instr) => needsFrame(instr, convention));
}

interface Sides {
  readonly block: Block;
  readonly inside: Label;
  readonly outside: Label;
}

interface Parted {
  readonly blocks: readonly Block[];
  /** The side without the frame, and where it begins. */
  readonly outside: readonly Label[];
  readonly start: Label;
}

// The outside gets copies of the blocks that both sides reach; null if they are too long.
function partSides(blocks: readonly Block[], { block, inside, outside }: Sides): Parted | null {
  const within = reachable(blocks, inside);
  const without = reachable(blocks, outside);
  const shared = blocks.filter((b) => within.has(b.label) && without.has(b.label));
  const length = shared.reduce((n, b) => n + b.body.length + 1, 0);
  if (length > MAX_COPIED_INSTRS) return null;
  const first = freshLabel(blocks);
  const copyOf = new Map(shared.map((b, i) => [b.label, first + i]));
  const toCopy = (label: Label): Label => copyOf.get(label) ?? label;
  const copies = shared.map((b) => ({ ...b, label: toCopy(b.label), end: retarget(b.end, toCopy) }));
  const kept = blocks.map((b) => {
    if (b.label === block.label)
      return { ...b, end: retarget(b.end, (l) => (l === outside ? toCopy(l) : l)) };
    return without.has(b.label) && !within.has(b.label) ? { ...b, end: retarget(b.end, toCopy) } : b;
  });
  return { blocks: [...kept, ...copies], outside: [...without].map(toCopy), start: toCopy(outside) };
}

// The outside's reads of what was put off go to the sources; where ways meet, nothing is known of them.
function renameOutside(parted: Parted, put: PutOff, convention: Convention): readonly Block[] | null {
  const byLabel = new Map(parted.blocks.map((b) => [b.label, b]));
  const known = new Map<Label, PutOff>([[parted.start, put]]);
  const renamed = new Map<Label, Block>();
  const work = [parted.start];
  for (let label = work.pop(); label !== undefined; label = work.pop()) {
    const block = byLabel.get(label);
    if (block === undefined) return null;
    const after = renameBlock(block, known.get(label) ?? NOTHING, convention);
    if (after === null) return null;
    renamed.set(label, after.block);
    for (const to of endTargets(block.end)) {
      if (known.has(to)) continue;
      known.set(to, waysIn(parted.blocks, to) === 1 ? after.known : NOTHING);
      work.push(to);
    }
  }
  return parted.blocks.map((b) => renamed.get(b.label) ?? b);
}

const NOTHING: PutOff = { instrs: [], registers: new Map(), slots: new Map() };

function reachable(blocks: readonly Block[], from: Label): ReadonlySet<Label> {
  const byLabel = new Map(blocks.map((b) => [b.label, b]));
  const seen = new Set<Label>([from]);
  const work = [from];
  for (let label = work.pop(); label !== undefined; label = work.pop()) {
    const block = byLabel.get(label);
    if (block === undefined) continue;
    for (const to of endTargets(block.end)) {
      if (seen.has(to)) continue;
      seen.add(to);
      work.push(to);
    }
  }
  return seen;
}

/** The terminator with every label replaced. */
export function retarget(end: Terminator, change: (label: Label) => Label): Terminator {
  if (end.kind === "jump") return { ...end, to: change(end.to) };
  if (end.kind === "machineBranch") return { ...end, then: change(end.then), else: change(end.else) };
  return end;
}
