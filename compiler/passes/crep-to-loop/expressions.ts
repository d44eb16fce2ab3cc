// Expressions of crep-to-loop: one assignment an operation, in evaluation order, into fresh variables.

import type * as crep from "../../lang/crep/ast.ts";
import type * as loop from "../../lang/loop/ast.ts";
import { bug } from "../../source/bug.ts";

/** Where statements go: those of the block being made. */
export type Out = loop.Stmt[];

export interface Lowering {
  /** The next variable that the function does not use. */
  nextVar: number;
}

/** The value of `e` as an operand; operations go to `out`. */
export function operandOf(e: crep.Exp, out: Out, c: Lowering): loop.Operand {
  if (e.kind === "const") return { kind: "const", value: e.value };
  if (e.kind === "var") return { kind: "var", var: e.var };
  const dest = c.nextVar++;
  assignExp(dest, e, out, c);
  return { kind: "var", var: dest };
}

export function operandsOf(exps: readonly crep.Exp[], out: Out, c: Lowering): readonly loop.Operand[] {
  return exps.map((e) => operandOf(e, out, c));
}

/** `dest := e`; `dest` is written last, so `e` may mention it. */
export function assignExp(dest: loop.Var, e: crep.Exp, out: Out, c: Lowering): void {
  const { span } = e;
  switch (e.kind) {
    case "global":
      out.push({ kind: "getGlobal", dest, index: e.index, span });
      return;
    case "load":
      out.push({ kind: "load", bytes: e.bytes, dest, address: operandOf(e.address, out, c), span });
      return;
    case "op":
      assignOp(dest, e, out, c);
      return;
    case "const":
    case "var":
    case "compare":
    case "shift":
    case "baseAddr":
    case "topAddr":
      out.push({ kind: "assign", dest, value: oneOperation(e, out, c), span });
      return;
  }
}

type OneOperation = Extract<
  crep.Exp,
  { readonly kind: "const" | "var" | "compare" | "shift" | "baseAddr" | "topAddr" }
>;

function oneOperation(e: OneOperation, out: Out, c: Lowering): loop.Exp {
  switch (e.kind) {
    case "const":
      return { kind: "const", value: e.value };
    case "var":
      return { kind: "var", var: e.var };
    case "baseAddr":
    case "topAddr":
      return { kind: e.kind };
    case "compare": {
      const left = operandOf(e.left, out, c);
      return { kind: "compare", op: e.op, left, right: operandOf(e.right, out, c) };
    }
    case "shift": {
      const value = operandOf(e.value, out, c);
      return { kind: "shift", op: e.op, value, amount: operandOf(e.amount, out, c) };
    }
  }
}

/** `a op b op c` from left to right. */
function assignOp(
  dest: loop.Var,
  e: Extract<crep.Exp, { readonly kind: "op" }>,
  out: Out,
  c: Lowering,
): void {
  const { op, span } = e;
  const [first, ...others] = operandsOf(e.args, out, c);
  let left = first ?? bug(`${op} of nothing`, span);
  others.forEach((right, i) => {
    const into = i === others.length - 1 ? dest : c.nextVar++;
    out.push({ kind: "assign", dest: into, value: { kind: "op", op, left, right }, span });
    left = { kind: "var", var: into };
  });
}
