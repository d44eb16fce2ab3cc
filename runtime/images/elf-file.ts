// Reads an ELF64 file: header, segments, sections and symbols, as plain records. The compiler has its own reader;
// the two share only spec/abi/elf.ts, so that each can catch the other's mistakes.
//
// Relies on spec/abi/elf.ts. Guarantees: never reads outside the file and never throws for any bytes; what the file
// says is not judged here (elf-check.ts does), except that sections and symbols that cannot be read are left out.

import type { ElfField } from "../../spec/abi/elf.ts";
import {
  ELF_HEADER,
  ELF_MAGIC,
  PROGRAM_HEADER,
  recordBytes,
  SECTION_HEADER,
  SHT,
  SYMBOL_ENTRY,
} from "../../spec/abi/elf.ts";
import { problem, type Problem } from "../problem.ts";

type Row<L extends readonly ElfField[]> = Readonly<Record<L[number]["name"], bigint>>;

export type ElfHeader = Row<typeof ELF_HEADER>;
export type Segment = Row<typeof PROGRAM_HEADER>;

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly address: bigint;
  readonly flags: bigint;
  /** Contents; empty for sections without any in the file. */
  readonly bytes: Uint8Array;
  readonly link: number;
}

export interface Symbol {
  readonly name: string;
  readonly value: bigint;
  readonly sizeBytes: bigint;
  /** Low four bits of st_info. */
  readonly type: number;
  readonly section: number;
}

export interface ElfFile {
  readonly bytes: Uint8Array;
  readonly header: ElfHeader;
  readonly segments: readonly Segment[];
  readonly sections: readonly Section[];
}

const HEADER_BYTES = recordBytes(ELF_HEADER);
const CLASS_AT = 4;

/** Splits `bytes` into its tables, or says why that cannot be done (R0001, R0002, R0003, R0014). */
export function readElf(bytes: Uint8Array): ElfFile | Problem {
  if (!ELF_MAGIC.every((byte, i) => bytes[i] === byte))
    return problem("R0001", { found: describeStart(bytes) });
  const [kind, order] = [bytes[CLASS_AT], bytes[CLASS_AT + 1]];
  if (bytes.length > CLASS_AT + 1 && (kind !== 2 || order !== 1)) {
    return problem("R0003", {
      found: `${kind === 2 ? "64" : "32"}-bit ${order === 1 ? "little" : "big"}-endian`,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES) return tooShort("the file header", HEADER_BYTES, bytes);
  const header = readRow(view, 0, ELF_HEADER);
  const count = Number(header.programCount);
  const stride = Number(header.programEntryBytes);
  const end = header.programOffset + BigInt(count * stride);
  if (count > 0 && stride < recordBytes(PROGRAM_HEADER)) {
    return problem("R0014", { expected: recordBytes(PROGRAM_HEADER), found: stride });
  }
  if (count > 0 && end > BigInt(bytes.length)) return tooShort("the program header table", end, bytes);
  const segments: Segment[] = [];
  for (let i = 0; i < count; i += 1) {
    segments.push(readRow(view, Number(header.programOffset) + i * stride, PROGRAM_HEADER));
  }
  return { bytes, header, segments, sections: readSections(view, bytes, header) };
}

/** True for the problem arm of a result. */
export function isProblem(result: object): result is Problem {
  return "code" in result;
}

/** All symbols of `.symtab`, in file order; empty if the file was stripped. */
export function readSymbols(elf: ElfFile): Symbol[] {
  const table = elf.sections.find((s) => s.type === SHT.SYMTAB);
  const names = table === undefined ? undefined : elf.sections[table.link];
  if (table === undefined || names === undefined) return [];
  const view = new DataView(table.bytes.buffer, table.bytes.byteOffset, table.bytes.byteLength);
  const stride = recordBytes(SYMBOL_ENTRY);
  const symbols: Symbol[] = [];
  for (let at = 0; at + stride <= table.bytes.length; at += stride) {
    const row = readRow(view, at, SYMBOL_ENTRY);
    symbols.push({
      name: textAt(names.bytes, Number(row.name)),
      value: row.value,
      sizeBytes: row.sizeBytes,
      type: Number(row.info) & 15,
      section: Number(row.section),
    });
  }
  return symbols;
}

/** The zero-terminated text at `at`; what is there of it if the terminator is missing. */
export function textAt(bytes: Uint8Array, at: number): string {
  let end = at;
  while (end < bytes.length && bytes[end] !== 0) end += 1;
  return new TextDecoder().decode(bytes.subarray(at, end));
}

function readRow<L extends readonly ElfField[]>(view: DataView, start: number, layout: L): Row<L> {
  const row: Record<string, bigint> = {};
  let at = start;
  for (const { name, bytes } of layout) {
    row[name] = readField(view, at, bytes);
    at += bytes;
  }
  // Every name of the layout was set by the loop.
  return row as Row<L>;
}

function readField(view: DataView, at: number, bytes: 1 | 2 | 4 | 8): bigint {
  if (bytes === 8) return view.getBigUint64(at, true);
  if (bytes === 4) return BigInt(view.getUint32(at, true));
  return BigInt(bytes === 2 ? view.getUint16(at, true) : view.getUint8(at));
}

function readSections(view: DataView, bytes: Uint8Array, header: ElfHeader): Section[] {
  const count = Number(header.sectionCount);
  const stride = Number(header.sectionEntryBytes);
  const start = Number(header.sectionOffset);
  if (stride < recordBytes(SECTION_HEADER) || start + count * stride > bytes.length) return [];
  const rows = Array.from({ length: count }, (_, i) => readRow(view, start + i * stride, SECTION_HEADER));
  const nameRow = rows[Number(header.sectionNames)];
  const names = nameRow === undefined ? new Uint8Array(0) : contents(bytes, nameRow);
  return rows.map((row) => ({
    name: textAt(names, Number(row.name)),
    type: Number(row.type),
    address: row.address,
    flags: row.flags,
    bytes: contents(bytes, row),
    link: Number(row.link),
  }));
}

function contents(bytes: Uint8Array, row: Row<typeof SECTION_HEADER>): Uint8Array {
  const end = row.offset + row.sizeBytes;
  if (Number(row.type) === SHT.NOBITS || end > BigInt(bytes.length)) return new Uint8Array(0);
  return bytes.subarray(Number(row.offset), Number(end));
}

function tooShort(part: string, needed: number | bigint, bytes: Uint8Array): Problem {
  return problem("R0002", { part, needed: String(needed), found: bytes.length });
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return "an empty file";
  if (bytes.length < ELF_MAGIC.length) return `a file of ${String(bytes.length)} bytes`;
  const shown = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
  return `a file that starts with ${shown}`;
}
