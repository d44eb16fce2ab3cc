// Honours alignment relocations (R_RISCV_ALIGN): assemblers that leave relaxation to the linker fill alignments with the
// most padding that may be needed, and the linker removes the surplus. We do not relax otherwise, so each section can be
// done by itself.
//
// Relies on the machine's padding. Guarantees: symbols, sizes, relocations and line rows follow the moved code.

import { fillPadding, type MachineFormat } from "../machine/machine-format.ts";
import type { ObjectFile, ObjectSection, ObjectSymbol } from "../object-file.ts";

/** Bytes `at .. at + count` of the old section go away. */
interface Cut {
  readonly at: number;
  readonly count: number;
}

/** The object with surplus padding removed. */
export function alignCode(object: ObjectFile, machine: MachineFormat): ObjectFile {
  if (machine.alignmentRelocation === null) return object;
  const cuts = object.sections.map((section) => surplusPadding(section, machine));
  if (cuts.every((list) => list.length === 0)) return object;
  return {
    ...object,
    sections: object.sections.map((section, i) => cutSection(section, cuts[i] ?? [], machine)),
    symbols: object.symbols.map((symbol) => cutSymbol(symbol, cuts)),
  };
}

// The addend is the padding's length; code after it wants the next power of two above that.
function surplusPadding(section: ObjectSection, machine: MachineFormat): readonly Cut[] {
  const cuts: Cut[] = [];
  let removed = 0;
  for (const relocation of section.relocations) {
    if (relocation.type !== machine.alignmentRelocation) continue;
    const padding = Number(relocation.addend);
    let alignment = 1;
    while (alignment <= padding) alignment *= 2;
    const here = relocation.offset - removed;
    const needed = (alignment - (here % alignment)) % alignment;
    const count = padding - needed;
    if (count > 0) cuts.push({ at: relocation.offset + needed, count });
    removed += Math.max(0, count);
  }
  return cuts;
}

function moved(offset: number, cuts: readonly Cut[]): number {
  let result = offset;
  for (const cut of cuts) {
    if (cut.at >= offset) break;
    result -= Math.min(cut.count, offset - cut.at);
  }
  return result;
}

function cutSection(section: ObjectSection, cuts: readonly Cut[], machine: MachineFormat): ObjectSection {
  if (cuts.length === 0) return section;
  const bytes = new Uint8Array(moved(section.bytes.length, cuts));
  let from = 0;
  for (const cut of [...cuts, { at: section.bytes.length, count: 0 }]) {
    bytes.set(section.bytes.subarray(from, cut.at), moved(from, cuts));
    from = cut.at + cut.count;
  }
  repairPadding(section, bytes, { cuts, machine });
  return {
    ...section,
    bytes,
    sizeBytes: bytes.length,
    relocations: section.relocations.map((r) => ({ ...r, offset: moved(r.offset, cuts) })),
    lines: section.lines.map((row) => ({ ...row, offset: moved(row.offset, cuts) })),
  };
}

// What is left of a padding may have been cut through an instruction: fill it with whole ones.
function repairPadding(
  section: ObjectSection,
  bytes: Uint8Array,
  { cuts, machine }: { readonly cuts: readonly Cut[]; readonly machine: MachineFormat },
): void {
  for (const relocation of section.relocations) {
    if (relocation.type !== machine.alignmentRelocation) continue;
    const start = moved(relocation.offset, cuts);
    const end = moved(relocation.offset + Number(relocation.addend), cuts);
    fillPadding(bytes.subarray(start, end), machine.padding);
  }
}

function cutSymbol(symbol: ObjectSymbol, cuts: readonly (readonly Cut[])[]): ObjectSymbol {
  if (symbol.place.kind !== "section") return symbol;
  const list = cuts[symbol.place.section] ?? [];
  if (list.length === 0) return symbol;
  const offset = moved(symbol.place.offset, list);
  const end = moved(symbol.place.offset + symbol.sizeBytes, list);
  return { ...symbol, place: { ...symbol.place, offset }, sizeBytes: end - offset };
}
