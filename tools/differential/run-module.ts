// Runs a program as a WebAssembly module, at the levels of a request for run-everywhere.ts, to be compared with what
// that shows. A module has no fuel, so the program must end.

import { compileModule, type Analysis } from "../../compiler/compile.ts";
import { defaultOptions, type CompileOptions } from "../../compiler/options.ts";
import { plain, renderText } from "../../compiler/source/render.ts";
import type { Binaryen } from "../../compiler/target/wasm32/assemble-module.ts";
import { withSourceMap } from "../../compiler/target/wasm32/source-map.ts";
import { memoryHost, renderFaultReport, runModule } from "../../runtime/index.ts";
import { analyseText, Rejected, type Observation, type RunRequest } from "./run-everywhere.ts";

/** One observation a level. */
export function moduleObservations(binaryen: Binaryen): (request: RunRequest) => readonly Observation[] {
  return ({ source, input, levels, heapBytes }) => {
    const analysis = analyseText(source);
    return levels.map((optimise) => {
      const options: CompileOptions = { ...defaultOptions, target: "wasm32", optimise, heapBytes };
      return { where: `wasm32 -O${String(optimise)}`, ...run(moduleOf(analysis, options, binaryen), input) };
    });
  };
}

/** The compiled program; throws Rejected if it cannot be a module. */
export function moduleOf(analysis: Analysis, options: CompileOptions, binaryen: Binaryen): Uint8Array {
  const request = { binaryen, open: false, pipeline: { check: true } };
  const made = compileModule(analysis, options, request, (module) => withSourceMap(module, null));
  if (made.value === null) throw new Rejected(renderText(made.diagnostics, analysis.unit, plain));
  return made.value;
}

function run(bytes: Uint8Array, input: string): Omit<Observation, "where"> {
  const host = memoryHost(input);
  const result = runModule(bytes, host);
  const output = new TextDecoder("latin1").decode(host.stdoutBytes());
  switch (result.kind) {
    case "exit":
      return { ending: `exit ${String(result.exitCode)}`, output };
    case "fault":
      return { ending: `fault: ${renderFaultReport(result.report)}`, output };
    case "rejected":
      return { ending: `rejected: ${result.problem.message}`, output };
  }
}
