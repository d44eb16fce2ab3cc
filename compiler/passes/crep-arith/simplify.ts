// The simplifier of crep-arith: children first, then the rules of the node.

import type { Exp } from "../../lang/crep/ast.ts";
import { mapExpChildren } from "../../lang/crep/children.ts";
import { makeCompare } from "./comparisons.ts";
import { isConst } from "./node.ts";
import { makeOp, makeShift } from "./operations.ts";

/** An expression of the same value. */
export function simplify(e: Exp): Exp {
  const node = mapExpChildren(e, simplify);
  switch (node.kind) {
    case "op":
      return makeOp(node.op, node.args, node.span);
    case "compare":
      return makeCompare(node.op, node.left, node.right, node.span);
    case "shift":
      return makeShift(node.op, node.value, node.amount, node.span);
    case "const":
    case "var":
    case "global":
    case "load":
    case "baseAddr":
    case "topAddr":
      return node;
  }
}

/** An expression that is zero exactly if `e` is. */
export function simplifyCondition(e: Exp): Exp {
  let condition = simplify(e);
  while (condition.kind === "compare" && condition.op === "notEqual" && isConst(condition.right, 0n)) {
    condition = condition.left;
  }
  return condition;
}
