// Text to surface tree: preprocesses, lexes and parses a list of files as one program.
//
// Pure: files beyond those given (`#include`, `import`) come from the caller's reader. Every mistake of every phase is
// collected, in the order of the text. The parser is built on first use and kept.

import { diagnose, type Diagnostic } from "../source/diagnostic.ts";
import type { Span } from "../source/span.ts";
import { UnitBuilder, type FileRange, type TranslationUnit } from "../source/translation-unit.ts";
import { lex } from "./lexer.ts";
import { ProgramParser } from "./parser.ts";
import { findFile, type FileReader } from "./preprocessor/include-path.ts";
import { Preprocessor, type PreprocessOptions } from "./preprocessor/preprocess.ts";
import { strictViolations } from "./strict.ts";
import type { Comment, Declaration, Program } from "./tree.ts";

export interface InputFile {
  /** As messages shall name it; `#include "x"` is looked for beside it. */
  readonly path: string;
  readonly text: string;
}

export interface ParseOptions {
  /** As after `-D`: `NAME`, `NAME=text`, `NAME(a)=text`. */
  readonly defines?: readonly string[];
  readonly undefines?: readonly string[];
  readonly includePaths?: readonly string[];
  /** Reads included and imported files; without one, none are found. */
  readonly reader?: FileReader;
  /** Report every convenience that stock Pancake does not have. */
  readonly strict?: boolean;
}

export interface ParsedUnit {
  readonly unit: TranslationUnit;
  readonly program: Program;
  /** Errors and warnings of preprocessor, lexer, parser and strict mode, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** The given files, then included and imported ones as they were read: what `-MD` lists. */
  readonly filesRead: readonly string[];
}

const NO_FILES: FileReader = { read: () => null };

/** Parses `files`, in order, as one program. Never throws on any text. */
export function parseUnit(files: readonly InputFile[], options: ParseOptions = {}): ParsedUnit {
  return new UnitParser(options).run(files);
}

/** An `import` that waits for its place in the declarations. */
interface Import {
  readonly declaration: Declaration & { readonly kind: "import" };
}

let sharedParser: ProgramParser | null = null;

class UnitParser {
  private readonly builder = new UnitBuilder();
  private readonly preprocessing: PreprocessOptions;
  private readonly strict: boolean;
  private readonly diagnostics: Diagnostic[] = [];
  private readonly comments: Comment[] = [];
  private readonly filesRead = new Set<string>();

  constructor(options: ParseOptions) {
    this.strict = options.strict ?? false;
    this.preprocessing = {
      defines: options.defines ?? [],
      undefines: options.undefines ?? [],
      includePaths: options.includePaths ?? [],
      reader: options.reader ?? NO_FILES,
    };
  }

  run(files: readonly InputFile[]): ParsedUnit {
    for (const file of files) this.filesRead.add(file.path);
    const declarations = this.chunk(files, null);
    const unit = this.builder.finish();
    const span = { start: 0, end: unit.text.length };
    const program = { declarations, comments: this.comments, span };
    if (this.strict) this.diagnostics.push(...strictViolations(program, unit));
    const diagnostics = inOrder(this.diagnostics);
    return { unit, program, diagnostics, filesRead: [...this.filesRead] };
  }

  /** Files that share macros: those of the command line, or one imported file. */
  private chunk(files: readonly InputFile[], from: FileRange | null): readonly Declaration[] {
    const preprocessor = new Preprocessor(this.builder, this.preprocessing);
    const start = this.builder.length;
    for (const file of files) preprocessor.addFile(file.path, file.text, from);
    for (const path of preprocessor.filesRead) this.filesRead.add(path);
    const text = this.builder.textFrom(start);
    const lexed = lex(text, start);
    const lexical = inOrder([...preprocessor.diagnostics, ...lexed.diagnostics])
      .filter((d) => d.severity === "error")
      .map((d) => d.span);
    sharedParser ??= new ProgramParser();
    const parsed = sharedParser.parse(lexed.tokens, { text, base: start, lexical });
    this.comments.push(...lexed.comments);
    this.diagnostics.push(...preprocessor.diagnostics, ...lexed.diagnostics);
    if (!lexed.stopped) this.diagnostics.push(...parsed.diagnostics);
    return this.withImports(parsed.declarations);
  }

  /** Puts the declarations of each imported file after its `import`. A file that was read before is not read again. */
  private withImports(declarations: readonly Declaration[]): readonly Declaration[] {
    if (!declarations.some((declaration) => declaration.kind === "import")) return declarations;
    return declarations.flatMap((declaration) =>
      declaration.kind === "import" ? [declaration, ...this.imported({ declaration })] : [declaration],
    );
  }

  private imported({ declaration }: Import): readonly Declaration[] {
    const range = this.builder.rangeOf(declaration.span);
    const isReported = declaration.path === "" && this.diagnostics.some((d) => d.code === "P0118");
    if (range === null || isReported) return [];
    const found = findFile(declaration.path, range.inclusion.file.path, this.preprocessing);
    if (found === null) {
      this.diagnostics.push(diagnose("P0018", declaration.span, { name: declaration.path }));
      return [];
    }
    if (this.filesRead.has(found.path)) return [];
    this.filesRead.add(found.path);
    return this.chunk([found], range);
  }
}

/** By place, mistakes before what follows from them; the same place only once for the same code. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const key = (span: Span): number => (span.start < 0 ? Number.MAX_SAFE_INTEGER : span.start);
  return [...diagnostics].sort((a, b) => key(a.span) - key(b.span));
}
