// The pieces of text that StackLang and LabLang share; the inverse of print-machine.ts.

import { parseOperandValue, registerNumber } from "../../../spec/isa/operand-text.ts";
import type { Isa } from "../../../spec/isa/schema.ts";
import { isaNamed, isIsaName, type IsaName } from "../../target/isa-named.ts";
import { parseBranchText, parseInstructionText, type OperandReader } from "../machine-text.ts";
import type { TextReader } from "../text-reader.ts";
import type { Label, MachineOperand, MemoryKind, Place, Register } from "./ast.ts";
import { placeText, type MachineParts } from "./print-machine.ts";

const MEMORY_KINDS = ["local", "shared", "global", "stack"] as const;
const PLACES = ["heapBase", "heapTop", "globals", "stackLimit"] as const;

/** What both languages' programs start with. */
export interface ProgramHead {
  readonly isaName: IsaName;
  readonly isa: Isa;
  readonly entry: string;
  readonly globalWords: number;
}

/** `isa riscv64; entry main; globals 3;`, the last one optional. */
export function parseHead(r: TextReader): ProgramHead {
  r.expect("isa");
  const name = r.name();
  const isaName = isIsaName(name) ? name : r.fail(`no instruction set \`${name}\``);
  r.expect(";");
  r.expect("entry");
  const entry = r.name();
  r.expect(";");
  const globalWords = r.accept("globals") ? r.natural() : null;
  if (globalWords !== null) r.expect(";");
  const isa = isaNamed(isaName);
  return { isaName, isa, entry, globalWords: globalWords ?? 0 };
}

/** `(2) -> 1`. */
export function parseSignature(r: TextReader): { readonly argWords: number; readonly resultWords: number } {
  const argWords = parseWords(r);
  r.expect("-");
  r.expect(">");
  return { argWords, resultWords: r.natural() };
}

/** `(2)`. */
export function parseWords(r: TextReader): number {
  r.expect("(");
  const words = r.natural();
  r.expect(")");
  return words;
}

export function parseRegister(r: TextReader, isa: Isa): Register {
  const token = r.peek();
  const [general] = isa.classes;
  const register = general === undefined ? null : registerNumber(general, r.name());
  return register ?? r.fail(`no register \`${token.text}\``, token);
}

export function parseLabel(r: TextReader): Label {
  const token = r.next();
  return /^b\d+$/.test(token.text)
    ? Number(token.text.slice(1))
    : r.fail("expected a label such as `b0`", token);
}

/** A machine instruction with its operands in the syntax of spec/isa, and the kind of its access. */
export function parseMachine(r: TextReader, isa: Isa): MachineParts & { readonly memory: MemoryKind } {
  return { ...parseInstructionText(r, operandReader(r, isa)), memory: parseMemory(r) };
}

/** After `if`: a branch without its target. */
export function parseBranch(r: TextReader, isa: Isa): MachineParts {
  return parseBranchText(r, operandReader(r, isa));
}

function operandReader(r: TextReader, isa: Isa): OperandReader<MachineOperand> {
  return {
    isa,
    register: ({ kind }) => {
      const token = r.peek();
      const register = parseOperandValue(isa, kind, r.name());
      return register === null
        ? r.fail(`no register \`${token.text}\``, token)
        : { kind: "register", register };
    },
  };
}

function parseMemory(r: TextReader): MemoryKind {
  if (!r.accept(":")) return null;
  const token = r.next();
  return MEMORY_KINDS.find((kind) => kind === token.text) ?? r.fail("expected a kind of access", token);
}

/** `@globals + 8`. */
export function parsePlace(r: TextReader): { readonly place: Place; readonly offset: bigint } {
  const token = r.next();
  const place = PLACES.find((p) => placeText[p] === token.text) ?? r.fail("expected a place", token);
  return { place, offset: r.accept("+") ? BigInt.asIntN(64, r.word()) : 0n };
}
