// Runs one program in every way that we have: the evaluator of every language after every pass, at each optimisation
// level, and the compiled program on both executors. All of them must make the same output and end the same way.
//
// Used by golden cases of kind `run`, by the differential tests and by `npm run test:long`, which add QEMU.

import { analyse, compileProgram, type Analysis } from "../../compiler/compile.ts";
import { hasErrors } from "../../compiler/source/diagnostic.ts";
import { plain, renderText } from "../../compiler/source/render.ts";
import type { Outcome } from "../../compiler/lang/world.ts";
import { defaultOptions, type CompileOptions } from "../../compiler/options.ts";
import type { Stage } from "../../compiler/pipeline.ts";
import { evaluatorOf } from "../../compiler/run-pipeline.ts";
import type { IsaName } from "../../compiler/target/isa-named.ts";
import { memoryHost, renderFaultReport, runUserProgram, type ExecutorName } from "../../runtime/index.ts";
import { hostWorld, type HostWorld } from "../golden/host-world.ts";

/** What one way of running showed. */
export interface Observation {
  /** `riscv64 -O1 after word-cse`, `arm64 -O0 fast executor`. */
  readonly where: string;
  /** `exit 0`, or why it ended otherwise. */
  readonly ending: string;
  readonly output: string;
}

export interface RunRequest {
  readonly source: string;
  readonly target: IsaName;
  readonly input: string;
  readonly levels: readonly CompileOptions["optimise"][];
  readonly executors: readonly ExecutorName[];
  readonly heapBytes: number;
  /** Bounds evaluators: loop iterations, calls and ticks. */
  readonly fuel: number;
  readonly extensions?: readonly string[];
  /** Evaluate the stages too, not only the compiled program. */
  readonly evaluate: boolean;
}

export const defaultRequest: Omit<RunRequest, "source"> = {
  target: "riscv64",
  input: "",
  levels: [0, 1],
  executors: ["fast"],
  heapBytes: 1 << 16,
  fuel: 1_000_000,
  evaluate: true,
};

/** A program that does not get through the front end. */
export class Rejected extends Error {}

/** Reads the program; throws Rejected with the rendered diagnostics if it has errors. */
export function analyseText(source: string): Analysis {
  const analysis = analyse([{ path: "program.pnk", text: source }], {
    defines: [],
    undefines: [],
    includePaths: [],
    reader: { read: () => null },
    strict: false,
  });
  const errors = analysis.diagnostics.filter((d) => d.severity === "error");
  if (errors.length > 0) throw new Rejected(renderText(errors, analysis.unit, plain));
  return analysis;
}

/** All observations, the evaluation of the first Pan program first. */
export function runEverywhere(request: RunRequest): readonly Observation[] {
  const analysis = analyseText(request.source);
  return request.levels.flatMap((level) => runAtLevel(analysis, request, level));
}

/** The compiled program as an ELF file; throws Rejected if linking fails. */
export function elfOf(
  analysis: Analysis,
  options: CompileOptions,
  onStage?: (name: string, stage: Stage) => void,
): Uint8Array {
  const linked = compileProgram(analysis, options, {
    others: [],
    baseAddress: null,
    pipeline: { check: true, observer: { after: (entry, stage) => onStage?.(entry.name, stage) } },
  });
  if (hasErrors(linked.diagnostics)) throw new Rejected(renderText(linked.diagnostics, analysis.unit, plain));
  return linked.value;
}

function runAtLevel(
  analysis: Analysis,
  request: RunRequest,
  optimise: CompileOptions["optimise"],
): readonly Observation[] {
  const { target, heapBytes, extensions = [] } = request;
  const options: CompileOptions = { ...defaultOptions, target, optimise, heapBytes, extensions };
  const how = `${target} -O${optimise}`;
  const observations: Observation[] = [];
  const elf = elfOf(analysis, options, (name, stage) => {
    const seen = request.evaluate ? evaluateStage(stage, request) : null;
    if (seen !== null) observations.push({ where: `${how} after ${name}`, ...seen });
  });
  for (const executor of request.executors) {
    observations.push({ where: `${how} ${executor} executor`, ...runElf(elf, executor, request) });
  }
  return observations;
}

function evaluateStage(stage: Stage, request: RunRequest): Omit<Observation, "where"> | null {
  const world = hostWorld(request.heapBytes, request.input);
  const evaluator = evaluatorOf(stage, world);
  if (evaluator === null || stage.language === "surface") return null;
  const outcome = evaluator.call(stage.program.entry, [], request.fuel);
  return { ending: endingOf(outcome, world), output: world.output() };
}

function endingOf(outcome: Outcome, world: HostWorld): string {
  const [unknown] = world.unknownCalls;
  if (unknown !== undefined) return `unknown foreign call @${unknown}`;
  switch (outcome.kind) {
    case "returned":
      return `exit ${(outcome.values[0] ?? 0n) & 255n}`;
    case "exit":
      return `exit ${outcome.code & 255}`;
    case "error":
      return `error: ${outcome.why}`;
    case "timeout":
    case "exhausted":
      return outcome.kind;
  }
}

function runElf(elf: Uint8Array, executor: ExecutorName, request: RunRequest): Omit<Observation, "where"> {
  const host = memoryHost(request.input);
  const result = runUserProgram(elf, { host, executor, maxInstructions: request.fuel * 100 });
  const output = new TextDecoder("latin1").decode(host.stdoutBytes());
  switch (result.kind) {
    case "exit":
      return { ending: `exit ${result.exitCode & 255}`, output };
    case "fault":
      return { ending: `fault: ${renderFaultReport(result.report)}`, output };
    case "stopped":
      return { ending: `stopped: ${result.problem.message}`, output };
    case "rejected":
      return { ending: `rejected: ${result.problems.map((p) => p.message).join("; ")}`, output };
  }
}

/** The observations that differ from the first, in one text; null if all agree. */
export function disagreement(observations: readonly Observation[]): string | null {
  const [first, ...rest] = observations;
  const others = rest.filter((o) => o.ending !== first?.ending || o.output !== first.output);
  if (first === undefined || others.length === 0) return null;
  const show = (o: Observation): string => `${o.where}: ${o.ending}\n${o.output}`;
  return [show(first), ...others.slice(0, 3).map(show)].join("\n");
}
