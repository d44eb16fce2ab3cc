// `pancake run` for WebAssembly: compiles a module, or takes one made before, and runs it on the engine of Node.

import { setFlagsFromString } from "node:v8";
import { renderFaultReport, runModule, type ModuleResult } from "../../runtime/index.ts";
import { nodeHost } from "../../runtime/host/node-host.ts";
import type { Guest, RunWords } from "./commands/run.ts";
import { EXIT } from "./exit-codes.ts";
import { analyseFiles, report } from "./front-end.ts";
import { sortInputs } from "./inputs.ts";
import { moduleBytes } from "./module-output.ts";
import { UsageProblem } from "./problems.ts";
import { compileOptions } from "./target-options.ts";

export interface ModuleRun {
  readonly files: readonly string[];
  /** The module, if it was made before. */
  readonly made: Uint8Array | null;
  readonly words: RunWords;
  readonly guest: Guest;
}

export async function runModuleCommand({ files, made, words, guest }: ModuleRun): Promise<number> {
  refuseEmulatorWords(words);
  const bytes = made ?? (await compiled(files, words));
  if (bytes === null) return EXIT.userError;
  // A program is often one long call, which V8 never moves from its baseline code to optimised code.
  setFlagsFromString("--no-liftoff");
  const result = runModule(bytes, guest.host ?? nodeHost());
  if (words.stats && result.kind !== "rejected") {
    process.stderr.write(
      `module bytes: ${String(bytes.length)}\nmemory bytes: ${String(result.memoryBytes)}\n`,
    );
  }
  return finish(result);
}

async function compiled(files: readonly string[], words: RunWords): Promise<Uint8Array | null> {
  const options = compileOptions(words);
  const inputs = sortInputs(files);
  const analysis = analyseFiles(inputs.sources, words);
  if (report(analysis.diagnostics, analysis.unit, words.warn)) return null;
  return await moduleBytes({ analysis, inputs, options, words: { ...words, c: false, S: false } });
}

/** The emulator counts instructions and has registers; an engine for WebAssembly shows neither. */
function refuseEmulatorWords(words: RunWords): void {
  const given = [
    ["--registers", words.registers, "a WebAssembly engine has no registers to show"],
    ["--executor reference", words.executor === "reference", "a module runs on the engine of Node"],
    [
      "--max-instructions",
      words.maxInstructions !== undefined,
      "a WebAssembly engine does not count instructions, so bound the run from outside (`timeout 10 pancake run ...`)",
    ],
  ] as const;
  const [first] = given.filter(([, isGiven]) => isGiven);
  if (first === undefined) return;
  const [option, , why] = first;
  throw new UsageProblem(
    `\`${option}\` is for programs on the emulator: ${why}; leave it out, or compile for \`--target riscv64\` or \`arm64\``,
  );
}

function finish(result: ModuleResult): number {
  switch (result.kind) {
    case "rejected": {
      const { code, message, help } = result.problem;
      process.stderr.write(`error[${code}]: ${message}\n${help === null ? "" : `  = help: ${help}\n`}`);
      return EXIT.userError;
    }
    case "exit":
      return result.exitCode;
    case "fault":
      process.stderr.write(`${renderFaultReport(result.report)}\n`);
      return EXIT.guestFault;
  }
}
