// What the debugging tables describe: the code sections of an object with their functions, rows and frames.
// Relies on object-file.ts. Guarantees: every code section has a symbol at its start (`start`).

import type { FrameTable, LineRow, ObjectFile, ObjectSymbol } from "../object-file.ts";

export interface MappedFunction {
  /** As the user calls it. */
  readonly name: string;
  readonly isGlobal: boolean;
  /** Offset in the section. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly declared: { readonly file: string; readonly line: number } | null;
}

export interface MappedSection {
  /** A symbol at offset 0. */
  readonly start: string;
  readonly sizeBytes: number;
  readonly functions: readonly MappedFunction[];
  readonly lines: readonly LineRow[];
  readonly frames: readonly FrameTable[];
}

export interface CodeMap {
  readonly sections: readonly MappedSection[];
  /** Symbols that had to be made for `start`. */
  readonly made: readonly ObjectSymbol[];
  /** Files of all rows, first use first. */
  readonly files: readonly string[];
}

/** The map of an object's code; sections without line rows are left out. */
export function mapCode(object: ObjectFile): CodeMap {
  const made: ObjectSymbol[] = [];
  const bySection = symbolsBySection(object);
  const sections: MappedSection[] = [];
  const occurrences = new Map<string, number>();
  for (const { name } of object.symbols) occurrences.set(name, (occurrences.get(name) ?? 0) + 1);
  object.sections.forEach((section, index) => {
    if (!section.flags.exec || section.lines.length === 0) return;
    const symbols = bySection.get(index) ?? [];
    const own = symbols.find((s) => isStart(s) && occurrences.get(s.name) === 1);
    const start = own?.name ?? `.Lcode${String(index)}`;
    if (own === undefined) {
      const place = { kind: "section", section: index, offset: 0 } as const;
      made.push({ name: start, place, sizeBytes: 0, binding: "local", type: "none" });
    }
    const functions = functionsOf(symbols, section.lines);
    sections.push({
      start,
      sizeBytes: section.sizeBytes,
      functions,
      lines: section.lines,
      frames: section.frames,
    });
  });
  const files = new Set(sections.flatMap((s) => [...s.lines.map((row) => row.file), ...declaringFiles(s)]));
  return { sections, made, files: [...files] };
}

// A symbol that the tables may refer to by its name; mapping symbols are no such, because many have one name.
function isStart(symbol: ObjectSymbol): boolean {
  return offsetOf(symbol) === 0 && symbol.binding === "local" && symbol.type !== "section";
}

function declaringFiles(section: MappedSection): readonly string[] {
  return section.functions.flatMap((f) => (f.declared === null ? [] : [f.declared.file]));
}

function symbolsBySection(object: ObjectFile): ReadonlyMap<number, readonly ObjectSymbol[]> {
  const groups = new Map<number, ObjectSymbol[]>();
  for (const symbol of object.symbols) {
    if (symbol.place.kind !== "section") continue;
    const list = groups.get(symbol.place.section);
    if (list === undefined) groups.set(symbol.place.section, [symbol]);
    else list.push(symbol);
  }
  return groups;
}

function offsetOf(symbol: ObjectSymbol): number {
  return symbol.place.kind === "section" ? symbol.place.offset : 0;
}

// One entry for each place: the symbol with the source's name wins, and any global one makes it visible.
function functionsOf(symbols: readonly ObjectSymbol[], lines: readonly LineRow[]): readonly MappedFunction[] {
  const found = new Map<number, MappedFunction>();
  for (const symbol of symbols) {
    if (symbol.type !== "function" || symbol.sizeBytes === 0) continue;
    const offset = offsetOf(symbol);
    const known = found.get(offset);
    const isGlobal = symbol.binding !== "local" || known?.isGlobal === true;
    if (known !== undefined) {
      found.set(offset, { ...known, isGlobal });
      continue;
    }
    const declared = symbol.declared ?? lines.findLast((row) => row.offset <= offset) ?? null;
    const name = symbol.sourceName ?? symbol.name;
    found.set(offset, { name, isGlobal, offset, sizeBytes: symbol.sizeBytes, declared });
  }
  return [...found.values()].sort((a, b) => a.offset - b.offset);
}
