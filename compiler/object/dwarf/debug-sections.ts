// Adds debugging tables to an object that has line rows: what gdb, addr2line and objdump read.
// Relies on the writers beside it. Guarantees: the object's own sections and symbols keep their numbers.

import { R_RISCV } from "../../../spec/abi/elf-riscv64.ts";
import { riscv64Calls } from "../../../spec/abi/riscv64-calls.ts";
import type { ObjectFile, ObjectMachine, ObjectSection, ObjectSymbol } from "../object-file.ts";
import { mapCode } from "./code-map.ts";
import { TableWriter, type DataRelocations } from "./table-writer.ts";
import { writeFrames, type FrameRegisters } from "./write-frame.ts";
import {
  SECTION_LABELS,
  writeAbbreviations,
  writeAddressRanges,
  writeInfo,
  writeRanges,
  type UnitAbout,
} from "./write-info.ts";
import { writeLines } from "./write-line.ts";

interface MachineTables {
  readonly relocations: DataRelocations;
  readonly registers: FrameRegisters;
}

const machines: Readonly<Partial<Record<ObjectMachine, MachineTables>>> = {
  riscv64: { relocations: { 4: R_RISCV[32], 8: R_RISCV[64] }, registers: riscv64Calls },
};

/** The object with debugging sections; the same object if it has no line rows or has such sections already. */
export function withDebugSections(object: ObjectFile, about: UnitAbout): ObjectFile {
  const machine = machines[object.machine];
  const map = mapCode(object);
  const hasTables = object.sections.some((s) => s.name.startsWith(".debug_"));
  if (machine === undefined || map.sections.length === 0 || hasTables) return object;
  const symbols: ObjectSymbol[] = [...object.symbols, ...map.made];
  const numbers = new Map(symbols.map((symbol, i) => [symbol.name, i]));
  const symbol = (name: string): number => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, symbols.length);
    symbols.push({ name, place: { kind: "undefined" }, sizeBytes: 0, binding: "local", type: "none" });
    return symbols.length - 1;
  };
  const table = (): TableWriter => new TableWriter(machine.relocations, symbol);
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
  writeFrames(frames, map, machine.registers);
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
