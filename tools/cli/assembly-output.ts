// `pancake compile -S`: GNU assembly, and with `--source-map` a source map from its lines to Pancake's.

import { basename } from "node:path";
import { SourceMapGenerator } from "source-map";
import { compileToAssembly, type Analysis } from "../../compiler/compile.ts";
import type { CompileOptions } from "../../compiler/options.ts";
import type { AssemblyMapping } from "../../compiler/target/print-assembly.ts";
import { EXIT } from "./exit-codes.ts";
import { writeOutput } from "./files.ts";
import { report } from "./front-end.ts";

export interface AssemblyJob {
  readonly analysis: Analysis;
  readonly options: CompileOptions;
  readonly words: { readonly sourceMap?: string; readonly check: boolean; readonly warn: boolean };
  readonly output: string;
}

/** Writes the assembly, and the map if one is asked for. */
export function writeAssembly({ analysis, options, words, output }: AssemblyJob): number {
  const made = compileToAssembly(analysis, options, { check: words.check });
  if (report(made.diagnostics, analysis.unit, words.warn)) return EXIT.userError;
  writeOutput(output, made.value.text);
  if (words.sourceMap !== undefined) {
    writeOutput(words.sourceMap, sourceMap(basename(output), made.value.mappings));
  }
  return EXIT.ok;
}

/** A version 3 source map as text. Its columns count from 0, ours from 1. */
function sourceMap(file: string, mappings: readonly AssemblyMapping[]): string {
  const map = new SourceMapGenerator({ file });
  for (const { assemblyLine, file: source, line, column } of mappings) {
    map.addMapping({
      generated: { line: assemblyLine, column: 0 },
      original: { line, column: column - 1 },
      source,
    });
  }
  return map.toString();
}
