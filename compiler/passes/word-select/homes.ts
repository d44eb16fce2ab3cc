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
  readonly promised: readonly NewHome[];
  readonly nextLabel: Label;
}

export function findHomes(f: Function, graph: WordGraph): Homes {
  const loops = wordLoops(graph, dominatorsOf(graph));
  const homes = new Map<WordLoop, Label>();
  const promised: NewHome[] = [];
  let nextLabel = f.nextLabel;
  for (const loop of loops.all) {
    if (loop.calls || loop.parent?.calls === false) continue;
    const existing = soleEntry(loop, graph);
    if (existing === null) promised.push({ label: nextLabel, loop });
    homes.set(loop, existing ?? nextLabel++);
  }
  const homeOf = (label: Label): Label => {
    let loop = loops.loopOf(label);
    while (loop?.parent?.calls === false) loop = loop.parent;
    return (loop === null ? undefined : homes.get(loop)) ?? label;
  };
  return { homeOf, promised, nextLabel };
}

// The only block outside that enters the loop, if entering is all that it does.
function soleEntry(loop: WordLoop, graph: WordGraph): Label | null {
  const outside = graph.predecessors(loop.header).filter((label) => !loop.blocks.has(label));
  const [only] = outside;
  if (only === undefined || outside.length !== 1) return null;
  return graph.block(only).end.kind === "jump" ? only : null;
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
