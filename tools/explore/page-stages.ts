// The columns of the explore page: the source as it stands in its files, then every stage, each line with the lines
// of the source column that it came from.

import type { Analysis } from "../../compiler/compile.ts";
import { printStageLines } from "../../compiler/run-pipeline.ts";
import type { Span } from "../../compiler/source/span.ts";
import type { ExploreLine, ExploreStage } from "./html.ts";
import type { NamedStage } from "./stages.ts";

/** Stages that are visible before the reader ticks others. */
export const SHOWN_AT_FIRST: ReadonlySet<string> = new Set([
  "pan-to-crep",
  "loop-live",
  "word-dce",
  "lab-filter",
]);

/** The source column and one column a stage. */
export function pageStages(analysis: Analysis, stages: readonly NamedStage[]): readonly ExploreStage[] {
  const source = sourceColumn(analysis);
  const columns = stages.map(({ name, stage }) => ({
    title: name,
    language: stage.language,
    lines: printStageLines(stage).map(({ text, span }) => ({ text, sourceLines: source.linesOf(span) })),
  }));
  return [{ title: "source", language: "files in order", lines: source.lines }, ...columns];
}

interface SourceColumn {
  readonly lines: readonly ExploreLine[];
  readonly linesOf: (span: Span | null) => ExploreLine["sourceLines"];
}

/** All files one below the other, so that a line number of the column names a line of a file. */
function sourceColumn({ unit }: Analysis): SourceColumn {
  const first = new Map<string, number>();
  const lines: ExploreLine[] = [];
  for (const { file } of unit.inclusions) {
    if (first.has(file.path)) continue;
    if (unit.inclusions.length > 1) lines.push({ text: `// ${file.path}`, sourceLines: null });
    first.set(file.path, lines.length);
    for (const text of file.text.replace(/\n$/, "").split("\n")) {
      const number = lines.length + 1;
      lines.push({ text, sourceLines: { first: number, last: number } });
    }
  }
  const linesOf = (span: Span | null): ExploreLine["sourceLines"] => {
    const place = span === null ? undefined : unit.locate(span)?.primary;
    const start = place === undefined ? undefined : first.get(place.source.path);
    if (place === undefined || start === undefined) return null;
    return { first: start + place.line, last: start + place.endLine };
  };
  return { lines, linesOf };
}
