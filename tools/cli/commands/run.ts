// `pancake run`: compiles (or takes a program made before) and runs: for Linux on the emulator, a WebAssembly module
// on the engine of Node.
//
// The exit status is the program's own; 3 if it faulted. `--stats` prints counters to standard error.

import { compileProgram } from "../../../compiler/compile.ts";
import { targetForms } from "../../../compiler/options.ts";
import {
  isModule,
  renderFaultReport,
  renderRegisters,
  runUserProgram,
  type RunResult,
} from "../../../runtime/index.ts";
import type { UserHost } from "../../../runtime/host/host.ts";
import { nodeHost } from "../../../runtime/host/node-host.ts";
import { EXIT } from "../exit-codes.ts";
import { readBytes } from "../files.ts";
import { analyseFiles, report } from "../front-end.ts";
import { otherParts, sortInputs } from "../inputs.ts";
import { compileOptions, type TargetWords } from "../target-options.ts";
import { NotYet, UsageProblem } from "../problems.ts";

export interface RunWords extends TargetWords {
  readonly stats: boolean;
  readonly executor: "fast" | "reference";
  readonly maxInstructions?: string;
  readonly registers: boolean;
}

/** The program's arguments, and its streams if they are not those of this process. */
export interface Guest {
  readonly args: readonly string[];
  readonly host: UserHost | null;
}

export async function run(files: readonly string[], words: RunWords, guest: Guest): Promise<number> {
  const made = programFile(files);
  if (made !== null ? isModule(made) : targetForms[words.target] === "structured") {
    return await (await import("../run-module.ts")).runModuleCommand({ files, made, words, guest });
  }
  const elf = made ?? compiled(files, words);
  if (elf === null) return EXIT.userError;
  const result = runUserProgram(elf, {
    host: guest.host ?? nodeHost(),
    args: [files[0] ?? "program", ...guest.args],
    executor: words.executor,
    onWarning: (warning) =>
      process.stderr.write(`${warning.severity}[${warning.code}]: ${warning.message}\n`),
    ...instructionLimit(words.maxInstructions),
  });
  return finish(result, words);
}

/** The bytes of the one file given, if it is an ELF file or a WebAssembly module. */
function programFile(files: readonly string[]): Uint8Array | null {
  const [file, ...more] = files;
  if (file === undefined || file === "-" || more.length > 0) return null;
  const bytes = readBytes(file);
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  return isElf || isModule(bytes) ? bytes : null;
}

function compiled(files: readonly string[], words: TargetWords): Uint8Array | null {
  const options = compileOptions(words);
  if (options.os !== "linux") throw new NotYet("`pancake run` runs programs for `--os linux` only");
  const inputs = sortInputs(files);
  const analysis = analyseFiles(inputs.sources, words);
  if (report(analysis.diagnostics, analysis.unit, words.warn)) return null;
  const parts = otherParts(inputs, options);
  if (parts === null) return null;
  const linked = compileProgram(analysis, options, {
    ...parts,
    baseAddress: null,
    pipeline: { check: words.check },
  });
  return report(linked.diagnostics, analysis.unit, words.warn) ? null : linked.value;
}

function instructionLimit(text: string | undefined): { maxInstructions?: number } {
  if (text === undefined) return {};
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new UsageProblem(`--max-instructions takes a positive whole number, found \`${text}\``);
  }
  return { maxInstructions: count };
}

function finish(result: RunResult, words: RunWords): number {
  if (result.kind === "rejected") {
    for (const { code, message, help } of result.problems) {
      process.stderr.write(`error[${code}]: ${message}\n${help === null ? "" : `  = help: ${help}\n`}`);
    }
    return EXIT.userError;
  }
  if (words.stats) {
    process.stderr.write(`instructions: ${result.instructions}\nstate hash: ${result.stateHash}\n`);
  }
  switch (result.kind) {
    case "exit":
      return result.exitCode & 255;
    case "fault":
      process.stderr.write(`${renderFaultReport(result.report)}\n`);
      if (words.registers) process.stderr.write(`${renderRegisters(result.machine)}\n`);
      return EXIT.guestFault;
    case "stopped":
      process.stderr.write(`error[${result.problem.code}]: ${result.problem.message}\n`);
      if (words.registers) process.stderr.write(`${renderRegisters(result.machine)}\n`);
      return EXIT.guestFault;
  }
}
