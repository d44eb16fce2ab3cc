// What the checks of the intermediate languages answer: broken invariants, always a mistake of the toolchain.

import type { Span } from "../source/span.ts";

/** Rule `rule` (numbered at the top of the language's check.ts) is broken in `function` at `span`. */
export interface Violation {
  readonly rule: string;
  /** Null for declarations outside functions. */
  readonly function: string | null;
  readonly message: string;
  readonly span: Span;
}

/** Collects violations while a check walks. */
export interface Report {
  readonly violations: Violation[];
  /** The function being walked. */
  function: string | null;
}

export function newReport(): Report {
  return { violations: [], function: null };
}

export function violate(report: Report, rule: string, message: string, span: Span): void {
  report.violations.push({ rule, function: report.function, message, span });
}

/** The names that occur more than once, each reported once. */
export function duplicates(names: Iterable<string>): readonly string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}

/** One line a violation, for messages of our own mistakes. */
export function printViolation(violation: Violation): string {
  const where = violation.function === null ? "" : ` in ${violation.function}`;
  return `${violation.rule}${where}: ${violation.message}`;
}
