// Reads the container of an ELF file: header, sections, segments, symbols. Relies on byte-reader.ts for bounds.
// Guarantees: indices of sections and strings are in range, or a diagnostic says which field is wrong.

import {
  ELF_CLASS,
  ELF_DATA,
  ELF_HEADER,
  ELF_MACHINES,
  FOREIGN_MACHINES,
  PROGRAM_HEADER,
  PT,
  SECTION_HEADER,
  SHN,
  SHT,
  STB,
  STT,
  SYMBOL_ENTRY,
  recordBytes,
  type ElfField,
} from "../../../spec/abi/elf.ts";
import { ByteReader } from "../byte-reader.ts";
import type { ObjectMachine, SymbolBinding, SymbolType } from "../object-file.ts";
import type { ElfSection } from "./elf-section.ts";
import { malformed } from "./malformed.ts";

interface ReadSegment {
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly memoryBytes: bigint;
}

export interface ReadSymbol {
  readonly name: string;
  /** Section number, or one of SHN's special numbers. */
  readonly section: number;
  readonly value: bigint;
  readonly sizeBytes: number;
  readonly binding: SymbolBinding;
  readonly type: SymbolType | "common";
  readonly hidden: boolean;
}

export interface ReadElf {
  readonly name: string;
  readonly type: number;
  readonly machine: ObjectMachine;
  readonly flags: number;
  readonly entry: bigint;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ReadSegment[];
  readonly symbols: readonly ReadSymbol[];
}

/** The fields of the record at the start of `reader`, by name. */
export function readRecord<Name extends string>(
  reader: ByteReader,
  layout: readonly (ElfField & { readonly name: Name })[],
): (name: Name) => bigint {
  const values = new Map<string, bigint>();
  let at = 0;
  for (const field of layout) {
    values.set(field.name, reader.unsigned(at, field.bytes));
    at += field.bytes;
  }
  return (name) => values.get(name) ?? 0n;
}

/** Reads the file called `name`; leaves with MalformedFile if it is not a 64-bit little-endian ELF file of ours. */
export function readElf(bytes: Uint8Array, name: string): ReadElf {
  const file = new ByteReader(bytes, name, "the file");
  checkIdentification(bytes, name);
  const header = readRecord(file.window(0, recordBytes(ELF_HEADER), "the file header"), ELF_HEADER);
  const machine = machineOf(Number(header("machine")), name);
  const sections = readSections(file, header);
  return {
    name,
    type: Number(header("type")),
    machine,
    flags: Number(header("flags")),
    entry: header("entry"),
    sections,
    segments: readSegments(file, header),
    symbols: readSymbols(sections, name),
  };
}

function checkIdentification(bytes: Uint8Array, file: string): void {
  const isElf =
    bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  if (!isElf) malformed("L0101", { file, found: describeStart(bytes) });
  if (bytes.length < recordBytes(ELF_HEADER)) {
    const end = recordBytes(ELF_HEADER);
    malformed("L0105", { file, what: "the file header", offset: 0, end, size: bytes.length });
  }
  if (bytes[4] !== ELF_CLASS.bits64) malformed("L0102", { file, expected: "64-bit", found: "32-bit" });
  if (bytes[5] !== ELF_DATA.little)
    malformed("L0102", { file, expected: "little-endian", found: "big-endian" });
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 8));
  if (start === "!<arch>\n") return "a static library (archive)";
  if (bytes.subarray(0, 64).every((b) => b === 9 || b === 10 || b === 13 || (b >= 32 && b < 127)))
    return "text";
  return `bytes ${[...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join(" ")}`;
}

function machineOf(number: number, file: string): ObjectMachine {
  if (number === ELF_MACHINES.riscv64) return "riscv64";
  if (number === ELF_MACHINES.arm64) return "arm64";
  malformed("L0103", { file, found: FOREIGN_MACHINES[number] ?? `machine number ${String(number)}` });
}

type HeaderField = (typeof ELF_HEADER)[number]["name"];

function readSections(file: ByteReader, header: (name: HeaderField) => bigint): readonly ElfSection[] {
  const start = Number(header("sectionOffset"));
  if (start === 0) return [];
  const entry = Number(header("sectionEntryBytes"));
  if (entry < recordBytes(SECTION_HEADER)) {
    const what = `the size of a section header is ${String(entry)}, expected at least ${String(recordBytes(SECTION_HEADER))}`;
    malformed("L0106", { file: file.file, what });
  }
  const readHeader = (i: number): ((name: (typeof SECTION_HEADER)[number]["name"]) => bigint) =>
    readRecord(file.window(start + i * entry, entry, `section header ${String(i)}`), SECTION_HEADER);
  const zero = readHeader(0);
  const stated = Number(header("sectionCount"));
  const count = stated === 0 ? Number(zero("sizeBytes")) : stated;
  file.window(start, count * entry, "the table of section headers");
  const headers = Array.from({ length: count }, (_, i) => readHeader(i));
  const namesAt =
    Number(header("sectionNames")) === SHN.XINDEX ? Number(zero("link")) : Number(header("sectionNames"));
  const namesHeader = headers[namesAt];
  if (namesHeader === undefined && count > 0) {
    malformed("L0106", {
      file: file.file,
      what: `the section of names is number ${String(namesAt)} of ${String(count)}`,
    });
  }
  const names = contents(file, namesHeader, "the section of names");
  return headers.map((h, i) => {
    const reader = contents(file, h, `section ${String(i)}`);
    return {
      name: names.length === 0 ? "" : names.string(Number(h("name"))),
      type: Number(h("type")),
      flags: Number(h("flags")),
      address: h("address"),
      bytes: reader.bytes(),
      sizeBytes: sizeOf(file, h("sizeBytes"), i),
      link: Number(h("link")),
      info: Number(h("info")),
      alignment: alignmentOf(file, h("alignment"), i),
      entryBytes: Number(h("entryBytes")),
    };
  });
}

type SectionField = (typeof SECTION_HEADER)[number]["name"];

function contents(
  file: ByteReader,
  h: ((name: SectionField) => bigint) | undefined,
  what: string,
): ByteReader {
  const type = h === undefined ? SHT.NULL : Number(h("type"));
  if (h === undefined || type === SHT.NULL || type === SHT.NOBITS) return file.window(0, 0, what);
  return file.window(Number(h("offset")), Number(h("sizeBytes")), what);
}

const LARGEST_SIZE = 1n << 40n;
// More than any page of a page table; beyond it a damaged file would ask for gigabytes of padding.
const LARGEST_ALIGNMENT = 1n << 24n;

function sizeOf(file: ByteReader, size: bigint, section: number): number {
  if (size <= LARGEST_SIZE) return Number(size);
  malformed("L0106", { file: file.file, what: `section ${String(section)} claims ${String(size)} bytes` });
}

function alignmentOf(file: ByteReader, alignment: bigint, section: number): number {
  const value = alignment === 0n ? 1n : alignment;
  if ((value & (value - 1n)) === 0n && value <= LARGEST_ALIGNMENT) return Number(value);
  const what = `the alignment of section ${String(section)} is ${String(alignment)}, expected a power of two up to 16 MiB`;
  malformed("L0106", { file: file.file, what });
}

function readSegments(file: ByteReader, header: (name: HeaderField) => bigint): readonly ReadSegment[] {
  const count = Number(header("programCount"));
  const entry = Number(header("programEntryBytes"));
  const start = Number(header("programOffset"));
  return Array.from({ length: count }, (_, i) => {
    const what = `program header ${String(i)}`;
    const h = readRecord(file.window(start + i * entry, entry, what), PROGRAM_HEADER);
    const bytes = file.window(Number(h("offset")), Number(h("fileBytes")), `segment ${String(i)}`).bytes();
    const memoryBytes = h("memoryBytes");
    // Segments that are not loaded (GNU ld's one for attributes) may have no size in memory.
    if (Number(h("type")) === PT.LOAD && memoryBytes < BigInt(bytes.length)) {
      malformed("L0106", {
        file: file.file,
        what: `segment ${String(i)} has more bytes in the file than in memory`,
      });
    }
    return { type: Number(h("type")), flags: Number(h("flags")), address: h("address"), bytes, memoryBytes };
  });
}

const bindings = new Map<number, SymbolBinding>([
  [STB.local, "local"],
  [STB.global, "global"],
  [STB.weak, "weak"],
]);
const symbolTypes = new Map<number, ReadSymbol["type"]>([
  [STT.none, "none"],
  [STT.object, "object"],
  [STT.function, "function"],
  [STT.section, "section"],
  [STT.file, "file"],
  [STT.common, "common"],
  [STT.threadLocal, "threadLocal"],
]);

function readSymbols(sections: readonly ElfSection[], file: string): readonly ReadSymbol[] {
  const table = sections.find((s) => s.type === SHT.SYMTAB);
  if (table === undefined) return [];
  const strings = sections[table.link];
  if (strings?.type !== SHT.STRTAB) {
    malformed("L0106", {
      file,
      what: `the symbol table names section ${String(table.link)} for its strings`,
    });
  }
  const names = new ByteReader(strings.bytes, file, "the symbols' names");
  const reader = new ByteReader(table.bytes, file, "the symbol table");
  const size = recordBytes(SYMBOL_ENTRY);
  const number = sections.indexOf(table);
  const large = sections.find((s) => s.type === SHT.SYMTAB_SHNDX && s.link === number);
  const extended = new ByteReader(
    large?.bytes ?? new Uint8Array(0),
    file,
    "the table of large section numbers",
  );
  return Array.from({ length: Math.floor(reader.length / size) }, (_, i) => {
    const h = readRecord(reader.window(i * size, size, `symbol ${String(i)}`), SYMBOL_ENTRY);
    const info = Number(h("info"));
    const stated = Number(h("section"));
    const section = stated === SHN.XINDEX ? extended.u32(i * 4) : stated;
    if (section >= sections.length && (section < SHN.LORESERVE || stated === SHN.XINDEX)) {
      malformed("L0106", {
        file,
        what: `symbol ${String(i)} is in section ${String(section)} of ${String(sections.length)}`,
      });
    }
    const type = symbolTypes.get(info % 16) ?? "none";
    const own = names.string(Number(h("name")));
    return {
      name: type === "section" && own === "" ? (sections[section]?.name ?? "") : own,
      section,
      value: h("value"),
      sizeBytes: Number(BigInt.asUintN(53, h("sizeBytes"))),
      binding: bindings.get(info >> 4) ?? "global",
      type,
      hidden: Number(h("other")) % 4 !== 0,
    };
  });
}
