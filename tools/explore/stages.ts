// The stages of a program for `pancake explore`: the surface tree and the result of every active pass.

import type { Analysis } from "../../compiler/compile.ts";
import type { CompileOptions } from "../../compiler/options.ts";
import { makeStage, type Stage } from "../../compiler/pipeline.ts";
import { activePasses, runPipeline } from "../../compiler/run-pipeline.ts";

export interface NamedStage {
  /** Name of the pass that made it. */
  readonly name: string;
  readonly stage: Stage;
}

/** The result of each pass in order, up to `until` (all passes if null). The analysis must be free of errors. */
export function stagesOf(
  analysis: Analysis,
  options: CompileOptions,
  settings: { readonly until: string | null; readonly check: boolean },
): readonly NamedStage[] {
  const stages: NamedStage[] = [];
  runPipeline(
    makeStage("surface", analysis.surface),
    { options },
    {
      check: settings.check,
      ...(settings.until === null ? {} : { until: settings.until }),
      observer: { after: (entry, stage) => stages.push({ name: entry.name, stage }) },
    },
  );
  return stages;
}

/** Names of the passes that run with these options. */
export function passNames(options: CompileOptions): readonly string[] {
  return activePasses({ options }).map((entry) => entry.name);
}
