// Diagnostics with the letter S (static). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

export const staticDiagnostics = {} satisfies DiagnosticTable;
