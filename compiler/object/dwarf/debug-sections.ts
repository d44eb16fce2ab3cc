// Adds debugging tables to an object that has line rows: what gdb, addr2line and objdump read.
// Relies on the writers beside it. Guarantees: the object's own sections and symbols keep their numbers.

import { machineNamed } from "../machine/machine-named.ts";
import type { ObjectFile, ObjectSection, ObjectSymbol } from "../object-file.ts";
import { mapCode } from "./code-map.ts";
import { TableWriter } from "./table-writer.ts";
import { writeFrames } from "./write-frame.ts";
import {
  SECTION_LABELS,
  writeAbbreviations,
  writeAddressRanges,
  writeInfo,
  writeRanges,
  type UnitAbout,
} from "./write-info.ts";
import { writeLines } from "./write-line.ts";

/** The object with debugging sections; the same object if it has no line rows or has such sections already. */
export function withDebugSections(object: ObjectFile, about: UnitAbout): ObjectFile {
  const map = mapCode(object);
  const hasTables = object.sections.some((s) => s.name.startsWith(".debug_"));
  if (map.sections.length === 0 || hasTables) return object;
  const machine = machineNamed(object.machine);
  const symbols: ObjectSymbol[] = [...object.symbols, ...map.made];
  const numbers = new Map(symbols.map((symbol, i) => [symbol.name, i]));
  const symbol = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, symbols.length);
    symbols.push({ name, place: { kind: "undefined" }, sizeBytes: 0, binding: "local", type: "none" });
    return symbols.length - 1;
  };
  const table = (): TableWriter => new TableWriter(machine.addressRelocations, symbol);
  const [info, abbreviations, strings, lines, ranges, addresses, frames] = [
    table(),
    table(),
    table(),
    table(),
    table(),
    table(),
    table(),
  ] as const;
  writeInfo(info, strings, map, about);
  writeAbbreviations(abbreviations);
  writeLines(lines, map);
  writeRanges(ranges, map);
  writeAddressRanges(addresses, map);
  writeFrames(frames, map, machine.frameRegisters);
  const sections: readonly ObjectSection[] = [
    info.finish(".debug_info"),
    abbreviations.finish(".debug_abbrev"),
    strings.finish(".debug_str"),
    lines.finish(".debug_line"),
    ranges.finish(".debug_ranges", 16),
    addresses.finish(".debug_aranges", 16),
    frames.finish(".debug_frame", 8),
  ];
  const first = object.sections.length;
  const placed = symbols.map((s) => labelOf(s, sections, first));
  return { ...object, sections: [...object.sections, ...sections], symbols: placed };
}

// A section's label, made when something referred to it, gets its place now.
function labelOf(symbol: ObjectSymbol, sections: readonly ObjectSection[], first: number): ObjectSymbol {
  const found = Object.entries(SECTION_LABELS).find(([, label]) => label === symbol.name);
  const index = sections.findIndex((s) => s.name === found?.[0]);
  if (index < 0) return symbol;
  return { ...symbol, place: { kind: "section", section: first + index, offset: 0 } };
}
