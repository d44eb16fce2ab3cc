// Chains of one operator: `a + b + c` as the operands a, b, c. Long chains are common in generated code, and the parser
// makes them by a loop, so walks take a chain in a loop too instead of recursing once per operand.

import type { BinaryOp, Exp } from "../syntax/tree.ts";

export type Binary = Extract<Exp, { kind: "binary" }>;

/** The operators whose chains stay flat in Pan (pancake-language.md, section 5). */
const flat: ReadonlySet<BinaryOp> = new Set(["+", "&", "|", "^", "&&", "||"]);

export function isFlat(op: BinaryOp): boolean {
  return flat.has(op);
}

/**
 * The nodes of the left spine with the operator of `exp`, innermost first; `exp` itself is the last one.
 * Operands of the chain: the first node's `left`, then every node's `right`. Parentheses end a chain.
 */
export function chainNodes(exp: Binary): readonly [Binary, ...Binary[]] {
  if (!flat.has(exp.op) || exp.left.kind !== "binary" || exp.left.op !== exp.op) return [exp];
  const outerFirst: Binary[] = [];
  let node: Binary = exp;
  while (node.left.kind === "binary" && node.left.op === exp.op) {
    outerFirst.push(node);
    node = node.left;
  }
  return [node, ...outerFirst.reverse()];
}

/** The operands of the chain at `exp`, left to right. */
export function chainOperands(exp: Binary): readonly Exp[] {
  const nodes = chainNodes(exp);
  return [nodes[0].left, ...nodes.map((node) => node.right)];
}

/** `exp` without the parentheses around it. */
export function withoutParens(exp: Exp): Exp {
  let inner = exp;
  while (inner.kind === "parens") inner = inner.inner;
  return inner;
}
