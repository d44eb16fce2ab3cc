// A module in the text format with the source of each line, as binaryen reads it: `;;@ file:line:column` before each
// instruction. Columns count from 0, as in source maps, and files are written as URLs, as in source maps.

import type { PrintedLine } from "../../lang/printed-line.ts";
import type { Span } from "../../source/span.ts";

export interface SourcePlace {
  readonly file: string;
  readonly line: number;
  /** Counts from 1. */
  readonly column: number;
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

function annotationOf({ file, line, column }: SourcePlace): string {
  return `;;@ ${encodeURI(file).replaceAll(":", "%3A")}:${String(line)}:${String(column - 1)}`;
}
