// `pancake compile` and `pancake run` for WebAssembly: the module with its source map, or its text.

import { basename } from "node:path";
import { setFlagsFromString } from "node:v8";
import { compileModule, type Analysis } from "../../compiler/compile.ts";
import type { CompileOptions } from "../../compiler/options.ts";
import { loadBinaryen, type AssembledModule } from "../../compiler/target/wasm32/assemble-module.ts";
import { withSourceMap } from "../../compiler/target/wasm32/source-map.ts";
import { EXIT } from "./exit-codes.ts";
import { writeOutput } from "./files.ts";
import { report } from "./front-end.ts";
import type { Inputs } from "./inputs.ts";
import { UsageProblem } from "./problems.ts";

/**
 * What a function of binaryen's own WebAssembly may run, about a hundred times V8's default, before V8 compiles it
 * again for speed: the few that it would choose for a small program are so large that the process would wait at its
 * end for their compilation.
 */
const TIERING_BUDGET = 180_000_000;

export interface ModuleJob {
  readonly analysis: Analysis;
  readonly inputs: Inputs;
  readonly options: CompileOptions;
  readonly output: string;
  readonly words: {
    readonly c: boolean;
    readonly S: boolean;
    readonly sourceMap?: string;
    readonly check: boolean;
    readonly warn: boolean;
  };
}

/** Writes the module, or with -S its text, and the source map if one is asked for. */
export async function writeModule(job: ModuleJob): Promise<number> {
  const { words, output } = job;
  const written = await moduleFor(job, (module) => ({
    data: words.S
      ? module.text()
      : withSourceMap(module, words.sourceMap === undefined ? null : basename(words.sourceMap)),
    sourceMap: module.binary().sourceMap,
  }));
  if (written === null) return EXIT.userError;
  writeOutput(output, written.data);
  if (words.sourceMap !== undefined) writeOutput(words.sourceMap, written.sourceMap);
  return EXIT.ok;
}

/** The bytes of a complete program; null if there were errors, which have been printed. */
export async function moduleBytes(job: Omit<ModuleJob, "output">): Promise<Uint8Array | null> {
  return await moduleFor(job, (module) => withSourceMap(module, null));
}

async function moduleFor<R>(
  { analysis, inputs, options, words }: Omit<ModuleJob, "output">,
  use: (module: AssembledModule) => R,
): Promise<R | null> {
  const [other] = [...inputs.assembly, ...inputs.objects, ...inputs.archives];
  if (other !== undefined) {
    throw new UsageProblem(
      `\`${other}\` holds machine code and cannot be part of a WebAssembly module: make the module with \`-c\` and provide its functions where it is instantiated`,
    );
  }
  // Before loading: a module keeps the budget that it was made with.
  setFlagsFromString(`--wasm-tiering-budget=${String(TIERING_BUDGET)}`);
  const binaryen = await loadBinaryen();
  const made = compileModule(
    analysis,
    options,
    { binaryen, open: words.c, pipeline: { check: words.check } },
    use,
  );
  return report(made.diagnostics, analysis.unit, words.warn) ? null : made.value;
}
