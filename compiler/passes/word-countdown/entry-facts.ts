// What the branches on the way to a loop say about its entry. Relies on W1, W2.

import { negateCompare } from "../../lang/machine-word.ts";
import type { Label, Value } from "../../lang/word/ast.ts";
import { invariantOf, type Invariant, type LoopView } from "../word-induction/linear.ts";
import type { Fact } from "./trips.ts";

/** Branches that are looked back over. */
const MAX_STEPS = 8;

/** The conditions of branches that lead to the loop's header by its entry `from` and no other way. */
export function factsAt(header: Label, from: Label, view: LoopView): readonly Fact[] {
  const facts: Fact[] = [];
  let [to, at] = [header, from];
  for (let i = 0; i < MAX_STEPS; i++) {
    const { end } = view.graph.block(at);
    if (end.kind === "branch" && end.then.label !== end.else.label) {
      const op = end.then.label === to ? end.op : negateCompare[end.op];
      facts.push({ op, left: asSeen(end.left, view), right: asSeen(end.right, view) });
    }
    const before = view.graph.predecessors(at);
    const [only] = before;
    if (only === undefined || before.length !== 1) break;
    [to, at] = [at, only];
  }
  return facts;
}

function asSeen(value: Value, view: LoopView): Invariant {
  return invariantOf(value, view) ?? value;
}
