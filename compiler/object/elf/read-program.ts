// What tools ask of a linked program: its symbols by address. Relies on read-elf.ts.

import { SHN } from "../../../spec/abi/elf.ts";
import type { SymbolType } from "../object-file.ts";
import { MalformedFile } from "./malformed.ts";
import { readElf } from "./read-elf.ts";

export interface ProgramSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly sizeBytes: number;
  readonly type: SymbolType | "common";
  readonly isGlobal: boolean;
  /** Name of its section; empty for an absolute symbol. */
  readonly section: string;
}

/** Defined symbols in the order of their addresses; none for a file that is not an ELF program. */
export function readProgramSymbols(bytes: Uint8Array): readonly ProgramSymbol[] {
  try {
    const elf = readElf(bytes, "program");
    return elf.symbols
      .filter((s) => s.name !== "" && s.section !== SHN.UNDEF && s.type !== "file" && s.type !== "section")
      .map((s) => ({
        name: s.name,
        address: s.value,
        sizeBytes: s.sizeBytes,
        type: s.type,
        isGlobal: s.binding !== "local",
        section: elf.sections[s.section]?.name ?? "",
      }))
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error instanceof MalformedFile) return [];
    throw error;
  }
}
