// Where lines begin in a text: offset to line and column and back.
//
// A line ends after "\n" (a "\r" before it belongs to the line). Lines and columns count from 1; a column counts
// Unicode code points, so a character outside the basic plane (two UTF-16 units) moves the column by one.

export interface LineIndex {
  readonly text: string;
  /** Offset of the first character of each line, ascending; the first is 0. */
  readonly starts: readonly number[];
}

/** Finds the line starts of `text` in one pass. */
export function indexLines(text: string): LineIndex {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return { text, starts };
}

/** The line (from 1) that holds `offset`; offsets past the end are on the last line. */
export function lineAt(index: LineIndex, offset: number): number {
  let low = 0;
  let high = index.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((index.starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** The column (from 1, in code points) of `offset` on its line. */
export function columnAt(index: LineIndex, offset: number): number {
  const start = lineStart(index, lineAt(index, offset));
  return codePoints(index.text, start, Math.min(offset, index.text.length)) + 1;
}

/** Offset of the first character of `line` (from 1). */
export function lineStart(index: LineIndex, line: number): number {
  return index.starts[line - 1] ?? index.text.length;
}

/** The text of `line` (from 1) without its line end. */
export function lineText(index: LineIndex, line: number): string {
  const next = index.starts[line];
  const end = next === undefined ? index.text.length : next - 1;
  return index.text.slice(lineStart(index, line), end).replace(/\r$/, "");
}

/** The number of code points between two offsets of `text`. */
export function codePoints(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    const unit = text.charCodeAt(at);
    const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff && at > start;
    if (!isSecondHalf) count++;
  }
  return count;
}
