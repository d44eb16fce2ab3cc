// The ways from a driver's source to a program under qemu-user: `pancake cake` and `pancake compile -c`, each linked
// by GNU tools with a C half from c/.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { analyse, compileToCake, compileToLinkable, type Analysis } from "../../../compiler/compile.ts";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { defaultOptions, type CompileOptions } from "../../../compiler/options.ts";
import { languages, makeStage, type Stage } from "../../../compiler/pipeline.ts";
import { runPipeline } from "../../../compiler/run-pipeline.ts";
import type { MachineTarget } from "../../support/machine-targets.ts";
import type { Workshop } from "../object/toolchain.ts";
import { complaints, parseTrace, type Evaluated, type TraceLine } from "./trace.ts";

/** Bytes of local memory in c/harness.h (HEAP_WORDS). */
const HEAP_BYTES = 2048 * 8;

/** How a driver reaches C. `objects`: `--os` of `compile -c`. */
export type Route = "cake" | "linux" | "none";

export const corpus = (name: string): string =>
  fileURLToPath(new URL(`../../corpus/${name}`, import.meta.url));
export const cHalf = (name: string): string => fileURLToPath(new URL(`c/${name}`, import.meta.url));

export function analyseDriver(names: readonly string[], defines: readonly string[] = []): Analysis {
  const files = names.map((name) => ({ path: name, text: readFileSync(corpus(name), "utf8") }));
  const analysis = analyse(files, { strict: true, defines, reader: { read: () => null } });
  if (analysis.diagnostics.length > 0) throw new Error(JSON.stringify(analysis.diagnostics));
  return analysis;
}

export function optionsOf(
  route: Route,
  optimise: CompileOptions["optimise"],
  target: MachineTarget = "riscv64",
): CompileOptions {
  return { ...defaultOptions, target, os: route, optimise, heapBytes: HEAP_BYTES, mainReturn: true };
}

/** Compiles to `driver.S` or `driver.o` in the workshop and answers the file's name. */
export function compileDriver(shop: Workshop, analysis: Analysis, options: CompileOptions): string {
  if (options.os === "cake") {
    const made = compileToCake(analysis, options);
    if (made.diagnostics.length > 0) throw new Error(JSON.stringify(made.diagnostics));
    shop.write("driver.S", made.value);
    return "driver.S";
  }
  const made = compileToLinkable(analysis, options, { check: true });
  if (made.diagnostics.length > 0) throw new Error(JSON.stringify(made.diagnostics));
  shop.write("driver.o", writeObject(made.value));
  return "driver.o";
}

/** The C half of a driver test. */
export interface CHalf {
  /** A file of c/. */
  readonly script: string;
  readonly defines: readonly string[];
  readonly route: Route;
}

/** Links `driver` with its C half to `a.out`. */
export function linkDriver(shop: Workshop, driver: string, c: CHalf, flags: readonly string[] = []): void {
  const abi = c.route === "none" ? shop.isa.bareOptions : [];
  shop.tool(
    "gcc",
    ...["-static", "-nostdlib", "-ffreestanding", "-O1", "-w", "-Wl,--fatal-warnings", ...abi, ...flags],
    ...(c.route === "cake" ? ["-DCAKE"] : []),
    ...c.defines.map((define) => `-D${define}`),
    ...[cHalf("harness.c"), cHalf(c.script), driver, "-o", "a.out"],
  );
}

/** Links and runs; the trace, after the C side's status has been checked. */
export function runDriver(shop: Workshop, driver: string, c: CHalf): readonly TraceLine[] {
  linkDriver(shop, driver, c);
  const ran = shop.qemu("a.out");
  const trace = parseTrace(ran.stdout);
  if (ran.status !== 0) {
    const ending = `status ${String(ran.status)} ${String(ran.signal)}`;
    throw new Error([ending, ...complaints(trace), ran.stderr].join("\n"));
  }
  return trace;
}

/** Every stage of the pipeline that can be evaluated, with the name of the pass that made it. */
export function evaluatedStages(
  analysis: Analysis,
  options: CompileOptions,
): readonly { readonly pass: string; readonly evaluated: Evaluated }[] {
  const stages: { readonly pass: string; readonly evaluated: Evaluated }[] = [];
  const after = (pass: string, stage: Stage): void => {
    const evaluated = evaluatedOf(stage);
    if (evaluated !== null) stages.push({ pass, evaluated });
  };
  runPipeline(
    makeStage("surface", analysis.surface),
    { options },
    { check: true, observer: { after: (entry, stage) => after(entry.name, stage) } },
  );
  return stages;
}

function evaluatedOf(stage: Stage): Evaluated | null {
  switch (stage.language) {
    case "surface":
    case "wasm":
      return null;
    case "pan":
      return evaluatedBy(languages.pan.evaluator, stage.program);
    case "crep":
      return evaluatedBy(languages.crep.evaluator, stage.program);
    case "loop":
      return evaluatedBy(languages.loop.evaluator, stage.program);
    case "word":
      return evaluatedBy(languages.word.evaluator, stage.program);
    case "stack":
      return evaluatedBy(languages.stack.evaluator, stage.program);
    case "lab":
      return evaluatedBy(languages.lab.evaluator, stage.program);
  }
}

function evaluatedBy<P extends { readonly entry: string }>(
  evaluator: ((program: P, world: Parameters<Evaluated["make"]>[0]) => ReturnType<Evaluated["make"]>) | null,
  program: P,
): Evaluated | null {
  if (evaluator === null) return null;
  return { entry: program.entry, make: (world) => evaluator(program, world) };
}
