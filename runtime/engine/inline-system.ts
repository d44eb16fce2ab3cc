// Puts plain statements in the place of system registers and system instructions, where the binding has them.
//
// Relies on isa/inline-forms.ts. A form that does not apply at that moment leaves before anything has changed: rule E4
// lets no access that may trap follow a change. Guarantees: the same meaning wherever the code does not leave.

import { mapChildren, mapStmt } from "../../spec/isa/effect-rewrite.ts";
import { forEachExpr, stmtExprs, type Expr, type Stmt } from "../../spec/isa/effect.ts";
import type { InlineForms } from "../isa/inline-forms.ts";

/** The statements with all forms put in that there are; itself if there are none. */
export function withInlineForms(body: readonly Stmt[], forms: InlineForms | null): readonly Stmt[] {
  if (forms === null || !body.some(isSystem)) return body;
  return body.flatMap((s) => inlined(s, forms));
}

/** True if the statement reads or writes a system register or calls a helper. */
export function isSystem(s: Stmt): boolean {
  if (s.kind === "setCsr" || s.kind === "helper") return true;
  if (s.kind === "if" && (s.then.some(isSystem) || s.else.some(isSystem))) return true;
  let found = false;
  for (const e of stmtExprs(s))
    forEachExpr(e, (node) => (found ||= node.kind === "csr" || node.kind === "helper"));
  return found;
}

function inlined(s: Stmt, forms: InlineForms): readonly Stmt[] {
  switch (s.kind) {
    case "if":
      return [{ ...s, then: [...withInlineForms(s.then, forms)], else: [...withInlineForms(s.else, forms)] }];
    case "setCsr": {
      const form = s.number.kind === "const" ? forms.writeCsr(Number(s.number.value), s.value) : null;
      return form === null ? [s] : [...leaveIf(form.unless), ...form.body];
    }
    case "helper": {
      const form = forms.helper(s.name, s.args);
      return form === null ? [s] : [...leaveIf(form.unless), ...form.body];
    }
    default:
      return withReads(s, forms);
  }
}

function withReads(s: Stmt, forms: InlineForms): readonly Stmt[] {
  const leaves: Stmt[] = [];
  const change = (e: Expr): Expr => {
    if (e.kind !== "csr" || e.number.kind !== "const") return mapChildren(e, change);
    const form = forms.readCsr(Number(e.number.value));
    if (form === null) return e;
    leaves.push(...leaveIf(form.unless));
    return form.value;
  };
  const changed = mapStmt(s, change);
  return [...leaves, changed];
}

// Translated code leaves at a trap, and the instruction is executed outside; which trap it is does not matter.
function leaveIf(unless: Expr | null): readonly Stmt[] {
  if (unless === null) return [];
  return [{ kind: "if", cond: unless, then: [{ kind: "trap", cause: "outside", value: null }], else: [] }];
}
