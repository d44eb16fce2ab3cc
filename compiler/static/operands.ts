// The expressions directly inside an expression, in the order of their evaluation, and putting others in their place.

import { bug } from "../source/bug.ts";
import { childrenOf } from "../syntax/tree-walk.ts";
import type { Exp } from "../syntax/tree.ts";
import { chainNodes, chainOperands } from "./chain.ts";

/** The operands of `exp`, left to right; a chain of one flat operator (chain.ts) is one level. */
export function operandsOf(exp: Exp): readonly Exp[] {
  return exp.kind === "binary" ? chainOperands(exp) : childrenOf(exp);
}

/** `exp` with `operands` in place of its own; `exp` itself if they are the same nodes. */
export function withOperands(exp: Exp, operands: readonly Exp[]): Exp {
  const before = operandsOf(exp);
  if (before.every((operand, i) => operand === operands[i])) return exp;
  const at = (i: number): Exp => operands[i] ?? bug("an operand is missing", exp.span);
  switch (exp.kind) {
    case "int":
    case "bool":
    case "constant":
    case "name":
    case "error":
      return exp;
    case "parens":
      return { ...exp, inner: at(0) };
    case "binary": {
      let left = at(0);
      chainNodes(exp).forEach((node, i) => {
        left = { ...node, left, right: at(i + 1) };
      });
      return left;
    }
    case "not":
      return { ...exp, operand: at(0) };
    case "load":
    case "loadBytes":
      return { ...exp, address: at(0) };
    case "rawStruct":
      return { ...exp, fields: operands };
    case "namedStruct":
      return { ...exp, fields: exp.fields.map((field, i) => ({ ...field, value: at(i) })) };
    case "index":
    case "field":
      return { ...exp, value: at(0) };
    case "call":
      return { ...exp, call: { ...exp.call, args: operands } };
  }
}
