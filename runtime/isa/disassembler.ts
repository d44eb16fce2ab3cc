// Instruction words to assembly text. Relies on decoder.ts and spec/isa/syntax.ts.
// Guarantees: with aliases off the text names the exact encoding (c. forms too); with aliases on it is what people
// write (compressed forms appear as the instructions they stand for). Unknown words become .half or .word.

import type { Isa } from "../../spec/isa/schema.ts";
import { printInstruction, printWithAliases, READABLE } from "../../spec/isa/syntax.ts";
import type { PrintStyle } from "../../spec/isa/syntax.ts";
import { createDecoder, namedValues } from "./decoder.ts";
import type { Decoder } from "./decoder.ts";

export interface DisassemblyOptions {
  /** Print aliases (`ret`) and hide compression; false prints `c.jr ra`. */
  readonly aliases: boolean;
  /** Text for a branch target's address, e.g. `80000010 <loop>`; null prints plain hexadecimal. */
  readonly symbolAt: ((address: bigint) => string) | null;
  /** `, ` by default; objdump writes `,`. */
  readonly comma: string;
  /** Between mnemonic and operands; objdump writes a tab. */
  readonly gap: string;
}

const DEFAULT_DISASSEMBLY: DisassemblyOptions = {
  aliases: true,
  symbolAt: null,
  comma: READABLE.comma,
  gap: READABLE.gap,
};

/** One line of a listing. */
export interface DisassembledLine {
  readonly address: bigint;
  readonly word: number;
  readonly lengthBytes: number;
  readonly text: string;
  /** False for a word that is no instruction. */
  readonly known: boolean;
}

export interface Disassembler {
  /** The instruction at `address`; `word` holds its bytes, little-endian, low half first. */
  line(word: number, address: bigint): DisassembledLine;
  /** All of `bytes`, loaded at `address`. */
  listing(bytes: Uint8Array, address: bigint): DisassembledLine[];
  /** The same for bytes that are no instructions: words, then what is left of them. */
  data(bytes: Uint8Array, address: bigint): DisassembledLine[];
}

/** Builds a disassembler of `isa`. */
export function createDisassembler(isa: Isa, options: Partial<DisassemblyOptions> = {}): Disassembler {
  const settings = { ...DEFAULT_DISASSEMBLY, ...options };
  const decoder = createDecoder(isa);
  const line = (word: number, address: bigint): DisassembledLine =>
    disassemble(isa, decoder, settings, { word, address });
  return {
    line,
    listing: (bytes, address) => listing(decoder, settings, line, { bytes, address }),
    data: (bytes, address) => dataLines(bytes, address, settings.gap),
  };
}

const directives: Readonly<Record<number, string>> = { 1: ".byte", 2: ".half", 4: ".word" };

function dataLine(at: Place, word: number, lengthBytes: number, gap: string): DisassembledLine {
  const digits = word.toString(16).padStart(lengthBytes * 2, "0");
  const text = `${directives[lengthBytes] ?? ".word"}${gap}0x${digits}`;
  return { address: at.address, word, lengthBytes, text, known: false };
}

interface Place {
  readonly word: number;
  readonly address: bigint;
}

function disassemble(isa: Isa, decoder: Decoder, options: DisassemblyOptions, at: Place): DisassembledLine {
  const { address } = at;
  const lengthBytes = decoder.lengthOf(at.word);
  const word = lengthBytes === 2 ? at.word & 0xffff : at.word >>> 0;
  const decoded = options.aliases ? decoder.decodeExpanded(word) : decoder.decode(word);
  if (decoded === null) {
    return dataLine(at, word, lengthBytes, options.gap);
  }
  const target = (distance: number, unit: number): string => {
    const from = address - (address % BigInt(unit));
    const to = BigInt.asUintN(isa.wordWidth, from + BigInt(distance));
    return options.symbolAt?.(to) ?? `0x${to.toString(16)}`;
  };
  const style: PrintStyle = { comma: options.comma, gap: options.gap, target };
  const print = options.aliases ? printWithAliases : printInstruction;
  const text = print(isa, decoded.instruction, namedValues(decoded), style);
  return { address, word, lengthBytes, text, known: true };
}

// The largest directive that is aligned and fits, one after the other.
function dataLines(bytes: Uint8Array, start: bigint, gap: string): DisassembledLine[] {
  const lines: DisassembledLine[] = [];
  for (let at = 0; at < bytes.length;) {
    const address = start + BigInt(at);
    const size = [4, 2, 1].find((n) => address % BigInt(n) === 0n && at + n <= bytes.length) ?? 1;
    let word = 0;
    for (let i = size - 1; i >= 0; i -= 1) word = word * 256 + (bytes[at + i] ?? 0);
    lines.push(dataLine({ word, address }, word, size, gap));
    at += size;
  }
  return lines;
}

// Splits bytes into instructions; what is left of a cut-off last one is data.
function listing(
  decoder: Decoder,
  settings: DisassemblyOptions,
  line: (word: number, address: bigint) => DisassembledLine,
  code: { readonly bytes: Uint8Array; readonly address: bigint },
): DisassembledLine[] {
  const { bytes } = code;
  const lines: DisassembledLine[] = [];
  const half = (at: number): number => (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    const length = decoder.lengthOf(half(at));
    const address = code.address + BigInt(at);
    if (left < length) {
      const piece = left === 1 ? 1 : 2;
      lines.push(dataLine({ word: half(at), address }, half(at), piece, settings.gap));
      at += piece;
      continue;
    }
    lines.push(line(length === 4 ? (half(at) | (half(at + 2) << 16)) >>> 0 : half(at), address));
    at += length;
  }
  return lines;
}
