// The ways from a driver's source to a program under qemu-user: `pancake cake` and `pancake compile -c`, each linked
// by GNU tools with a C half from c/.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  analyse,
  compileToCake,
  compileToLab,
  compileToObject,
  type Analysis,
} from "../../../compiler/compile.ts";
import { withDebugSections } from "../../../compiler/object/dwarf/debug-sections.ts";
import { writeObject } from "../../../compiler/object/elf/write-object.ts";
import { defaultOptions, type CompileOptions } from "../../../compiler/options.ts";
import { languages, makeStage, type Stage } from "../../../compiler/pipeline.ts";
import { runPipeline } from "../../../compiler/run-pipeline.ts";
import type { Workshop } from "../object/toolchain.ts";
import { parseTrace, type Evaluated, type TraceLine } from "./trace.ts";

/** Bytes of local memory in c/harness.h (HEAP_WORDS). */
const HEAP_BYTES = 2048 * 8;

/** How a driver reaches C. `objects`: `--os` of `compile -c`. */
export type Route = "cake" | "linux" | "none";

export const corpus = (name: string): string =>
  fileURLToPath(new URL(`../../corpus/${name}`, import.meta.url));
const cHalf = (name: string): string => fileURLToPath(new URL(`c/${name}`, import.meta.url));

export function analyseDriver(names: readonly string[], defines: readonly string[] = []): Analysis {
  const files = names.map((name) => ({ path: name, text: readFileSync(corpus(name), "utf8") }));
  const analysis = analyse(files, { strict: true, defines, reader: { read: () => null } });
  if (analysis.diagnostics.length > 0) throw new Error(JSON.stringify(analysis.diagnostics));
  return analysis;
}

export function optionsOf(route: Route, optimise: CompileOptions["optimise"]): CompileOptions {
  return { ...defaultOptions, os: route, optimise, heapBytes: HEAP_BYTES, mainReturn: true };
}

/** Compiles to `driver.S` or `driver.o` in the workshop and answers the file's name. */
export function compileDriver(shop: Workshop, analysis: Analysis, options: CompileOptions): string {
  if (options.os === "cake") {
    const made = compileToCake(analysis, options);
    if (made.diagnostics.length > 0) throw new Error(JSON.stringify(made.diagnostics));
    shop.write("driver.S", made.value);
    return "driver.S";
  }
  const object = compileToObject(compileToLab(analysis, options, { check: true }), analysis, options);
  shop.write("driver.o", writeObject(withDebugSections(object, { producer: "test", folder: "" })));
  return "driver.o";
}

/** Links with `script` (a file of c/) and runs; the trace, after the C side's status has been checked. */
export function runDriver(
  shop: Workshop,
  driver: string,
  c: { readonly script: string; readonly defines: readonly string[]; readonly route: Route },
): readonly TraceLine[] {
  const abi = c.route === "none" ? ["-march=rv64imac", "-mabi=lp64"] : [];
  shop.tool(
    "gcc",
    ...["-static", "-nostdlib", "-ffreestanding", "-O1", "-w", "-Wl,--fatal-warnings", ...abi],
    ...(c.route === "cake" ? ["-DCAKE"] : []),
    ...c.defines.map((define) => `-D${define}`),
    ...[cHalf("harness.c"), cHalf(c.script), driver, "-o", "a.out"],
  );
  const ran = shop.qemu("a.out");
  const trace = parseTrace(ran.stdout);
  if (ran.status !== 0) {
    const wrong = trace.filter((line) => line.kind === "X").map((line) => line.text);
    throw new Error([`status ${String(ran.status)} ${String(ran.signal)}`, ...wrong, ran.stderr].join("\n"));
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
