// What a call needs to know about its callee once exceptions have become status words.
//
// Relies on analysis/exception-conventions.ts. A status function's result words: the status, then the larger of its results and
// the payloads that may escape.

import type { Program } from "../../lang/loop/ast.ts";
import { bug } from "../../source/bug.ts";
import type { ExceptionSet } from "../analysis/may-raise.ts";
import type { Convention } from "../analysis/exception-conventions.ts";

export interface Callee {
  /** The function to call: for a wrapped one its inner version. */
  readonly name: string;
  readonly returnsStatus: boolean;
  /** All words that the call defines. */
  readonly resultWords: number;
  /** Words of a normal result, the status left out. */
  readonly normalWords: number;
  readonly escapes: ExceptionSet;
}

export interface Callees {
  callee(name: string): Callee;
  /** Result words of a status function. */
  statusWords(normalWords: number, escapes: ExceptionSet): number;
  /** The longest payload of a set of exceptions. */
  payloadWords(escapes: ExceptionSet): number;
}

export function calleesOf(program: Program, table: ReadonlyMap<string, Convention>): Callees {
  const payloadWords = (escapes: ExceptionSet): number =>
    Math.max(
      0,
      ...[...escapes].map((e) => program.exceptions[e]?.payloadWords ?? bug(`no exception ${String(e)}`)),
    );
  const statusWords = (normalWords: number, escapes: ExceptionSet): number =>
    1 + Math.max(normalWords, payloadWords(escapes));
  const callees = new Map<string, Callee>();
  for (const f of program.functions) {
    const convention = table.get(f.name) ?? bug(`no convention for ${f.name}`);
    const { escapes, kind } = convention;
    const returnsStatus = kind === "status" || kind === "wrapped";
    callees.set(f.name, {
      name: kind === "wrapped" ? convention.inner : f.name,
      returnsStatus,
      normalWords: f.resultWords,
      resultWords: returnsStatus ? statusWords(f.resultWords, escapes) : f.resultWords,
      escapes: returnsStatus ? escapes : new Set(),
    });
  }
  return { callee: (name) => callees.get(name) ?? bug(`no function ${name}`), statusWords, payloadWords };
}
