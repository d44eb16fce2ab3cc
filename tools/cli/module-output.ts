// `pancake compile` and `pancake run` for WebAssembly: the module with its source map, or its text.

import { basename } from "node:path";
import { compileModule, type Analysis } from "../../compiler/compile.ts";
import type { CompileOptions } from "../../compiler/options.ts";
import { loadBinaryen, type AssembledModule } from "../../compiler/target/wasm32/assemble-module.ts";
import { withSourceMap } from "../../compiler/target/wasm32/source-map.ts";
import { EXIT } from "./exit-codes.ts";
import { writeOutput } from "./files.ts";
import { report } from "./front-end.ts";
import type { Inputs } from "./inputs.ts";
import { UsageProblem } from "./problems.ts";

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
  const binaryen = await loadBinaryen();
  const made = compileModule(
    analysis,
    options,
    { binaryen, open: words.c, pipeline: { check: words.check } },
    use,
  );
  return report(made.diagnostics, analysis.unit, words.warn) ? null : made.value;
}
