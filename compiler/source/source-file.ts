// A source file as read, and the same text with its line continuations removed.
//
// The preprocessor and everything after it work on `logical` (phase 2 of C translation: a backslash at the end of a
// line joins it to the next one); places are reported in `text`. Files without continuations share one string.

import { indexLines, type LineIndex } from "./line-index.ts";

/** From `offset` (logical) on, the incoming line markers or `#line` said that this is `line` of `file`. */
export interface PresumedLine {
  readonly offset: number;
  /** The physical line (from 1) that follows the marker. */
  readonly physicalLine: number;
  readonly line: number;
  readonly file: string;
}

export interface SourceFile {
  readonly path: string;
  /** As read, without a byte order mark. */
  readonly text: string;
  readonly logical: string;
  /** Lines of `text`. */
  readonly lines: LineIndex;
  /** Joins, ascending: from `at` (logical offset) on, add `removed` to get the offset in `text`. Empty: equal. */
  readonly joins: readonly Join[];
  /** Grows while the preprocessor meets line markers; ascending by offset. */
  readonly presumed: PresumedLine[];
}

interface Join {
  readonly at: number;
  readonly removed: number;
}

const CONTINUATION = /\\[ \t\r\v\f]*\n/g;

/** Makes the file; a byte order mark at the start is dropped. */
export function sourceFile(path: string, contents: string): SourceFile {
  const text = contents.startsWith("\uFEFF") ? contents.slice(1) : contents;
  const { logical, joins } = joinLines(text);
  return { path, text, logical, lines: indexLines(text), joins, presumed: [] };
}

/** The offset in `text` of an offset in `logical`. */
export function originalOffset(file: SourceFile, logicalOffset: number): number {
  let removed = 0;
  let low = 0;
  let high = file.joins.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const join = file.joins[middle];
    if (join === undefined || join.at > logicalOffset) high = middle;
    else {
      removed = join.removed;
      low = middle + 1;
    }
  }
  return logicalOffset + removed;
}

/** What the line markers say about physical line `line` at `logicalOffset`; null if no marker came before it. */
export function presumedLine(
  file: SourceFile,
  logicalOffset: number,
  line: number,
): { readonly file: string; readonly line: number } | null {
  const marker = file.presumed.findLast((m) => m.offset <= logicalOffset);
  if (marker === undefined) return null;
  return { file: marker.file, line: marker.line + line - marker.physicalLine };
}

function joinLines(text: string): { readonly logical: string; readonly joins: readonly Join[] } {
  if (!text.includes("\\")) return { logical: text, joins: [] };
  const joins: Join[] = [];
  const parts: string[] = [];
  let from = 0;
  let removed = 0;
  for (const match of text.matchAll(CONTINUATION)) {
    parts.push(text.slice(from, match.index));
    removed += match[0].length;
    from = match.index + match[0].length;
    joins.push({ at: from - removed, removed });
  }
  if (joins.length === 0) return { logical: text, joins };
  parts.push(text.slice(from));
  return { logical: parts.join(""), joins };
}
