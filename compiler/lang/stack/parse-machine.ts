// The pieces of text that StackLang and LabLang share: registers, labels, machine instructions, addresses, reasons.
//
// A register is a name `x` and digits, a label `b` and digits; no instruction of spec/isa is spelt like either.

import type { TextReader, Token } from "../text-reader.ts";
import type { Label, MachineOperand, MemoryKind, Place, Register, TrapReason } from "./ast.ts";

const MEMORY_KINDS = ["local", "shared", "global", "stack"] as const;
const PLACES = ["heapBase", "heapTop", "globals", "stackLimit"] as const;
const REASONS = ["uncaughtException", "stackExhausted", "unreachable"] as const;

export function isRegister(token: Token): boolean {
  return token.kind === "name" && /^x\d+$/.test(token.text);
}

export function parseRegister(r: TextReader): Register {
  const token = r.next();
  return isRegister(token) ? Number(token.text.slice(1)) : r.fail("expected a register such as `x10`", token);
}

export function parseLabel(r: TextReader): Label {
  const token = r.next();
  return /^b\d+$/.test(token.text)
    ? Number(token.text.slice(1))
    : r.fail("expected a label such as `b0`", token);
}

/** A non-negative or negative decimal integer of any size. */
export function parseInteger(r: TextReader): bigint {
  const token = r.next();
  return token.kind === "integer" ? BigInt(token.text) : r.fail("expected an integer", token);
}

/** A mnemonic (`addi`, `lr.w`) and its operands, up to something that cannot continue them. */
export function parseMachine(r: TextReader): { readonly ins: string; readonly operands: MachineOperand[] } {
  let ins = r.name();
  while (r.accept(".")) ins += `.${r.name()}`;
  const operands: MachineOperand[] = [];
  if (!isRegister(r.peek()) && r.peek().kind !== "integer") return { ins, operands };
  do operands.push(parseOperand(r));
  while (r.accept(","));
  return { ins, operands };
}

function parseOperand(r: TextReader): MachineOperand {
  if (isRegister(r.peek())) return { kind: "register", register: parseRegister(r) };
  return { kind: "imm", value: parseInteger(r) };
}

/** `@local` and its like; nothing means no access. */
export function parseMemory(r: TextReader): MemoryKind {
  const { text } = r.peek();
  const kind = MEMORY_KINDS.find((k) => `@${k}` === text);
  if (kind === undefined) return null;
  r.next();
  return kind;
}

/** After `address`: the place and its offset. */
export function parsePlace(r: TextReader): { readonly place: Place; readonly offset: bigint } {
  const token = r.next();
  const place = PLACES.find((p) => p === token.text) ?? r.fail("expected a place", token);
  return { place, offset: r.accept("+") ? parseInteger(r) : 0n };
}

/** After `trap`. */
export function parseReason(r: TextReader): TrapReason {
  const token = r.next();
  return REASONS.find((reason) => reason === token.text) ?? r.fail("expected a reason", token);
}
