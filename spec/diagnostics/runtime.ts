// Diagnostics with the letter R (runtime). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

export const runtimeDiagnostics = {} satisfies DiagnosticTable;
