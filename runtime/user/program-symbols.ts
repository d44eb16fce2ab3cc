// Names and source lines of a loaded program, read from its ELF file on first use: only reports and debuggers ask.
// Relies on elf-file.ts and runtime/debug.

import { STT } from "../../spec/abi/elf.ts";
import { readLineTable, type LineTable, type SourcePlace } from "../debug/line-table.ts";
import { SymbolTable, type SymbolPlace } from "../debug/symbol-table.ts";
import { readSymbols, type ElfFile } from "../images/elf-file.ts";

export interface ProgramSymbols {
  /** The function or label that holds `address`. */
  functionAt(address: bigint): SymbolPlace | null;
  /** The source line of the instruction at `address`. */
  placeAt(address: bigint): SourcePlace | null;
  /** Address of a symbol by name. */
  addressOf(name: string): bigint | null;
  /** First addresses of a source line. */
  addressesOfLine(file: string, line: number): readonly bigint[];
}

/** Prepares the lookups for `elf`; nothing is read before the first question. */
export function programSymbols(elf: ElfFile): ProgramSymbols {
  let symbols: { readonly code: SymbolTable; readonly all: SymbolTable } | null = null;
  let lines: LineTable | null = null;
  const tables = (): { readonly code: SymbolTable; readonly all: SymbolTable } =>
    (symbols ??= readTables(elf));
  const lineTable = (): LineTable => (lines ??= readLines(elf));
  return {
    functionAt: (address) => tables().code.at(address),
    placeAt: (address) => lineTable().at(address),
    addressOf: (name) => tables().all.named(name)?.address ?? null,
    addressesOfLine: (file, line) => lineTable().addressesOf(file, line),
  };
}

const EXECUTABLE_SECTION = 4n;

function readTables(elf: ElfFile): { code: SymbolTable; all: SymbolTable } {
  const named = readSymbols(elf).filter((s) => s.name !== "" && s.section !== 0);
  const isCode = (section: number): boolean =>
    ((elf.sections[section]?.flags ?? 0n) & EXECUTABLE_SECTION) !== 0n;
  const records = named.map((s) => ({ ...s, address: s.value }));
  const functions = records.filter(
    (s) => s.type === STT.function || (s.type === STT.none && isCode(s.section) && !isMappingSymbol(s.name)),
  );
  return { code: new SymbolTable(functions), all: new SymbolTable(records) };
}

// `$x`, `$d` and local labels of assemblers and compilers name no function.
function isMappingSymbol(name: string): boolean {
  return name.startsWith("$") || name.startsWith(".L");
}

/** All source lines of the file; empty without debugging information. */
export function readLines(elf: ElfFile): LineTable {
  const section = (name: string): Uint8Array =>
    elf.sections.find((s) => s.name === name)?.bytes ?? new Uint8Array(0);
  return readLineTable(section(".debug_line"), {
    str: section(".debug_str"),
    lineStr: section(".debug_line_str"),
  });
}
