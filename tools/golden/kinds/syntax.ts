// Kind `syntax`: what preprocessor, lexer, parser and strict mode say of a text.
//
//     kind: syntax                every diagnostic as the command line prints it, or `accepted`
//     kind: syntax strict         the same under --strict
//     kind: syntax printed        the program in canonical form
//     kind: syntax preprocessed   the preprocessed text, white space reduced
//
// Sections: `input` (read as `input.pnk`), and `file NAME` for every file that it includes or imports. A header
// `defines: A B=2` gives macros as `-D` does; `include-paths: a b` names folders as `-I` does.

import { renderText } from "../../../compiler/source/render.ts";
import { parseUnit, printProgram, type ParseOptions } from "../../../compiler/syntax/index.ts";
import { CaseProblem, requireSection, type GoldenKind } from "../runner.ts";

export const syntaxKind: GoldenKind = {
  name: "syntax",
  summary:
    "syntax: rendered diagnostics, or `accepted`; `syntax strict`, `syntax printed`, `syntax preprocessed`",
  budgetLines: 30,
  run: (golden) => {
    const files = new Map(
      golden.sections
        .filter((section) => section.name.startsWith("file "))
        .map((section) => [section.name.slice("file ".length), `${section.text}\n`]),
    );
    const words = (header: string): readonly string[] => golden.headers.get(header)?.split(/\s+/) ?? [];
    const form = golden.kindArguments[0] ?? "diagnostics";
    const options: ParseOptions = {
      strict: form === "strict",
      defines: words("defines"),
      includePaths: words("include-paths"),
      reader: { read: (path) => files.get(path) ?? null },
    };
    const text = `${requireSection(golden, "input")}\n`;
    switch (form) {
      case "diagnostics":
      case "strict":
        return checkSyntax(text, options);
      case "printed":
        return printProgram(parseUnit([{ path: "input.pnk", text }], options).program);
      case "preprocessed":
        return reduced(parseUnit([{ path: "input.pnk", text }], options).unit.text);
      default:
        throw new CaseProblem(
          `kind syntax has no form \`${form}\`: leave it out, or write strict, printed, preprocessed`,
        );
    }
  },
};

/** All diagnostics of `text` as the command line prints them without colours; `accepted` if there are none. */
export function checkSyntax(text: string, options: ParseOptions = {}): string {
  const { diagnostics, unit } = parseUnit([{ path: "input.pnk", text }], options);
  return diagnostics.length === 0 ? "accepted" : renderText(diagnostics, unit);
}

/** Without trailing white space and empty lines. */
function reduced(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n");
}
