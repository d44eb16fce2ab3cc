// Splits assembly text into statements: labels, then a mnemonic, directive or assignment with its operand text.
// Relies on source/diagnostic.ts. Comments (`//`, `/* */`, `#` everywhere or at the start of a line) become blanks first,
// so offsets stay those of the file.
// Guarantees: every statement of the text once, in order; a diagnostic for a string or comment without an end.

import type { Diagnostic } from "../../source/diagnostic.ts";
import { diagnose } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";

/** A piece of source text and where it stands. */
export interface Located {
  readonly text: string;
  readonly start: number;
}

export interface Statement {
  /** Names (or numbers) before colons. */
  readonly labels: readonly Located[];
  /** `name = value`. */
  readonly assigned: Located | null;
  /** Mnemonic or directive; null for a line of labels, or an assignment (whose value is `operands`). */
  readonly word: Located | null;
  readonly operands: Located;
  readonly span: Span;
  /** Line of the statement's start, from 1. */
  readonly line: number;
}

export interface SplitSource {
  readonly statements: readonly Statement[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Scan {
  readonly clean: string;
  /** Offsets of statement ends outside strings. */
  readonly ends: readonly number[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The span of a located piece. */
export function spanOf(piece: Located): Span {
  return { start: piece.start, end: piece.start + Math.max(1, piece.text.length) };
}

const commentOrString = /\/\*|\/\/|#|"|'(?:\\.|[^\\\n])'|\n|;/g;

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}

// End of the string that starts at `start`, or of its line.
function stringEnd(text: string, start: number): { end: number; closed: boolean } {
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return { end: at + 1, closed: true };
  }
  const newline = text.indexOf("\n", start);
  return { end: newline < 0 ? text.length : newline, closed: false };
}

function scan(text: string, hash: HashMeaning): Scan {
  const parts: string[] = [];
  const ends: number[] = [];
  const diagnostics: Diagnostic[] = [];
  let from = 0;
  const keepTo = (end: number): void => {
    parts.push(text.slice(from, end));
    from = end;
  };
  const blankTo = (end: number): void => {
    parts.push(blank(text.slice(from, end)));
    from = end;
  };
  for (;;) {
    commentOrString.lastIndex = from;
    const found = commentOrString.exec(text);
    if (found === null) break;
    keepTo(found.index);
    const isPlain = found[0].startsWith("'") || (found[0] === "#" && !beginsComment(text, found.index, hash));
    if (isPlain) keepTo(found.index + found[0].length);
    else if (found[0] === "\n" || found[0] === ";") {
      ends.push(found.index);
      keepTo(found.index + 1);
    } else if (found[0] === '"') {
      const { end, closed } = stringEnd(text, found.index);
      if (!closed)
        diagnostics.push(diagnose("A0001", { start: found.index, end }, { what: "string", close: '"' }));
      keepTo(end);
    } else if (found[0] === "/*") {
      const close = text.indexOf("*/", found.index + 2);
      const span = { start: found.index, end: found.index + 2 };
      if (close < 0) diagnostics.push(diagnose("A0001", span, { what: "comment", close: "*/" }));
      blankTo(close < 0 ? text.length : close + 2);
    } else {
      const newline = text.indexOf("\n", found.index);
      blankTo(newline < 0 ? text.length : newline);
    }
  }
  keepTo(text.length);
  ends.push(text.length);
  return { clean: parts.join(""), ends, diagnostics };
}

const label = /\s*([A-Za-z_.$][\w.$]*|\d+)\s*:/y;
const assignment = /\s*([A-Za-z_.$][\w.$]*)\s*=(?!=)/y;
const word = /\s*([A-Za-z_.][\w.]*)/y;

function takeName(
  pattern: RegExp,
  clean: string,
  at: number,
  end: number,
): { name: Located; end: number } | null {
  pattern.lastIndex = at;
  const match = pattern.exec(clean);
  if (match?.[1] === undefined || pattern.lastIndex > end) return null;
  const start = match.index + match[0].indexOf(match[1]);
  return { name: { text: match[1], start }, end: pattern.lastIndex };
}

function rest(clean: string, from: number, end: number): Located {
  const text = clean.slice(from, end);
  return { text: text.trim(), start: from + text.length - text.trimStart().length };
}

function readStatement(clean: string, range: Span, line: number): Statement | null {
  const body = rest(clean, range.start, range.end);
  if (body.text === "") return null;
  const span = { start: body.start, end: body.start + body.text.length };
  const labels: Located[] = [];
  let at = range.start;
  for (;;) {
    const found = takeName(label, clean, at, range.end);
    if (found === null) break;
    labels.push(found.name);
    at = found.end;
  }
  const assigned = takeName(assignment, clean, at, range.end);
  if (assigned !== null) {
    const operands = rest(clean, assigned.end, range.end);
    return { labels, assigned: assigned.name, word: null, operands, span, line };
  }
  const first = takeName(word, clean, at, range.end);
  const operands = rest(clean, first?.end ?? at, range.end);
  return { labels, assigned: null, word: first?.name ?? null, operands, span, line };
}

/** What `#` begins: a comment, or, but for the first character of a line, a number. */
export type HashMeaning = "comment" | "number";

function beginsComment(text: string, at: number, hash: HashMeaning): boolean {
  return hash === "comment" || text.slice(text.lastIndexOf("\n", at) + 1, at).trim() === "";
}

/** Splits `text`. A statement without a word but with operand text is one that could not be read. */
export function splitSource(text: string, hash: HashMeaning): SplitSource {
  const { clean, ends, diagnostics } = scan(text, hash);
  const statements: Statement[] = [];
  let [start, line, counted] = [0, 1, 0];
  for (const end of ends) {
    const first = start + (/^\s*/.exec(clean.slice(start, end))?.[0].length ?? 0);
    // Lines are counted up to the statement's first character, so that a comment before it does not matter.
    for (; counted < first; counted += 1) if (clean[counted] === "\n") line += 1;
    const statement = readStatement(clean, { start, end }, line);
    if (statement !== null) statements.push(statement);
    start = end + 1;
  }
  return { statements, diagnostics };
}
