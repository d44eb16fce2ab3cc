// A translation unit: the preprocessed text of all files in order, and where each piece of it came from.
//
// The origin map is a list of segments sorted by output offset. A segment is text copied from a file (macros do not
// touch it), or one token that a macro expansion put there. Spans of diagnostics and tree nodes count in `text`;
// `locate` turns them into files, lines and columns, and says which macros stood between.

import type { Span } from "./span.ts";
import { columnAt, lineAt } from "./line-index.ts";
import { originalOffset, presumedLine, type SourceFile } from "./source-file.ts";

/** One reading of a file: the same file included twice has two inclusions. */
export interface Inclusion {
  readonly file: SourceFile;
  /** The `#include` or `import` that asked for it; null for the files of the command line. */
  readonly from: FileRange | null;
}

/** A range of the logical text of a file. */
export interface FileRange {
  readonly inclusion: Inclusion;
  readonly start: number;
  readonly end: number;
}

/** One use of a macro. */
export interface Expansion {
  readonly macro: string;
  /** The macro's name in its `#define`; null for `-D` and built-in macros. */
  readonly definition: FileRange | null;
  /** From the macro's name to its closing parenthesis. */
  readonly use: FileRange;
  /** The expansion whose replacement text contains the use; null if the use stands in a file's own text. */
  readonly usedIn: Expansion | null;
}

/** Where a token of an expansion comes from. */
export interface TokenOrigin {
  readonly spelling: FileRange;
  /** The expansion in whose replacement text the token is spelled; null: in an argument, in a file's own text. */
  readonly spelledIn: Expansion | null;
  /** The innermost expansion that put the token here. */
  readonly via: Expansion;
}

/** A range of a file for people: lines and columns from 1, columns in code points, the end exclusive. */
export interface Place {
  /** As named on the command line, by the `#include`, or by a line marker. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly source: SourceFile;
  /** Offsets in `source.text`. */
  readonly start: number;
  readonly end: number;
}

export interface OriginNote {
  readonly text: string;
  /** Shown with its code frame. */
  readonly place: Place;
}

export interface Located {
  readonly primary: Place;
  /** From the text outwards: the definition that spells it, then the definitions that use that macro. */
  readonly expansions: readonly OriginNote[];
  /** The innermost inclusion first. */
  readonly includedFrom: readonly Place[];
}

export interface TranslationUnit {
  readonly text: string;
  /** The files of the command line and of `import`, in order, then included ones as they were read. */
  readonly inclusions: readonly Inclusion[];
  /** The place of a span; null for NO_SPAN and for a unit without files. */
  readonly locate: (span: Span) => Located | null;
}

/** Segments as columns: millions of them must stay cheap. */
interface Segments {
  /** First output offset. */
  readonly out: number[];
  readonly inclusion: Inclusion[];
  /** First logical offset in the file. */
  readonly source: number[];
  /** Null for text that no macro touched. */
  readonly origin: (TokenOrigin | null)[];
}

/** Collects the text and the origin map, piece by piece. */
export class UnitBuilder {
  private readonly inclusionList: Inclusion[] = [];
  private readonly segments: Segments = { out: [], inclusion: [], source: [], origin: [] };
  private pieces: string[] = [];
  private finished = "";
  private total = 0;

  /** Output offset of the next piece. */
  get length(): number {
    return this.total;
  }

  include(file: SourceFile, from: FileRange | null): Inclusion {
    const inclusion = { file, from };
    this.inclusionList.push(inclusion);
    return inclusion;
  }

  /** Appends `[start, end)` of the file's logical text. */
  copy(inclusion: Inclusion, start: number, end: number): void {
    if (start < end) this.append(inclusion, start, inclusion.file.logical.slice(start, end));
  }

  /** Appends as many spaces as the range is long, then a line end: a directive, kept only as a place. */
  blank(inclusion: Inclusion, start: number, end: number): void {
    this.append(inclusion, start, `${" ".repeat(end - start)}\n`);
  }

  /** Appends one token (or a single space) of an expansion. */
  token(text: string, origin: TokenOrigin): void {
    const { out, inclusion, source, origin: origins } = this.segments;
    out.push(this.total);
    inclusion.push(origin.spelling.inclusion);
    source.push(origin.spelling.start);
    origins.push(origin);
    this.push(text);
  }

  /** The text from `start` (an earlier `length`) on. */
  textFrom(start: number): string {
    this.finished += this.pieces.join("");
    this.pieces = [];
    return this.finished.slice(start);
  }

  /** The range of a file that a span of the text so far comes from; null if there is none. */
  rangeOf(span: Span): FileRange | null {
    return rangeOf(this.segments, span);
  }

  finish(): TranslationUnit {
    const { segments } = this;
    return {
      text: this.textFrom(0),
      inclusions: this.inclusionList,
      locate: (span) => locate(segments, span),
    };
  }

  private append(inclusion: Inclusion, start: number, text: string): void {
    const { out, inclusion: inclusions, source, origin } = this.segments;
    out.push(this.total);
    inclusions.push(inclusion);
    source.push(start);
    origin.push(null);
    this.push(text);
  }

  private push(text: string): void {
    this.pieces.push(text);
    this.total += text.length;
  }
}

/** A unit of one file without any preprocessing: for tools that parse a fragment. */
export function unitOfFile(file: SourceFile): TranslationUnit {
  const builder = new UnitBuilder();
  builder.copy(builder.include(file, null), 0, file.logical.length);
  return builder.finish();
}

function locate(segments: Segments, span: Span): Located | null {
  const range = rangeOf(segments, span);
  if (range === null) return null;
  return {
    primary: placeOf(range),
    expansions: expansionNotes(originAt(segments, firstCharacter(span))),
    includedFrom: inclusionChain(range.inclusion),
  };
}

/** An empty span stands right after a character: it belongs to that character's segment, not to the next one. */
function firstCharacter(span: Span): number {
  return span.end > span.start ? span.start : Math.max(span.start - 1, 0);
}

function rangeOf(segments: Segments, span: Span): FileRange | null {
  if (span.start < 0 || segments.out.length === 0) return null;
  const first = firstCharacter(span);
  const start = outermost(originAt(segments, first));
  const end = outermost(originAt(segments, Math.max(span.end - 1, first)));
  const { inclusion } = start;
  if (span.end === span.start) {
    const at = span.start === 0 ? start.start : start.end;
    return { inclusion, start: at, end: at };
  }
  const sameReading = inclusion === end.inclusion && start.start <= end.end;
  return { inclusion, start: start.start, end: sameReading ? end.end : start.end };
}

interface CharacterOrigin {
  readonly spelling: FileRange;
  readonly origin: TokenOrigin | null;
}

/** Where the character at output offset `at` is spelled: for copied text itself, in expansions the whole token. */
function originAt(segments: Segments, at: number): CharacterOrigin {
  let low = 0;
  let high = segments.out.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments.out[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  const origin = segments.origin[low] ?? null;
  if (origin !== null) return { spelling: origin.spelling, origin };
  const inclusion = segments.inclusion[low];
  if (inclusion === undefined) throw new RangeError("the unit has no text");
  const offset = (segments.source[low] ?? 0) + at - (segments.out[low] ?? 0);
  const start = Math.min(offset, inclusion.file.logical.length);
  return { spelling: { inclusion, start, end: Math.min(start + 1, inclusion.file.logical.length) }, origin };
}

/** The range in a file's own text: the spelling itself, or the use of the outermost macro that spells it. */
function outermost(at: CharacterOrigin): FileRange {
  let expansion = at.origin?.spelledIn ?? null;
  if (expansion === null) return at.spelling;
  while (expansion.usedIn !== null) expansion = expansion.usedIn;
  return expansion.use;
}

function expansionNotes(at: CharacterOrigin): readonly OriginNote[] {
  const notes: OriginNote[] = [];
  let spelling = at.spelling;
  let expansion = at.origin?.spelledIn ?? null;
  while (expansion !== null) {
    if (expansion.definition !== null) {
      notes.push({ text: `in the definition of macro \`${expansion.macro}\``, place: placeOf(spelling) });
    }
    spelling = expansion.use;
    expansion = expansion.usedIn;
  }
  const via = at.origin?.via ?? null;
  if (at.origin !== null && at.origin.spelledIn === null && via?.definition) {
    notes.push({ text: `in an argument of macro \`${via.macro}\``, place: placeOf(via.definition) });
  }
  return notes;
}

function inclusionChain(inclusion: Inclusion): readonly Place[] {
  const chain: Place[] = [];
  for (let from = inclusion.from; from !== null; from = from.inclusion.from) chain.push(placeOf(from));
  return chain;
}

/** Lines and columns of a range. An end at the start of a line stays on the line before, where its text ends. */
export function placeOf(range: FileRange): Place {
  const { file } = range.inclusion;
  const start = originalOffset(file, range.start);
  const last =
    range.end > range.start ? characterStart(file.text, originalOffset(file, range.end - 1)) : start;
  const end = range.end > range.start ? last + characterLength(file.text, last) : start;
  const line = lineAt(file.lines, start);
  const endLine = lineAt(file.lines, last);
  const presumed = presumedLine(file, range.start, line);
  const shift = (presumed?.line ?? line) - line;
  return {
    file: presumed?.file ?? file.path,
    line: line + shift,
    column: columnAt(file.lines, start),
    endLine: endLine + shift,
    endColumn: columnAt(file.lines, last) + (end > last ? 1 : 0),
    source: file,
    start,
    end,
  };
}

/** The first unit of the character that `at` is a unit of. */
function characterStart(text: string, at: number): number {
  const isSecondHalf = text.charCodeAt(at) >= 0xdc00 && text.charCodeAt(at) <= 0xdfff;
  return isSecondHalf && at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
