// Block parameters that get the same value on every edge (or themselves, around a loop) are that value.
//
// Relies on W1, W2: a value that every edge into a block brings dominates the block.

import type { Block, Edge, Function, Label, Value } from "../../lang/word/ast.ts";
import { edgesOf, mapEdges, type Roles } from "../../lang/word/operands.ts";
import { Replacements } from "../word-edit/replacements.ts";

/** The same function object if there is none. */
export function dropTrivialParams(f: Function, roles: Roles): Function {
  const incoming = new Map<Label, Edge[]>(f.blocks.map((b) => [b.label, []]));
  for (const block of f.blocks) for (const edge of edgesOf(block.end)) incoming.get(edge.label)?.push(edge);
  const replacements = new Replacements();
  const dropped = new Map<Label, Set<number>>();
  for (let changed = true; changed;) {
    changed = false;
    for (const block of f.blocks) {
      block.params.forEach((param, i) => {
        if (dropped.get(block.label)?.has(i) === true) return;
        const only = onlyValue(param, i, incoming.get(block.label) ?? [], replacements);
        if (only === null) return;
        replacements.replace(param, only);
        dropped.set(block.label, (dropped.get(block.label) ?? new Set()).add(i));
        changed = true;
      });
    }
  }
  if (dropped.size === 0) return f;
  const keep = <T>(items: readonly T[], label: Label): readonly T[] => {
    const gone = dropped.get(label);
    return gone === undefined ? items : items.filter((_, i) => !gone.has(i));
  };
  const edge = (e: Edge): Edge => ({ label: e.label, args: keep(e.args, e.label) });
  const blocks = f.blocks.map((block): Block => {
    const kept = { ...block, params: keep(block.params, block.label), end: mapEdges(block.end, edge) };
    return replacements.applyTo(kept, roles);
  });
  return { ...f, blocks };
}

function onlyValue(
  param: Value,
  index: number,
  edges: readonly Edge[],
  replacements: Replacements,
): Value | null {
  let only: Value | null = null;
  for (const edge of edges) {
    const value = replacements.find(edge.args[index] ?? param);
    if (value === param || value === only) continue;
    if (only !== null) return null;
    only = value;
  }
  return only;
}
