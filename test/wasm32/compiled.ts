// Programs compiled to WebAssembly for the tests of this folder, and their runs.

import { analyse, compileModule, type Analysis } from "../../compiler/compile.ts";
import { defaultOptions, type CompileOptions } from "../../compiler/options.ts";
import type { Diagnostic } from "../../compiler/source/diagnostic.ts";
import { loadBinaryen } from "../../compiler/target/wasm32/assemble-module.ts";
import { withSourceMap } from "../../compiler/target/wasm32/source-map.ts";
import { memoryHost, renderFaultReport, runModule } from "../../runtime/index.ts";

export const binaryen = await loadBinaryen();

export interface Compiled {
  readonly bytes: Uint8Array;
  readonly sourceMap: string;
  readonly diagnostics: readonly Diagnostic[];
}

export function analysisOf(source: string, path = "program.pnk"): Analysis {
  return analyse([{ path, text: source }], {
    defines: [],
    undefines: [],
    includePaths: [],
    reader: { read: () => null },
    strict: false,
  });
}

/** `open`: as with `-c`. */
export function compiled(
  source: string,
  options: Partial<CompileOptions> = {},
  { open = false, path = "program.pnk" } = {},
): Compiled {
  const all: CompileOptions = { ...defaultOptions, target: "wasm32", ...options };
  const request = { binaryen, open, pipeline: { check: true } };
  const made = compileModule(analysisOf(source, path), all, request, (module) => ({
    bytes: withSourceMap(module, null),
    sourceMap: module.binary().sourceMap,
  }));
  return { bytes: new Uint8Array(0), sourceMap: "", ...made.value, diagnostics: made.diagnostics };
}

/** `exit N`, or the report of the fault. */
export function endingOf(bytes: Uint8Array): string {
  const result = runModule(bytes, memoryHost());
  if (result.kind === "exit") return `exit ${String(result.exitCode)}`;
  return result.kind === "fault" ? renderFaultReport(result.report) : result.problem.code;
}
