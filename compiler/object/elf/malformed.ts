// How the readers of binary files leave when the file is wrong: a private exception that the entry functions turn into
// a diagnostic. Nothing outside this folder and dwarf/ sees it.

import type { DiagnosticCode } from "../../../spec/diagnostics/registry.ts";
import { diagnose, type Checked, type Diagnostic } from "../../source/diagnostic.ts";
import { NO_SPAN } from "../../source/span.ts";

/** Carries the diagnostic out of a reader. */
export class MalformedFile extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.name = "MalformedFile";
    this.diagnostic = diagnostic;
  }
}

/** Leaves the reader with the diagnostic `code`. */
export function malformed(
  code: DiagnosticCode,
  parameters: Readonly<Record<string, string | number>>,
): never {
  throw new MalformedFile(diagnose(code, NO_SPAN, parameters));
}

/** Runs a reader; a malformed file gives `fallback` and its diagnostic. */
export function readChecked<T>(fallback: T, read: () => T): Checked<T> {
  try {
    return { value: read(), diagnostics: [] };
  } catch (error) {
    if (error instanceof MalformedFile) return { value: fallback, diagnostics: [error.diagnostic] };
    throw error;
  }
}
