// Reads CrepLang's text form (print.ts writes it, spec/lang/crep.md defines it). Structure only: check.ts has the rules.

import {
  isCall,
  parseAddCarry,
  parseBlock,
  parseBranches,
  parseCall,
  parseCallAlone,
  parseDests,
  parseFunctionFrom,
  parsePlain,
  parseProgram,
  parseTry,
  parseValue,
  type Body,
  type Language,
} from "../structured/parse.ts";
import type { ParsedText, Token } from "../text-reader.ts";
import type { Exp, Program, Stmt } from "./ast.ts";
import { parseExp } from "./parse-exp.ts";

const crep: Language<Exp, Stmt> = {
  parseValue: ({ r, vars }) => parseExp(r, vars),
  parseNested,
  parseSimple,
};

/** The program that `text` says, or the first mistake in it. */
export function parse(text: string): ParsedText<Program> {
  return parseProgram(text, (r, head) => {
    const first = r.peek();
    const inline = r.accept("inline");
    return { ...parseFunctionFrom(first, r, head, crep), inline };
  });
}

type CrepBody = Body<Exp, Stmt>;

function parseNested(b: CrepBody, first: Token): Stmt | null {
  const { r } = b;
  if (r.accept("try")) return { ...parseTry(b), span: r.spanFrom(first) };
  // Not a reserved word of Pancake: a function may have this name.
  if (r.peek(1).text === "{" && r.accept("block")) {
    return { kind: "block", body: parseBlock(b), span: r.spanFrom(first) };
  }
  if (r.accept("while")) {
    const condition = parseValue(b);
    return { kind: "while", condition, body: parseBlock(b), span: r.spanFrom(first) };
  }
  if (!r.accept("if")) return null;
  const condition = parseValue(b);
  return { kind: "if", condition, ...parseBranches(b), span: r.spanFrom(first) };
}

function parseSimple(b: CrepBody, first: Token): Stmt {
  const { r, vars } = b;
  if (vars.isVariable(first)) return parseAssign(b, first);
  const plain = parsePlain(b, first);
  if (plain !== null) return plain;
  if (isCall(r)) return { ...parseCallAlone(b), span: r.spanFrom(first) };
  if (r.accept("tick")) return { kind: "tick", span: r.spanFrom(first) };
  return r.fail(`expected a statement, found \`${first.text}\``);
}

function parseAssign(b: CrepBody, first: Token): Stmt {
  const { r } = b;
  const dests = parseDests(b);
  const addCarry = parseAddCarry(dests, b, first);
  if (addCarry !== null) return addCarry;
  if (isCall(r)) return { kind: "call", dests, ...parseCall(b), handler: null, span: r.spanFrom(first) };
  const [dest, second] = dests;
  if (dest === undefined || second !== undefined) return r.fail("expected a call");
  return { kind: "assign", dest, value: parseValue(b), span: r.spanFrom(first) };
}
