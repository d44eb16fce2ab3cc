// Every diagnostic of the toolchain: code, severity, message and help, each said once.
//
// One file per stage holds a table; this file joins them and refuses a code that stands twice.
// Letters: P syntax and preprocessor, S static rules, A assembler, L link, R run time, M machine,
// V verifier, B builder.
// Codes are four digits and never reused. `{name}` marks a parameter. docs: one explanation per code in
// spec/diagnostics/explain/<code>.md (a test demands it, and a golden case, for each).

import { assemblerDiagnostics } from "./assembler.ts";
import { linkDiagnostics } from "./link.ts";
import { machineDiagnostics } from "./machine.ts";
import { runtimeDiagnostics } from "./runtime.ts";
import { staticDiagnostics } from "./static.ts";
import { syntaxDiagnostics } from "./syntax.ts";

export type DiagnosticCode = string & { readonly __diagnostic?: never };

export interface DiagnosticEntry {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly help: string | null;
}

export type DiagnosticTable = Readonly<Record<string, DiagnosticEntry>>;

const tables: readonly DiagnosticTable[] = [
  syntaxDiagnostics,
  staticDiagnostics,
  assemblerDiagnostics,
  linkDiagnostics,
  runtimeDiagnostics,
  machineDiagnostics,
];

const registry: ReadonlyMap<string, DiagnosticEntry> = join(tables);

/** All codes with their texts, in table order. */
export function allDiagnostics(): ReadonlyMap<string, DiagnosticEntry> {
  return registry;
}

/** The entry of `code`; throws on an unknown code, which only our own mistake can cause. */
export function diagnosticEntry(code: DiagnosticCode): DiagnosticEntry {
  const entry = registry.get(code);
  if (entry === undefined) throw new Error(`diagnostic code ${code} is not in spec/diagnostics`);
  return entry;
}

/** A message or help with its `{name}` places filled; throws for one without a parameter, our own mistake. */
export function fillTemplate(
  template: string,
  parameters: Readonly<Record<string, string | number>>,
): string {
  return template.replace(/\{([a-zA-Z]+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`diagnostic text "${template}" needs {${name}}`);
    return String(value);
  });
}

function join(parts: readonly DiagnosticTable[]): ReadonlyMap<string, DiagnosticEntry> {
  const all = new Map<string, DiagnosticEntry>();
  for (const part of parts) {
    for (const [code, entry] of Object.entries(part)) {
      if (all.has(code)) throw new Error(`diagnostic code ${code} stands twice`);
      all.set(code, entry);
    }
  }
  return all;
}
