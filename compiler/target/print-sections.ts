// Sections without code as assembly: zeroed data with its symbols, and debugging tables with their references.
// Relies on object-file.ts. `.debug_line` and `.debug_frame` are left to the assembler, which makes them from directives.

import { SECTION_LABELS } from "../object/dwarf/write-info.ts";
import { machineNamed } from "../object/machine/machine-named.ts";
import { relocationBytes } from "../object/machine/machine-format.ts";
import type { ObjectFile, ObjectSection, ObjectSymbol } from "../object/object-file.ts";

const INDENT = "    ";
const BYTES_PER_LINE = 16;

/** The program's zeroed sections with the symbols in them. */
export function printDataSections(object: ObjectFile): readonly string[] {
  return object.sections.flatMap((section, index) => {
    if (section.kind !== "nobits") return [];
    const lines = [
      `${INDENT}.section ${section.name},"aw",@nobits`,
      `${INDENT}.balign ${String(section.alignment)}`,
    ];
    let at = 0;
    for (const { symbol, offset } of symbolsIn(object, index)) {
      if (offset > at) lines.push(`${INDENT}.skip ${String(offset - at)}`);
      at = offset;
      if (symbol.binding === "global") lines.push(`${INDENT}.globl ${symbol.name}`);
      lines.push(`${INDENT}.type ${symbol.name}, @object`);
      lines.push(`${INDENT}.size ${symbol.name}, ${String(symbol.sizeBytes)}`, `${symbol.name}:`);
    }
    if (section.sizeBytes > at) lines.push(`${INDENT}.skip ${String(section.sizeBytes - at)}`);
    return lines;
  });
}

interface PlacedSymbol {
  readonly symbol: ObjectSymbol;
  readonly offset: number;
}

function symbolsIn(object: ObjectFile, section: number): readonly PlacedSymbol[] {
  return object.symbols
    .flatMap((symbol): readonly PlacedSymbol[] =>
      symbol.place.kind === "section" && symbol.place.section === section
        ? [{ symbol, offset: symbol.place.offset }]
        : [],
    )
    .sort((a, b) => a.offset - b.offset);
}

const fromDirectives = new Set([".debug_line", ".debug_frame"]);

/** The debugging tables that the assembler does not make itself. */
export function printDebugSections(object: ObjectFile): readonly string[] {
  const tables = object.sections.filter((s) => s.name.startsWith(".debug_") && !fromDirectives.has(s.name));
  if (tables.length === 0) return [];
  const lineLabel = `${SECTION_LABELS[".debug_line"]}:`;
  return [
    ...tables.flatMap((section) => printTable(object, section)),
    `${INDENT}.section .debug_line,"",@progbits`,
    lineLabel,
  ];
}

const STRINGS = ".debug_str";

function printTable(object: ObjectFile, section: ObjectSection): readonly string[] {
  if (section.name === STRINGS) return printStrings(section);
  const label = Object.entries(SECTION_LABELS).find(([name]) => name === section.name)?.[1];
  const lines = [`${INDENT}.section ${section.name},"",@progbits`];
  if (label !== undefined) lines.push(`${label}:`);
  let at = 0;
  for (const relocation of [...section.relocations, null]) {
    const end = relocation === null ? section.bytes.length : relocation.offset;
    lines.push(...byteLines(section.bytes.subarray(at, end)));
    if (relocation === null) break;
    const bytes = relocationBytes(machineNamed(object.machine), relocation.type);
    const symbol = object.symbols[relocation.symbol]?.name ?? "0";
    const addend = String(relocation.addend);
    const place = symbol === SECTION_LABELS[STRINGS] ? `${symbol}.${addend}` : `${symbol}+${addend}`;
    lines.push(`${INDENT}.${String(bytes)}byte ${place}`);
    at = end + bytes;
  }
  return lines;
}

// Linkers merge equal strings (LLVM's assembler insists on the flags for it), so each has a label of its own.
function printStrings({ bytes }: ObjectSection): readonly string[] {
  const lines = [`${INDENT}.section ${STRINGS},"MS",@progbits,1`];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0, at) + 1;
    lines.push(`${SECTION_LABELS[STRINGS]}.${String(at)}:`, ...byteLines(bytes.subarray(at, end)));
    at = end;
  }
  return lines;
}

function byteLines(bytes: Uint8Array): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const row = [...bytes.subarray(at, at + BYTES_PER_LINE)].map((b) => `0x${b.toString(16)}`);
    lines.push(`${INDENT}.byte ${row.join(",")}`);
  }
  return lines;
}
