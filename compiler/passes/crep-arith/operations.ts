// Rules for arithmetic, bitwise operations and shifts: constructors that answer the simplest equal expression.
//
// Operands are simplified already. Constants gather at the right end of sums, masks and products, so that later
// rules (and address offsets in WordLang) find them.

import type { Exp } from "../../lang/crep/ast.ts";
import { arith, shift, toWord, WORD_BITS, type ShiftOp, type Word } from "../../lang/machine-word.ts";
import { bug } from "../../source/bug.ts";
import type { Span } from "../../source/span.ts";
import { negated } from "./comparisons.ts";
import { ALL_ONES, constant, isConst, log2, maxOf, sameAtom } from "./node.ts";

type Operator = Extract<Exp, { readonly kind: "op" }>["op"];

export function makeOp(op: Operator, args: readonly Exp[], span: Span): Exp {
  const [a, b] = args;
  if (a === undefined || b === undefined) return bug(`${op} of less than two arguments`, span);
  switch (op) {
    case "add":
      return makeAdd(args, span);
    case "sub":
      return makeSub(a, b, span);
    case "mul":
      return makeMul(a, b, span);
    case "and":
    case "or":
    case "xor":
      return makeBitwise(op, args, span);
  }
}

interface Gathered {
  readonly terms: readonly Exp[];
  readonly constant: Word;
}

/** The operands of nested `op`s in one list, constants combined. */
function gather(op: "add" | "and" | "or" | "xor", args: readonly Exp[], neutral: Word): Gathered {
  const terms: Exp[] = [];
  let combined = neutral;
  const take = (e: Exp): void => {
    if (e.kind === "op" && e.op === op) e.args.forEach(take);
    else if (e.kind === "const") combined = arith[op](combined, e.value);
    else terms.push(e);
  };
  args.forEach(take);
  return { terms, constant: combined };
}

/** `terms` joined by `op`; `neutral` is the value of none. */
function joinTerms(op: Operator, terms: readonly Exp[], neutral: Word, span: Span): Exp {
  const [only] = terms;
  if (only === undefined) return constant(neutral, span);
  return terms.length === 1 ? only : { kind: "op", op, args: terms, span };
}

function makeAdd(args: readonly Exp[], span: Span): Exp {
  const sum = gather("add", args, 0n);
  const terms = sum.constant === 0n ? sum.terms : [...sum.terms, constant(sum.constant, span)];
  return joinTerms("add", terms, 0n, span);
}

function makeSub(a: Exp, b: Exp, span: Span): Exp {
  if (b.kind === "const") return makeAdd([a, constant(-b.value, b.span)], span);
  if (sameAtom(a, b)) return constant(0n, span);
  return { kind: "op", op: "sub", args: [a, b], span };
}

function makeBitwise(op: "and" | "or" | "xor", args: readonly Exp[], span: Span): Exp {
  const neutral = op === "and" ? ALL_ONES : 0n;
  const { terms: gathered, constant: mask } = gather(op, args, neutral);
  const terms = op === "xor" ? gathered : withoutRepeats(gathered);
  if (op === "and" && mask === 0n) return constant(0n, span);
  if (op === "or" && mask === ALL_ONES) return constant(ALL_ONES, span);
  const [only] = terms;
  if (only !== undefined && terms.length === 1) {
    if (op === "and" && keepsAllBits(mask, only)) return only;
    if (op === "xor" && mask === 1n && only.kind === "compare") return negated(only);
  }
  const [first, second] = terms;
  if (
    op === "xor" &&
    terms.length === 2 &&
    first !== undefined &&
    second !== undefined &&
    sameAtom(first, second)
  ) {
    return constant(mask, span);
  }
  return joinTerms(op, mask === neutral ? terms : [...terms, constant(mask, span)], neutral, span);
}

function withoutRepeats(terms: readonly Exp[]): readonly Exp[] {
  return terms.length > 8 ? terms : terms.filter((t, i) => !terms.slice(0, i).some((u) => sameAtom(t, u)));
}

/** True if every bit that `e` can have is in `mask`. */
function keepsAllBits(mask: Word, e: Exp): boolean {
  const bits = maxOf(e).toString(2).length;
  const possible = (1n << BigInt(bits)) - 1n;
  return (mask & possible) === possible;
}

function makeMul(a: Exp, b: Exp, span: Span): Exp {
  if (a.kind === "const" && b.kind === "const") return constant(a.value * b.value, span);
  if (a.kind === "const") return timesConstant(b, a.value, span);
  if (b.kind === "const") return timesConstant(a, b.value, span);
  return { kind: "op", op: "mul", args: [a, b], span };
}

function timesConstant(e: Exp, factor: Word, span: Span): Exp {
  if (factor === 0n) return constant(0n, span);
  if (factor === 1n) return e;
  const inner = innerFactor(e);
  if (inner !== null) return timesConstant(inner.exp, toWord(inner.factor * factor), span);
  const exponent = log2(factor);
  if (exponent !== null) return makeShift("lsl", e, constant(BigInt(exponent), span), span);
  return (
    timesNearPower(e, factor, span) ?? { kind: "op", op: "mul", args: [e, constant(factor, span)], span }
  );
}

/** `x` and `c` of `x * c` and `x << c`. */
function innerFactor(e: Exp): { readonly exp: Exp; readonly factor: Word } | null {
  if (e.kind === "op" && e.op === "mul") {
    const [exp, factor] = e.args;
    if (exp !== undefined && factor?.kind === "const") return { exp, factor: factor.value };
  }
  if (e.kind === "shift" && e.op === "lsl" && e.amount.kind === "const" && e.amount.value < 64n) {
    return { exp: e.value, factor: 1n << e.amount.value };
  }
  return null;
}

/** `x * (2^n + 1)`, `x * (2^n - 1)` and `x * -2^n` in two operations, for variables. */
function timesNearPower(e: Exp, factor: Word, span: Span): Exp | null {
  const negative = log2(toWord(-factor));
  if (negative !== null) {
    const shifted = makeShift("lsl", e, constant(BigInt(negative), span), span);
    return { kind: "op", op: "sub", args: [constant(0n, span), shifted], span };
  }
  if (e.kind !== "var") return null;
  for (const [op, power] of [
    ["add", log2(factor - 1n)],
    ["sub", log2(toWord(factor + 1n))],
  ] as const) {
    if (power === null) continue;
    const shifted = makeShift("lsl", e, constant(BigInt(power), span), span);
    return { kind: "op", op, args: [shifted, e], span };
  }
  return null;
}

export function makeShift(op: ShiftOp, value: Exp, amount: Exp, span: Span): Exp {
  // An amount out of range is Error and stays where it is.
  if (amount.kind !== "const" || amount.value >= BigInt(WORD_BITS)) {
    return { kind: "shift", op, value, amount, span };
  }
  const bits = Number(amount.value);
  if (bits === 0) return value;
  if (value.kind === "const") return constant(shift[op](value.value, bits), span);
  if (op === "asr" && maxOf(value) < 1n << 63n) return makeShift("lsr", value, amount, span);
  if (op === "lsr" && maxOf(value) >> BigInt(bits) === 0n) return constant(0n, span);
  if (
    value.kind === "shift" &&
    value.op === op &&
    value.amount.kind === "const" &&
    value.amount.value < 64n
  ) {
    return twoShifts(op, value.value, bits + Number(value.amount.value), span);
  }
  if (op === "lsl") {
    const whole = shiftedSum(value, bits, span) ?? shiftedProduct(value, bits, span);
    if (whole !== null) return whole;
  }
  return { kind: "shift", op, value, amount, span };
}

function twoShifts(op: ShiftOp, value: Exp, bits: number, span: Span): Exp {
  if (op === "ror") return makeShift(op, value, constant(BigInt(bits % WORD_BITS), span), span);
  if (bits < WORD_BITS) return makeShift(op, value, constant(BigInt(bits), span), span);
  return op === "asr" ? makeShift(op, value, constant(63n, span), span) : constant(0n, span);
}

/** `(x + c) << n` as `(x << n) + (c << n)`: an offset that addresses can absorb. */
function shiftedSum(value: Exp, bits: number, span: Span): Exp | null {
  if (value.kind !== "op" || value.op !== "add" || value.args.length !== 2) return null;
  const [term, offset] = value.args;
  if (term === undefined || offset?.kind !== "const") return null;
  const shifted = makeShift("lsl", term, constant(BigInt(bits), span), span);
  return makeAdd([shifted, constant(offset.value << BigInt(bits), span)], span);
}

function shiftedProduct(value: Exp, bits: number, span: Span): Exp | null {
  if (value.kind !== "op" || value.op !== "mul" || !value.args.some((arg) => arg.kind === "const"))
    return null;
  const [a, b] = value.args;
  if (a === undefined || b?.kind !== "const" || isConst(b, 0n)) return null;
  return timesConstant(a, toWord(b.value << BigInt(bits)), span);
}
