// Reads PanLang's text form (print.ts writes it, spec/lang/pan.md defines it). Structure only: check.ts has the rules.
//
// Spans are offsets in the text that was read. Parentheses around one expression mean nothing.

import { readText, type ParsedText, type TextReader } from "../text-reader.ts";
import type { Exception, Function, Global, Program, Shape, ShapedName, Struct } from "./ast.ts";
import { parseExp } from "./parse-exp.ts";
import { parseBlock } from "./parse-stmt.ts";
import { parseShape } from "./parse-exp.ts";

/** The program that `text` says, or the first mistake in it. */
export function parse(text: string): ParsedText<Program> {
  return readText(text, parseProgram);
}

function parseProgram(r: TextReader): Program {
  const structs: Struct[] = [];
  const exceptions: Exception[] = [];
  const globals: Global[] = [];
  const functions: Function[] = [];
  let entry = "main";
  while (r.peek().kind !== "end") {
    const first = r.peek();
    if (r.accept("entry")) {
      entry = r.name();
      r.accept(";");
    } else if (r.accept("struct")) {
      const name = r.name();
      r.expect("{");
      structs.push({ name, fields: r.list("}", () => parseShapedName(r)), span: r.spanFrom(first) });
    } else if (r.accept("exception")) {
      const name = r.name();
      r.expect(":");
      const shape = parseShape(r);
      exceptions.push({ name, shape, span: r.spanFrom(first) });
      r.expect(";");
    } else if (r.accept("var")) {
      const { name, shape } = parseShapedName(r);
      r.expect("=");
      globals.push({ name, shape, value: parseExp(r), span: r.spanFrom(first) });
      r.expect(";");
    } else functions.push(parseFunction(r));
  }
  return { structs, exceptions, globals, functions, entry };
}

function parseFunction(r: TextReader): Function {
  const first = r.peek();
  const inline = r.accept("inline");
  const exported = r.accept("export");
  r.expect("fun");
  const result: Shape = parseShape(r);
  const name = r.name();
  r.expect("(");
  const params = r.list(")", () => parseShapedName(r));
  const span = r.spanFrom(first);
  return { name, inline, exported, params, result, body: parseBlock(r), span };
}

function parseShapedName(r: TextReader): ShapedName {
  const shape = parseShape(r);
  return { name: r.name(), shape };
}
