// How the text forms spell operators; Pancake's own spelling wherever it has one.

import type { ArithOp, CompareOp, ShiftOp } from "./machine-word.ts";

export const arithText: Readonly<Record<ArithOp, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  and: "&",
  or: "|",
  xor: "^",
};

export const compareText: Readonly<Record<CompareOp, string>> = {
  equal: "==",
  notEqual: "!=",
  less: "<",
  notLess: ">=",
  lower: "<+",
  notLower: ">=+",
};

export const shiftText: Readonly<Record<ShiftOp, string>> = {
  lsl: "<<",
  lsr: ">>>",
  asr: ">>",
  ror: "#>>",
};

export type InfixOperator =
  | { readonly kind: "op"; readonly op: ArithOp }
  | { readonly kind: "compare"; readonly op: CompareOp }
  | { readonly kind: "shift"; readonly op: ShiftOp };

/** The operator that a symbol spells. */
export const infixOperators: ReadonlyMap<string, InfixOperator> = new Map<string, InfixOperator>([
  ["+", { kind: "op", op: "add" }],
  ["-", { kind: "op", op: "sub" }],
  ["*", { kind: "op", op: "mul" }],
  ["&", { kind: "op", op: "and" }],
  ["|", { kind: "op", op: "or" }],
  ["^", { kind: "op", op: "xor" }],
  ["==", { kind: "compare", op: "equal" }],
  ["!=", { kind: "compare", op: "notEqual" }],
  ["<", { kind: "compare", op: "less" }],
  [">=", { kind: "compare", op: "notLess" }],
  ["<+", { kind: "compare", op: "lower" }],
  [">=+", { kind: "compare", op: "notLower" }],
  ["<<", { kind: "shift", op: "lsl" }],
  [">>>", { kind: "shift", op: "lsr" }],
  [">>", { kind: "shift", op: "asr" }],
  ["#>>", { kind: "shift", op: "ror" }],
]);
