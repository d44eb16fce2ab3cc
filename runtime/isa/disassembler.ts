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

export const DEFAULT_DISASSEMBLY: DisassemblyOptions = {
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
}

/** Builds a disassembler of `isa`. */
export function createDisassembler(isa: Isa, options: Partial<DisassemblyOptions> = {}): Disassembler {
  const settings = { ...DEFAULT_DISASSEMBLY, ...options };
  const decoder = createDecoder(isa);
  const line = (word: number, address: bigint): DisassembledLine =>
    disassemble(isa, decoder, settings, { word, address });
  return { line, listing: (bytes, address) => listing(decoder, line, bytes, address) };
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
    const directive = lengthBytes === 2 ? ".half" : ".word";
    const text = `${directive}${options.gap}0x${word.toString(16).padStart(lengthBytes * 2, "0")}`;
    return { address, word, lengthBytes, text, known: false };
  }
  const target = (distance: number): string => {
    const to = BigInt.asUintN(isa.wordWidth, address + BigInt(distance));
    return options.symbolAt?.(to) ?? `0x${to.toString(16)}`;
  };
  const style: PrintStyle = { comma: options.comma, gap: options.gap, target };
  const print = options.aliases ? printWithAliases : printInstruction;
  const text = print(isa, decoded.instruction, namedValues(decoded), style);
  return { address, word, lengthBytes, text, known: true };
}

// Splits bytes into instructions; a cut-off last instruction is shown as what is there.
function listing(
  decoder: Decoder,
  line: (word: number, address: bigint) => DisassembledLine,
  bytes: Uint8Array,
  address: bigint,
): DisassembledLine[] {
  const lines: DisassembledLine[] = [];
  const byte = (at: number): number => bytes[at] ?? 0;
  let at = 0;
  while (at < bytes.length) {
    const low = byte(at) | (byte(at + 1) << 8);
    const long = decoder.lengthOf(low) === 4 && at + 4 <= bytes.length;
    const word = long ? (low | (byte(at + 2) << 16) | (byte(at + 3) << 24)) >>> 0 : low;
    lines.push(line(word, address + BigInt(at)));
    at += long ? 4 : 2;
  }
  return lines;
}
