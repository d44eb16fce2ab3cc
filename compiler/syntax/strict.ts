// Strict mode: names everything in a program that stock Pancake does not accept, and how it is written there.
//
// Walks the surface tree and looks at the text where the tree does not tell (`x-1`). Positions are those of the
// conveniences themselves. Macros need no report: stock projects run a preprocessor first.

import { diagnose, type Diagnostic } from "../source/diagnostic.ts";
import type { TranslationUnit } from "../source/translation-unit.ts";
import { forEachExp } from "./tree-walk.ts";
import type { Declaration, Exp, Program, Stmt } from "./tree.ts";

/** Every use of a convenience in `program`, in the order of the text. */
export function strictViolations(program: Program, unit: TranslationUnit): readonly Diagnostic[] {
  const out: Diagnostic[] = [];
  for (const declaration of program.declarations) {
    const own = declarationViolation(declaration);
    if (own !== null) out.push(own);
  }
  forEachExp(program, {
    exp: (exp, whole) => expressionViolations(exp, { whole, unit, out }),
    stmt: (statement) => statementViolations(statement, out),
  });
  out.push(...lastComment(program, unit));
  return out;
}

function declarationViolation(declaration: Declaration): Diagnostic | null {
  if (declaration.kind === "const") {
    return diagnose("P0303", declaration.name.span, { name: declaration.name.text });
  }
  return declaration.kind === "import" ? diagnose("P0304", declaration.span) : null;
}

function statementViolations(statement: Stmt, out: Diagnostic[]): void {
  if (statement.kind !== "if" || !statement.elseIf) return;
  const inner = statement.else?.span ?? statement.span;
  out.push(diagnose("P0302", { start: inner.start, end: inner.start + "if".length }));
}

interface Place {
  /** The expression is a whole initialiser, right side or returned value: a call is stock there. */
  readonly whole: boolean;
  readonly unit: TranslationUnit;
  readonly out: Diagnostic[];
}

function expressionViolations(exp: Exp, { whole, unit, out }: Place): void {
  switch (exp.kind) {
    case "int":
      if (/x/i.test(exp.text)) out.push(diagnose("P0301", exp.span, { written: exp.value.toString() }));
      return;
    case "not":
      if (exp.operand.kind === "not") out.push(diagnose("P0305", exp.span));
      return;
    case "call":
      if (!whole) out.push(diagnose("P0306", exp.span, { callee: exp.call.callee.text }));
      return;
    case "binary": {
      const next = unit.text.charAt(exp.operatorSpan.end);
      if (exp.op !== "-" || !/[0-9]/.test(next)) return;
      const digits =
        /^[0-9]+/.exec(unit.text.slice(exp.operatorSpan.end, exp.operatorSpan.end + 40))?.[0] ?? "";
      const span = { start: exp.operatorSpan.start, end: exp.operatorSpan.end + digits.length };
      out.push(diagnose("P0307", span, { text: `-${digits}`, written: `- ${digits}` }));
      return;
    }
    case "bool":
    case "constant":
    case "name":
    case "parens":
    case "load":
    case "loadBytes":
    case "rawStruct":
    case "namedStruct":
    case "index":
    case "field":
    case "error":
      return;
  }
}

/** Stock Pancake does not accept a line comment that ends with the file (Q22). */
function lastComment(program: Program, unit: TranslationUnit): readonly Diagnostic[] {
  const last = program.comments.at(-1);
  if (last?.kind !== "line") return [];
  const place = unit.locate(last.span)?.primary;
  const endsFile = place !== undefined && place.end === place.source.text.length;
  return endsFile ? [diagnose("P0308", last.span)] : [];
}
