// A module in the text format with the source of each line, as binaryen reads it: `;;@ file:line:column:function` before
// each instruction. Columns count from 0, as in source maps, and files are written as URLs, as in source maps; the
// function is what source maps have as a name.

import type { PrintedLine } from "../../lang/printed-line.ts";
import type { Span } from "../../source/span.ts";

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
  /** The function that was written there; null outside of functions. */
  readonly function: string | null;
}

export function annotatedText(
  lines: readonly PrintedLine[],
  locate: (span: Span) => SourcePlace | null,
): string {
  const annotated = lines.flatMap(({ text, span }) => {
    const place = span === null ? null : locate(span);
    return place === null ? [text] : [annotationOf(place), text];
  });
  return `${annotated.join("\n")}\n`;
}

function annotationOf({ file, line, column, function: name }: SourcePlace): string {
  const place = `${encodeURI(file).replaceAll(":", "%3A")}:${String(line)}:${String(column - 1)}`;
  return `;;@ ${place}${name === null ? "" : `:${name}`}`;
}
