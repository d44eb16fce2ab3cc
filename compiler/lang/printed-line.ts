// A line of a language's text form with the source that it came from: what `explore` links by.

import type { Span } from "../source/span.ts";

export interface PrintedLine {
  readonly text: string;
  /** Null: heads, closing braces and other lines without source of their own. */
  readonly span: Span | null;
}

export function printedLine(text: string, span: Span | null = null): PrintedLine {
  return { text, span };
}

/** The lines as one text that ends with a newline. */
export function joinLines(lines: readonly PrintedLine[]): string {
  return `${lines.map((line) => line.text).join("\n")}\n`;
}
