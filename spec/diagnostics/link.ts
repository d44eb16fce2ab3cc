// Diagnostics with the letter L (link). Message: one sentence, lower case, expected and found; help: an action.

import type { DiagnosticTable } from "./registry.ts";

export const linkDiagnostics = {} satisfies DiagnosticTable;
