// `pancake check`: reports mistakes, as text on standard error or as JSON on standard output.

import { hasErrors } from "../../../compiler/source/diagnostic.ts";
import { renderJson } from "../../../compiler/source/render.ts";
import { EXIT } from "../exit-codes.ts";
import { analyseFiles, report, type SourceOptions } from "../front-end.ts";

export interface CheckOptions extends SourceOptions {
  readonly format: "text" | "json";
}

/** Exit code 1 if there is an error; warnings alone leave 0. */
export function check(files: readonly string[], options: CheckOptions): number {
  const { diagnostics, unit } = analyseFiles(files, options);
  if (options.format === "json") {
    const shown = diagnostics.filter((d) => options.warn || d.severity === "error");
    process.stdout.write(`${JSON.stringify(renderJson(shown, unit), null, 2)}\n`);
    return hasErrors(diagnostics) ? EXIT.userError : EXIT.ok;
  }
  return report(diagnostics, unit, options.warn) ? EXIT.userError : EXIT.ok;
}
