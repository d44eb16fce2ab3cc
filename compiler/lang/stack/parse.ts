// Reads StackLang's text form; the inverse of print.ts. Grammar: spec/lang/stack.md. Structure only: check.ts has the
// rules.

import type { Isa } from "../../../spec/isa/schema.ts";
import type { Span } from "../../source/span.ts";
import { readText, type ParsedText, type TextReader } from "../text-reader.ts";
import { parseTrapReason } from "../trap-reason.ts";
import type { Block, Function, Instr, Program, Register, Terminator, TransferZone } from "./ast.ts";
import {
  parseBranch,
  parseHead,
  parseLabel,
  parseMachine,
  parsePlace,
  parseRegister,
  parseSignature,
  parseWords,
} from "./parse-machine.ts";

/** A whole program; a mistake comes back with its line and column. */
export function parse(text: string): ParsedText<Program> {
  return readText(text, parseProgram);
}

function parseProgram(r: TextReader): Program {
  const { isaName, isa, entry, globalWords } = parseHead(r);
  const functions: Function[] = [];
  while (r.peek().kind !== "end") functions.push(parseFunction(r, isa));
  return { isa: isaName, functions, globalWords, entry };
}

function parseFunction(r: TextReader, isa: Isa): Function {
  const first = r.peek();
  const exported = r.accept("export");
  r.expect("fun");
  const name = r.name();
  const { argWords: paramWords, resultWords } = parseSignature(r);
  const slots = r.accept("slots") ? r.natural() : 0;
  const saved = r.accept("saved") ? parseRegisters(r, isa) : [];
  const calls = r.accept("calls");
  const frameBytes = r.accept("frame") ? r.natural() : null;
  r.expect("{");
  const blocks: Block[] = [];
  while (!r.accept("}")) blocks.push(parseBlock(r, isa));
  const span = r.spanFrom(first);
  return { name, exported, paramWords, resultWords, slots, saved, calls, blocks, frameBytes, span };
}

function parseRegisters(r: TextReader, isa: Isa): readonly Register[] {
  const registers = [parseRegister(r, isa)];
  while (r.accept(",")) registers.push(parseRegister(r, isa));
  return registers;
}

function parseBlock(r: TextReader, isa: Isa): Block {
  const label = parseLabel(r);
  r.expect(":");
  const body: Instr[] = [];
  for (;;) {
    const end = parseEnd(r, isa);
    if (end !== null) return { label, body, end };
    body.push(parseInstr(r, isa));
  }
}

function parseInstr(r: TextReader, isa: Isa): Instr {
  const first = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (r.peek(1).text === "=") return parseRead(r, isa);
  if (r.accept("slot")) {
    const slot = r.natural();
    r.expect("=");
    return { kind: "slotStore", slot, source: parseRegister(r, isa), span: span() };
  }
  const zone = parseZone(r);
  if (zone !== null) {
    const index = r.natural();
    r.expect("=");
    return { kind: "transferStore", zone, index, source: parseRegister(r, isa), span: span() };
  }
  if (r.accept("call")) return { kind: "call", callee: r.name(), ...parseSignature(r), span: span() };
  if (r.accept("foreign")) return { kind: "foreignCall", name: r.name(), span: span() };
  return { kind: "machine", ...parseMachine(r, isa), span: span() };
}

function parseZone(r: TextReader): TransferZone | null {
  if (r.accept("own")) return "own";
  return r.accept("callee") ? "callee" : null;
}

// `a0 = slot 1`, `a0 = own 0`, `a0 = @globals + 8`
function parseRead(r: TextReader, isa: Isa): Instr {
  const first = r.peek();
  const dest = parseRegister(r, isa);
  r.expect("=");
  if (r.accept("slot")) return { kind: "slotLoad", dest, slot: r.natural(), span: r.spanFrom(first) };
  const zone = parseZone(r);
  if (zone !== null) return { kind: "transferLoad", dest, zone, index: r.natural(), span: r.spanFrom(first) };
  return { kind: "address", dest, ...parsePlace(r), span: r.spanFrom(first) };
}

// Null if what follows is an instruction.
function parseEnd(r: TextReader, isa: Isa): Terminator | null {
  const first = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (r.accept("jump")) return { kind: "jump", to: parseLabel(r), span: span() };
  if (r.accept("return")) return { kind: "return", span: span() };
  if (r.accept("tailcall")) {
    return { kind: "tailCall", callee: r.name(), argWords: parseWords(r), span: span() };
  }
  if (r.accept("trap")) return { kind: "trap", reason: parseTrapReason(r), span: span() };
  if (!r.accept("if")) return null;
  const branch = parseBranch(r, isa);
  r.expect("then");
  const then = parseLabel(r);
  r.expect("else");
  return { kind: "machineBranch", ...branch, then, else: parseLabel(r), span: span() };
}
