// Diagnostics as text and as JSON: the one rendering that the command line, the tests and the playground share.
//
// Pure: colours come from the caller's palette, places from the unit. Text form (house style 3.7):
//
//     error[S0104]: expected shape {1,1}, found 1
//       --> driver.pnk:41:28
//     41 |     net_enqueue(rx_active, addr);
//        |                            ^^^^ this has shape 1
//        = note: ...
//        = help: ...

import { codeFrame } from "./code-frame.ts";
import type { Diagnostic, RelatedPlace } from "./diagnostic.ts";
import type { Located, Place, TranslationUnit } from "./translation-unit.ts";

/** How to colour parts of the text; `plain` leaves them alone. */
export interface Palette {
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  /** Line numbers, bars and arrows. */
  readonly gutter: (text: string) => string;
  /** The message. */
  readonly strong: (text: string) => string;
}

const MAX_INCLUSIONS = 3;
/** Longest text shown between backquotes: a name may have a million letters. */
const MAX_QUOTED = 80;
const LONG_QUOTED = new RegExp(`\`([^\`]{${MAX_QUOTED + 1},})\``, "g");

function shortened(text: string): string {
  return text.replace(LONG_QUOTED, (_, quoted: string) => `\`${quoted.slice(0, MAX_QUOTED / 2)}...\``);
}

const same = (text: string): string => text;
export const plain: Palette = { error: same, warning: same, gutter: same, strong: same };

/** One diagnostic in the shape of `pancake check --format json`. Without a place the numbers are 0, `file` is "". */
export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly help: string | null;
}

/** All diagnostics as text, in the given order, one blank line between them, no line end after the last. */
export function renderText(
  diagnostics: readonly Diagnostic[],
  unit: TranslationUnit,
  palette: Palette = plain,
): string {
  return diagnostics.map((diagnostic) => renderOne(diagnostic, unit, palette)).join("\n\n");
}

/** All diagnostics as values for `JSON.stringify`. */
export function renderJson(
  diagnostics: readonly Diagnostic[],
  unit: TranslationUnit,
): readonly JsonDiagnostic[] {
  return diagnostics.map((diagnostic) => {
    const { code, severity, message, help } = diagnostic;
    const place = unit.locate(diagnostic.span)?.primary;
    return {
      code,
      severity,
      message: shortened(message),
      file: place?.file ?? "",
      line: place?.line ?? 0,
      column: place?.column ?? 0,
      endLine: place?.endLine ?? 0,
      endColumn: place?.endColumn ?? 0,
      help: help === null ? null : shortened(help),
    };
  });
}

/** `file:line:column` of a place. */
export function placeText(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

function renderOne(diagnostic: Diagnostic, unit: TranslationUnit, palette: Palette): string {
  const paint = diagnostic.severity === "error" ? palette.error : palette.warning;
  const header =
    paint(`${diagnostic.severity}[${diagnostic.code}]`) +
    palette.strong(`: ${shortened(diagnostic.message)}`);
  const located = unit.locate(diagnostic.span);
  if (located === null) {
    return [header, ...notes(diagnostic, unit).map((note) => palette.gutter(" = ") + note)].join("\n");
  }
  const width = gutterWidth(located);
  const indent = " ".repeat(width);
  const out = [header, ...frame({ place: located.primary, label: diagnostic.label, width }, palette, paint)];
  for (const expansion of located.expansions) {
    out.push(palette.gutter(`${indent} = `) + `note: ${expansion.text}`);
    out.push(...frame({ place: expansion.place, label: null, width }, palette, palette.gutter));
  }
  for (const note of [...inclusionNotes(located), ...notes(diagnostic, unit)]) {
    out.push(palette.gutter(`${indent} = `) + note);
  }
  return out.join("\n");
}

/** The innermost inclusions; how many more there are says one that goes on for ever. */
function inclusionNotes(located: Located): readonly string[] {
  const shown = located.includedFrom.slice(0, MAX_INCLUSIONS);
  const more = located.includedFrom.length - shown.length;
  const out = shown.map((place) => `note: included from ${place.file}:${place.line}`);
  return more === 0 ? out : [...out, `note: and ${more} more inclusions around it`];
}

interface Frame {
  readonly place: Place;
  readonly label: string | null;
  /** Columns of the line number. */
  readonly width: number;
}

function frame(shown: Frame, palette: Palette, paint: (text: string) => string): readonly string[] {
  const { place, label, width } = shown;
  const { line, marker } = codeFrame(place);
  const number = String(place.line).padStart(width);
  const bar = `${" ".repeat(width)} | `;
  return [
    palette.gutter(`${" ".repeat(width)}--> `) + placeText(place),
    palette.gutter(`${number} |`) + (line === "" ? "" : ` ${line}`),
    palette.gutter(bar) + paint(marker + (label === null ? "" : ` ${shortened(label)}`)),
  ];
}

function gutterWidth(located: Located): number {
  const lines = [located.primary.line, ...located.expansions.map((note) => note.place.line)];
  return Math.max(...lines.map((line) => String(line).length));
}

function notes(diagnostic: Diagnostic, unit: TranslationUnit): readonly string[] {
  const out = diagnostic.related.map((related) => `note: ${shortened(relatedText(related, unit))}`);
  if (diagnostic.help !== null) out.push(`help: ${shortened(diagnostic.help)}`);
  return out;
}

/** `x is declared here` becomes `x is declared at file:line:column`; other texts get the place in parentheses. */
function relatedText(related: RelatedPlace, unit: TranslationUnit): string {
  const place = unit.locate(related.span)?.primary;
  if (place === undefined) return related.text;
  const where = placeText(place);
  return related.text.endsWith(" here")
    ? `${related.text.slice(0, -" here".length)} at ${where}`
    : `${related.text} (${where})`;
}
