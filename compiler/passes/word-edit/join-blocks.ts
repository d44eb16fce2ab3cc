// Blocks in a row become one, unreachable ones go. Relies on W1, W2; parameters of a block that is joined are the arguments of its only edge.

import type { Block, Function, Label } from "../../lang/word/ast.ts";
import { wordGraph } from "../../lang/word/graph.ts";
import type { Roles } from "../../lang/word/operands.ts";
import { Replacements } from "./replacements.ts";

/** Joins blocks with the only block that jumps to them; null if there are none. All blocks are reachable. */
export function joinBlocks(f: Function, roles: Roles): Function | null {
  const graph = wordGraph(f);
  const replacements = new Replacements();
  const joined = new Map<Label, Block>();
  const gone = new Set<Label>();
  for (const label of graph.order) {
    if (gone.has(label)) continue;
    const block = graph.block(label);
    const body = [...block.body];
    let { end } = block;
    for (;;) {
      if (end.kind !== "jump" || graph.predecessors(end.to.label).length !== 1 || end.to.label === label)
        break;
      const next = graph.block(end.to.label);
      const { args } = end.to;
      next.params.forEach((param, i) => replacements.replace(param, args[i] ?? param));
      gone.add(next.label);
      for (const instr of next.body) body.push(instr);
      end = next.end;
    }
    joined.set(label, { ...block, body, end });
  }
  if (gone.size === 0) return null;
  const blocks = f.blocks.flatMap((b) => (gone.has(b.label) ? [] : (joined.get(b.label) ?? [])));
  return { ...f, blocks: blocks.map((b) => replacements.applyTo(b, roles)) };
}

/** The function without the blocks that the entry does not reach. */
export function withoutUnreachable(f: Function): Function {
  const { position } = wordGraph(f);
  if (position.size === f.blocks.length) return f;
  return { ...f, blocks: f.blocks.filter((b) => position.has(b.label)) };
}
