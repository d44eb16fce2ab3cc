// The file tables of folder READMEs, built from the headers of the files (house-style 3.9).

import { dirname } from "node:path";

export interface HeaderSource {
  /** Path from the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** The first sentence of a file's header comment, without a leading `name:` of a pass. */
export function headerSentence(text: string): string {
  const body = text.replace(/^#!.*\n/, "");
  const block = /^\/\*\*?([\s\S]*?)\*\//.exec(body)?.[1];
  const lines = block?.split("\n").map((line) => line.replace(/^\s*\*?\s?/, "")) ?? leadingComment(body);
  const paragraph = lines.join("\n").trim().split("\n\n")[0] ?? "";
  const flat = paragraph.replace(/\s+/g, " ").trim();
  return /^(.*?[.:])(?=\s[A-Z`(]|$)/.exec(flat)?.[1] ?? flat;
}

function leadingComment(text: string): readonly string[] {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("//")) break;
    lines.push(line.replace(/^\/\/ ?/, ""));
  }
  return lines;
}

const START = "<!-- files: made by `npm run docs` from the headers -->";
const END = "<!-- end of files -->";

/** `readme` with its table replaced, or with a table appended if it has none. */
export function withFileTable(readme: string, folder: string, files: readonly HeaderSource[]): string {
  const rows = files
    .filter((file) => dirname(file.path) === folder && file.path.endsWith(".ts"))
    .map((file) => {
      const name = file.path.slice(folder.length + 1);
      return `| [${name}](${name}) | ${headerSentence(file.text).replaceAll("|", "\\|")} |`;
    });
  const table = [START, "", "| file | what it is |", "|---|---|", ...rows, "", END].join("\n");
  const start = readme.indexOf(START);
  const end = readme.indexOf(END);
  if (start < 0 || end < 0) return `${readme.trimEnd()}\n\n${table}\n`;
  return readme.slice(0, start) + table + readme.slice(end + END.length);
}
