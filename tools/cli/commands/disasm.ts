// `pancake disasm`: a listing of an object's or a program's code with symbols and source lines.

import { readFileSync } from "node:fs";
import { listObject } from "../../../runtime/index.ts";
import { EXIT } from "../exit-codes.ts";
import { readBytes, writeOutput } from "../files.ts";
import { FileProblem } from "../problems.ts";

export interface DisasmOptions {
  readonly aliases: boolean;
  readonly source: boolean;
}

export function disasm(file: string, options: DisasmOptions): number {
  const listing = listObject(readBytes(file), file, { aliases: options.aliases });
  if (listing.kind === "problems") {
    for (const { code, message } of listing.problems) process.stderr.write(`error[${code}]: ${message}\n`);
    return EXIT.userError;
  }
  if (!listing.lines.some((line) => line.kind === "code")) throw new FileProblem(`\`${file}\` holds no code`);
  const source = options.source ? sourceLines() : (): null => null;
  const text = listing.lines.flatMap((line) => {
    if (line.kind === "symbol") return ["", line.text];
    if (line.kind === "code") return [line.text];
    const written = source(line.file, line.line);
    return options.source
      ? [`; ${line.file}:${line.line}${written === null ? "" : `: ${written.trim()}`}`]
      : [];
  });
  writeOutput("-", `${text.join("\n")}\n`);
  return EXIT.ok;
}

/** Reads source files once; null for files that are not there. */
function sourceLines(): (file: string, line: number) => string | null {
  const cache = new Map<string, readonly string[]>();
  return (file, line) => {
    let lines = cache.get(file);
    if (lines === undefined) {
      try {
        lines = readFileSync(file, "utf8").split("\n");
      } catch {
        lines = [];
      }
      cache.set(file, lines);
    }
    return lines[line - 1] ?? null;
  };
}
