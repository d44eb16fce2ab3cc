// Symbol resolution: which definition each name means. Strong definitions beat weak ones, two strong ones are an error,
// common symbols are merged into one zeroed section. Relies on link-input.ts.

import { diagnose, type Checked, type Diagnostic } from "../../source/diagnostic.ts";
import { NO_SPAN } from "../../source/span.ts";
import type { ObjectFile, ObjectSymbol } from "../object-file.ts";
import { SECTION_FLAGS } from "../object-file.ts";
import {
  BOUNDARY_NAMES,
  numberSections,
  type BoundaryName,
  type LinkInput,
  type Target,
} from "./link-input.ts";

interface Definition {
  readonly object: number;
  readonly symbol: ObjectSymbol;
}

// Names by which objects see each other.
type GlobalNames = ReadonlyMap<string, Definition>;

/** Resolves every symbol of every object. Undefined ones stay: only those that live code needs are errors. */
export function resolve(objects: readonly ObjectFile[]): Checked<LinkInput> {
  const all = [...objects, ...commonObject(objects)];
  const diagnostics: Diagnostic[] = [];
  const names = collectNames(all, diagnostics);
  const numbering = numberSections(all);
  const targets = all.map((object, index) =>
    object.symbols.map((symbol): Target => {
      const found = symbol.binding === "local" ? { object: index, symbol } : names.get(symbol.name);
      return targetOf(symbol, found, numbering.firstSection);
    }),
  );
  return { value: { objects: all, ...numbering, targets }, diagnostics };
}

function collectNames(objects: readonly ObjectFile[], diagnostics: Diagnostic[]): GlobalNames {
  const names = new Map<string, Definition>();
  objects.forEach((object, index) => {
    for (const symbol of object.symbols) {
      if (symbol.binding === "local" || !isDefinition(symbol)) continue;
      const earlier = names.get(symbol.name);
      if (earlier === undefined || (earlier.symbol.binding === "weak" && symbol.binding === "global")) {
        names.set(symbol.name, { object: index, symbol });
      } else if (earlier.symbol.binding === "global" && symbol.binding === "global") {
        const first = objects[earlier.object]?.name ?? "";
        diagnostics.push(diagnose("L0203", NO_SPAN, { symbol: symbol.name, first, second: object.name }));
      }
    }
  });
  return names;
}

function isDefinition(symbol: ObjectSymbol): boolean {
  return symbol.place.kind === "section" || symbol.place.kind === "absolute";
}

function targetOf(
  symbol: ObjectSymbol,
  found: Definition | undefined,
  firstSection: readonly number[],
): Target {
  const place = found?.symbol.place;
  if (found !== undefined && place?.kind === "section") {
    return {
      kind: "section",
      section: (firstSection[found.object] ?? 0) + place.section,
      offset: place.offset,
    };
  }
  if (place?.kind === "absolute") return { kind: "absolute", value: place.value };
  // Number 0 of an ELF symbol table: no symbol at all.
  if (symbol.name === "" && symbol.binding === "local") return { kind: "absolute", value: 0n };
  const boundary = BOUNDARY_NAMES.find((name): name is BoundaryName => name === symbol.name);
  if (boundary !== undefined) return { kind: "boundary", name: boundary };
  return { kind: "undefined", name: symbol.name, weak: symbol.binding === "weak" };
}

// Common symbols that nobody defines become one object with a zeroed section; the largest size wins.
function commonObject(objects: readonly ObjectFile[]): readonly ObjectFile[] {
  const defined = new Set<string>();
  const common = new Map<string, { size: number; alignment: number }>();
  for (const object of objects) {
    for (const symbol of object.symbols) {
      if (symbol.binding === "global" && isDefinition(symbol)) defined.add(symbol.name);
      if (symbol.place.kind !== "common") continue;
      const known = common.get(symbol.name) ?? { size: 0, alignment: 1 };
      const alignment = Math.max(known.alignment, symbol.place.alignment);
      common.set(symbol.name, { size: Math.max(known.size, symbol.sizeBytes), alignment });
    }
  }
  const wanted = [...common].filter(([name]) => !defined.has(name));
  const [first] = objects;
  if (wanted.length === 0 || first === undefined) return [];
  let size = 0;
  const symbols = wanted.map(([name, c], i): ObjectSymbol => {
    const place = { kind: "section", section: i, offset: 0 } as const;
    size += c.size;
    return { name, place, sizeBytes: c.size, binding: "global", type: "object" };
  });
  const sections = wanted.map(([name, c]) => ({
    name: `.bss.${name}`,
    kind: "nobits" as const,
    flags: SECTION_FLAGS.data,
    alignment: c.alignment,
    bytes: new Uint8Array(0),
    sizeBytes: c.size,
    relocations: [],
    lines: [],
    frames: [],
  }));
  return [{ ...first, name: `common symbols (${String(size)} bytes)`, sections, symbols }];
}
