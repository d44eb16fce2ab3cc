// Reads LoopLang's text form (print.ts writes it, spec/lang/loop.md defines it). Structure only: check.ts has the rules.

import { infixOperators } from "../operator-text.ts";
import {
  isCall,
  parseAddCarry,
  parseBlock,
  parseBranches,
  parseCall,
  parseCallAlone,
  parseDests,
  parseFunctionFrom,
  parseGlobalIndex,
  parsePlain,
  parseProgram,
  parseTry,
  type Body,
  type Language,
} from "../structured/parse.ts";
import { localBytes } from "../structured/variable-text.ts";
import type { ParsedText, Token } from "../text-reader.ts";
import type { Condition, Exp, Operand, Program, Stmt, Var, VarSet } from "./ast.ts";

const loop: Language<Operand, Stmt> = { parseValue: parseOperand, parseNested, parseSimple };

/** The program that `text` says, or the first mistake in it. */
export function parse(text: string): ParsedText<Program> {
  return parseProgram(text, (r, head) => parseFunctionFrom(r.peek(), r, head, loop));
}

type LoopBody = Body<Operand, Stmt>;

function liveSet(b: LoopBody, word: "in" | "out"): VarSet {
  if (!b.r.accept(word)) return new Set();
  b.r.expect("{");
  return new Set(b.r.list("}", b.vars.variable));
}

function parseOperand({ r, vars }: LoopBody): Operand {
  if (r.peek().kind === "integer") return { kind: "const", value: r.word() };
  return { kind: "var", var: vars.variable() };
}

function parseExp(b: LoopBody): Exp {
  const { r } = b;
  if (r.accept("@base")) return { kind: "baseAddr" };
  if (r.accept("@top")) return { kind: "topAddr" };
  const left = parseOperand(b);
  const operator = infixOperators.get(r.peek().text);
  if (operator === undefined) return left;
  r.next();
  const right = parseOperand(b);
  switch (operator.kind) {
    case "op":
      return { kind: "op", op: operator.op, left, right };
    case "compare":
      return { kind: "compare", op: operator.op, left, right };
    case "shift":
      return { kind: "shift", op: operator.op, value: left, amount: right };
  }
}

function parseCondition(b: LoopBody): Condition {
  const first = b.r.peek();
  const e = parseExp(b);
  return e.kind === "compare" ? e : b.r.fail("expected a comparison", first);
}

function parseNested(b: LoopBody, first: Token): Stmt | null {
  const { r } = b;
  if (r.accept("try")) return { ...parseTry(b), liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
  // `block` and `loop` are not reserved words of Pancake: functions may have these names.
  if (r.peek(1).text === "{" && r.accept("block")) {
    const body = parseBlock(b);
    return { kind: "block", body, liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
  }
  if (r.peek(1).text !== "(" && r.accept("loop")) {
    const liveIn = liveSet(b, "in");
    const body = parseBlock(b);
    return { kind: "loop", liveIn, body, liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
  }
  if (!r.accept("if")) return null;
  const condition = parseCondition(b);
  const branches = parseBranches(b);
  return { kind: "if", condition, ...branches, liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
}

function parseSimple(b: LoopBody, first: Token): Stmt {
  const { r, vars } = b;
  if (vars.isVariable(first)) return parseAssign(b, first);
  const plain = parsePlain(b, first);
  if (plain !== null) return plain;
  if (isCall(r)) return { ...parseCallAlone(b), liveOut: liveSet(b, "out"), span: r.spanFrom(first) };
  return r.fail(`expected a statement, found \`${first.text}\``);
}

function parseAssign(b: LoopBody, first: Token): Stmt {
  const { r } = b;
  const dests = parseDests(b);
  const addCarry = parseAddCarry(dests, b, first);
  if (addCarry !== null) return addCarry;
  if (isCall(r)) {
    const call = parseCall(b);
    const liveOut = liveSet(b, "out");
    return { kind: "call", dests, ...call, handler: null, liveOut, span: r.spanFrom(first) };
  }
  const [dest, second] = dests;
  if (dest === undefined || second !== undefined) return r.fail("expected a call");
  return parseRightSide(b, dest, first);
}

/** The right side of an assignment to one variable. */
function parseRightSide(b: LoopBody, dest: Var, first: Token): Stmt {
  const { r } = b;
  if (r.accept("global")) {
    return { kind: "getGlobal", dest, index: parseGlobalIndex(r), span: r.spanFrom(first) };
  }
  const head = r.peek();
  if (head.kind === "name" && head.text.startsWith("ld")) {
    r.next();
    const bytes = localBytes(head.text.slice(2));
    if (bytes === null) return r.fail("expected `ld8`, `ld32` or `ldw`", head);
    return { kind: "load", bytes, dest, address: parseOperand(b), span: r.spanFrom(first) };
  }
  return { kind: "assign", dest, value: parseExp(b), span: r.spanFrom(first) };
}
