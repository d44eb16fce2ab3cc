// Reads WordLang's text form (print.ts writes it, spec/lang/word.md defines it). Structure only: check.ts has the rules.
//
// Spans are offsets in the text that was read; `nextValue` and `nextLabel` are one above what the text uses.

import { isaNamed, isIsaName } from "../../target/isa-named.ts";
import type { Isa } from "../../../spec/isa/schema.ts";
import { readText, type ParsedText, type TextReader } from "../text-reader.ts";
import type { Block, Function, Instr, Program } from "./ast.ts";
import { parseEnd } from "./parse-end.ts";
import { parseInstr } from "./parse-instr.ts";
import { parseLabel, parseValue, type FunctionText } from "./parse-value.ts";

/** The program that `text` says, or the first mistake in it. */
export function parse(text: string): ParsedText<Program> {
  return readText(text, parseProgram);
}

function parseProgram(r: TextReader): Program {
  const exceptions: { name: string; payloadWords: number }[] = [];
  const functions: Function[] = [];
  let isa: Program["isa"] = null;
  let entry = "main";
  let globalWords = 0;
  while (r.peek().kind !== "end") {
    if (r.accept("isa")) isa = parseIsaName(r);
    else if (r.accept("entry")) entry = r.name();
    else if (r.accept("globals")) globalWords = r.natural();
    else if (r.accept("exception")) {
      const name = r.name();
      r.expect(":");
      exceptions.push({ name, payloadWords: r.natural() });
    } else {
      functions.push(parseFunction(r, isaNamed(isa)));
      continue;
    }
    r.expect(";");
  }
  return { isa, functions, exceptions, globalWords, entry };
}

function parseIsaName(r: TextReader): NonNullable<Program["isa"]> {
  const name = r.name();
  return isIsaName(name) ? name : r.fail(`no instruction set \`${name}\``);
}

function parseFunction(r: TextReader, isa: Isa | null): Function {
  const first = r.peek();
  const text: FunctionText = { isa, names: new Map(), nextValue: 0, nextLabel: 0 };
  const exported = r.accept("export");
  r.expect("fun");
  const name = r.name();
  r.expect("(");
  const params = r.list(")", () => parseValue(r, text));
  r.expect("-");
  r.expect(">");
  const resultWords = r.natural();
  const returnsStatus = r.accept("status");
  const span = r.spanFrom(first);
  r.expect("{");
  const blocks: Block[] = [];
  while (!r.accept("}")) blocks.push(parseBlock(r, text));
  const { nextValue, nextLabel, names } = text;
  return { name, exported, params, resultWords, returnsStatus, blocks, nextValue, nextLabel, names, span };
}

function parseBlock(r: TextReader, text: FunctionText): Block {
  const label = parseLabel(r, text);
  const params = r.accept("(") ? r.list(")", () => parseValue(r, text)) : [];
  r.expect(":");
  const body: Instr[] = [];
  for (;;) {
    const end = parseEnd(r, text);
    if (end !== null) return { label, params, body, end };
    body.push(parseInstr(r, text));
  }
}
