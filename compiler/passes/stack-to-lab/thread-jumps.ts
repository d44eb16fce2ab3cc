// Jumps that lead to nothing but another jump go to its target at once; blocks that nobody reaches go away.

import type { Block, Label, Terminator } from "../../lang/stack/ast.ts";
import { endTargets } from "../../lang/stack/register-use.ts";

/** The entry stays first; the order of the others stays. */
export function threadJumps(blocks: readonly Block[]): readonly Block[] {
  const byLabel = new Map(blocks.map((b) => [b.label, b]));
  const final = (label: Label): Label => {
    const seen = new Set<Label>();
    let at = label;
    for (;;) {
      const block = byLabel.get(at);
      // A ring of empty blocks is an endless loop: it stays.
      if (block === undefined || block.body.length > 0 || block.end.kind !== "jump" || seen.has(at))
        return at;
      seen.add(at);
      at = block.end.to;
    }
  };
  const threaded = blocks.map((b) => ({ ...b, end: threadEnd(b.end, final) }));
  return reachable(threaded);
}

function threadEnd(end: Terminator, final: (label: Label) => Label): Terminator {
  if (end.kind === "jump") return { ...end, to: final(end.to) };
  if (end.kind !== "machineBranch") return end;
  const [then, otherwise] = [final(end.then), final(end.else)];
  if (then === otherwise) return { kind: "jump", to: then, span: end.span };
  return { ...end, then, else: otherwise };
}

function reachable(blocks: readonly Block[]): readonly Block[] {
  const byLabel = new Map(blocks.map((b) => [b.label, b]));
  const [entry] = blocks;
  if (entry === undefined) return blocks;
  const reached = new Set<Label>([entry.label]);
  const work = [entry];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    for (const label of endTargets(block.end)) {
      const target = byLabel.get(label);
      if (target === undefined || reached.has(label)) continue;
      reached.add(label);
      work.push(target);
    }
  }
  return blocks.filter((b) => reached.has(b.label));
}
