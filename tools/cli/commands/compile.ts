// `pancake compile`: to a program, an object (-c), GNU assembly (-S) or the text of any stage (--emit).

import { basename } from "node:path";
import { compileProgram, compileToLinkable, type Analysis } from "../../../compiler/compile.ts";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { targetForms, type CompileOptions } from "../../../compiler/options.ts";
import { makeStage } from "../../../compiler/pipeline.ts";
import { printStage, runPipeline } from "../../../compiler/run-pipeline.ts";
import { passNames } from "../../explore/stages.ts";
import { EXIT } from "../exit-codes.ts";
import { refuseOverwrite, writeOutput } from "../files.ts";
import { analyseFiles, report } from "../front-end.ts";
import { otherParts, refuseOtherParts, sortInputs, type Inputs } from "../inputs.ts";
import { compileOptions, type TargetWords } from "../target-options.ts";
import { UsageProblem } from "../problems.ts";

export interface CompileWords extends TargetWords {
  readonly output?: string;
  readonly c: boolean;
  readonly S: boolean;
  readonly sourceMap?: string;
  readonly M?: "D";
  readonly emit?: string;
  readonly textAddress?: string;
}

const EXECUTABLE = 0o755;

export async function compileCommand(files: readonly string[], words: CompileWords): Promise<number> {
  const options = compileOptions(words);
  refuseCombinations(words);
  const inputs = sortInputs(files);
  refuseUnused(inputs, words);
  const output = words.output ?? (words.emit === undefined ? defaultOutput(inputs, words) : "-");
  for (const written of [output, words.sourceMap ?? "-"]) refuseOverwrite(written, files);
  const analysis = analyseFiles(inputs.sources, words);
  if (report(analysis.diagnostics, analysis.unit, words.warn)) return EXIT.userError;
  const code = await produce({ analysis, inputs, options, words, output });
  if (code === EXIT.ok && words.M === "D") writeOutput(`${output}.d`, makeRule(output, analysis));
  return code;
}

interface Job {
  readonly analysis: Analysis;
  readonly inputs: Inputs;
  readonly options: CompileOptions;
  readonly words: CompileWords;
  readonly output: string;
}

async function produce(job: Job): Promise<number> {
  const { analysis, inputs, options, words, output } = job;
  const pipeline = { check: words.check };
  if (words.emit !== undefined) return emitStage(job, words.emit);
  if (targetForms[options.target] === "structured") {
    return await (await import("../module-output.ts")).writeModule(job);
  }
  if (words.c) {
    const made = compileToLinkable(analysis, options, pipeline);
    if (report(made.diagnostics, analysis.unit, words.warn)) return EXIT.userError;
    writeOutput(output, writeObject(made.value));
    return EXIT.ok;
  }
  if (words.S) return (await import("../assembly-output.ts")).writeAssembly(job);
  const parts = otherParts(inputs, options);
  if (parts === null) return EXIT.userError;
  const baseAddress = words.textAddress === undefined ? null : address(words.textAddress);
  const linked = compileProgram(analysis, options, { ...parts, baseAddress, pipeline });
  if (report(linked.diagnostics, analysis.unit, words.warn)) return EXIT.userError;
  writeOutput(output, linked.value, EXECUTABLE);
  return EXIT.ok;
}

function emitStage({ analysis, options, words, output }: Job, name: string): number {
  const names = passNames(options);
  if (!names.includes(name))
    throw new UsageProblem(`--emit takes one of: ${names.join(", ")}; found \`${name}\``);
  const start = makeStage("surface", analysis.surface);
  const stage = runPipeline(start, { options }, { until: name, check: words.check });
  writeOutput(output, printStage(stage));
  return EXIT.ok;
}

function refuseCombinations(words: CompileWords): void {
  if (words.c && words.S) throw new UsageProblem("`-c` and `-S` exclude each other");
  if (words.M !== undefined && (words.output === "-" || words.emit !== undefined)) {
    throw new UsageProblem("`-MD` writes beside the output: name an output file after `-o`");
  }
  if (words.sourceMap !== undefined && !words.S && targetForms[words.target] === "machine") {
    throw new UsageProblem("`--source-map` goes with `-S`");
  }
  if (words.textAddress !== undefined && words.os !== "none") {
    throw new UsageProblem("`--text-address` goes with `--os none`");
  }
}

// Only a whole program is linked with other parts. WebAssembly modules, which never are, say so themselves.
function refuseUnused(inputs: Inputs, words: CompileWords): void {
  if (words.emit !== undefined) refuseOtherParts(inputs, "--emit");
  else if (targetForms[words.target] === "machine") {
    if (words.c) refuseOtherParts(inputs, "-c");
    if (words.S) refuseOtherParts(inputs, "-S");
  }
}

const ENDINGS = {
  machine: { program: "a.out", object: ".o", text: ".s" },
  structured: { program: "a.wasm", object: ".wasm", text: ".wat" },
} as const;

/** `a.out`, or the first source's name with `.o` or `.s`; for WebAssembly with its own endings. */
function defaultOutput(inputs: Inputs, words: CompileWords): string {
  const endings = ENDINGS[targetForms[words.target]];
  if (!words.c && !words.S) return endings.program;
  const stem = basename(inputs.sources[0] ?? "out").replace(/\.[^.]*$/, "");
  return `${stem === "-" ? "out" : stem}${words.c ? endings.object : endings.text}`;
}

function address(text: string): bigint {
  if (!/^(0x[0-9a-fA-F]+|\d+)$/.test(text))
    throw new UsageProblem(`--text-address takes an address, found \`${text}\``);
  const value = BigInt(text);
  if (value % 4096n !== 0n) throw new UsageProblem("--text-address takes a multiple of 4096");
  return value;
}

function makeRule(output: string, analysis: Analysis): string {
  const escape = (path: string): string => path.replace(/([ #$])/g, "\\$1");
  return `${escape(output)}: ${analysis.filesRead.map(escape).join(" ")}\n`;
}
