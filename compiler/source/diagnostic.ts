// Diagnostic values: what a stage says about a user's mistake.
//
// Texts live in spec/diagnostics (one entry per code); a stage supplies the code, the place and the parameters.
// Rendering to text and JSON is render.ts. Stages collect diagnostics and still return a result.

import { diagnosticEntry, fillTemplate, type DiagnosticCode } from "../../spec/diagnostics/registry.ts";
import type { Span } from "./span.ts";

export type Severity = "error" | "warning";

/** A second place that matters: `parameter `x` is declared here`. */
export interface RelatedPlace {
  readonly span: Span;
  readonly text: string;
}

export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  /** One sentence, lower case, no final period, expected and found. */
  readonly message: string;
  readonly span: Span;
  /** What stands at `span`, printed beside the caret; null if the message says it all. */
  readonly label: string | null;
  readonly related: readonly RelatedPlace[];
  /** An action that the user can take; null if there is none worth naming. */
  readonly help: string | null;
}

export interface DiagnosticDetails {
  readonly label?: string;
  readonly related?: readonly RelatedPlace[];
  /** Replaces the registry's help. */
  readonly help?: string;
}

/**
 * Makes the diagnostic `code` at `span`.
 * `parameters` fill the `{name}` places of the registry's message and help; a missing one throws InternalError.
 */
export function diagnose(
  code: DiagnosticCode,
  span: Span,
  parameters: Readonly<Record<string, string | number>> = {},
  details: DiagnosticDetails = {},
): Diagnostic {
  const entry = diagnosticEntry(code);
  const help = details.help ?? (entry.help === null ? null : fillTemplate(entry.help, parameters));
  return {
    code,
    severity: entry.severity,
    message: fillTemplate(entry.message, parameters),
    span,
    label: details.label ?? null,
    related: details.related ?? [],
    help,
  };
}

/** A stage's result: always a value, however many mistakes were found. */
export interface Checked<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === "error");
}
