// Small questions about CrepLang expressions that the rules of crep-arith share.

import type { Exp } from "../../lang/crep/ast.ts";
import { toWord, type Word } from "../../lang/machine-word.ts";
import type { Span } from "../../source/span.ts";

export const ALL_ONES: Word = toWord(-1n);

export function constant(value: bigint, span: Span): Exp {
  return { kind: "const", value: toWord(value), span };
}

export function isConst(e: Exp | undefined, value: Word): boolean {
  return e?.kind === "const" && e.value === value;
}

/** The same variable or global, which two evaluations of one expression read alike. */
export function sameAtom(a: Exp, b: Exp): boolean {
  if (a.kind === "var") return b.kind === "var" && a.var === b.var;
  if (a.kind === "global") return b.kind === "global" && a.index === b.index;
  return (a.kind === "baseAddr" || a.kind === "topAddr") && a.kind === b.kind;
}

/** The exponent if `value` is a power of two, else null. */
export function log2(value: Word): number | null {
  if (value === 0n || (value & (value - 1n)) !== 0n) return null;
  return value.toString(2).length - 1;
}

/** An upper bound of the value, read as unsigned; looks `depth` levels down. */
export function maxOf(e: Exp, depth = 4): Word {
  if (e.kind === "const") return e.value;
  if (e.kind === "compare") return 1n;
  if (e.kind === "load" && e.bytes !== 8) return e.bytes === 1 ? 0xffn : 0xffff_ffffn;
  if (depth === 0) return ALL_ONES;
  if (e.kind === "shift") return maxOfShift(e, depth - 1);
  return e.kind === "op" ? maxOfOp(e, depth - 1) : ALL_ONES;
}

function maxOfShift(e: Extract<Exp, { readonly kind: "shift" }>, depth: number): Word {
  if (e.amount.kind !== "const" || e.amount.value > 63n) return ALL_ONES;
  const value = maxOf(e.value, depth);
  if (e.op === "lsr") return value >> e.amount.value;
  return e.op === "lsl" ? atMost(value << e.amount.value) : ALL_ONES;
}

function maxOfOp(e: Extract<Exp, { readonly kind: "op" }>, depth: number): Word {
  const bounds = e.args.map((arg) => maxOf(arg, depth));
  switch (e.op) {
    case "and":
      return bounds.reduce((a, b) => (a < b ? a : b), ALL_ONES);
    case "or":
    case "xor":
      return bounds.reduce((a, b) => allOnesUpTo(a | b), 0n);
    case "add":
      return bounds.reduce((a, b) => atMost(a + b), 0n);
    case "mul":
      return bounds.reduce((a, b) => atMost(a * b), 1n);
    case "sub":
      return ALL_ONES;
  }
}

/** The bound itself, or no bound if the value may have wrapped. */
function atMost(bound: bigint): Word {
  return bound > ALL_ONES ? ALL_ONES : bound;
}

function allOnesUpTo(bound: Word): Word {
  return bound === 0n ? 0n : (1n << BigInt(bound.toString(2).length)) - 1n;
}
