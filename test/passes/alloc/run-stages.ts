// Runs a Word program and everything that the passes down to Lab make of it, and compares what an observer sees.

import { expect } from "vitest";
import * as labLang from "../../../compiler/lang/lab/index.ts";
import * as stackLang from "../../../compiler/lang/stack/index.ts";
import { printViolation } from "../../../compiler/lang/violation.ts";
import * as wordLang from "../../../compiler/lang/word/index.ts";
import type { Evaluator, World } from "../../../compiler/lang/world.ts";
import { labFilter } from "../../../compiler/passes/lab-filter.ts";
import { labJoin } from "../../../compiler/passes/lab-join.ts";
import { stackFrames } from "../../../compiler/passes/stack-frames.ts";
import { stackToLab } from "../../../compiler/passes/stack-to-lab.ts";
import { wordToStack } from "../../../compiler/passes/word-to-stack.ts";

/** The stages of one program. */
export interface Stages {
  readonly word: wordLang.Program;
  readonly stack: stackLang.Program;
  readonly framed: stackLang.Program;
  readonly lab: labLang.Program;
  readonly filtered: labLang.Program;
  readonly joined: labLang.Program;
}

export function stagesOf(word: wordLang.Program): Stages {
  const stack = wordToStack(word);
  const framed = stackFrames(stack);
  const lab = stackToLab(framed);
  const filtered = labFilter(lab);
  return { word, stack, framed, lab, filtered, joined: labJoin(filtered) };
}

/** Every rule of every stage holds. */
export function expectSound(stages: Stages): void {
  expect(wordLang.check(stages.word).map(printViolation)).toEqual([]);
  expect(stackLang.check(stages.stack).map(printViolation)).toEqual([]);
  expect(stackLang.check(stages.framed).map(printViolation)).toEqual([]);
  expect(labLang.check(stages.lab).map(printViolation)).toEqual([]);
  expect(labLang.check(stages.filtered).map(printViolation)).toEqual([]);
  expect(labLang.check(stages.joined).map(printViolation)).toEqual([]);
}

interface Call {
  readonly name: string;
  readonly args: readonly bigint[];
}

const FUEL = 200_000;

/** What a run shows: its outcome, the foreign calls, the memory in the end. */
export function observe(make: (world: World) => Evaluator, calls: readonly Call[]): readonly string[] {
  const seen: string[] = [];
  const memory = new Uint8Array(64);
  const run = make({
    base: 0x1000n,
    memory,
    foreignCall: (name, args) => (seen.push(`${name}(${args.join(",")})`), null),
    sharedLoad: (_, address) => address * 3n,
    sharedStore: (_, address, value) => (seen.push(`${String(address)}=${String(value)}`), true),
  });
  for (const { name, args } of calls) {
    const outcome = run.call(name, args, FUEL);
    seen.push(outcome.kind === "returned" ? `returned ${outcome.values.join(",")}` : outcome.kind);
  }
  return [...seen, memory.join(" ")];
}

/** All stages behave alike. */
export function expectSame(stages: Stages, calls: readonly Call[] = [{ name: "main", args: [] }]): void {
  const expected = observe((world) => wordLang.evaluator(stages.word, world), calls);
  expect(observe((world) => stackLang.evaluator(stages.stack, world), calls)).toEqual(expected);
  expect(observe((world) => stackLang.evaluator(stages.framed, world), calls)).toEqual(expected);
  expect(observe((world) => labLang.evaluator(stages.lab, world), calls)).toEqual(expected);
  expect(observe((world) => labLang.evaluator(stages.filtered, world), calls)).toEqual(expected);
  expect(observe((world) => labLang.evaluator(stages.joined, world), calls)).toEqual(expected);
}

/** A program from its text. */
export function wordProgram(text: string): wordLang.Program {
  const parsed = wordLang.parse(text);
  if (!parsed.ok) throw new Error(`${String(parsed.line)}:${String(parsed.column)}: ${parsed.message}`);
  return parsed.value;
}
