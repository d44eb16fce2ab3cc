// LoopLang's text form; what it shares with CrepLang's is structured/print.ts. Live sets that are empty are left out.
//
// `parse(print(p))` is `p` but for spans and for names of variables that do not occur. Grammar: spec/lang/loop.md.

import { arithText, compareText, shiftText } from "../operator-text.ts";
import { joinLines, type PrintedLine } from "../printed-line.ts";
import { isPlain } from "../structured/ast.ts";
import {
  callLayout,
  ifLayout,
  printCall,
  printPlain,
  printVar,
  printVars,
  programLines,
  type BodyText,
  type Layout,
  type Names,
} from "../structured/print.ts";
import { accessText } from "../structured/variable-text.ts";
import { printWord } from "../text-reader.ts";
import type { Condition, Exp, Operand, Program, Stmt, VarSet } from "./ast.ts";

/** The whole program; ends with a newline. */
export function print(program: Program): string {
  return joinLines(printLines(program));
}

/** The same line by line, with the source of each. */
export function printLines(program: Program): readonly PrintedLine[] {
  return programLines(program, {
    printFlags: (f) => (f.exported ? "export " : ""),
    printValue: printOperand,
    layOut,
  });
}

/** ` word {a%0, %3}`, or nothing for the empty set. */
function liveSet(word: string, set: VarSet, names: Names): string {
  if (set.size === 0) return "";
  const inOrder = [...set].sort((a, b) => a - b);
  return ` ${word} {${printVars(inOrder, names)}}`;
}

function printOperand(o: Operand, names: Names): string {
  return o.kind === "const" ? printWord(o.value) : printVar(o.var, names);
}

function printExp(e: Exp, { print: operand }: BodyText<Operand>): string {
  switch (e.kind) {
    case "var":
    case "const":
      return operand(e);
    case "op":
      return `${operand(e.left)} ${arithText[e.op]} ${operand(e.right)}`;
    case "compare":
      return printCondition(e, operand);
    case "shift":
      return `${operand(e.value)} ${shiftText[e.op]} ${operand(e.amount)}`;
    case "baseAddr":
      return "@base";
    case "topAddr":
      return "@top";
  }
}

function printCondition(c: Condition, operand: (o: Operand) => string): string {
  return `${operand(c.left)} ${compareText[c.op]} ${operand(c.right)}`;
}

function layOut(stmt: Stmt, text: BodyText<Operand>): Layout<Stmt> {
  const { names } = text;
  const after = "liveOut" in stmt ? liveSet("out", stmt.liveOut, names) : "";
  if (isPlain(stmt)) return printPlain(stmt, text);
  switch (stmt.kind) {
    case "block":
      return { parts: [{ head: "block", block: stmt.body }], after };
    case "loop":
      return { parts: [{ head: `loop${liveSet("in", stmt.liveIn, names)}`, block: stmt.body }], after };
    case "if":
      return ifLayout(printCondition(stmt.condition, text.print), stmt, after);
    case "call":
      return callLayout(stmt, text, after);
    case "foreignCall":
      return `${printCall(`@${stmt.name}`, stmt.args, text)}${after}`;
    case "assign":
      return `${printVar(stmt.dest, names)} := ${printExp(stmt.value, text)}`;
    case "load":
      return `${printVar(stmt.dest, names)} := ld${accessText(stmt.bytes)} ${text.print(stmt.address)}`;
    case "getGlobal":
      return `${printVar(stmt.dest, names)} := global[${String(stmt.index)}]`;
  }
}
