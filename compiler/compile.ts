// The compiler as a library: analyse source, then compile it as far as one wants.
//
// Never prints, never touches the host: sources come in as text, included files through a reader, results go out as
// values. Everything that the command line, the tests and later the playground do with source starts here.

import { PANCAKE_REFERENCE } from "../spec/lang/reference.ts";
import type { Checked, Diagnostic } from "./source/diagnostic.ts";
import type { TranslationUnit } from "./source/translation-unit.ts";
import { checkProgram } from "./static/index.ts";
import { parseUnit, type InputFile, type ParseOptions } from "./syntax/index.ts";
import type * as lab from "./lang/lab/ast.ts";
import type { Archive } from "./object/archive/read-archive.ts";
import type { ObjectFile } from "./object/object-file.ts";
import type { CompileOptions } from "./options.ts";
import { printLines } from "./lang/wasm/print.ts";
import { labToObject, type Locate } from "./passes/lab-to-object.ts";
import { makeStage, programOf, type Surface } from "./pipeline.ts";
import { runPipeline, type PipelineOptions } from "./run-pipeline.ts";
import { cakeAssembly } from "./cake/cake-assembly.ts";
import { withDebugSections } from "./object/dwarf/debug-sections.ts";
import { printAssembly, type Assembly, type AssemblyContext } from "./target/print-assembly.ts";
import { takenNames } from "./target/reserved-names.ts";
import { linkProgram } from "./target/link-program.ts";
import { annotatedText } from "./target/wasm32/annotated-text.ts";
import { assembleModule, type AssembledModule, type Binaryen } from "./target/wasm32/assemble-module.ts";
import { codeProblems, memoryProblems, moduleProblems } from "./target/wasm32/module-problems.ts";
import { sourceFunctions } from "./target/wasm32/source-functions.ts";

/** What debug information says about the compilation: no host paths, so that the same input gives the same bytes. */
const DEBUG_NAMES = { producer: `pancake (reference ${PANCAKE_REFERENCE.commit})`, folder: "" } as const;

/** What reading and checking found. `surface` may be compiled only if `diagnostics` has no error. */
export interface Analysis {
  readonly unit: TranslationUnit;
  readonly surface: Surface;
  /** Syntax first, then static rules; each in source order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Paths in the order of reading, for make rules. */
  readonly filesRead: readonly string[];
}

/** Preprocesses, parses and checks `files`, in order, as one program. */
export function analyse(files: readonly InputFile[], options: ParseOptions): Analysis {
  const parsed = parseUnit(files, options);
  const checked = checkProgram(parsed.program, parsed.unit.text);
  return {
    unit: parsed.unit,
    surface: { program: parsed.program, info: checked.value },
    diagnostics: [...inOrder(parsed.diagnostics), ...inOrder(checked.diagnostics)],
    filesRead: parsed.filesRead,
  };
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort((a, b) => a.span.start - b.span.start);
}

/** Runs the whole pipeline. The analysis must be free of errors. */
export function compileToLab(
  analysis: Analysis,
  options: CompileOptions,
  pipelineOptions: PipelineOptions = {},
): lab.Program {
  const start = makeStage("surface", analysis.surface);
  return programOf(runPipeline(start, { options }, pipelineOptions), "lab");
}

/** How spans become file, line and column in objects and assembly. */
export function locator(unit: TranslationUnit): Locate {
  return (span) => {
    const place = unit.locate(span)?.primary;
    return place === undefined ? null : { file: place.file, line: place.line, column: place.column };
  };
}

/** The object of a program that came out of `compileToLab`. */
export function compileToObject(
  program: lab.Program,
  analysis: Analysis,
  options: CompileOptions,
): ObjectFile {
  return labToObject(program, { options, locate: locator(analysis.unit), name: nameOf(analysis) });
}

// How messages call the whole program.
function nameOf({ filesRead }: Analysis): string {
  return filesRead[0] ?? "program";
}

/** The object for other people's linkers, with debugging tables. Diagnostics: exported functions with taken names. */
export function compileToLinkable(
  analysis: Analysis,
  options: CompileOptions,
  pipelineOptions: PipelineOptions = {},
): Checked<ObjectFile> {
  const { program, context } = assemblyContext(analysis, options, pipelineOptions);
  return { value: context.object, diagnostics: takenNames(program, options) };
}

/** GNU assembly of the whole program, with debugging directives and the lines that its code came from. */
export function compileToAssembly(
  analysis: Analysis,
  options: CompileOptions,
  pipelineOptions: PipelineOptions = {},
): Checked<Assembly> {
  const { program, context } = assemblyContext(analysis, options, pipelineOptions);
  const diagnostics = takenNames(program, options);
  return { value: printAssembly(program, { ...context, debug: true }), diagnostics };
}

/** What `cake --pancake` would write: assembly for its link interface. `options.os` must be `cake`. */
export function compileToCake(analysis: Analysis, options: CompileOptions): Checked<string> {
  const { program, context } = assemblyContext(analysis, options, {});
  return cakeAssembly(program, { ...context, debug: true });
}

function assemblyContext(
  analysis: Analysis,
  options: CompileOptions,
  pipelineOptions: PipelineOptions,
): { readonly program: lab.Program; readonly context: Omit<AssemblyContext, "debug"> } {
  const program = compileToLab(analysis, options, pipelineOptions);
  const object = withDebugSections(compileToObject(program, analysis, options), DEBUG_NAMES);
  return { program, context: { options, object, locate: locator(analysis.unit) } };
}

export interface ProgramRequest {
  /** Objects to link with, in order. */
  readonly others: readonly ObjectFile[];
  /** Static libraries to take members from. */
  readonly archives?: readonly Archive[];
  /** Where the program is placed; null: the operating system's usual address. */
  readonly baseAddress: bigint | null;
  readonly pipeline?: PipelineOptions;
}

/** Compiles and links. Diagnostics: taken names, and the linker's; without errors the value is an ELF program. */
export function compileProgram(
  analysis: Analysis,
  options: CompileOptions,
  request: ProgramRequest = { others: [], baseAddress: null },
): Checked<Uint8Array> {
  const program = compileToLab(analysis, options, request.pipeline);
  const object = compileToObject(program, analysis, options);
  const { others, archives = [], baseAddress } = request;
  const stackNeed = program.stackNeed.get(program.entry) ?? 0;
  const linked = linkProgram({ object, others, archives, stackNeed, baseAddress, ...DEBUG_NAMES }, options);
  return { ...linked, diagnostics: [...takenNames(program, options), ...linked.diagnostics] };
}

export interface ModuleRequest {
  /** See `loadBinaryen` (target/wasm32/assemble-module.ts). */
  readonly binaryen: Binaryen;
  /** Foreign functions that are no host calls are left to whoever instantiates the module. */
  readonly open: boolean;
  readonly pipeline?: PipelineOptions;
}

/**
 * Compiles for a structured target. Diagnostics: what a WebAssembly module cannot hold, and unknown foreign functions;
 * without errors the value is what `use` made of the module.
 */
export function compileModule<R>(
  analysis: Analysis,
  options: CompileOptions,
  request: ModuleRequest,
  use: (module: AssembledModule) => R,
): Checked<R | null> {
  const tooLarge = memoryProblems(options);
  if (tooLarge.length > 0) return { value: null, diagnostics: tooLarge };
  const start = makeStage("surface", analysis.surface);
  const module = programOf(runPipeline(start, { options }, request.pipeline), "wasm");
  const problems = moduleProblems(module, { open: request.open, name: nameOf(analysis) });
  if (problems.length > 0) return { value: null, diagnostics: problems };
  const locate = locator(analysis.unit);
  const functionOf = sourceFunctions(analysis.surface.program.declarations);
  const text = annotatedText(printLines(module), (span) => {
    const place = locate(span);
    return place === null ? null : { ...place, function: functionOf(span) };
  });
  return assembleModule(text, { binaryen: request.binaryen, optimise: options.optimise }, (assembled) => {
    const found = codeProblems(module, assembled);
    return { value: found.length > 0 ? null : use(assembled), diagnostics: found };
  });
}
