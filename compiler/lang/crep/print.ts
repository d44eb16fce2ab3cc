// CrepLang's text form; what it shares with LoopLang's is structured/print.ts.
//
// `parse(print(p))` is `p` but for spans and for names of variables that do not occur. Grammar: spec/lang/crep.md.

import { printOperation } from "../operation.ts";
import { joinLines, type PrintedLine } from "../printed-line.ts";
import { isPlain } from "../structured/ast.ts";
import {
  callLayout,
  ifLayout,
  printCall,
  printPlain,
  printVar,
  programLines,
  type BodyText,
  type Layout,
  type Names,
} from "../structured/print.ts";
import { accessText } from "../structured/variable-text.ts";
import { printWord } from "../text-reader.ts";
import type { Exp, Program, Stmt } from "./ast.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  return joinLines(printLines(program));
}

/** The same line by line, with the source of each. */
export function printLines(program: Program): readonly PrintedLine[] {
  return programLines(program, {
    printFlags: (f) => `${f.inline ? "inline " : ""}${f.exported ? "export " : ""}`,
    printValue: printExp,
    layOut,
  });
}

function printExp(e: Exp, names: Names): string {
  const exp = (inner: Exp): string => printExp(inner, names);
  switch (e.kind) {
    case "const":
      return printWord(e.value);
    case "var":
      return printVar(e.var, names);
    case "global":
      return `global[${String(e.index)}]`;
    case "load":
      return `(ld${accessText(e.bytes)} ${exp(e.address)})`;
    case "op":
    case "compare":
    case "shift":
      return printOperation(e, exp);
    case "baseAddr":
      return "@base";
    case "topAddr":
      return "@top";
  }
}

function layOut(stmt: Stmt, text: BodyText<Exp>): Layout<Stmt> {
  if (isPlain(stmt)) return printPlain(stmt, text);
  switch (stmt.kind) {
    case "block":
      return { parts: [{ head: "block", block: stmt.body }], after: "" };
    case "while":
      return { parts: [{ head: `while ${text.print(stmt.condition)}`, block: stmt.body }], after: "" };
    case "if":
      return ifLayout(text.print(stmt.condition), stmt);
    case "call":
      return callLayout(stmt, text);
    case "foreignCall":
      return printCall(`@${stmt.name}`, stmt.args, text);
    case "assign":
      return `${printVar(stmt.dest, text.names)} := ${text.print(stmt.value)}`;
    case "tick":
      return "tick";
  }
}
