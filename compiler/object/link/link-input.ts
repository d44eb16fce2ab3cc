// All sections and symbols of all inputs under one numbering, and what each symbol finally means.
// Relies on object-file.ts. Guarantees: `targets[object][symbol]` is the place that relocations refer to.

import type { ObjectFile, ObjectSection, ObjectSymbol } from "../object-file.ts";

/** A section of an input; `number` is its place in `LinkInput.sections`. */
export interface InputSection {
  readonly object: number;
  readonly number: number;
  readonly section: ObjectSection;
}

export type Target =
  | { readonly kind: "section"; readonly section: number; readonly offset: number }
  | { readonly kind: "absolute"; readonly value: bigint }
  /** A symbol that the layout defines (`_end`). */
  | { readonly kind: "boundary"; readonly name: BoundaryName }
  /** Nothing defines it; `weak`: that is fine and its address is 0. */
  | { readonly kind: "undefined"; readonly name: string; readonly weak: boolean };

/** Symbols that the linker defines if somebody refers to them and nobody else defines them. */
export const BOUNDARY_NAMES = [
  "__executable_start",
  "etext",
  "_etext",
  "__init_array_start",
  "__init_array_end",
  "__fini_array_start",
  "__fini_array_end",
  "__preinit_array_start",
  "__preinit_array_end",
  "__data_start",
  "edata",
  "_edata",
  "__bss_start",
  "_end",
  "end",
  "__global_pointer$",
  "_GLOBAL_OFFSET_TABLE_",
] as const;
export type BoundaryName = (typeof BOUNDARY_NAMES)[number];

export interface LinkInput {
  readonly objects: readonly ObjectFile[];
  readonly sections: readonly InputSection[];
  /** Number of section 0 of each object. */
  readonly firstSection: readonly number[];
  readonly targets: readonly (readonly Target[])[];
}

/** Numbers all sections in the order of the inputs. */
export function numberSections(objects: readonly ObjectFile[]): Pick<LinkInput, "sections" | "firstSection"> {
  const sections: InputSection[] = [];
  const firstSection = objects.map((object, index) => {
    const first = sections.length;
    for (const section of object.sections) {
      sections.push({ object: index, number: sections.length, section });
    }
    return first;
  });
  return { sections, firstSection };
}

// The function of `section` that covers `offset`, as its author calls it; null if no symbol does.
function functionAt(input: LinkInput, section: InputSection, offset: number): string | null {
  const own = section.number - (input.firstSection[section.object] ?? 0);
  const covers = (symbol: ObjectSymbol): boolean =>
    symbol.type === "function" &&
    symbol.place.kind === "section" &&
    symbol.place.section === own &&
    symbol.place.offset <= offset &&
    (offset < symbol.place.offset + symbol.sizeBytes || symbol.sizeBytes === 0);
  const found = input.objects[section.object]?.symbols.find(covers);
  return found === undefined ? null : (found.sourceName ?? found.name);
}

/** Words for messages: the function if one covers the place, else section and offset; then the file. */
export function placeText(input: LinkInput, section: InputSection, offset: number): string {
  const file = input.objects[section.object]?.name ?? "";
  const name = functionAt(input, section, offset);
  return name === null ? `${file} (${section.section.name}+${String(offset)})` : `\`${name}\` of ${file}`;
}
