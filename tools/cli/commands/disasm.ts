// `pancake disasm`: a listing of an object's or a program's code with symbols and source lines.

import { readFileSync } from "node:fs";
import { listObject } from "../../../runtime/index.ts";
import { EXIT } from "../exit-codes.ts";
import { readBytes } from "../files.ts";

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
  const source = options.source ? sourceLines() : (): null => null;
  for (const line of listing.lines) {
    if (line.kind === "symbol") process.stdout.write(`\n${line.text}\n`);
    else if (line.kind === "place") {
      const text = source(line.file, line.line);
      if (options.source)
        process.stdout.write(`; ${line.file}:${line.line}${text === null ? "" : `: ${text.trim()}`}\n`);
    } else process.stdout.write(`${line.text}\n`);
  }
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
