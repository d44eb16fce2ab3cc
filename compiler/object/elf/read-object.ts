// A relocatable ELF file (of ours, GNU as, gcc -c) as an ObjectFile for the linker.
// Relies on read-elf.ts. Guarantees: what check-object.ts demands, or one diagnostic that says why not.

import { ET, RELA_ENTRY, recordBytes, SHF, SHN, SHT } from "../../../spec/abi/elf.ts";
import type { Checked } from "../../source/diagnostic.ts";
import { ByteReader } from "../byte-reader.ts";
import { machineNamed } from "../machine/machine-named.ts";
import type {
  ObjectFile,
  ObjectMachine,
  ObjectSection,
  ObjectSymbol,
  Relocation,
  SectionKind,
  SymbolPlace,
} from "../object-file.ts";
import { malformed, readChecked } from "./malformed.ts";
import type { ElfSection } from "./elf-section.ts";
import { readElf, readRecord, type ReadElf, type ReadSymbol } from "./read-elf.ts";

// An object with nothing in it: what a caller gets beside the diagnostic.
function emptyObject(name: string, machine: ObjectMachine): ObjectFile {
  return { name, machine, flags: 0, architecture: null, sections: [], symbols: [] };
}

/** Reads the object called `name`, which must be for `machine`. */
export function readObject(bytes: Uint8Array, name: string, machine: ObjectMachine): Checked<ObjectFile> {
  return readChecked(emptyObject(name, machine), () => {
    const elf = readElf(bytes, name);
    if (elf.machine !== machine) malformed("L0103", { file: name, found: elf.machine });
    if (elf.type !== ET.REL)
      malformed("L0104", { file: name, expected: "an object", found: typeName(elf.type) });
    return objectOf(elf);
  });
}

// What an ELF file's type is called in messages.
function typeName(type: number): string {
  const names: Readonly<Record<number, string>> = {
    [ET.REL]: "an object",
    [ET.EXEC]: "a program",
    [ET.DYN]: "a shared object or position-independent program",
    [ET.CORE]: "a core dump",
  };
  return names[type] ?? `an ELF file of type ${String(type)}`;
}

const kinds = new Map<number, SectionKind>([
  [SHT.PROGBITS, "progbits"],
  [SHT.NOBITS, "nobits"],
  [SHT.NOTE, "note"],
  [SHT.INIT_ARRAY, "initArray"],
  [SHT.FINI_ARRAY, "finiArray"],
  [SHT.PREINIT_ARRAY, "preinitArray"],
]);

// Section types that describe the file itself; the linker makes its own.
const bookkeeping = new Set<number>([
  SHT.NULL,
  SHT.SYMTAB,
  SHT.STRTAB,
  SHT.RELA,
  SHT.REL,
  SHT.GROUP,
  SHT.SYMTAB_SHNDX,
]);

function objectOf(elf: ReadElf): ObjectFile {
  const numbers = new Map<number, number>();
  const format = machineNamed(elf.machine).attributes;
  const attributes = elf.sections.find((s) => s.type === format?.type);
  elf.sections.forEach((section, i) => {
    if (!bookkeeping.has(section.type) && section !== attributes) numbers.set(i, numbers.size);
  });
  const relocations = relocationsBySection(elf);
  const sections = [...numbers.keys()].map((number) => sectionOf(elf, number, relocations.get(number) ?? []));
  return {
    name: elf.name,
    machine: elf.machine,
    flags: elf.flags,
    architecture: attributes === undefined ? null : (format?.read(attributes.bytes) ?? null),
    sections,
    symbols: elf.symbols.map((symbol, i) => symbolOf(symbol, i, { elf, numbers })),
  };
}

function sectionOf(elf: ReadElf, number: number, relocations: readonly Relocation[]): ObjectSection {
  const section = elf.sections[number];
  if (section === undefined)
    malformed("L0106", { file: elf.name, what: `there is no section ${String(number)}` });
  if ((section.flags & SHF.COMPRESSED) !== 0) {
    malformed("L0106", {
      file: elf.name,
      what: `section \`${section.name}\` is compressed, which we do not read`,
    });
  }
  return {
    name: section.name,
    kind: kinds.get(section.type) ?? "other",
    flags: {
      alloc: (section.flags & SHF.ALLOC) !== 0,
      write: (section.flags & SHF.WRITE) !== 0,
      exec: (section.flags & SHF.EXECINSTR) !== 0,
      retain: (section.flags & SHF.GNU_RETAIN) !== 0,
    },
    alignment: section.alignment,
    bytes: section.bytes,
    sizeBytes: section.sizeBytes,
    relocations,
    lines: [],
    frames: [],
  };
}

function symbolOf(
  symbol: ReadSymbol,
  index: number,
  at: { readonly elf: ReadElf; readonly numbers: ReadonlyMap<number, number> },
): ObjectSymbol {
  const { name, sizeBytes, binding, type, hidden } = symbol;
  const place = placeOf(symbol, index, at);
  return { name, sizeBytes, binding, type: type === "common" ? "object" : type, hidden, place };
}

function placeOf(
  symbol: ReadSymbol,
  index: number,
  at: { readonly elf: ReadElf; readonly numbers: ReadonlyMap<number, number> },
): SymbolPlace {
  if (symbol.section === SHN.ABS) return { kind: "absolute", value: symbol.value };
  if (symbol.section === SHN.UNDEF) return { kind: "undefined" };
  if (symbol.section === SHN.COMMON) return { kind: "common", alignment: Math.max(1, Number(symbol.value)) };
  const section = at.numbers.get(symbol.section);
  // A symbol of a section that describes the file: nothing that is linked can refer to it.
  if (section === undefined) return { kind: "undefined" };
  const offset = Number(symbol.value);
  const size = at.elf.sections[symbol.section]?.sizeBytes ?? 0;
  if (offset > size) {
    const what = `symbol ${String(index)} (\`${symbol.name}\`) is at ${String(offset)} of a section of ${String(size)} bytes`;
    malformed("L0106", { file: at.elf.name, what });
  }
  return { kind: "section", section, offset };
}

function relocationsBySection(elf: ReadElf): ReadonlyMap<number, readonly Relocation[]> {
  const all = new Map<number, Relocation[]>();
  elf.sections.forEach((table, number) => {
    if (table.type === SHT.REL) {
      malformed("L0106", {
        file: elf.name,
        what: `section ${String(number)} holds relocations without addends`,
      });
    }
    if (table.type !== SHT.RELA) return;
    const target = elf.sections[table.info];
    if (target === undefined || bookkeeping.has(target.type)) {
      malformed("L0106", {
        file: elf.name,
        what: `section ${String(number)} relocates section ${String(table.info)}`,
      });
    }
    all.set(table.info, [...(all.get(table.info) ?? []), ...readRelocations(elf, table, target)]);
  });
  return all;
}

function readRelocations(elf: ReadElf, table: ElfSection, target: ElfSection): readonly Relocation[] {
  const size = recordBytes(RELA_ENTRY);
  const reader = new ByteReader(table.bytes, elf.name, `relocations of \`${target.name}\``);
  const list = Array.from({ length: Math.floor(reader.length / size) }, (_, i): Relocation => {
    const h = readRecord(reader.window(i * size, size, `relocation ${String(i)}`), RELA_ENTRY);
    const offset = Number(h("offset"));
    const symbol = Number(h("symbol"));
    if (offset > target.sizeBytes || symbol >= Math.max(1, elf.symbols.length)) {
      const what = `relocation ${String(i)} of \`${target.name}\` is at ${String(offset)} with symbol ${String(symbol)}`;
      malformed("L0106", { file: elf.name, what });
    }
    return { offset, type: Number(h("type")), symbol, addend: BigInt.asIntN(64, h("addend")) };
  });
  return list.sort((a, b) => a.offset - b.offset);
}
