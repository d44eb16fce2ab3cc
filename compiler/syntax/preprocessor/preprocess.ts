// The preprocessor: files in, one text with an origin map out. Same tokens as `cpp -P`, but comments stay.
//
// Text that no macro touches is copied in long pieces, so a file without directives costs one search for `#`.
// Each directive becomes an equally long run of spaces, so that its mistakes have places. Mistakes are collected;
// the text after them is still processed.

import { diagnose, type Diagnostic, type DiagnosticDetails } from "../../source/diagnostic.ts";
import { sourceFile } from "../../source/source-file.ts";
import type { Span } from "../../source/span.ts";
import {
  placeOf,
  type FileRange,
  type Inclusion,
  type TokenOrigin,
  type UnitBuilder,
} from "../../source/translation-unit.ts";
import { runDirective, type Directive, type DirectiveHost } from "./directives.ts";
import { Expander, needsSpace, type ExpansionProblem } from "./expand.ts";
import { findFile, type FileReader } from "./include-path.ts";
import { builtInMacro, type Macro } from "./macro.ts";
import { OpenFile } from "./open-file.ts";
import { PpScanner, isDigit, isWordPart, numberEnd, wouldMerge, type PpToken } from "./pp-token.ts";

export interface PreprocessOptions {
  /** `NAME`, `NAME=text` or `NAME(a,b)=text`, as after `-D`. */
  readonly defines: readonly string[];
  readonly undefines: readonly string[];
  readonly includePaths: readonly string[];
  readonly reader: FileReader;
}

const MAX_INCLUDE_DEPTH = 200;
/** Preprocessor mistakes reported per run. */
const MAX_REPORTS = 100;

export class Preprocessor implements DirectiveHost {
  readonly diagnostics: Diagnostic[] = [];
  /** Paths in the order in which they were first read. */
  readonly filesRead = new Set<string>();
  readonly macros = new Map<string, Macro>();
  readonly once = new Set<string>();
  readonly options: PreprocessOptions;
  private readonly builder: UnitBuilder;
  private readonly expander: Expander;
  /** First characters of user macros: most names are ruled out by one look. */
  private readonly firstCharacters = new Uint8Array(128);
  private readonly open: OpenFile[] = [];
  private problems: ExpansionProblem[] = [];
  private counter = 0;
  private reportedSize = false;
  /** The last text that an expansion wrote; null while copying. */
  private lastToken: PpToken | null = null;

  constructor(builder: UnitBuilder, options: PreprocessOptions) {
    this.builder = builder;
    this.options = options;
    this.expander = new Expander({
      macro: (name) => this.macros.get(name),
      builtIn: (macro, token) => this.builtInText(macro, token),
      report: (problem) => this.problems.push(problem),
      hasInclude: (operand) => this.hasInclude(operand),
    });
    this.define(builtInMacro("__LINE__", "line"));
    this.define(builtInMacro("__FILE__", "file"));
    this.define(builtInMacro("__COUNTER__", "counter"));
    this.define(builtInMacro("__INCLUDE_LEVEL__", "level"));
    const text = commandLineText(options);
    if (text !== "") this.run(builder.include(sourceFile("<command line>", text), null));
  }

  /** Processes one file of the command line (or of an `import`, with its range) after everything before it. */
  addFile(path: string, text: string, from: FileRange | null = null): Inclusion {
    this.filesRead.add(path);
    const inclusion = this.builder.include(sourceFile(path, text), from);
    this.run(inclusion);
    if (!inclusion.file.logical.endsWith("\n")) {
      const end = inclusion.file.logical.length;
      this.builder.blank(inclusion, end, end);
    }
    return inclusion;
  }

  define(macro: Macro): void {
    this.macros.set(macro.name, macro);
    const first = macro.name.charCodeAt(0);
    this.firstCharacters.fill(1, first < 128 ? first : 0, first < 128 ? first + 1 : 128);
  }

  /** Reads the file of an `#include` in the place of the directive. */
  include(path: string, text: string, from: FileRange, span: Span): void {
    if (this.open.length > MAX_INCLUDE_DEPTH) {
      this.report("P0002", span, { path, limit: MAX_INCLUDE_DEPTH });
      return;
    }
    this.filesRead.add(path);
    this.run(this.builder.include(sourceFile(path, text), from));
  }

  report(
    code: string,
    span: Span,
    parameters: Readonly<Record<string, string | number>> = {},
    details: DiagnosticDetails = {},
  ): void {
    if (this.diagnostics.length < MAX_REPORTS)
      this.diagnostics.push(diagnose(code, span, parameters, details));
  }

  expandCondition(tokens: readonly PpToken[], span: Span): readonly PpToken[] {
    const expanded = this.expander.expandCondition(tokens);
    this.reportProblems(span);
    return expanded;
  }

  expandOperand(tokens: readonly PpToken[], span: Span): readonly PpToken[] {
    const expanded = this.expander.expandList(tokens);
    this.reportProblems(span);
    return expanded;
  }

  private run(inclusion: Inclusion): void {
    const file = new OpenFile(inclusion);
    if (this.isPlain(file)) {
      this.builder.copy(inclusion, 0, file.text.length);
      return;
    }
    this.open.push(file);
    while (file.at < file.text.length) {
      const hash = file.atLineStart ? file.directiveStart() : -1;
      if (hash >= 0) this.directive(file, hash);
      else if (file.skipping) file.skipLine();
      else this.scanLine(file);
    }
    this.flush(file, file.text.length);
    for (const conditional of file.conditionals) this.report("P0005", conditional.span);
    this.open.pop();
  }

  /** No directive, macro, joined line or open comment can be in the file: it is copied as it stands. */
  private isPlain(file: OpenFile): boolean {
    const { text, inclusion } = file;
    const hasUserMacros = [...this.macros.values()].some((macro) => macro.builtIn === null);
    if (hasUserMacros || inclusion.file.joins.length > 0) return false;
    if (text.includes("#") || text.includes("__")) return false;
    return text.lastIndexOf("/*") <= text.lastIndexOf("*/");
  }

  private flush(file: OpenFile, end: number): void {
    if (file.copied < 0) return;
    if (end > file.copied) {
      this.builder.copy(file.inclusion, file.copied, end);
      this.lastToken = null;
    }
    file.copied = Math.max(file.copied, end);
  }

  private directive(file: OpenFile, hash: number): void {
    const end = file.directiveEnd(hash);
    const wasSkipping = file.skipping;
    if (!wasSkipping) this.flush(file, hash);
    const scanner = new PpScanner(file.inclusion, hash + 1, end);
    const name = scanner.next();
    const directive: Directive = {
      file,
      name,
      range: { inclusion: file.inclusion, start: hash, end },
      operandStart: scanner.at,
      tokens: scanner.rest(),
      out: this.builder.length,
      inArguments: file.copied < 0,
    };
    file.at = end;
    file.atLineStart = false;
    if (file.copied >= 0) file.copied = end;
    if (!wasSkipping || isConditional(name)) {
      this.builder.blank(file.inclusion, hash, end);
      runDirective(directive, this);
    }
  }

  /** Copies one line, expanding the macros in it. */
  private scanLine(file: OpenFile): void {
    const { text } = file;
    file.atLineStart = false;
    while (file.at < text.length) {
      const c = text.charCodeAt(file.at);
      if (c === 10) {
        file.at++;
        file.atLineStart = true;
        return;
      }
      if (isWordPart(c)) this.word(file, c);
      // `.0.NAME` is one number in C: a field name after an index is never a macro.
      else if (c === 46 && isDigit(text.charCodeAt(file.at + 1))) file.at = numberEnd(text, file.at + 1);
      else if (c === 47 || c === 34 || c === 39 || c === 64) this.piece(file, c);
      else file.at++;
    }
  }

  /** A number, or a name that may be a macro. */
  private word(file: OpenFile, first: number): void {
    const { text } = file;
    const start = file.at;
    if (isDigit(first)) {
      file.at = numberEnd(text, start);
      return;
    }
    let end = start + 1;
    while (isWordPart(text.charCodeAt(end))) end++;
    file.at = end;
    if (first < 128 && this.firstCharacters[first] === 0) return;
    const macro = this.macros.get(text.slice(start, end));
    if (macro === undefined || (file.givesUp && macro.parameters !== null)) return;
    this.useMacro(file, start, end);
  }

  private useMacro(file: OpenFile, start: number, end: number): void {
    this.flush(file, start);
    const before = this.builder.length;
    const name = new PpScanner(file.inclusion, start, end).next();
    if (name === null) return;
    file.copied = -1;
    const tokens = this.expander.expandUse(name, {
      isOpenNext: () => this.isOpenNext(file),
      next: () => this.nextArgumentToken(file),
    });
    if (tokens === null) {
      file.givesUp ||= this.problems.some((p) => p.kind === "unterminated" || p.kind === "tooLarge");
      file.at = end;
      file.atLineStart = false;
      file.copied = start;
      this.reportProblems({ start: before, end: before + end - start });
      return;
    }
    file.copied = file.at;
    this.emit(file, tokens, { inclusion: file.inclusion, start, end: file.at });
    this.reportProblems({ start: before, end: this.builder.length });
  }

  /** Writes an expansion; a use that expands to nothing leaves a space. */
  private emit(file: OpenFile, tokens: readonly PpToken[], use: FileRange): void {
    const lastCopied = this.lastToken === null ? file.text.charAt(use.start - 1) : this.lastToken.text;
    const first = tokens[0];
    if (first === undefined || wouldMerge(lastCopied, first.text)) this.space(use);
    let before: PpToken | null = null;
    for (const token of tokens) {
      const origin = originOf(token);
      if (before !== null && needsSpace(before, token)) this.builder.token(" ", origin);
      this.builder.token(token.text, origin);
      before = token;
    }
    this.lastToken = before;
    if (before !== null && wouldMerge(before.text, file.text.charAt(file.at))) this.space(use);
  }

  private space(use: FileRange): void {
    const via = { macro: "", definition: null, use, usedIn: null };
    this.builder.token(" ", { spelling: use, spelledIn: null, via });
  }

  private isOpenNext(file: OpenFile): boolean {
    let at = file.at;
    for (;;) {
      at = file.skipBlanks(at);
      const c = file.text.charCodeAt(at);
      if (c === 47 && file.text.charCodeAt(at + 1) === 47) at = file.pieceEnd(at);
      else if (c === 10) at++;
      else return c === 40;
    }
  }

  /** The next token of a macro's arguments in the file; directives between them are carried out. */
  private nextArgumentToken(file: OpenFile): PpToken | null {
    let sawLineEnd = false;
    for (;;) {
      file.at = file.skipBlanks(file.at);
      const c = file.text.charCodeAt(file.at);
      if (file.at >= file.text.length) return null;
      if (c === 10) {
        file.at++;
        sawLineEnd = true;
        const hash = file.directiveStart();
        if (hash >= 0) this.directive(file, hash);
        while (file.skipping && file.at < file.text.length) this.skipInArguments(file);
      } else if (c === 47 && file.text.charCodeAt(file.at + 1) === 47) {
        file.at = file.pieceEnd(file.at);
      } else break;
    }
    const scanner = new PpScanner(file.inclusion, file.at, file.text.length);
    const token = scanner.next();
    const spaced = sawLineEnd || isBlankBefore(file.text, file.at);
    file.at = scanner.at;
    return token === null ? null : { ...token, space: spaced };
  }

  private skipInArguments(file: OpenFile): void {
    const hash = file.directiveStart();
    if (hash >= 0) this.directive(file, hash);
    else {
      file.skipLine();
      file.copied = -1;
    }
  }

  private piece(file: OpenFile, c: number): void {
    const { text } = file;
    const following = text.charCodeAt(file.at + 1);
    if (c === 64 || (c === 47 && following === 64)) {
      if (c === 47) file.inAnnotation = true;
      else if (following === 47) file.inAnnotation = false;
      file.at += c === 47 || following === 47 ? 2 : 1;
      return;
    }
    const start = file.at;
    file.at = file.pieceEnd(start);
    if (c === 47 && following === 42 && !text.endsWith("*/", file.at)) this.openComment(file, start);
    if (c === 47 && following === 47) this.warnOfJoinedComment(file, start);
  }

  /** A comment that is never closed ends the file; it is blanked, so that the lexer does not complain again. */
  private openComment(file: OpenFile, start: number): void {
    this.flush(file, start);
    const before = this.builder.length;
    this.builder.blank(file.inclusion, start, file.text.length);
    file.copied = file.text.length;
    this.report("P0104", { start: before, end: before + 2 });
  }

  private warnOfJoinedComment(file: OpenFile, start: number): void {
    const { joins } = file.inclusion.file;
    if (!joins.some((join) => join.at > start && join.at <= file.at)) return;
    this.flush(file, start);
    this.report("P0020", { start: this.builder.length, end: this.builder.length + 2 });
  }

  private reportProblems(span: Span): void {
    const problems = this.problems;
    this.problems = [];
    for (const problem of problems) {
      switch (problem.kind) {
        case "arguments": {
          const wanted = problem.macro.parameters?.length ?? 0;
          const least = problem.macro.variadic ? `at least ${wanted - 1}` : String(wanted);
          this.report("P0009", span, { macro: problem.macro.name, wanted: least, given: problem.given });
          break;
        }
        case "unterminated":
          this.report("P0010", span, { macro: problem.macro.name });
          break;
        case "paste":
          this.report("P0012", span, { left: problem.left, right: problem.right });
          break;
        case "tooLarge":
          if (!this.reportedSize) this.report("P0017", span, { macro: problem.macro.name });
          this.reportedSize = true;
          break;
      }
    }
  }

  private builtInText(macro: Macro, token: PpToken): string {
    switch (macro.builtIn) {
      case "line":
        return String(placeOf(outermostUse(token)).line);
      case "file":
        return JSON.stringify(placeOf(outermostUse(token)).file);
      case "level":
        return String(Math.max(0, this.open.length - 1));
      case "counter":
      case null:
        return String(this.counter++);
    }
  }

  private hasInclude(operand: string): boolean {
    const isQuoted = operand.startsWith('"');
    const asker = isQuoted ? (this.open.at(-1)?.inclusion.file.path ?? null) : null;
    return findFile(operand.slice(1, -1), asker, this.options) !== null;
  }
}

function commandLineText(options: PreprocessOptions): string {
  const defines = options.defines.map((define) => {
    const equals = define.indexOf("=");
    return equals < 0
      ? `#define ${define} 1\n`
      : `#define ${define.slice(0, equals)} ${define.slice(equals + 1)}\n`;
  });
  return [...defines, ...options.undefines.map((name) => `#undef ${name}\n`)].join("");
}

function originOf(token: PpToken): TokenOrigin {
  const via = token.via ?? { macro: "", definition: null, use: token.spelling, usedIn: null };
  return { spelling: token.spelling, spelledIn: token.spelledIn, via };
}

function outermostUse(token: PpToken): FileRange {
  let expansion = token.spelledIn;
  if (expansion === null) return token.spelling;
  while (expansion.usedIn !== null) expansion = expansion.usedIn;
  return expansion.use;
}

function isBlankBefore(text: string, at: number): boolean {
  const c = text.charCodeAt(at - 1);
  return c === 32 || (c >= 9 && c <= 13) || (c === 47 && text.charCodeAt(at - 2) === 42);
}

const CONDITIONALS = new Set(["if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else", "endif"]);

function isConditional(name: PpToken | null): boolean {
  return name !== null && CONDITIONALS.has(name.text);
}
