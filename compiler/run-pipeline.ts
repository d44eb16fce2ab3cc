// Runs the table of passes. Checks between passes, tells an observer about each stage, and wraps our own mistakes
// with the pass (and the function, where a pass knows it) that made them.

import {
  isFor,
  languages,
  pipeline,
  type Language,
  type LanguageTools,
  type PassEntry,
  type ProgramOf,
  type Stage,
  type StageFacts,
} from "./pipeline.ts";
import type { Evaluator, World } from "./lang/world.ts";
import type { PrintedLine } from "./lang/printed-line.ts";
import { targetForms } from "./options.ts";
import { printViolation, type Violation } from "./lang/violation.ts";
import type { PassContext } from "./passes/pass.ts";
import { InternalError } from "./source/bug.ts";

/** Called around each pass. Timing is the observer's business: the compiler has no clock. */
export interface PipelineObserver {
  readonly before?: (entry: PassEntry, stage: Stage) => void;
  /** `stage` is the pass's result. */
  readonly after?: (entry: PassEntry, stage: Stage) => void;
}

export interface PipelineOptions {
  /** Check every stage with its language's rules; a violation throws InternalError. */
  readonly check?: boolean;
  readonly observer?: PipelineObserver;
  /** Stop after this pass. */
  readonly until?: string;
  /** Passes to leave out, for tests of single passes. They must not change the language. */
  readonly skip?: ReadonlySet<string>;
}

/** The passes that run with these options, in order. */
export function activePasses(context: PassContext, options: PipelineOptions = {}): readonly PassEntry[] {
  const { optimise, target } = context.options;
  const active = pipeline.filter(
    (entry) =>
      isFor(targetForms[target], entry) && entry.since <= optimise && options.skip?.has(entry.name) !== true,
  );
  const last = options.until === undefined ? -1 : active.findIndex((entry) => entry.name === options.until);
  return last < 0 ? active : active.slice(0, last + 1);
}

/** Runs `stage` through the active passes that come after its own; the result is the last stage. */
export function runPipeline(start: Stage, context: PassContext, options: PipelineOptions = {}): Stage {
  let stage = start;
  let facts: StageFacts = {};
  const passes = activePasses(context, options);
  const first = passes.findIndex((entry) => entry.from === start.language);
  for (const entry of passes.slice(Math.max(first, 0))) {
    options.observer?.before?.(entry, stage);
    const next = runPass(entry, stage, context);
    facts = next.language === stage.language ? { ...facts, ...entry.facts } : entry.facts;
    stage = next;
    if (options.check === true) demand(entry.name, stage, facts);
    options.observer?.after?.(entry, stage);
  }
  return stage;
}

/** Calls `use` with the tools of the stage's language and its program: the one place that tells languages apart. */
export function onStage<R>(
  stage: Stage,
  use: <L extends Language>(tools: LanguageTools<L>, program: ProgramOf[L]) => R,
): R {
  switch (stage.language) {
    case "surface":
      return use(languages.surface, stage.program);
    case "pan":
      return use(languages.pan, stage.program);
    case "crep":
      return use(languages.crep, stage.program);
    case "loop":
      return use(languages.loop, stage.program);
    case "word":
      return use(languages.word, stage.program);
    case "stack":
      return use(languages.stack, stage.program);
    case "lab":
      return use(languages.lab, stage.program);
    case "wasm":
      return use(languages.wasm, stage.program);
  }
}

/** The violations of a stage's rules. */
export function checkStage(stage: Stage, facts: StageFacts): readonly Violation[] {
  return onStage(stage, (tools, program) => tools.check(program, facts));
}

/** A stage as text. */
export function printStage(stage: Stage): string {
  return onStage(stage, (tools, program) => tools.print(program));
}

/** A stage as text, line by line with the source of each line. */
export function printStageLines(stage: Stage): readonly PrintedLine[] {
  return onStage(stage, (tools, program) => tools.printLines(program));
}

/** A stage made ready to run; null for languages without an evaluator. */
export function evaluatorOf(stage: Stage, world: World): Evaluator | null {
  return onStage(stage, (tools, program) => tools.evaluator?.(program, world) ?? null);
}

function runPass(entry: PassEntry, stage: Stage, context: PassContext): Stage {
  try {
    return entry.run(stage, context);
  } catch (error) {
    if (error instanceof InternalError) {
      throw new InternalError(error.message, error.span, [...error.where, `pass ${entry.name}`]);
    }
    if (error instanceof RangeError) {
      throw new InternalError(`ran out of stack: ${error.message}`, null, [`pass ${entry.name}`]);
    }
    throw error;
  }
}

function demand(pass: string, stage: Stage, facts: StageFacts): void {
  const [violation] = checkStage(stage, facts);
  if (violation === undefined) return;
  throw new InternalError(printViolation(violation), violation.span, [`check after pass ${pass}`]);
}
