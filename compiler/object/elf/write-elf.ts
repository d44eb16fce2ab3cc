// The container: file header, program headers, section contents, section headers. Objects and programs both use it.
// Relies on spec/abi/elf.ts. Guarantees: a section of a segment stands at a file offset congruent to its address modulo
// the page, so the file can be mapped; the counts beyond 65,279 sections go where the gABI wants them.

import {
  ELF_CLASS,
  ELF_DATA,
  ELF_HEADER,
  EV_CURRENT,
  PROGRAM_HEADER,
  recordBytes,
  SECTION_HEADER,
  SHN,
  SHT,
  type ElfField,
} from "../../../spec/abi/elf.ts";
import { ByteWriter } from "../byte-writer.ts";
import { elfSection, type ElfSection } from "./elf-section.ts";

/** A program header over consecutive sections: numbers of the first and the last one in the section table. */
export interface ElfSegment {
  readonly type: number;
  readonly flags: number;
  readonly first: number;
  readonly last: number;
}

export interface ElfFile {
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly entry: bigint;
  /** Without the empty section 0 and the section of names: those are added here; numbers count from 1. */
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
  /** A section's place in the file is congruent to its address modulo this. */
  readonly pageBytes: number;
}

/** The first bytes of a record, little-endian, from values by field name. */
export function writeRecord<Name extends string>(
  out: ByteWriter,
  layout: readonly (ElfField & { readonly name: Name })[],
  values: Readonly<Record<Name, bigint | number>>,
): void {
  for (const field of layout) out.unsigned(values[field.name], field.bytes);
}

/** Collects strings for a string table; the empty string is at 0. */
export class StringTable {
  readonly #out = new ByteWriter();
  readonly #known = new Map<string, number>();

  constructor() {
    this.offsetOf("");
  }

  offsetOf(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const offset = this.#out.length;
    this.#known.set(text, offset);
    this.#out.string(text);
    return offset;
  }

  finish(): Uint8Array {
    return this.#out.finish();
  }
}

const EMPTY_SECTION = elfSection("", SHT.NULL, new Uint8Array(0), { alignment: 0 });

/** The bytes of the file. */
export function writeElf(file: ElfFile): Uint8Array {
  const names = new StringTable();
  const nameOffsets = [EMPTY_SECTION, ...file.sections].map((s) => names.offsetOf(s.name));
  nameOffsets.push(names.offsetOf(".shstrtab"));
  const sections = [EMPTY_SECTION, ...file.sections, elfSection(".shstrtab", SHT.STRTAB, names.finish())];

  const out = new ByteWriter();
  const body = new ByteWriter();
  const headBytes = recordBytes(ELF_HEADER) + file.segments.length * recordBytes(PROGRAM_HEADER);
  const offsets = sections.map((s, i) =>
    i === 0 ? 0 : placeSection(body, s, { before: headBytes, pageBytes: file.pageBytes }),
  );
  padTo(body, headBytes, 8);
  const sectionOffset = headBytes + body.length;

  writeFileHeader(out, file, { sectionOffset, sectionCount: sections.length });
  for (const segment of file.segments)
    writeSegment(out, segment, { sections, offsets, pageBytes: file.pageBytes });
  out.bytes(body.finish());
  sections.forEach((section, i) => {
    writeSectionHeader(out, extendedCounts(section, i, sections.length), {
      name: nameOffsets[i] ?? 0,
      offset: offsets[i] ?? 0,
    });
  });
  return out.finish();
}

function padTo(body: ByteWriter, before: number, alignment: number): void {
  while ((before + body.length) % alignment !== 0) body.u8(0);
}

// Writes the contents after `before` bytes of headers and returns their place in the file.
function placeSection(
  body: ByteWriter,
  section: ElfSection,
  { before, pageBytes }: { readonly before: number; readonly pageBytes: number },
): number {
  if (section.address !== 0n) {
    const wanted = Number(section.address % BigInt(pageBytes));
    const here = (before + body.length) % pageBytes;
    // Zeros that the file does not hold need no padding; their offset only has to be congruent.
    const gap = (wanted - here + pageBytes) % pageBytes;
    if (section.type === SHT.NOBITS) return before + body.length + gap;
    body.bytes(new Uint8Array(gap));
  } else {
    padTo(body, before, Math.max(1, section.alignment));
  }
  const offset = before + body.length;
  if (section.type !== SHT.NOBITS) body.bytes(section.bytes);
  return offset;
}

function writeFileHeader(
  out: ByteWriter,
  file: ElfFile,
  at: { readonly sectionOffset: number; readonly sectionCount: number },
): void {
  const tooMany = at.sectionCount >= SHN.LORESERVE;
  writeRecord(out, ELF_HEADER, {
    magic: 0x464c457f,
    class: ELF_CLASS.bits64,
    data: ELF_DATA.little,
    identVersion: EV_CURRENT,
    osAbi: 0,
    abiVersion: 0,
    type: file.type,
    machine: file.machine,
    version: EV_CURRENT,
    entry: file.entry,
    programOffset: file.segments.length === 0 ? 0 : recordBytes(ELF_HEADER),
    sectionOffset: at.sectionOffset,
    flags: file.flags,
    headerBytes: recordBytes(ELF_HEADER),
    programEntryBytes: file.segments.length === 0 ? 0 : recordBytes(PROGRAM_HEADER),
    programCount: file.segments.length,
    sectionEntryBytes: recordBytes(SECTION_HEADER),
    sectionCount: tooMany ? 0 : at.sectionCount,
    sectionNames: tooMany ? SHN.XINDEX : at.sectionCount - 1,
  });
}

// Counts that do not fit the file header live in section 0.
function extendedCounts(section: ElfSection, index: number, count: number): ElfSection {
  if (index !== 0 || count < SHN.LORESERVE) return section;
  return { ...section, sizeBytes: count, link: count - 1 };
}

function writeSegment(
  out: ByteWriter,
  segment: ElfSegment,
  table: {
    readonly sections: readonly ElfSection[];
    readonly offsets: readonly number[];
    readonly pageBytes: number;
  },
): void {
  const first = table.sections[segment.first] ?? EMPTY_SECTION;
  const last = table.sections[segment.last] ?? EMPTY_SECTION;
  const covered = table.sections.slice(segment.first, segment.last + 1);
  const stored = covered.findLast((s) => s.type !== SHT.NOBITS);
  writeRecord(out, PROGRAM_HEADER, {
    type: segment.type,
    flags: segment.flags,
    offset: table.offsets[segment.first] ?? 0,
    address: first.address,
    physicalAddress: first.address,
    fileBytes: stored === undefined ? 0 : stored.address + BigInt(stored.sizeBytes) - first.address,
    memoryBytes: last.address + BigInt(last.sizeBytes) - first.address,
    alignment: first === EMPTY_SECTION ? 16 : table.pageBytes,
  });
}

function writeSectionHeader(
  out: ByteWriter,
  section: ElfSection,
  at: { readonly name: number; readonly offset: number },
): void {
  writeRecord(out, SECTION_HEADER, { ...section, name: at.name, offset: at.offset });
}
