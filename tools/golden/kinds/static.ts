// Kind `static`: what the static rules say of a Pancake program, and what the surface passes make of it.
//
//     kind: static           every diagnostic of the checker, or `accepted`; of the parser's only the codes
//     kind: static lowered   the program after lower-conveniences, as `pancake lower` prints it
//     kind: static pan       the program after surface-to-pan, in Pan's text form
//
// Sections: `input`, without macros. A diagnostic is one line `line:column-column code severity: message`, its label, related places
// and help on lines of their own below it. A range over several lines is `line:column-line:column`.

import { print as printPan } from "../../../compiler/lang/pan/index.ts";
import { lowerConveniences } from "../../../compiler/passes/lower-conveniences.ts";
import { surfaceToPan } from "../../../compiler/passes/surface-to-pan.ts";
import { hasErrors, type Diagnostic } from "../../../compiler/source/diagnostic.ts";
import { columnAt, indexLines, lineAt, type LineIndex } from "../../../compiler/source/line-index.ts";
import type { Span } from "../../../compiler/source/span.ts";
import { checkProgram } from "../../../compiler/static/index.ts";
import { parseUnit, printProgram } from "../../../compiler/syntax/index.ts";
import { CaseProblem, requireSection, type GoldenKind } from "../runner.ts";

export const staticKind: GoldenKind = {
  name: "static",
  summary: "static rules: diagnostics of a program; `static lowered`, `static pan`: the program afterwards",
  budgetLines: 40,
  run: (golden) => {
    const text = requireSection(golden, "input");
    const parsed = parseUnit([{ path: "input.pnk", text }]);
    const checked = checkProgram(parsed.program, parsed.unit.text);
    const [result] = golden.kindArguments;
    if (result === undefined || hasErrors([...parsed.diagnostics, ...checked.diagnostics])) {
      const syntax = parsed.diagnostics.map((d) => d.code).join(", ");
      const found = diagnosticLines(parsed.unit.text, checked.diagnostics);
      return syntax === "" ? found : `syntax: ${syntax}\n${found}`;
    }
    const lowered = lowerConveniences(parsed.program, checked.value);
    if (result === "lowered") return printProgram(lowered);
    if (result === "pan") return printPan(surfaceToPan(lowered));
    throw new CaseProblem(`kind static has no form \`${result}\`: leave it out, or write lowered or pan`);
  },
};

/** Diagnostics in a form that is short and shows everything but the source; `accepted` if there are none. */
export function diagnosticLines(text: string, diagnostics: readonly Diagnostic[]): string {
  if (diagnostics.length === 0) return "accepted";
  const lines = indexLines(text);
  return diagnostics.flatMap((diagnostic) => oneDiagnostic(lines, diagnostic)).join("\n");
}

function oneDiagnostic(lines: LineIndex, diagnostic: Diagnostic): readonly string[] {
  const { code, severity, message, label, related, help } = diagnostic;
  return [
    `${place(lines, diagnostic.span)} ${code} ${severity}: ${message}`,
    ...(label === null ? [] : [`    ^ ${label}`]),
    ...related.map((other) => `    ${place(lines, other.span)}: ${other.text}`),
    ...(help === null ? [] : [`    help: ${help}`]),
  ];
}

function place(lines: LineIndex, { start, end }: Span): string {
  const [line, endLine] = [lineAt(lines, start), lineAt(lines, end)];
  const to = endLine === line ? "" : `${String(endLine)}:`;
  return `${String(line)}:${String(columnAt(lines, start))}-${to}${String(columnAt(lines, end))}`;
}
