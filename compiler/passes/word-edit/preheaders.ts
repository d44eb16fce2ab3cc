// Blocks in front of loops, for what a loop should find ready.

import type { Block, Edge, Instr, Label, Value } from "../../lang/word/ast.ts";
import type { WordGraph } from "../../lang/word/graph.ts";
import { mapEdges } from "../../lang/word/operands.ts";
import { NO_SPAN } from "../../source/span.ts";
import type { WordLoop } from "../analysis/word-loops.ts";

/** The only block outside that enters the loop; null if there are several. */
export function soleEntry(loop: WordLoop, graph: WordGraph): Label | null {
  const outside = graph.predecessors(loop.header).filter((label) => !loop.blocks.has(label));
  const [only] = outside;
  return only === undefined || outside.length !== 1 ? null : only;
}

/** A new block and the loop that it stands in front of. */
export interface Preheader {
  readonly label: Label;
  readonly loop: WordLoop;
  readonly body: readonly Instr[];
}

/** Sends every edge that enters one of the loops through its new block, which stands right in front of the header. */
export function insertPreheaders(
  blocks: readonly Block[],
  preheaders: readonly Preheader[],
  fresh: () => Value,
): readonly Block[] {
  const byHeader = new Map(preheaders.map((p) => [p.loop.header, p]));
  const entering = new Map<Label, Edge[]>(preheaders.map((p) => [p.label, []]));
  const redirected = blocks.map((block): Block => {
    const end = mapEdges(block.end, (edge) => {
      const preheader = byHeader.get(edge.label);
      if (preheader === undefined || preheader.loop.blocks.has(block.label)) return edge;
      entering.get(preheader.label)?.push(edge);
      return { label: preheader.label, args: edge.args };
    });
    return { ...block, end };
  });
  // A single edge needs no parameters: what it brings is known in front of the loop.
  const isSingle = (label: Label): boolean => entering.get(label)?.length === 1;
  const strip = (edge: Edge): Edge => (isSingle(edge.label) ? { label: edge.label, args: [] } : edge);
  return redirected.flatMap((block) => {
    const stripped = { ...block, end: mapEdges(block.end, strip) };
    const preheader = byHeader.get(block.label);
    if (preheader === undefined) return [stripped];
    return [preheaderBlock(preheader, entering.get(preheader.label) ?? [], fresh), stripped];
  });
}

function preheaderBlock(
  { label, loop, body }: Preheader,
  entering: readonly Edge[],
  fresh: () => Value,
): Block {
  const args = entering[0]?.args ?? [];
  const params = entering.length === 1 ? [] : args.map(() => fresh());
  const to: Edge = { label: loop.header, args: entering.length === 1 ? args : params };
  return { label, params, body, end: { kind: "jump", to, span: NO_SPAN } };
}
