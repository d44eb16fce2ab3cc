// How often a loop runs: from where its counter starts, how it steps and the condition that lets it go on.
//
// Everything is modulo 2^64; an answer is given only if the counter meets no end of the number line on its way.

import { negateCompare, toSigned, toWord, type CompareOp, type Word } from "../../lang/machine-word.ts";
import type { Invariant } from "../word-induction/linear.ts";

/** `left op right` holds. */
export interface Fact {
  readonly op: CompareOp;
  readonly left: Invariant;
  readonly right: Invariant;
}

/** The counter starts at `start`; after each step the loop goes on if the condition `op bound` holds for it. */
export interface CountedLoop {
  readonly start: Invariant;
  readonly step: Word;
  readonly op: CompareOp;
  readonly bound: Invariant;
  /** True if the bound is known to have no sign bit. */
  readonly isBoundPositive: boolean;
  /** What holds where the loop is entered. */
  readonly facts: readonly Fact[];
}

/** A number of rounds, at least one (0 stands for 2^64): a word, or `high - low`. */
export type Trips = Word | { readonly high: Invariant; readonly low: Invariant };

/** How often the loop runs; null if that is not known. */
export function tripsOf(loop: CountedLoop): Trips | null {
  const { start, step, op, bound } = loop;
  if (typeof start === "bigint" && typeof bound === "bigint") return knownTrips(start, step, op, bound);
  // A word that the counter cannot miss.
  if (op === "notEqual" && step === 1n) return { high: bound, low: start };
  if (op === "notEqual" && step === toWord(-1n)) return { high: start, low: bound };
  const isUp = (op === "less" || op === "lower") && step === 1n;
  return isUp && loop.facts.some((fact) => startsBelow(fact, loop)) ? { high: bound, low: start } : null;
}

// All numbers as the comparison reads them.
function knownTrips(start: Word, step: Word, op: CompareOp, bound: Word): Word | null {
  const isSigned = op === "less" || op === "notLess";
  const read = (word: Word): bigint => (isSigned ? toSigned(word) : word);
  const [from, by, to] = [read(start), toSigned(step), read(bound)];
  const rounds = roundsTo(to - from, by, op);
  if (rounds === null) return null;
  const last = from + by * rounds;
  return read(toWord(last)) === last ? rounds : null;
}

// The first round, from 1 on, after which the condition does not hold. `distance`: from the start to the bound.
function roundsTo(distance: bigint, by: bigint, op: CompareOp): bigint | null {
  switch (op) {
    case "notEqual":
      return by !== 0n && distance % by === 0n && distance / by > 0n ? distance / by : null;
    case "less":
    case "lower":
      if (by <= 0n) return null;
      return distance <= by ? 1n : (distance + by - 1n) / by;
    case "notLess":
    case "notLower":
      if (by >= 0n) return null;
      return distance > by ? 1n : distance / by + 1n;
    case "equal":
      return null;
  }
}

// True if the fact says that the start is below the bound, as the loop's condition compares them.
function startsBelow(fact: Fact, { op, start, bound, isBoundPositive }: CountedLoop): boolean {
  if (fact.op === op) return fact.left === start && fact.right === bound;
  if (fact.left !== bound || typeof start !== "bigint" || typeof fact.right !== "bigint") return false;
  // Conditions have the constant on the right: what is not below the next word is above the start.
  const isNext = fact.right === toWord(start + 1n);
  if (fact.op === negateCompare[op]) return isNext && start !== greatest[op];
  const isUnsigned = op === "lower" || (isBoundPositive && toSigned(start) >= 0n);
  if (!isUnsigned) return false;
  return fact.op === "notEqual" ? start === 0n && fact.right === 0n : fact.op === "notLower" && isNext;
}

const greatest: Readonly<Partial<Record<CompareOp, Word>>> = { less: (1n << 63n) - 1n, lower: toWord(-1n) };
