// Where a block's constants are made: in the block itself, or before the outermost loop around it that makes no calls,
// so that they stay in registers while it runs. In loops with calls a cheap constant is made again rather than saved.
//
// A loop that is entered from one block which only jumps to it uses that block; for any other loop a new block is
// promised here and inserted by `withNewHomes`, if something was put there.

import type { Block, Function, Instr, Label, Value } from "../../lang/word/ast.ts";
import { dominatorsOf } from "../../lang/word/dominators.ts";
import type { WordGraph } from "../../lang/word/graph.ts";
import { wordLoops, type WordLoop } from "../analysis/word-loops.ts";
import { insertPreheaders, soleEntry } from "../word-edit/preheaders.ts";

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

/** Inserts the promised blocks that got something to do, each in front of its loop's header. */
export function withNewHomes(
  f: Function,
  promised: readonly NewHome[],
  made: { readonly bodyOf: (home: Label) => readonly Instr[]; readonly fresh: () => Value },
): readonly Block[] {
  const preheaders = promised.map(({ label, loop }) => ({ label, loop, body: made.bodyOf(label) }));
  const busy = preheaders.filter(({ body }) => body.length > 0);
  return busy.length === 0 ? f.blocks : insertPreheaders(f.blocks, busy, made.fresh);
}
