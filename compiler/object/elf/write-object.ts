// An ObjectFile as a relocatable ELF file for other people's linkers. Relies on check-object's guarantees.
// Debugging sections are ordinary sections here; dwarf/debug-sections.ts makes them.

import { ET, RELA_ENTRY, recordBytes, SHF, SHN, SHT } from "../../../spec/abi/elf.ts";
import { ByteWriter } from "../byte-writer.ts";
import { machineNamed } from "../machine/machine-named.ts";
import type { ObjectFile, ObjectSection, ObjectSymbol, SectionKind } from "../object-file.ts";
import { symbolTable, type ElfSymbol } from "./symbol-table.ts";
import { elfSection, type ElfSection } from "./elf-section.ts";
import { writeElf, writeRecord } from "./write-elf.ts";

// sh_type by our kind; `other` sections are stored as plain data.
const SECTION_TYPES: Readonly<Record<SectionKind, number>> = {
  progbits: SHT.PROGBITS,
  nobits: SHT.NOBITS,
  note: SHT.NOTE,
  initArray: SHT.INIT_ARRAY,
  finiArray: SHT.FINI_ARRAY,
  preinitArray: SHT.PREINIT_ARRAY,
  other: SHT.PROGBITS,
};

/** The file's bytes. */
export function writeObject(object: ObjectFile): Uint8Array {
  const contents = object.sections.map(contentSection);
  const { attributes, elfMachine } = machineNamed(object.machine);
  if (object.architecture !== null && attributes !== null) {
    contents.push(elfSection(attributes.section, attributes.type, attributes.write(object.architecture)));
  }
  const related = object.sections.map((s, i) => ({ section: s, number: i + 1 })).filter(hasRelocations);
  const symbolsAt = 1 + contents.length + related.length;
  const table = symbolTable(object.symbols.map(fileSymbol), symbolsAt);
  const relocations = related.map(({ section, number }) =>
    elfSection(`.rela${section.name}`, SHT.RELA, relocationBytes(section, table.indexOf), {
      flags: SHF.INFO_LINK,
      link: symbolsAt,
      info: number,
      alignment: 8,
      entryBytes: recordBytes(RELA_ENTRY),
    }),
  );
  return writeElf({
    type: ET.REL,
    machine: elfMachine,
    flags: object.flags,
    entry: 0n,
    sections: [...contents, ...relocations, ...table.sections],
    segments: [],
    pageBytes: 1,
  });
}

function hasRelocations(s: { readonly section: ObjectSection }): boolean {
  return s.section.relocations.length > 0;
}

// sh_flags of a section.
function sectionFlagBits(section: Pick<ObjectSection, "flags">): number {
  const { alloc, write, exec, retain } = section.flags;
  const bits = [
    alloc && SHF.ALLOC,
    write && SHF.WRITE,
    exec && SHF.EXECINSTR,
    retain === true && SHF.GNU_RETAIN,
  ];
  return bits.reduce<number>((sum, bit) => sum + (bit === false ? 0 : bit), 0);
}

function contentSection(section: ObjectSection): ElfSection {
  return elfSection(section.name, SECTION_TYPES[section.kind], section.bytes, {
    flags: sectionFlagBits(section),
    sizeBytes: section.sizeBytes,
    alignment: section.alignment,
  });
}

function fileSymbol(symbol: ObjectSymbol): ElfSymbol {
  const { name, sizeBytes, binding, type } = symbol;
  const rest = { name, sizeBytes, binding, type, hidden: symbol.hidden ?? false };
  const { place } = symbol;
  switch (place.kind) {
    case "section":
      return { ...rest, section: place.section + 1, special: false, value: BigInt(place.offset) };
    case "absolute":
      return { ...rest, section: SHN.ABS, special: true, value: place.value };
    case "undefined":
      return { ...rest, section: SHN.UNDEF, special: true, value: 0n };
    case "common":
      return { ...rest, section: SHN.COMMON, special: true, value: BigInt(place.alignment) };
  }
}

function relocationBytes(section: ObjectSection, indexOf: readonly number[]): Uint8Array {
  const out = new ByteWriter();
  for (const r of section.relocations) {
    const symbol = indexOf[r.symbol] ?? 0;
    writeRecord(out, RELA_ENTRY, { offset: r.offset, type: r.type, symbol, addend: r.addend });
  }
  return out.finish();
}
