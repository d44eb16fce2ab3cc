// Offsets: how long every item is, so that every branch reaches. Relies on assembly-unit.ts.
// Guarantees: branches only ever grow, so this ends; offsets are exact for the chosen variants.

import type { AssemblerTarget } from "./assembler-target.ts";
import type { AssemblyUnit, Item, Step, UnitSection, Variant } from "./assembly-unit.ts";
import type { Result, SymbolicValue, SymbolScope } from "./expression.ts";
import { evaluateExpression } from "./expression.ts";
import { encodeInstruction } from "../../../spec/isa/encoding.ts";
import { diagnose } from "../../source/diagnostic.ts";

/** The result for one section: offset of each item (and of the end), and the chosen variant of each instruction. */
export interface SectionLayout {
  readonly offsets: number[];
  readonly chosen: number[];
}

const MAX_ALIAS_DEPTH = 100;

/** Symbols with known offsets. A value that is defined by means of itself evaluates to nothing. */
export class LaidOutScope implements SymbolScope {
  private readonly unit: AssemblyUnit;
  private readonly layouts: readonly SectionLayout[];
  private depth = 0;

  constructor(unit: AssemblyUnit, layouts: readonly SectionLayout[]) {
    this.unit = unit;
    this.layouts = layouts;
  }

  /** Section and offset of a label, null for anything else. */
  place(name: string): { section: number; offset: number } | null {
    const definition = this.unit.symbols.get(name)?.definition;
    if (definition?.kind !== "label") return null;
    return {
      section: definition.section,
      offset: this.layouts[definition.section]?.offsets[definition.item] ?? 0,
    };
  }

  /** The value of a `.set` symbol, null if the name is not one. */
  value(name: string): Result<SymbolicValue> | null {
    const symbol = this.unit.symbols.get(name);
    if (symbol?.definition?.kind !== "value") return null;
    if (this.depth >= MAX_ALIAS_DEPTH) {
      return { ok: false, diagnostic: diagnose("A0017", symbol.span, { name }) };
    }
    this.depth += 1;
    const result = evaluateExpression(symbol.definition.value, this);
    this.depth -= 1;
    return result;
  }

  distance(plus: string, minus: string): bigint | null {
    const [a, b] = [this.place(plus), this.place(minus)];
    if (a === null || b?.section !== a.section) return null;
    return BigInt(a.offset - b.offset);
  }
}

/** Padding that an alignment needs at `offset`. */
export function paddingAt(item: Extract<Item, { kind: "align" }>, offset: number): number {
  const padding = (item.alignment - (offset % item.alignment)) % item.alignment;
  return padding > item.maxBytes ? 0 : padding;
}

// Bytes of every variant of every item; null for alignments, whose length depends on where they stand.
function itemLengths(section: UnitSection): (readonly number[] | null)[] {
  return section.items.map((item) => {
    switch (item.kind) {
      case "bytes":
        return [item.bytes.length];
      case "data":
        return [item.bytes];
      case "align":
        return null;
      case "instruction":
        return item.variants.map(variantBytes);
    }
  });
}

function variantBytes(variant: Variant): number {
  let bytes = 0;
  for (const step of variant) bytes += step.instruction.encoding.bits / 8;
  return bytes;
}

function computeOffsets(
  section: UnitSection,
  layout: SectionLayout,
  lengths: readonly (readonly number[] | null)[],
): void {
  let offset = 0;
  section.items.forEach((item, i) => {
    layout.offsets[i] = offset;
    const length = item.kind === "align" ? paddingAt(item, offset) : lengths[i]?.[layout.chosen[i] ?? 0];
    offset += length ?? 0;
  });
  layout.offsets[section.items.length] = offset;
}

/** Where a branch of this file goes, as a distance; null if the linker decides. */
export function localDistance(
  step: Step,
  from: { section: number; offset: number },
  unit: AssemblyUnit,
  scope: LaidOutScope,
): number | null {
  if (step.fix === null || step.fix.operator !== null || countsPages(step)) return null;
  const result = evaluateExpression(step.fix.value, scope);
  if (!result.ok || result.value.plus === null || result.value.minus !== null) return null;
  if (unit.symbols.get(result.value.plus)?.binding === "weak") return null;
  const place = scope.place(result.value.plus);
  if (place?.section !== from.section) return null;
  return place.offset + Number(result.value.addend) - from.offset;
}

// The distance between pages depends on where the section starts.
function countsPages({ instruction, fix }: Step): boolean {
  const kind = instruction.operands.find((o) => o.name === fix?.operand)?.kind;
  return kind?.kind === "target" && kind.unit !== 1;
}

// True if all branches of the variant reach from `offset`.
function reaches(
  item: Extract<Item, { kind: "instruction" }>,
  chosen: number,
  from: { section: number; offset: number },
  context: { unit: AssemblyUnit; scope: LaidOutScope; target: AssemblerTarget },
): boolean {
  let { offset } = from;
  for (const step of item.variants[chosen] ?? []) {
    if (step.fix !== null) {
      const distance = localDistance(step, { ...from, offset }, context.unit, context.scope);
      if (distance === null) return chosen >= item.preferred;
      const values = { ...step.values, [step.fix.operand]: distance };
      if (!encodeInstruction(context.target.isa, step.instruction, values).ok) return false;
    }
    offset += step.instruction.encoding.bits / 8;
  }
  return true;
}

/** Lays out all sections. A branch that no variant can make reach keeps its last one. */
export function layOut(unit: AssemblyUnit, target: AssemblerTarget): SectionLayout[] {
  const layouts = unit.sections.map((s): SectionLayout => ({ offsets: [], chosen: s.items.map(() => 0) }));
  const context = { unit, target, scope: new LaidOutScope(unit, layouts) };
  unit.sections.forEach((section, s) => {
    const layout = layouts[s];
    if (layout === undefined) return;
    const lengths = itemLengths(section);
    let grew = true;
    while (grew) {
      computeOffsets(section, layout, lengths);
      grew = false;
      section.items.forEach((item, i) => {
        const chosen = layout.chosen[i] ?? 0;
        if (item.kind !== "instruction" || chosen + 1 >= item.variants.length) return;
        if (reaches(item, chosen, { section: s, offset: layout.offsets[i] ?? 0 }, context)) return;
        layout.chosen[i] = chosen + 1;
        grew = true;
      });
    }
  });
  return layouts;
}
