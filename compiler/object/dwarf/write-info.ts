// `.debug_info` and its companions: one compile unit with its functions, enough for breakpoints, listings and
// backtraces by name. DWARF 4, chapters 3 and 7. Relies on table-writer.ts.

import {
  ARANGES_VERSION,
  DW_AT,
  DW_CHILDREN,
  DW_FORM,
  DW_LANG_C99,
  DW_OP_call_frame_cfa,
  DW_TAG,
  DWARF_VERSION,
} from "../../../spec/abi/dwarf.ts";
import type { CodeMap, MappedFunction } from "./code-map.ts";
import { fileNumbers } from "./write-line.ts";
import type { TableWriter } from "./table-writer.ts";

/** Labels at the starts of the sections that `.debug_info` refers to. */
export const SECTION_LABELS = {
  ".debug_abbrev": ".Ldebug_abbrev0",
  ".debug_info": ".Ldebug_info0",
  ".debug_line": ".Ldebug_line0",
  ".debug_str": ".Ldebug_str0",
  ".debug_ranges": ".Ldebug_ranges0",
  ".debug_frame": ".Ldebug_frame0",
} as const;

export interface UnitAbout {
  /** Name and version of the compiler. */
  readonly producer: string;
  /** The folder that file names start from; empty: as they are. */
  readonly folder: string;
}

const abbreviation = { unit: 1, localFunction: 2, globalFunction: 3 } as const;

type Attribute = readonly [attribute: number, form: number];

const functionAttributes: readonly Attribute[] = [
  [DW_AT.name, DW_FORM.strp],
  [DW_AT.decl_file, DW_FORM.udata],
  [DW_AT.decl_line, DW_FORM.udata],
  [DW_AT.low_pc, DW_FORM.addr],
  [DW_AT.high_pc, DW_FORM.data8],
  [DW_AT.frame_base, DW_FORM.exprloc],
];
const unitAttributes: readonly Attribute[] = [
  [DW_AT.producer, DW_FORM.strp],
  [DW_AT.language, DW_FORM.data2],
  [DW_AT.name, DW_FORM.strp],
  [DW_AT.comp_dir, DW_FORM.strp],
  [DW_AT.low_pc, DW_FORM.addr],
  [DW_AT.ranges, DW_FORM.sec_offset],
  [DW_AT.stmt_list, DW_FORM.sec_offset],
];

/** Writes `.debug_abbrev`: the shapes of the entries below. */
export function writeAbbreviations({ out }: TableWriter): void {
  const declare = (code: number, tag: number, children: number, attributes: readonly Attribute[]): void => {
    out.uleb(code);
    out.uleb(tag);
    out.u8(children);
    for (const [attribute, form] of [...attributes, [0, 0] as const]) {
      out.uleb(attribute);
      out.uleb(form);
    }
  };
  declare(abbreviation.unit, DW_TAG.compile_unit, DW_CHILDREN.yes, unitAttributes);
  declare(abbreviation.localFunction, DW_TAG.subprogram, DW_CHILDREN.no, functionAttributes);
  const external: Attribute = [DW_AT.external, DW_FORM.flag_present];
  declare(abbreviation.globalFunction, DW_TAG.subprogram, DW_CHILDREN.no, [...functionAttributes, external]);
  out.u8(0);
}

/** Writes `.debug_info`, with its strings to `strings`. */
export function writeInfo(table: TableWriter, strings: TableWriter, map: CodeMap, about: UnitAbout): void {
  const { out } = table;
  const known = new Map<string, number>();
  const text = (value: string): void => {
    const at = known.get(value) ?? strings.out.length;
    if (!known.has(value)) {
      known.set(value, at);
      strings.out.string(value);
    }
    table.reference(SECTION_LABELS[".debug_str"], at, 4);
  };
  const files = fileNumbers(map);
  table.counted(() => {
    out.u16(DWARF_VERSION);
    table.reference(SECTION_LABELS[".debug_abbrev"], 0, 4);
    out.u8(8);
    out.uleb(abbreviation.unit);
    text(about.producer);
    out.u16(DW_LANG_C99);
    text(map.files[0] ?? "");
    text(about.folder);
    out.u64(0);
    table.reference(SECTION_LABELS[".debug_ranges"], 0, 4);
    table.reference(SECTION_LABELS[".debug_line"], 0, 4);
    for (const section of map.sections) {
      for (const entry of section.functions) {
        writeFunction(table, text, {
          entry,
          start: section.start,
          file: files.get(entry.declared?.file ?? "") ?? 1,
        });
      }
    }
    out.u8(0);
  });
}

function writeFunction(
  table: TableWriter,
  text: (value: string) => void,
  about: { readonly entry: MappedFunction; readonly start: string; readonly file: number },
): void {
  const { out } = table;
  const { entry } = about;
  out.uleb(entry.isGlobal ? abbreviation.globalFunction : abbreviation.localFunction);
  text(entry.name);
  out.uleb(about.file);
  out.uleb(entry.declared?.line ?? 0);
  table.reference(about.start, entry.offset, 8);
  out.u64(entry.sizeBytes);
  out.uleb(1);
  out.u8(DW_OP_call_frame_cfa);
}

/** Writes `.debug_ranges`: the pieces of memory that the unit covers. */
export function writeRanges(table: TableWriter, map: CodeMap): void {
  for (const section of map.sections) {
    table.reference(section.start, 0, 8);
    table.reference(section.start, section.sizeBytes, 8);
  }
  table.out.u64(0);
  table.out.u64(0);
}

/** Writes `.debug_aranges`: from addresses to the unit. */
export function writeAddressRanges(table: TableWriter, map: CodeMap): void {
  const { out } = table;
  table.counted(() => {
    out.u16(ARANGES_VERSION);
    table.reference(SECTION_LABELS[".debug_info"], 0, 4);
    out.u8(8);
    out.u8(0);
    // Entries start at a multiple of their size from the table's start.
    out.align(16);
    for (const section of map.sections) {
      table.reference(section.start, 0, 8);
      out.u64(section.sizeBytes);
    }
    out.u64(0);
    out.u64(0);
  });
}
