// The compiler as a library: analyse source, then compile it as far as one wants.
//
// Never prints, never touches the host: sources come in as text, included files through a reader, results go out as
// values. Everything that the command line, the tests and later the playground do with source starts here.

import { PANCAKE_REFERENCE } from "../spec/lang/reference.ts";
import { hasErrors, type Checked, type Diagnostic } from "./source/diagnostic.ts";
import type { TranslationUnit } from "./source/translation-unit.ts";
import { checkProgram } from "./static/index.ts";
import { parseUnit, type ParseOptions, type SourceText } from "./syntax/index.ts";
import type * as lab from "./lang/lab/ast.ts";
import type { ObjectFile } from "./object/object-file.ts";
import type { CompileOptions } from "./options.ts";
import { labToObject, type Locate } from "./passes/lab-to-object.ts";
import { makeStage, programOf, type Surface } from "./pipeline.ts";
import { runPipeline, type PipelineOptions } from "./run-pipeline.ts";
import { linkProgram } from "./target/link-program.ts";

/** The compiler's name in debug information. */
export const PRODUCER = `pancake (reference ${PANCAKE_REFERENCE.commit})`;

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
export function analyse(files: readonly SourceText[], options: ParseOptions): Analysis {
  const parsed = parseUnit(files, options);
  const checked = checkProgram(parsed.program);
  return {
    unit: parsed.unit,
    surface: { program: parsed.program, info: checked.value },
    diagnostics: [...inOrder(parsed.diagnostics), ...withoutEchoes(parsed.diagnostics, checked.diagnostics)],
    filesRead: parsed.filesRead,
  };
}

/**
 * Static diagnostics that a syntax error may have caused are left out: after one, only mistakes outside the broken
 * text and other than undeclared names (S00xx) are certain.
 */
function withoutEchoes(syntax: readonly Diagnostic[], found: readonly Diagnostic[]): readonly Diagnostic[] {
  if (!hasErrors(syntax)) return inOrder(found);
  return inOrder(
    found.filter((d) => d.severity === "error" && !d.code.startsWith("S00") && d.code !== "S0104"),
  );
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
  const name = analysis.filesRead[0] ?? "program";
  return labToObject(program, { options, locate: locator(analysis.unit), name });
}

export interface ProgramRequest {
  /** Objects to link with, in order. */
  readonly others: readonly ObjectFile[];
  /** Where the program is placed; null: the operating system's usual address. */
  readonly baseAddress: bigint | null;
  readonly pipeline?: PipelineOptions;
}

/** Compiles and links. Diagnostics are the linker's; without errors the value is an ELF program. */
export function compileProgram(
  analysis: Analysis,
  options: CompileOptions,
  request: ProgramRequest = { others: [], baseAddress: null },
): Checked<Uint8Array> {
  const program = compileToLab(analysis, options, request.pipeline);
  const object = compileToObject(program, analysis, options);
  const { others, baseAddress } = request;
  const stackNeed = program.stackNeed.get(program.entry) ?? 0;
  return linkProgram({ object, others, stackNeed, baseAddress, producer: PRODUCER, folder: "" }, options);
}
