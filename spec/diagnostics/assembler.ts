// Diagnostics with the letter A (assembler). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

export const assemblerDiagnostics = {} satisfies DiagnosticTable;
