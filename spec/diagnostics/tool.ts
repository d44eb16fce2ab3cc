// Diagnostics with the letter T (tool). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

export const toolDiagnostics = {} satisfies DiagnosticTable;
