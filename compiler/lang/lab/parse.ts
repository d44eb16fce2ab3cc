// Reads LabLang's text form; the inverse of print.ts. Grammar: spec/lang/lab.md. Structure only: check.ts has the rules.

import type { Isa } from "../../../spec/isa/schema.ts";
import type { Span } from "../../source/span.ts";
import {
  parseBranch,
  parseHead,
  parseLabel,
  parseMachine,
  parsePlace,
  parseRegister,
  parseSignature,
} from "../stack/parse-machine.ts";
import { readText, type ParsedText, type TextReader } from "../text-reader.ts";
import { parseTrapReason } from "../trap-reason.ts";
import type { Line, Program, Section } from "./ast.ts";

/** A whole program; a mistake comes back with its line and column. */
export function parse(text: string): ParsedText<Program> {
  return readText(text, parseProgram);
}

function parseProgram(r: TextReader): Program {
  const { isaName, isa, entry, globalWords } = parseHead(r);
  const stackNeed = new Map<string, number>();
  while (r.accept("need")) {
    stackNeed.set(r.name(), r.natural());
    r.expect(";");
  }
  const sections: Section[] = [];
  while (r.peek().kind !== "end") sections.push(parseSection(r, isa));
  return { isa: isaName, sections, stackNeed, globalWords, entry };
}

function parseSection(r: TextReader, isa: Isa): Section {
  const first = r.peek();
  const exported = r.accept("export");
  r.expect("section");
  const name = r.name();
  const { argWords: paramWords, resultWords } = parseSignature(r);
  r.expect("frame");
  const frameBytes = r.natural();
  r.expect("{");
  const lines: Line[] = [];
  while (!r.accept("}")) lines.push(parseLine(r, isa));
  return { name, exported, paramWords, resultWords, frameBytes, lines, span: r.spanFrom(first) };
}

function parseLine(r: TextReader, isa: Isa): Line {
  const first = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (r.peek(1).text === ":" && /^b\d+$/.test(first.text)) {
    const label = parseLabel(r);
    r.expect(":");
    return { kind: "label", label };
  }
  if (r.peek(1).text === "=") {
    const dest = parseRegister(r, isa);
    r.expect("=");
    return { kind: "address", dest, ...parsePlace(r), span: span() };
  }
  if (r.accept("jump")) return { kind: "jump", to: parseLabel(r), span: span() };
  if (r.accept("call")) return { kind: "call", callee: r.name(), span: span() };
  if (r.accept("tailcall")) return { kind: "tailCall", callee: r.name(), span: span() };
  if (r.accept("foreign")) return { kind: "foreignCall", name: r.name(), span: span() };
  if (r.accept("return")) return { kind: "return", span: span() };
  if (r.accept("trap")) return { kind: "trap", reason: parseTrapReason(r), span: span() };
  if (!r.accept("if")) return { kind: "machine", ...parseMachine(r, isa), span: span() };
  const branch = parseBranch(r, isa);
  r.expect("then");
  return { kind: "branch", ...branch, to: parseLabel(r), span: span() };
}
