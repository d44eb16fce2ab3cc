// Instructions of WordLang's text form; see parse.ts.

import { parseOperandValue } from "../../../spec/isa/operand-text.ts";
import type { Isa, Operand } from "../../../spec/isa/schema.ts";
import type { Span } from "../../source/span.ts";
import { parseInstructionText, type OperandReader } from "../machine-text.ts";
import { infixOperators } from "../operator-text.ts";
import type { TextReader, Token } from "../text-reader.ts";
import type { Instr, MachineOperand, MemoryKind, Place, Value } from "./ast.ts";
import { parseArgs, parseValue, type FunctionText } from "./parse-value.ts";
import { placeText } from "./print.ts";

type AccessBytes = 1 | 2 | 4 | 8;

const places = new Map<string, Place>([
  [placeText.heapBase, "heapBase"],
  [placeText.heapTop, "heapTop"],
  [placeText.globals, "globals"],
]);

const widths: Readonly<Record<string, AccessBytes>> = { "8": 1, "16": 2, "32": 4, "64": 8 };

/** One instruction. */
export function parseInstr(r: TextReader, text: FunctionText): Instr {
  const first = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (first.kind === "variable") return parseDefining(r, text);
  const store = parseAccess(first);
  if (store !== null && r.accept(first.text)) {
    const place = parseAddress(r, text);
    r.expect("=");
    const value = parseValue(r, text);
    const { bytes } = store;
    if (store.word === "shared") return { kind: "sharedStore", bytes, ...place, value, span: span() };
    if (store.word !== "store") return r.fail("a load needs a destination", first);
    return { kind: "store", bytes: local(bytes, r, first), ...place, value, span: span() };
  }
  if (r.accept("global")) {
    const index = r.natural();
    r.expect("=");
    const value = parseValue(r, text);
    return { kind: "setGlobal", index, value, span: span() };
  }
  if (r.accept("call")) return parseCall(r, text, { dests: [], first });
  if (r.accept("foreign")) {
    const name = r.name();
    const args = parseArgs(r, text);
    return { kind: "foreignCall", name, args, span: span() };
  }
  return parseMachine(r, text);
}

function parseCall(
  r: TextReader,
  text: FunctionText,
  start: { dests: readonly Value[]; first: Token },
): Instr {
  const callee = r.name();
  const args = parseArgs(r, text);
  return { kind: "call", dests: start.dests, callee, args, span: r.spanFrom(start.first) };
}

function parseDefining(r: TextReader, text: FunctionText): Instr {
  const first = r.peek();
  const dests: Value[] = [];
  do dests.push(parseValue(r, text));
  while (r.accept(","));
  r.expect("=");
  if (r.accept("call")) return parseCall(r, text, { dests, first });
  const [dest = 0, carry] = dests;
  if (r.accept("addcarry")) {
    const [left = 0, right = 0, carryIn = 0, ...more] = parseArgs(r, text);
    if (carry === undefined || dests.length !== 2 || more.length > 0) {
      return r.fail("addcarry makes two of three", first);
    }
    return { kind: "addCarry", sum: dest, carry, left, right, carryIn, span: r.spanFrom(first) };
  }
  if (dests.length !== 1) r.fail("only calls and addcarry define several values", first);
  return parseSingle(r, text, { dest, first });
}

function parseSingle(
  r: TextReader,
  text: FunctionText,
  { dest, first }: { dest: Value; first: Token },
): Instr {
  const token = r.peek();
  const span = (): Span => r.spanFrom(first);
  if (token.kind === "integer") return { kind: "const", dest, value: r.word(), span: span() };
  if (token.kind === "variable") return parseBinary(r, text, { dest, first });
  const place = places.get(token.text);
  if (place !== undefined) {
    r.next();
    return { kind: "address", dest, place, span: span() };
  }
  if (r.accept("global")) return { kind: "getGlobal", dest, index: r.natural(), span: span() };
  const load = parseAccess(token);
  if (load === null) return r.fail(`expected an operation, found \`${token.text}\``, token);
  r.next();
  const where = parseAddress(r, text);
  if (load.word === "shared") return { kind: "sharedLoad", bytes: load.bytes, dest, ...where, span: span() };
  if (load.word !== "load") return r.fail("a store has no destination", token);
  return { kind: "load", bytes: local(load.bytes, r, token), dest, ...where, span: span() };
}

function parseBinary(
  r: TextReader,
  text: FunctionText,
  { dest, first }: { dest: Value; first: Token },
): Instr {
  const left = parseValue(r, text);
  const token = r.next();
  const operator = infixOperators.get(token.text);
  if (operator === undefined) return r.fail(`expected an operator, found \`${token.text}\``, token);
  const right = parseValue(r, text);
  const span = r.spanFrom(first);
  if (operator.kind === "compare") return { kind: "compare", dest, op: operator.op, left, right, span };
  return { kind: "op", dest, op: operator.op, left, right, span };
}

function parseAccess(token: Token): { readonly word: string; readonly bytes: AccessBytes } | null {
  const match = /^(load|store|shared)(8|16|32|64)$/.exec(token.text);
  const bytes = widths[match?.[2] ?? ""];
  return match?.[1] === undefined || bytes === undefined ? null : { word: match[1], bytes };
}

function local(bytes: AccessBytes, r: TextReader, at: Token): 1 | 4 | 8 {
  return bytes === 2 ? r.fail("local memory has no 16-bit accesses", at) : bytes;
}

function parseAddress(
  r: TextReader,
  text: FunctionText,
): { readonly address: Value; readonly offset: bigint } {
  r.expect("[");
  const address = parseValue(r, text);
  const minus = r.accept("-");
  const offset = minus || r.accept("+") ? BigInt.asIntN(64, r.word()) : 0n;
  r.expect("]");
  return { address, offset: minus ? -offset : offset };
}

function parseMachine(r: TextReader, text: FunctionText): Instr {
  const first = r.peek();
  const { ins, operands } = parseInstructionText(r, operandReader(r, text));
  const memory = parseMemory(r);
  return { kind: "machine", ins, operands, memory, span: r.spanFrom(first) };
}

function parseMemory(r: TextReader): MemoryKind {
  if (!r.accept(":")) return null;
  if (r.accept("local")) return "local";
  if (r.accept("shared")) return "shared";
  r.expect("global");
  return "global";
}

/** How operands of machine instructions are read: values, tied ones as `%2=%1`, registers by name. */
export function operandReader(r: TextReader, text: FunctionText): OperandReader<MachineOperand> {
  const token = r.peek();
  const isa: Isa = text.isa ?? r.fail(`\`${token.text}\` is no instruction (and no \`isa\` is named)`);
  return { isa, register: (declared) => parseRegister(r, text, declared) };
}

function parseRegister(r: TextReader, text: FunctionText, { kind }: Operand): MachineOperand {
  const token = r.peek();
  if (token.kind === "variable") {
    const value = parseValue(r, text);
    return r.accept("=") ? { kind: "tied", value, from: parseValue(r, text) } : { kind: "value", value };
  }
  const register = text.isa === null ? null : parseOperandValue(text.isa, kind, r.name());
  return register === null ? r.fail(`no register \`${token.text}\``, token) : { kind: "fixed", register };
}
