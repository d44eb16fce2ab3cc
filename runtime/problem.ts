// What the runtime says about a user's file or program: a code of spec/diagnostics with its texts filled in.
// Relies on spec/diagnostics. There is no source span here; tools render these next to the compiler's diagnostics.

import { diagnosticEntry, fillTemplate } from "../spec/diagnostics/registry.ts";
import type { machineDiagnostics } from "../spec/diagnostics/machine.ts";
import type { runtimeDiagnostics } from "../spec/diagnostics/runtime.ts";

/** Codes that the runtime can report. */
export type ProblemCode = keyof typeof runtimeDiagnostics | keyof typeof machineDiagnostics;

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly help: string | null;
}

/** Makes the problem `code`; `parameters` fill the `{name}` places of its texts. */
export function problem(
  code: ProblemCode,
  parameters: Readonly<Record<string, string | number>> = {},
): Problem {
  const entry = diagnosticEntry(code);
  const help = entry.help === null ? null : fillTemplate(entry.help, parameters);
  return { code, severity: entry.severity, message: fillTemplate(entry.message, parameters), help };
}

/** `0x` and lower-case hexadecimal digits, at least eight. */
export function hexAddress(address: bigint): string {
  return `0x${address.toString(16).padStart(8, "0")}`;
}
