// `pancake lower`: prints the program in stock Pancake.

import { makeStage } from "../../../compiler/pipeline.ts";
import { printStage, runPipeline } from "../../../compiler/run-pipeline.ts";
import { defaultOptions } from "../../../compiler/options.ts";
import { EXIT } from "../exit-codes.ts";
import { refuseOverwrite, writeOutput } from "../files.ts";
import { analyseFiles, report, type SourceOptions } from "../front-end.ts";

export interface LowerOptions extends SourceOptions {
  readonly output: string;
}

export function lower(files: readonly string[], options: LowerOptions): number {
  refuseOverwrite(options.output, files);
  const analysis = analyseFiles(files, options);
  if (report(analysis.diagnostics, analysis.unit, options.warn)) return EXIT.userError;
  const start = makeStage("surface", analysis.surface);
  const lowered = runPipeline(start, { options: defaultOptions }, { until: "lower-conveniences" });
  writeOutput(options.output, printStage(lowered));
  return EXIT.ok;
}
