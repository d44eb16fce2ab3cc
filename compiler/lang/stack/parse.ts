// Reads StackLang's text form; the inverse of print.ts. Grammar: spec/lang/stack.md.

import type { Span } from "../../source/span.ts";
import { readText, type ParsedText, type TextReader, type Token } from "../text-reader.ts";
import type { Block, Function, Instr, Program, Register, Terminator, TransferZone } from "./ast.ts";
import {
  isRegister,
  parseLabel,
  parseMachine,
  parseMemory,
  parsePlace,
  parseReason,
  parseRegister,
} from "./parse-machine.ts";

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
  const functions: Function[] = [];
  while (r.peek().kind !== "end") functions.push(parseFunction(r));
  return { functions, globalWords, entry };
}

function parseFunction(r: TextReader): Function {
  const first = r.expect("fun");
  const name = r.name();
  const { argWords: paramWords, resultWords } = parseSignature(r);
  const exported = r.accept("exported");
  const slots = r.accept("slots") ? r.natural() : 0;
  const saved = r.accept("saved") ? parseRegisters(r) : [];
  const calls = r.accept("calls");
  const frameBytes = r.accept("frame") ? r.natural() : null;
  r.expect("{");
  const blocks: Block[] = [];
  while (!r.accept("}")) blocks.push(parseBlock(r));
  const span = r.spanFrom(first);
  return { name, exported, paramWords, resultWords, slots, saved, calls, blocks, frameBytes, span };
}

// `(3) : 1`
function parseSignature(r: TextReader): { readonly argWords: number; readonly resultWords: number } {
  const argWords = parseWords(r);
  r.expect(":");
  return { argWords, resultWords: r.natural() };
}

function parseWords(r: TextReader): number {
  r.expect("(");
  const words = r.natural();
  r.expect(")");
  return words;
}

function parseRegisters(r: TextReader): readonly Register[] {
  const registers = [parseRegister(r)];
  while (r.accept(",")) registers.push(parseRegister(r));
  return registers;
}

function parseBlock(r: TextReader): Block {
  const label = parseLabel(r);
  r.expect(":");
  const body: Instr[] = [];
  for (;;) {
    const end = parseEnd(r);
    if (end !== null) {
      r.expect(";");
      return { label, body, end };
    }
    body.push(parseInstr(r));
    r.expect(";");
  }
}

function parseInstr(r: TextReader): Instr {
  const first = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (isRegister(first)) return parseRead(r, first);
  if (r.accept("slot")) {
    const slot = r.natural();
    r.expect("=");
    return { kind: "slotStore", slot, source: parseRegister(r), span: span() };
  }
  const zone = parseZone(r);
  if (zone !== null) {
    const index = r.natural();
    r.expect("=");
    return { kind: "transferStore", zone, index, source: parseRegister(r), span: span() };
  }
  if (r.accept("call")) return { kind: "call", callee: r.name(), ...parseSignature(r), span: span() };
  if (r.accept("foreign")) return { kind: "foreignCall", name: r.name(), span: span() };
  return { kind: "machine", ...parseMachine(r), memory: parseMemory(r), span: span() };
}

function parseZone(r: TextReader): TransferZone | null {
  if (r.accept("own")) return "own";
  return r.accept("callee") ? "callee" : null;
}

// `x10 = slot 1`, `x10 = own 0`, `x10 = address globals + 8`
function parseRead(r: TextReader, first: Token): Instr {
  const dest = parseRegister(r);
  r.expect("=");
  if (r.accept("slot")) return { kind: "slotLoad", dest, slot: r.natural(), span: r.spanFrom(first) };
  const zone = parseZone(r);
  if (zone !== null) return { kind: "transferLoad", dest, zone, index: r.natural(), span: r.spanFrom(first) };
  r.expect("address");
  return { kind: "address", dest, ...parsePlace(r), span: r.spanFrom(first) };
}

// Null if the next thing is not the end of a block.
function parseEnd(r: TextReader): Terminator | null {
  const first = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (r.accept("jump")) return { kind: "jump", to: parseLabel(r), span: span() };
  if (r.accept("return")) return { kind: "return", span: span() };
  if (r.accept("tail")) return { kind: "tailCall", callee: r.name(), argWords: parseWords(r), span: span() };
  if (r.accept("trap")) return { kind: "trap", reason: parseReason(r), span: span() };
  if (!r.accept("if")) return null;
  const branch = parseMachine(r);
  r.expect("then");
  const then = parseLabel(r);
  r.expect("else");
  return { kind: "machineBranch", ...branch, then, else: parseLabel(r), span: span() };
}
