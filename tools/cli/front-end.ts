// What every command that reads Pancake source does first: read the files, analyse them, print what was found.

import { analyse, type Analysis } from "../../compiler/compile.ts";
import { hasErrors, type Diagnostic } from "../../compiler/source/diagnostic.ts";
import { renderText } from "../../compiler/source/render.ts";
import type { TranslationUnit } from "../../compiler/source/translation-unit.ts";
import { readText, readTextIfPresent } from "./files.ts";
import { terminalPalette } from "./palette.ts";
import { FileProblem, UsageProblem } from "./problems.ts";

/** Options that `sourceCommand` of main.ts declares. */
export interface SourceOptions {
  readonly D: readonly string[];
  readonly U: readonly string[];
  readonly I: readonly string[];
  readonly strict: boolean;
  readonly warn: boolean;
}

/** Reads and checks the files; no file means standard input. Throws FileProblem for a file that cannot be read. */
export function analyseFiles(files: readonly string[], options: SourceOptions): Analysis {
  const paths = files.length > 0 ? files : ["-"];
  if (paths.filter((path) => path === "-").length > 1) {
    throw new UsageProblem("standard input can be read once, but `-` is named twice");
  }
  if (files.length === 0 && process.stdin.isTTY) {
    throw new FileProblem("no input: name the source files, or `-` to type the program");
  }
  const sources = paths.map((path) => ({ path: path === "-" ? "<stdin>" : path, text: readText(path) }));
  return analyse(sources, {
    defines: options.D,
    undefines: options.U,
    includePaths: options.I,
    reader: { read: readTextIfPresent },
    strict: options.strict,
  });
}

/** Diagnostics printed as text; who has more reads the first ones, or asks for JSON. */
const MAX_SHOWN = 100;

/** Prints diagnostics to standard error; warnings only if asked for. True if there was an error. */
export function report(
  diagnostics: readonly Diagnostic[],
  unit: TranslationUnit,
  warnings: boolean,
): boolean {
  const shown = diagnostics.filter((d) => warnings || d.severity === "error");
  if (shown.length > 0) {
    const first = shown.length > MAX_SHOWN ? mostImportant(shown) : shown;
    const more = shown.length > first.length ? `, the first ${String(MAX_SHOWN)} shown` : "";
    process.stderr.write(`${renderText(first, unit, terminalPalette())}\n\n${countLine(shown)}${more}\n`);
  }
  return hasErrors(diagnostics);
}

/** Errors before warnings, each in the given order. */
function mostImportant(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const errors = diagnostics.filter((d) => d.severity === "error");
  const warnings = diagnostics.filter((d) => d.severity !== "error");
  return [...errors, ...warnings].slice(0, MAX_SHOWN);
}

/** `2 errors, 1 warning`. */
export function countLine(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((d) => d.severity === "error").length;
  const warnings = diagnostics.length - errors;
  const count = (n: number, word: string): string => `${String(n)} ${word}${n === 1 ? "" : "s"}`;
  return [errors > 0 ? [count(errors, "error")] : [], warnings > 0 ? [count(warnings, "warning")] : []]
    .flat()
    .join(", ");
}
