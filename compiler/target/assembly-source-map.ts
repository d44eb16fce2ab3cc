// The source map of an assembly listing: from its lines to lines of Pancake (Source Map, version 3).
// Relies on the source-map package; loaded only when a map is asked for.

import { SourceMapGenerator } from "source-map";
import type { AssemblyMapping } from "./print-assembly.ts";

/** The map as JSON text. `assemblyFile`: how the listing is called. */
export function assemblySourceMap(assemblyFile: string, mappings: readonly AssemblyMapping[]): string {
  const map = new SourceMapGenerator({ file: assemblyFile });
  for (const { assemblyLine, file, line, column } of mappings) {
    // Columns of the format count from 0.
    map.addMapping({
      generated: { line: assemblyLine, column: 0 },
      original: { line, column: column - 1 },
      source: file,
    });
  }
  return map.toString();
}
