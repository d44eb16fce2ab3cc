// Terminators of WordLang's text form; see parse.ts.

import { parseBranchText } from "../machine-text.ts";
import { infixOperators } from "../operator-text.ts";
import type { TextReader } from "../text-reader.ts";
import type { CompareOp } from "../machine-word.ts";
import { parseTrapReason } from "../trap-reason.ts";
import type { Edge, Terminator, Value } from "./ast.ts";
import { operandReader } from "./parse-instr.ts";
import { parseArgs, parseLabel, parseValue, type FunctionText } from "./parse-value.ts";

/** The terminator that starts here, null if what follows is an instruction. */
export function parseEnd(r: TextReader, text: FunctionText): Terminator | null {
  const first = r.peek();
  if (r.accept("jump")) {
    const to = parseEdge(r, text);
    return { kind: "jump", to, span: r.spanFrom(first) };
  }
  if (r.accept("if")) return parseBranch(r, text);
  if (r.accept("return")) {
    const values: Value[] = [];
    if (r.peek().kind === "variable") {
      do values.push(parseValue(r, text));
      while (r.accept(","));
    }
    return { kind: "return", values, span: r.spanFrom(first) };
  }
  if (r.accept("tailcall")) {
    const callee = r.name();
    const args = parseArgs(r, text);
    return { kind: "tailCall", callee, args, span: r.spanFrom(first) };
  }
  if (!r.accept("trap")) return null;
  return { kind: "trap", reason: parseTrapReason(r), span: r.spanFrom(first) };
}

function parseEdge(r: TextReader, text: FunctionText): Edge {
  const label = parseLabel(r, text);
  return { label, args: r.peek().text === "(" ? parseArgs(r, text) : [] };
}

function parseEdges(r: TextReader, text: FunctionText): { readonly then: Edge; readonly else: Edge } {
  r.expect("then");
  const then = parseEdge(r, text);
  r.expect("else");
  return { then, else: parseEdge(r, text) };
}

function parseBranch(r: TextReader, text: FunctionText): Terminator {
  const first = r.peek();
  if (first.kind !== "variable") return parseMachineBranch(r, text);
  const left = parseValue(r, text);
  const op = parseCompareOp(r);
  const right = parseValue(r, text);
  return { kind: "branch", op, left, right, ...parseEdges(r, text), span: r.spanFrom(first) };
}

function parseCompareOp(r: TextReader): CompareOp {
  const token = r.next();
  const operator = infixOperators.get(token.text);
  if (operator?.kind !== "compare") return r.fail(`expected a comparison, found \`${token.text}\``, token);
  return operator.op;
}

function parseMachineBranch(r: TextReader, text: FunctionText): Terminator {
  const first = r.peek();
  const { ins, operands } = parseBranchText(r, operandReader(r, text));
  return { kind: "machineBranch", ins, operands, ...parseEdges(r, text), span: r.spanFrom(first) };
}
