// The state while reading assembly: current section, symbols, numeric labels, options. Relies on assembly-unit.ts.
// Guarantees: names are defined at most once (`.set` values excepted); diagnostics are collected, never thrown.

import type { SectionFlags, SectionKind } from "../../object/object-file.ts";
import { SECTION_FLAGS } from "../../object/object-file.ts";
import { bug } from "../../source/bug.ts";
import type { Diagnostic } from "../../source/diagnostic.ts";
import { diagnose } from "../../source/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { Item, SymbolDefinition, UnitSection, UnitSymbol } from "./assembly-unit.ts";
import type { Expression, NameResolver, Result, SymbolicValue, SymbolScope } from "./expression.ts";
import { evaluateExpression, parseExpression } from "./expression.ts";
import { spanOf } from "./source-lines.ts";
import type { Located } from "./source-lines.ts";

/** What a section is made of when its name says so. */
interface SectionShape {
  readonly kind: SectionKind;
  readonly flags: SectionFlags;
}

const knownSections: readonly (readonly [string, SectionShape])[] = [
  [".text", { kind: "progbits", flags: SECTION_FLAGS.text }],
  [".rodata", { kind: "progbits", flags: SECTION_FLAGS.rodata }],
  [".data", { kind: "progbits", flags: SECTION_FLAGS.data }],
  [".sdata", { kind: "progbits", flags: SECTION_FLAGS.data }],
  [".bss", { kind: "nobits", flags: SECTION_FLAGS.data }],
  [".sbss", { kind: "nobits", flags: SECTION_FLAGS.data }],
  [".init_array", { kind: "initArray", flags: SECTION_FLAGS.data }],
  [".fini_array", { kind: "finiArray", flags: SECTION_FLAGS.data }],
  [".note", { kind: "note", flags: SECTION_FLAGS.tool }],
];

function shapeByName(name: string): SectionShape {
  const known = knownSections.find(([prefix]) => name === prefix || name.startsWith(`${prefix}.`));
  return known?.[1] ?? { kind: "progbits", flags: SECTION_FLAGS.tool };
}

const MAX_ALIAS_DEPTH = 100;

/** A literal that waits for its place. */
interface Literal {
  readonly label: string;
  readonly bytes: 4 | 8;
  readonly value: Expression;
  /** The same for the same value. */
  readonly key: string;
}

export class UnitBuilder implements NameResolver, SymbolScope {
  readonly sections: UnitSection[] = [];
  readonly symbols = new Map<string, UnitSymbol>();
  readonly diagnostics: Diagnostic[] = [];
  /** True while short instructions may be chosen (`.option rvc`). */
  compress: boolean;
  readonly compressStack: boolean[] = [];
  private current = 0;
  private previous = 0;
  private readonly sectionStack: { current: number; previous: number }[] = [];
  private readonly numericCounts = new Map<number, number>();
  private readonly pools = new Map<number, Literal[]>();
  private made = 0;
  private evaluating = 0;

  constructor(compress: boolean) {
    this.compress = compress;
    this.enterSection(".text", null);
    this.previous = this.current;
  }

  report(...diagnostics: readonly Diagnostic[]): void {
    this.diagnostics.push(...diagnostics);
  }

  get section(): UnitSection {
    return this.sections[this.current] ?? bug("assembler: no current section");
  }

  /** Switches to the section, made with that shape if it is new (null: what its name says). */
  enterSection(name: string, shape: SectionShape | null): void {
    this.previous = this.current;
    const at = this.sections.findIndex((s) => s.name === name);
    if (at >= 0) {
      this.current = at;
      return;
    }
    this.current = this.sections.length;
    this.sections.push({ name, ...(shape ?? shapeByName(name)), alignment: 1, items: [] });
  }

  pushSection(): void {
    this.sectionStack.push({ current: this.current, previous: this.previous });
  }

  /** False if nothing was pushed. */
  popSection(): boolean {
    const saved = this.sectionStack.pop();
    if (saved === undefined) return false;
    [this.current, this.previous] = [saved.current, saved.previous];
    return true;
  }

  swapPrevious(): void {
    [this.current, this.previous] = [this.previous, this.current];
  }

  /** Adds to the current section; contents other than zeros are refused in `nobits`. */
  emit(item: Item, span: Span): void {
    const { section } = this;
    const isWrong = section.kind === "nobits" && !isZeros(item);
    if (isWrong) this.report(diagnose("A0016", span, { name: section.name }));
    else section.items.push(item);
  }

  /** The symbol of that name, made as undefined if it is new. */
  symbol(name: string, span: Span): UnitSymbol {
    const known = this.symbols.get(name);
    if (known !== undefined) return known;
    const made: UnitSymbol = {
      name,
      definition: null,
      binding: "local",
      type: "none",
      size: null,
      hidden: false,
      span,
    };
    this.symbols.set(name, made);
    return made;
  }

  private get position(): SymbolDefinition {
    return { kind: "label", section: this.current, item: this.section.items.length };
  }

  /** Defines a label (a name or a number) here. */
  defineLabel(label: Located): void {
    if (/^\d+$/.test(label.text)) {
      const number = Number(label.text);
      const count = (this.numericCounts.get(number) ?? 0) + 1;
      this.numericCounts.set(number, count);
      const symbol = this.symbol(numericName(number, count), spanOf(label));
      symbol.definition = this.position;
      return;
    }
    this.define(label, this.position);
  }

  /** Gives a name its meaning; a second one is a mistake unless both are values of `.set`. */
  define(name: Located, definition: SymbolDefinition): void {
    const symbol = this.symbol(name.text, spanOf(name));
    const replaces = symbol.definition?.kind === "value" && definition.kind === "value";
    if (symbol.definition !== null && !replaces) {
      const related = [{ span: symbol.span, text: "first defined here" }];
      this.report(diagnose("A0011", spanOf(name), { name: name.text }, { related }));
      return;
    }
    symbol.definition = definition;
    symbol.span = spanOf(name);
  }

  /** A label of the assembler's own at this place. */
  here(): string {
    this.made += 1;
    const name = `.L@${String(this.made)}`;
    this.symbol(name, { start: 0, end: 0 }).definition = this.position;
    return name;
  }

  /** The label that a literal of the current section will have; equal ones share a place. */
  literal(bytes: 4 | 8, value: Expression): string {
    const known = evaluateExpression(value, this);
    const { plus, minus, addend } = known.ok ? known.value : { plus: null, minus: null, addend: 0n };
    const key = [bytes, plus, minus, addend].join(" ");
    const pool = this.pools.get(this.current) ?? [];
    this.pools.set(this.current, pool);
    const same = pool.find((literal) => literal.key === key);
    if (same !== undefined) return same.label;
    this.made += 1;
    const label = `.L@${String(this.made)}`;
    this.symbol(label, value.span);
    pool.push({ label, bytes, value, key });
    return label;
  }

  /** Places the literals of the current section: the short ones, then the long ones, as GNU as does. */
  placeLiterals(): void {
    const pool = this.pools.get(this.current) ?? [];
    this.pools.delete(this.current);
    for (const bytes of [4, 8] as const) {
      const literals = pool.filter((literal) => literal.bytes === bytes);
      if (literals.length === 0) continue;
      this.section.alignment = Math.max(this.section.alignment, bytes);
      this.section.items.push({ kind: "align", alignment: bytes, fill: 0, maxBytes: Infinity });
      for (const { label, value } of literals) {
        this.symbol(label, value.span).definition = this.position;
        this.section.items.push({ kind: "data", bytes, value, span: value.span });
      }
    }
  }

  /** Places what is left at the end of each section. */
  placeAllLiterals(): void {
    for (const section of this.pools.keys()) {
      this.current = section;
      this.placeLiterals();
    }
  }

  numeric(label: number, forward: boolean): string | null {
    const count = this.numericCounts.get(label) ?? 0;
    if (!forward) return count === 0 ? null : numericName(label, count);
    return numericName(label, count + 1);
  }

  /** Values of `.equ` symbols; labels stay symbolic. Too deep a chain is left to layout, which reports it. */
  value(name: string): Result<SymbolicValue> | null {
    const definition = this.symbols.get(name)?.definition;
    if (definition?.kind !== "value" || this.evaluating >= MAX_ALIAS_DEPTH) return null;
    this.evaluating += 1;
    const result = evaluateExpression(definition.value, this);
    this.evaluating -= 1;
    return result.ok ? result : null;
  }

  /** Two labels with the same number of items before them are at the same place; others wait for layout. */
  distance(plus: string, minus: string): bigint | null {
    const [a, b] = [this.symbols.get(plus)?.definition, this.symbols.get(minus)?.definition];
    if (a?.kind !== "label" || b?.kind !== "label" || a.section !== b.section) return null;
    return a.item === b.item ? 0n : this.fixedDistance(a.section, b.item, a.item);
  }

  // Bytes from item `from` to item `to` if all items between have fixed lengths.
  private fixedDistance(section: number, from: number, to: number): bigint | null {
    const sign = from <= to ? 1n : -1n;
    const items = this.sections[section]?.items.slice(Math.min(from, to), Math.max(from, to)) ?? [];
    let total = 0n;
    for (const item of items) {
      const bytes = fixedLength(item);
      if (bytes === null) return null;
      total += BigInt(bytes);
    }
    return sign * total;
  }

  /** Parses an expression; symbols that it mentions are entered. */
  expression(source: Located): Result<Expression> {
    const result = parseExpression(source, this);
    if (result.ok) this.mention(result.value);
    return result;
  }

  private mention(e: Expression): void {
    if (e.kind === "symbol") this.symbol(e.name, e.span);
    else if (e.kind === "prefix") this.mention(e.arg);
    else if (e.kind === "infix") {
      this.mention(e.left);
      this.mention(e.right);
    }
  }

  /** Parses an expression that must be a number now; null after reporting why it is not. */
  constant(source: Located): bigint | null {
    const parsed = this.expression(source);
    const result = parsed.ok ? evaluateExpression(parsed.value, this) : parsed;
    if (!result.ok) {
      this.report(result.diagnostic);
      return null;
    }
    if (result.value.plus === null && result.value.minus === null) return result.value.addend;
    this.report(diagnose("A0005", spanOf(source)));
    return null;
  }
}

function isZeros(item: Item): boolean {
  if (item.kind !== "bytes") return item.kind === "align";
  // Bytes of a heap: a call for each would be felt.
  for (const byte of item.bytes) if (byte !== 0) return false;
  return true;
}

function fixedLength(item: Item): number | null {
  if (item.kind === "bytes") return item.bytes.length;
  if (item.kind === "data") return item.bytes;
  if (item.kind === "align" || item.variants.length !== 1) return null;
  return (item.variants[0] ?? []).reduce((sum, step) => sum + step.instruction.encoding.bits / 8, 0);
}

function numericName(label: number, count: number): string {
  return `.L${String(label)}@${String(count)}`;
}

/** The number in a numeric label's name, null for other names. */
export function numericLabel(name: string): string | null {
  return /^\.L(\d+)@\d+$/.exec(name)?.[1] ?? null;
}
