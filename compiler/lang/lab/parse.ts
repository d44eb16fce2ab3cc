// Reads LabLang's text form; the inverse of print.ts. Grammar: spec/lang/lab.md.

import type { Span } from "../../source/span.ts";
import {
  isRegister,
  parseLabel,
  parseMachine,
  parseMemory,
  parsePlace,
  parseReason,
  parseRegister,
} from "../stack/parse-machine.ts";
import { readText, type ParsedText, type TextReader } from "../text-reader.ts";
import type { Line, Program, Section } from "./ast.ts";

/** A whole program; a mistake comes back with its line and column. */
export function parse(text: string): ParsedText<Program> {
  return readText(text, parseProgram);
}

function parseProgram(r: TextReader): Program {
  r.expect("entry");
  const entry = r.name();
  r.expect(";");
  r.expect("globals");
  const globalWords = r.natural();
  r.expect(";");
  const stackNeed = new Map<string, number>();
  while (r.accept("need")) {
    stackNeed.set(r.name(), r.natural());
    r.expect(";");
  }
  const sections: Section[] = [];
  while (r.peek().kind !== "end") sections.push(parseSection(r));
  return { sections, stackNeed, globalWords, entry };
}

function parseSection(r: TextReader): Section {
  const first = r.expect("section");
  const name = r.name();
  r.expect("(");
  const paramWords = r.natural();
  r.expect(")");
  r.expect(":");
  const resultWords = r.natural();
  const exported = r.accept("exported");
  r.expect("frame");
  const frameBytes = r.natural();
  r.expect("{");
  const lines: Line[] = [];
  while (!r.accept("}")) lines.push(parseLine(r));
  return { name, exported, paramWords, resultWords, frameBytes, lines, span: r.spanFrom(first) };
}

function parseLine(r: TextReader): Line {
  if (r.peek(1).text === ":") {
    const label = parseLabel(r);
    r.expect(":");
    return { kind: "label", label };
  }
  const line = parseStep(r);
  r.expect(";");
  return line;
}

function parseStep(r: TextReader): Exclude<Line, { kind: "label" }> {
  const first = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (isRegister(first)) {
    const dest = parseRegister(r);
    r.expect("=");
    r.expect("address");
    return { kind: "address", dest, ...parsePlace(r), span: span() };
  }
  if (r.accept("jump")) return { kind: "jump", to: parseLabel(r), span: span() };
  if (r.accept("call")) return { kind: "call", callee: r.name(), span: span() };
  if (r.accept("tail")) return { kind: "tailCall", callee: r.name(), span: span() };
  if (r.accept("foreign")) return { kind: "foreignCall", name: r.name(), span: span() };
  if (r.accept("return")) return { kind: "return", span: span() };
  if (r.accept("trap")) return { kind: "trap", reason: parseReason(r), span: span() };
  if (!r.accept("if")) return { kind: "machine", ...parseMachine(r), memory: parseMemory(r), span: span() };
  const branch = parseMachine(r);
  r.expect("then");
  return { kind: "branch", ...branch, to: parseLabel(r), span: span() };
}
