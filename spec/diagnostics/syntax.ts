// Diagnostics with the letter P (syntax). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

export const syntaxDiagnostics = {} satisfies DiagnosticTable;
