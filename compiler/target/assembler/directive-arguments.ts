// Arguments of directives: splitting at commas, strings with escapes. Relies on source-lines.ts.

import { diagnose } from "../../source/diagnostic.ts";
import { spanOf } from "./source-lines.ts";
import type { Located } from "./source-lines.ts";
import type { UnitBuilder } from "./unit-builder.ts";

/** Splits at commas outside strings and parentheses; no arguments for empty text. */
export function splitArguments(source: Located): Located[] {
  if (source.text.trim() === "") return [];
  const parts: Located[] = [];
  let [depth, from, inString] = [0, 0, false];
  const push = (end: number): void => {
    const piece = source.text.slice(from, end);
    const start = source.start + from + piece.length - piece.trimStart().length;
    parts.push({ text: piece.trim(), start });
  };
  for (let i = 0; i < source.text.length; i += 1) {
    const c = source.text[i];
    if (c === "\\" && inString) i += 1;
    else if (c === '"') inString = !inString;
    else if (inString) continue;
    else if (c === "(") depth += 1;
    else if (c === ")") depth -= 1;
    else if (c === "," && depth === 0) {
      push(i);
      from = i + 1;
    }
  }
  push(source.text.length);
  return parts;
}

const escapeCodes: Readonly<Record<string, number>> = {
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  "\\": 92,
  '"': 34,
};
const piece = /\\([0-7]{1,3})|\\x([0-9a-fA-F]+)|\\(.)|([^\\]+)/gsu;

/** The bytes of a string literal (UTF-8; escapes \n \t \b \f \r \\ \" octal and \x), null after a report. */
export function stringBytes(unit: UnitBuilder, source: Located, directive: string): number[] | null {
  const match = /^"(.*)"$/s.exec(source.text);
  if (match?.[1] === undefined) {
    const found = source.text === "" ? "nothing" : `\`${source.text}\``;
    unit.report(
      diagnose("A0013", spanOf(source), { name: directive, expected: 'a string such as "text"', found }),
    );
    return null;
  }
  const bytes: number[] = [];
  for (const [, octal, hex, letter, text] of match[1].matchAll(piece)) {
    if (octal !== undefined) bytes.push(parseInt(octal, 8) & 255);
    else if (hex !== undefined) bytes.push(parseInt(hex.slice(-2), 16));
    else if (letter !== undefined) bytes.push(escapeCodes[letter] ?? letter.charCodeAt(0) & 255);
    else bytes.push(...new TextEncoder().encode(text));
  }
  return bytes;
}
