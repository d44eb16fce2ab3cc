// The symbol table of an ELF file: locals first, then globals and weak ones, each with its name and place.
// Relies on spec/abi/elf.ts. Guarantees: `indexOf` maps the caller's symbol numbers to the file's.

import { SHN, SHT, STB, STT, STV, SYMBOL_ENTRY, recordBytes } from "../../../spec/abi/elf.ts";
import { ByteWriter } from "../byte-writer.ts";
import type { ObjectSymbol } from "../object-file.ts";
import { elfSection, type ElfSection } from "./elf-section.ts";
import { StringTable, writeRecord } from "./write-elf.ts";

/** A symbol with its section number and value as the file says them. */
export interface ElfSymbol {
  readonly name: string;
  /** Number in the file's section table, or one of SHN. */
  readonly section: number;
  /** True: `section` is one of SHN's special numbers. */
  readonly special: boolean;
  readonly value: bigint;
  readonly sizeBytes: number;
  readonly binding: ObjectSymbol["binding"];
  readonly type: ObjectSymbol["type"];
  readonly hidden: boolean;
}

export interface SymbolTable {
  /** `.symtab`, `.strtab`, and `.symtab_shndx` if section numbers do not fit 16 bits. */
  readonly sections: readonly ElfSection[];
  /** File's number by the caller's number. */
  readonly indexOf: readonly number[];
}

/** Builds the table; `firstSection` is the number that its first section will get. */
export function symbolTable(symbols: readonly ElfSymbol[], firstSection: number): SymbolTable {
  const order = [...symbols.keys()].sort((a, b) => rank(symbols[a]) - rank(symbols[b]) || a - b);
  const indexOf = new Array<number>(symbols.length).fill(0);
  const names = new StringTable();
  const entries = new ByteWriter();
  const extended = new ByteWriter();
  entries.bytes(new Uint8Array(recordBytes(SYMBOL_ENTRY)));
  extended.u32(0);
  let locals = 1;
  order.forEach((from, position) => {
    const symbol = symbols[from];
    if (symbol === undefined) return;
    indexOf[from] = position + 1;
    if (symbol.binding === "local") locals += 1;
    extended.u32(writeSymbol(entries, symbol, names));
  });
  const table = elfSection(".symtab", SHT.SYMTAB, entries.finish(), {
    link: firstSection + 1,
    info: locals,
    alignment: 8,
    entryBytes: recordBytes(SYMBOL_ENTRY),
  });
  const sections = [table, elfSection(".strtab", SHT.STRTAB, names.finish())];
  const isLarge = symbols.some((s) => !s.special && s.section >= SHN.LORESERVE);
  if (isLarge) {
    const rest = { link: firstSection, alignment: 4, entryBytes: 4 };
    sections.push(elfSection(".symtab_shndx", SHT.SYMTAB_SHNDX, extended.finish(), rest));
  }
  return { sections, indexOf };
}

// File symbols come first among the locals, as tools expect.
function rank(symbol: ElfSymbol | undefined): number {
  if (symbol?.binding !== "local") return 2;
  return symbol.type === "file" ? 0 : 1;
}

// Returns the entry of the table of large section numbers.
function writeSymbol(out: ByteWriter, symbol: ElfSymbol, names: StringTable): number {
  const isLarge = !symbol.special && symbol.section >= SHN.LORESERVE;
  writeRecord(out, SYMBOL_ENTRY, {
    name: names.offsetOf(symbol.name),
    info: STB[symbol.binding] * 16 + STT[symbol.type],
    other: symbol.hidden ? STV.HIDDEN : STV.DEFAULT,
    section: isLarge ? SHN.XINDEX : symbol.section,
    value: symbol.value,
    sizeBytes: symbol.sizeBytes,
  });
  return isLarge ? symbol.section : 0;
}
