// The code frame of a diagnostic: one source line with a marker under the place, as plain columns.
//
// Tabs become spaces up to the next multiple of 4, control characters become their pictures, wide characters count
// two columns, and long lines are cut around the marker, so that the marker stands where the eye expects it.

import { lineAt, lineText, lineStart } from "./line-index.ts";
import type { Place } from "./translation-unit.ts";

const TAB = 4;
/** Longest line shown. */
const WIDTH = 100;
/** Columns kept on the left of the marker when a line is cut. */
const LEFT = 30;
/** Characters on each side of the marker's start that are looked at: a line of a megabyte costs what a short one does. */
const REACH = 500;

export interface CodeFrame {
  readonly line: string;
  /** Spaces and carets, to be printed under `line`. */
  readonly marker: string;
}

interface Cells {
  readonly text: string;
  /** Display column of the marker's first and after its last character. */
  readonly from: number;
  readonly to: number;
}

/** The first line of `place` with a caret under each of its columns (at least one). */
export function codeFrame(place: Place): CodeFrame {
  const { lines } = place.source;
  const line = lineAt(lines, place.start);
  const whole = lineText(lines, line);
  const marked = place.start - lineStart(lines, line);
  const skipped = characterStart(whole, Math.max(0, marked - REACH));
  const text = whole.slice(skipped, characterStart(whole, marked + REACH));
  const start = marked - skipped;
  const end = Math.min(place.end - lineStart(lines, line) - skipped, text.length);
  const cells = layOut(text, start, Math.max(end, start));
  const cut = cutAround(cells);
  const carets = "^".repeat(Math.max(1, cut.to - cut.from));
  return { line: cut.text.trimEnd(), marker: " ".repeat(cut.from) + carets };
}

/** `at`, or the offset before it if it lies inside a character of two units. */
function characterStart(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}

function layOut(text: string, start: number, end: number): Cells {
  let shown = "";
  let column = 0;
  let from = -1;
  let to = -1;
  for (let at = 0; at < text.length;) {
    if (from < 0 && at >= start) from = column;
    if (to < 0 && at >= end) to = column;
    const point = text.codePointAt(at) ?? 0;
    const cell = cellOf(point, column);
    shown += cell;
    column += point > 0xffff || isWide(point) ? 2 : cell.length;
    at += point > 0xffff ? 2 : 1;
  }
  return { text: shown, from: from < 0 ? column : from, to: to < 0 ? column : to };
}

function cellOf(point: number, column: number): string {
  if (point === 9) return " ".repeat(TAB - (column % TAB));
  if (point < 32) return String.fromCodePoint(0x2400 + point);
  if (point === 127) return "\u2421";
  return String.fromCodePoint(point);
}

/** East Asian wide characters of the basic plane; everything beyond it (emoji) is wide too. */
function isWide(point: number): boolean {
  return (
    (point >= 0x1100 && point <= 0x115f) ||
    (point >= 0x2e80 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xff00 && point <= 0xff60)
  );
}

/** Keeps at most WIDTH columns; the marker stays visible, a marker that is too long is cut too. */
function cutAround(cells: Cells): Cells {
  const characters = [...cells.text];
  if (characters.length <= WIDTH) return cells;
  const first = Math.max(0, Math.min(cells.from - LEFT, characters.length - WIDTH));
  const last = Math.min(characters.length, first + WIDTH);
  const head = first > 0 ? "..." : "";
  const tail = last < characters.length ? "..." : "";
  const text = head + characters.slice(first, last).join("") + tail;
  const shift = head.length - first;
  return { text, from: cells.from + shift, to: Math.min(cells.to, last) + shift };
}
