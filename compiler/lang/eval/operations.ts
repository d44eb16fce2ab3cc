// Closures for the pure operations, with the common operand forms written out. Hot: see machine.ts.

import type { Span } from "../../source/span.ts";
import type { ArithOp, CompareOp, ShiftOp, Word } from "../machine-word.ts";
import type { Operation } from "../operation.ts";
import { stopWithError, type Frame, type Get } from "./machine.ts";

export function constant(value: Word): Get {
  return () => value;
}

/** Reads a slot; `name` is for the message if it was never assigned. */
export function slotValue(slot: number, name: string): Get {
  return (frame) => frame[slot] ?? unassigned(name);
}

function unassigned(name: string): never {
  return stopWithError(`variable ${name} is read before it is assigned`);
}

export function arithmetic(op: ArithOp, a: Get, b: Get): Get {
  switch (op) {
    case "add":
      return (f) => BigInt.asUintN(64, a(f) + b(f));
    case "sub":
      return (f) => BigInt.asUintN(64, a(f) - b(f));
    case "mul":
      return (f) => BigInt.asUintN(64, a(f) * b(f));
    case "and":
      return (f) => a(f) & b(f);
    case "or":
      return (f) => a(f) | b(f);
    case "xor":
      return (f) => a(f) ^ b(f);
  }
}

/** A compiled comparison, as a truth value. */
export type Test = (frame: Frame) => boolean;

export function comparison(op: CompareOp, a: Get, b: Get): Test {
  switch (op) {
    case "equal":
      return (f) => a(f) === b(f);
    case "notEqual":
      return (f) => a(f) !== b(f);
    case "less":
      return (f) => BigInt.asIntN(64, a(f)) < BigInt.asIntN(64, b(f));
    case "notLess":
      return (f) => BigInt.asIntN(64, a(f)) >= BigInt.asIntN(64, b(f));
    case "lower":
      return (f) => a(f) < b(f);
    case "notLower":
      return (f) => a(f) >= b(f);
  }
}

export function truth(test: Test): Get {
  return (f) => (test(f) ? 1n : 0n);
}

export function isTrue(value: Get): Test {
  return (f) => value(f) !== 0n;
}

function checkedAmount(amount: Word, span: Span): Word {
  return amount < 64n ? amount : stopWithError(`shift by ${amount.toString()}, at most 63`, span);
}

/** An amount of 64 or more is Error. */
export function shifted(op: ShiftOp, value: Get, amount: Get, span: Span): Get {
  const by = (f: Frame): Word => checkedAmount(amount(f), span);
  switch (op) {
    case "lsl":
      return (f) => BigInt.asUintN(64, value(f) << by(f));
    case "lsr":
      return (f) => value(f) >> by(f);
    case "asr":
      return (f) => BigInt.asUintN(64, BigInt.asIntN(64, value(f)) >> by(f));
    case "ror":
      return (f) => {
        const v = value(f);
        const n = by(f);
        return BigInt.asUintN(64, (v >> n) | (v << (64n - n)));
      };
  }
}

/** An operation whose operands `word` compiles. */
export function operation<Exp>(e: Operation<Exp>, word: (operand: Exp) => Get): Get {
  switch (e.kind) {
    case "op":
      return e.args.map(word).reduce((a, b) => arithmetic(e.op, a, b));
    case "compare":
      return truth(comparison(e.op, word(e.left), word(e.right)));
    case "shift":
      return shifted(e.op, word(e.value), word(e.amount), e.span);
  }
}
