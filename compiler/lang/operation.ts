// The pure operations of PanLang's and CrepLang's expressions: their parts and their text.

import type { Span } from "../source/span.ts";
import type { ArithOp, CompareOp, ShiftOp } from "./machine-word.ts";
import { arithText, compareText, infixOperators, shiftText } from "./operator-text.ts";
import type { TextReader, Token } from "./text-reader.ts";

/** `add and or xor` take two or more arguments, `sub` and `mul` exactly two. */
export interface ArithExp<Exp> {
  readonly kind: "op";
  readonly op: ArithOp;
  readonly args: readonly Exp[];
  readonly span: Span;
}

/** 1 if the comparison holds, else 0. */
export interface CompareExp<Exp> {
  readonly kind: "compare";
  readonly op: CompareOp;
  readonly left: Exp;
  readonly right: Exp;
  readonly span: Span;
}

/** An amount of 64 or more is Error. */
export interface ShiftExp<Exp> {
  readonly kind: "shift";
  readonly op: ShiftOp;
  readonly value: Exp;
  readonly amount: Exp;
  readonly span: Span;
}

/** One pure operation over expressions. */
export type Operation<Exp> = ArithExp<Exp> | CompareExp<Exp> | ShiftExp<Exp>;

/** The arguments, left to right. */
export function operandsOf<Exp>(e: Operation<Exp>): readonly Exp[] {
  switch (e.kind) {
    case "op":
      return e.args;
    case "compare":
      return [e.left, e.right];
    case "shift":
      return [e.value, e.amount];
  }
}

/** `e` with its arguments mapped. */
export function mapOperands<Exp>(e: Operation<Exp>, f: (operand: Exp) => Exp): Operation<Exp> {
  switch (e.kind) {
    case "op":
      return { ...e, args: e.args.map(f) };
    case "compare":
      return { ...e, left: f(e.left), right: f(e.right) };
    case "shift":
      return { ...e, value: f(e.value), amount: f(e.amount) };
  }
}

/** Whether `e` has as many arguments as its operator takes. */
export function hasItsArity<Exp>(e: Operation<Exp>): boolean {
  if (e.kind !== "op") return true;
  return e.op === "sub" || e.op === "mul" ? e.args.length === 2 : e.args.length >= 2;
}

/** In parentheses. */
export function printOperation<Exp>(e: Operation<Exp>, print: (operand: Exp) => string): string {
  switch (e.kind) {
    case "op":
      return `(${e.args.map(print).join(` ${arithText[e.op]} `)})`;
    case "compare":
      return `(${print(e.left)} ${compareText[e.op]} ${print(e.right)})`;
    case "shift":
      return `(${print(e.value)} ${shiftText[e.op]} ${print(e.amount)})`;
  }
}

/** `a)`, `a op b)`, or `a op b op c ...)` of one arithmetic operator; `first`, the parenthesis, has been read. */
export function parseOperation<Exp>(r: TextReader, first: Token, parseExp: () => Exp): Exp | Operation<Exp> {
  const left = parseExp();
  if (r.accept(")")) return left;
  const symbol = r.next();
  const operator = infixOperators.get(symbol.text);
  if (operator === undefined) return r.fail(`expected an operator, found \`${symbol.text}\``, symbol);
  const right = parseExp();
  const args = [left, right];
  while (operator.kind === "op" && r.accept(symbol.text)) args.push(parseExp());
  r.expect(")");
  const span = r.spanFrom(first);
  switch (operator.kind) {
    case "op":
      return { kind: "op", op: operator.op, args, span };
    case "compare":
      return { kind: "compare", op: operator.op, left, right, span };
    case "shift":
      return { kind: "shift", op: operator.op, value: left, amount: right, span };
  }
}
