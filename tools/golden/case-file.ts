// The text format of a golden case (house-style 3.8): one file, one case, input and expectation together.
//
//     # title: what the case shows
//     kind: pass loop-live
//     ---- input
//     ...
//     ---- expect
//     ...
//
// Header lines are `key: value`. Sections begin with `---- name`; a section runs to the next such line. Kinds define
// which headers and sections they read. The text between is kept exactly, but for one newline at the end.

export interface Section {
  readonly name: string;
  readonly text: string;
  /** Line of the `----`, from 1. */
  readonly line: number;
}

export interface GoldenCase {
  readonly path: string;
  readonly title: string;
  /** First word of the `kind:` header: which entry of kinds/index.ts runs the case. */
  readonly kind: string;
  /** The rest of the `kind:` header, split at spaces. */
  readonly kindArguments: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly sections: readonly Section[];
  readonly lineCount: number;
}

export type ParsedCase =
  | { readonly ok: true; readonly case: GoldenCase }
  | { readonly ok: false; readonly path: string; readonly line: number; readonly problem: string };

const SECTION = /^---- (.+)$/;
const HEADER = /^([a-z][a-z-]*):\s*(.*)$/;

/** Reads a case. A malformed file is a value that says what and where. */
export function parseCase(path: string, text: string): ParsedCase {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const first = lines[0] ?? "";
  const fail = (line: number, problem: string): ParsedCase => ({ ok: false, path, line, problem });
  if (!first.startsWith("# ")) return fail(1, "expected `# title: what the case shows` on the first line");

  const headers = new Map<string, string>();
  let at = 1;
  for (; at < lines.length && !SECTION.test(lines[at] ?? ""); at++) {
    const line = lines[at] ?? "";
    if (line.trim() === "") continue;
    const match = HEADER.exec(line);
    if (match === null) return fail(at + 1, "expected `key: value` or `---- section`");
    headers.set(match[1] ?? "", match[2] ?? "");
  }
  const kind = headers.get("kind");
  if (kind === undefined) return fail(1, "expected a `kind:` line before the first section");
  const [kindName = "", ...kindArguments] = kind.split(/\s+/);
  const sections = readSections(lines, at);
  if (!sections.some((s) => s.name === "expect"))
    return fail(lines.length, "expected a section `---- expect`");
  const title = first.slice(2).trim();
  return {
    ok: true,
    case: { path, title, kind: kindName, kindArguments, headers, sections, lineCount: lines.length },
  };
}

/** The text of section `name`, or null. */
export function sectionText(golden: GoldenCase, name: string): string | null {
  return golden.sections.find((s) => s.name === name)?.text ?? null;
}

/** The case's text with another expectation; everything else stays byte for byte. */
export function withExpectation(text: string, expectation: string): string {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line === "---- expect");
  if (start < 0) return text;
  const after = lines.findIndex((line, i) => i > start && SECTION.test(line));
  const rest = after < 0 ? [] : lines.slice(after);
  const body = expectation === "" ? [] : expectation.split("\n");
  return [...lines.slice(0, start + 1), ...body, ...(rest.length > 0 ? rest : [""])].join("\n");
}

function readSections(lines: readonly string[], start: number): readonly Section[] {
  const sections: Section[] = [];
  for (let at = start; at < lines.length;) {
    const name = SECTION.exec(lines[at] ?? "")?.[1] ?? "";
    let end = at + 1;
    while (end < lines.length && !SECTION.test(lines[end] ?? "")) end++;
    sections.push({ name, text: lines.slice(at + 1, end).join("\n"), line: at + 1 });
    at = end;
  }
  return sections;
}
