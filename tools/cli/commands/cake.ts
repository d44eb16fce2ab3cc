// `pancake cake`: the drop-in for `cake --pancake` (reference-compiler.md, sections 4 and 5).
//
// Source on standard input, assembly on standard output, diagnostics on standard error. Unknown options are ignored,
// the first occurrence of a valued option wins, and the exit code is 1 exactly when standard error starts with `###`.

import { analyse, compileToCake, type Analysis } from "../../../compiler/compile.ts";
import { hasErrors, type Diagnostic } from "../../../compiler/source/diagnostic.ts";
import { plain, renderText } from "../../../compiler/source/render.ts";
import { defaultOptions, type CompileOptions, type TargetName } from "../../../compiler/options.ts";
import { cakeExplore } from "../../explore/cake-format.ts";
import { stagesOf } from "../../explore/stages.ts";
import { EXIT } from "../exit-codes.ts";
import { readText, readTextIfPresent, writeOutput } from "../files.ts";
import { versionText } from "../version.ts";

/** What the options ask for; a text: a mistake in them. */
interface CakeRequest {
  /** Null: not one that we have; `targetProblem` says why. */
  readonly target: TargetName | null;
  readonly targetProblem: string | null;
  readonly mainReturn: boolean;
  readonly explore: boolean;
  readonly warn: boolean;
}

/** `cake`'s names of the targets that we have. */
const targets: Readonly<Record<string, TargetName>> = { riscv: "riscv64", arm8: "arm64" };

const USAGE = `usage: pancake cake --pancake --target=riscv [options] < program.pnk > program.S
  --target=riscv, arm8    the target
  --main_return=true      cml_main returns to C, and exported functions can be called
  --explore               print the intermediate programs instead
  --no_warn               print no warnings
other options of \`cake\` are accepted and have no effect
`;

export function cake(words: readonly string[]): number {
  if (words.includes("--help")) return print(USAGE);
  if (words.includes("--version")) return print(`${versionText()}\n`);
  const request = requestOf(words);
  if (typeof request === "string") return refuse("config", request);
  if (!request.explore && request.targetProblem !== null) return refuse("config", request.targetProblem);
  const text = readText("-");
  const analysis = analyse([{ path: "<stdin>", text }], { reader: { read: readTextIfPresent } });
  if (complain(analysis, analysis.diagnostics, request.warn)) return EXIT.userError;
  const options: CompileOptions = {
    ...defaultOptions,
    target: request.target ?? defaultOptions.target,
    os: "cake",
    mainReturn: request.mainReturn,
  };
  if (request.explore) {
    writeOutput("-", cakeExplore(analysis, stagesOf(analysis, options, { until: null, check: false })));
    return EXIT.ok;
  }
  const made = compileToCake(analysis, options);
  if (complain(analysis, made.diagnostics, request.warn)) return EXIT.userError;
  writeOutput("-", made.value);
  return EXIT.ok;
}

function print(text: string): number {
  writeOutput("-", text);
  return EXIT.ok;
}

function refuse(kind: string, message: string): number {
  process.stderr.write(`### ERROR: ${kind} error\n${message}\n`);
  return EXIT.userError;
}

function requestOf(words: readonly string[]): CakeRequest | string {
  const value = (name: string): string | null =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? null;
  const mainReturn = value("main_return") ?? "false";
  if (mainReturn !== "true" && mainReturn !== "false") {
    return `--main_return takes \`true\` or \`false\`, found \`${mainReturn}\``;
  }
  const allocator = value("reg_alg");
  if (allocator !== null && !/^\d+$/.test(allocator))
    return `--reg_alg takes a number, found \`${allocator}\``;
  return {
    target: targets[value("target") ?? ""] ?? null,
    targetProblem: targetProblem(value("target")),
    mainReturn: mainReturn === "true",
    explore: words.includes("--explore"),
    warn: !words.includes("--no_warn"),
  };
}

/** Why we cannot compile for the target; null: we can. */
function targetProblem(target: string | null): string | null {
  const known = Object.keys(targets)
    .map((name) => `\`--target=${name}\``)
    .join(" or ");
  if (target === null)
    return `no target: \`cake\` would compile for x64, which we do not have; give ${known}`;
  return Object.hasOwn(targets, target) ? null : `no target \`${target}\`; give ${known}`;
}

/** The class of an error by its code, in upstream's words. */
function errorClass({ code }: Diagnostic): string {
  if (code.startsWith("P")) return "parse";
  if (code.startsWith("S00")) return "scope";
  if (code.startsWith("S02")) return "shape";
  return code.startsWith("S") ? "static" : "assembly";
}

/** Prints errors, then warnings, each under its heading; true if there were errors. */
function complain({ unit }: Analysis, diagnostics: readonly Diagnostic[], warn: boolean): boolean {
  const errors = diagnostics.filter((d) => d.severity === "error");
  const warnings = warn ? diagnostics.filter((d) => d.severity === "warning") : [];
  const [first] = errors;
  if (first !== undefined) {
    process.stderr.write(`### ERROR: ${errorClass(first)} error\n${renderText(errors, unit, plain)}\n`);
  }
  if (warnings.length > 0) process.stderr.write(`# WARNING:\n${renderText(warnings, unit, plain)}\n`);
  return hasErrors(diagnostics);
}
