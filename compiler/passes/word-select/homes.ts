// Where a block's constants are made: in the block itself, or before the outermost loop around it that makes no calls,
// so that they stay in registers while it runs. In loops with calls a cheap constant is made again rather than saved.
//
// A loop that is entered from one block which only jumps to it uses that block; for any other loop a new block is
// promised here and inserted by `withNewHomes`, if something was put there.

import type { Block, Edge, Function, Instr, Label, Terminator, Value } from "../../lang/word/ast.ts";
import { dominatorsOf } from "../../lang/word/dominators.ts";
import type { WordGraph } from "../../lang/word/graph.ts";
import { mapEdges } from "../../lang/word/operands.ts";
import { NO_SPAN } from "../../source/span.ts";
import { wordLoops, type WordLoop } from "../analysis/word-loops.ts";

/** A block to come, in front of a loop. */
export interface NewHome {
  readonly label: Label;
  readonly loop: WordLoop;
}

export interface Homes {
  homeOf(label: Label): Label;
  /** Promised blocks that only this block enters: what they need may as well be made here. */
  promisedAfter(label: Label): readonly Label[];
  readonly promised: readonly NewHome[];
  readonly nextLabel: Label;
}

export function findHomes(f: Function, graph: WordGraph): Homes {
  const loops = wordLoops(graph, dominatorsOf(graph));
  const homes = new Map<WordLoop, Label>();
  const promised: NewHome[] = [];
  const after = new Map<Label, Label[]>();
  let nextLabel = f.nextLabel;
  for (const loop of loops.all) {
    if (loop.calls || loop.parent?.calls === false) continue;
    const entry = soleEntry(loop, graph);
    if (entry !== null && graph.block(entry).end.kind === "jump") homes.set(loop, entry);
    else {
      if (entry !== null) after.set(entry, [...(after.get(entry) ?? []), nextLabel]);
      promised.push({ label: nextLabel, loop });
      homes.set(loop, nextLabel++);
    }
  }
  const homeOf = (label: Label): Label => {
    let loop = loops.loopOf(label);
    while (loop?.parent?.calls === false) loop = loop.parent;
    return (loop === null ? undefined : homes.get(loop)) ?? label;
  };
  return { homeOf, promisedAfter: (label) => after.get(label) ?? [], promised, nextLabel };
}

// The only block outside that enters the loop.
function soleEntry(loop: WordLoop, graph: WordGraph): Label | null {
  const outside = graph.predecessors(loop.header).filter((label) => !loop.blocks.has(label));
  const [only] = outside;
  return only === undefined || outside.length !== 1 ? null : only;
}

/** Inserts the promised blocks that got something to do, each in front of its loop's header. */
export function withNewHomes(
  f: Function,
  promised: readonly NewHome[],
  made: { readonly bodyOf: (home: Label) => readonly Instr[]; readonly fresh: () => Value },
): readonly Block[] {
  let { blocks } = f;
  for (const { label, loop } of promised) {
    const body = made.bodyOf(label);
    if (body.length > 0) blocks = insertHome(blocks, { label, loop }, body, made.fresh);
  }
  return blocks;
}

// eslint-disable-next-line max-params -- the blocks, the promise, its body and a source of values
function insertHome(
  blocks: readonly Block[],
  { label, loop }: NewHome,
  body: readonly Instr[],
  fresh: () => Value,
): readonly Block[] {
  const entering: Edge[] = [];
  const redirect = (end: Terminator): Terminator =>
    mapEdges(end, (edge) => {
      if (edge.label !== loop.header) return edge;
      entering.push(edge);
      return { label, args: edge.args };
    });
  const redirected = blocks.map((b) => (loop.blocks.has(b.label) ? b : { ...b, end: redirect(b.end) }));
  const params = (entering[0]?.args ?? []).map(() => fresh());
  const end: Terminator = { kind: "jump", to: { label: loop.header, args: params }, span: NO_SPAN };
  const home: Block = { label, params, body, end };
  return redirected.flatMap((b) => (b.label === loop.header ? [home, b] : [b]));
}
