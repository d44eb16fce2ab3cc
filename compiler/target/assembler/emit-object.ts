// Laid-out assembly to an object file: bytes, relocations, symbols. Relies on layout.ts and the object model.
// Guarantees: a branch inside a section is resolved here; what depends on addresses becomes a relocation; what
// neither can express is a diagnostic.

import { machineNamed } from "../../object/machine/machine-named.ts";
import type {
  LineRow,
  ObjectFile,
  ObjectSection,
  ObjectSymbol,
  Relocation,
  SymbolPlace,
} from "../../object/object-file.ts";
import type { Diagnostic } from "../../source/diagnostic.ts";
import { diagnose } from "../../source/diagnostic.ts";
import { encodeInstruction, operandRange } from "../../../spec/isa/encoding.ts";
import { operandOfNumber } from "../../../spec/isa/operand-text.ts";
import type { Operand } from "../../../spec/isa/schema.ts";
import type { AssemblerTarget } from "./assembler-target.ts";
import type { AssemblyUnit, Fix, Item, Step, UnitSection, UnitSymbol } from "./assembly-unit.ts";
import { isMade, isTemporary } from "./assembly-unit.ts";
import type { SymbolicValue } from "./expression.ts";
import { evaluateExpression } from "./expression.ts";
import type { SectionLayout } from "./layout.ts";
import { LaidOutScope, localDistance, paddingAt } from "./layout.ts";
import { rangeText } from "./instructions.ts";
import { numericLabel } from "./unit-builder.ts";

/** What the object says about itself. */
export interface ObjectLabel {
  readonly name: string;
  readonly flags: number;
  readonly architecture: string | null;
  /** True: record the source line of every instruction. */
  readonly lines: boolean;
}

interface Place {
  readonly section: number;
  readonly offset: number;
}

type InstructionItem = Extract<Item, { kind: "instruction" }>;
type DataItem = Extract<Item, { kind: "data" }>;

class ObjectEmitter {
  readonly diagnostics: Diagnostic[] = [];
  private readonly unit: AssemblyUnit;
  private readonly target: AssemblerTarget;
  private readonly layouts: readonly SectionLayout[];
  private readonly scope: LaidOutScope;
  private readonly symbols: ObjectSymbol[] = [];
  private readonly indexes = new Map<string, number>();

  constructor(unit: AssemblyUnit, target: AssemblerTarget, layouts: readonly SectionLayout[]) {
    this.unit = unit;
    this.target = target;
    this.layouts = layouts;
    this.scope = new LaidOutScope(unit, layouts);
  }

  emit(label: ObjectLabel): ObjectFile {
    for (const symbol of this.unit.symbols.values()) this.addIfVisible(symbol);
    const sections = this.unit.sections.map((section, s) => this.section(section, s, label));
    const { name, flags, architecture } = label;
    return { name, machine: this.target.machine, flags, architecture, sections, symbols: this.symbols };
  }

  private addIfVisible(symbol: UnitSymbol): void {
    // Names that were only mentioned enter the table when a relocation needs them.
    if (isTemporary(symbol.name) || (symbol.definition === null && symbol.binding === "local")) return;
    this.symbolIndex(symbol.name);
  }

  private symbolIndex(name: string): number {
    const known = this.indexes.get(name);
    if (known !== undefined) return known;
    const at = this.symbols.length;
    this.indexes.set(name, at);
    const symbol = this.unit.symbols.get(name);
    this.symbols.push(symbol === undefined ? undefinedSymbol(name) : this.objectSymbol(symbol));
    return at;
  }

  private objectSymbol(symbol: UnitSymbol): ObjectSymbol {
    const { name, type, hidden } = symbol;
    const place = this.symbolPlace(symbol);
    const number = numericLabel(name);
    if (place.kind === "undefined" && number !== null) {
      this.diagnostics.push(diagnose("A0018", symbol.span, { name: `${number}f`, label: number }));
    }
    const binding = place.kind === "undefined" && symbol.binding === "local" ? "global" : symbol.binding;
    const sizeBytes =
      symbol.definition?.kind === "common" ? symbol.definition.sizeBytes : this.sizeOf(symbol);
    return { name: isMade(name) ? this.target.hiddenLabel : name, place, sizeBytes, binding, type, hidden };
  }

  private symbolPlace(symbol: UnitSymbol): SymbolPlace {
    const { definition, name } = symbol;
    if (definition === null) return { kind: "undefined" };
    if (definition.kind === "common") return { kind: "common", alignment: definition.alignment };
    if (definition.kind === "label") {
      const place = this.scope.place(name);
      return { kind: "section", section: definition.section, offset: place?.offset ?? 0 };
    }
    const result = this.scope.value(name);
    if (result?.ok !== true) {
      if (result !== null) this.diagnostics.push(result.diagnostic);
      return { kind: "absolute", value: 0n };
    }
    return this.valuePlace(symbol, result.value);
  }

  // A `.set` symbol is a number or another label moved by a number.
  private valuePlace(symbol: UnitSymbol, value: SymbolicValue): SymbolPlace {
    if (value.plus === null && value.minus === null) return { kind: "absolute", value: value.addend };
    const place = value.plus === null || value.minus !== null ? null : this.scope.place(value.plus);
    if (place !== null) {
      return { kind: "section", section: place.section, offset: place.offset + Number(value.addend) };
    }
    this.diagnostics.push(diagnose("A0005", symbol.span));
    return { kind: "absolute", value: 0n };
  }

  private sizeOf(symbol: UnitSymbol): number {
    if (symbol.size === null) return 0;
    const result = evaluateExpression(symbol.size, this.scope);
    if (!result.ok) this.diagnostics.push(result.diagnostic);
    else if (result.value.plus === null && result.value.minus === null) return Number(result.value.addend);
    else this.diagnostics.push(diagnose("A0005", symbol.size.span));
    return 0;
  }

  private section(section: UnitSection, index: number, label: ObjectLabel): ObjectSection {
    const layout = this.layouts[index] ?? { offsets: [], chosen: [] };
    const sizeBytes = layout.offsets[section.items.length] ?? 0;
    const { name, kind, flags, alignment } = section;
    const bytes = new Uint8Array(kind === "nobits" ? 0 : sizeBytes);
    const relocations: Relocation[] = [];
    const lines: LineRow[] = [];
    this.mapContents(section, index, layout);
    section.items.forEach((item, i) => {
      const place = { section: index, offset: layout.offsets[i] ?? 0 };
      if (item.kind === "bytes" && kind !== "nobits") bytes.set(item.bytes, place.offset);
      if (item.kind === "align" && kind !== "nobits") this.padding(item, bytes, place.offset);
      if (item.kind === "data") relocations.push(...this.data(item, bytes, place));
      if (item.kind !== "instruction") return;
      relocations.push(...this.instruction(item, layout.chosen[i] ?? 0, bytes, place));
      if (label.lines) lines.push({ offset: place.offset, file: label.name, line: item.line, column: 0 });
    });
    // Code must stand where its shortest instruction may: GNU as says 4 with long and 2 with short instructions.
    const own =
      flags.exec && sizeBytes > 0 ? Math.max(alignment, this.hasShort(section, layout) ? 2 : 4) : alignment;
    return { name, kind, flags, alignment: own, bytes, sizeBytes, relocations, lines, frames: [] };
  }

  // Symbols where code begins and where data begins, in sections that have code.
  private mapContents(section: UnitSection, index: number, { offsets }: SectionLayout): void {
    const names = machineNamed(this.target.machine).mappingSymbols;
    if (names === null || !section.items.some((item) => contentOf(item) === "code")) return;
    let last: "code" | "data" | null = null;
    section.items.forEach((item, i) => {
      const content = contentOf(item);
      if (content === null || content === last || offsets[i] === offsets[i + 1]) return;
      last = content;
      const place = { kind: "section", section: index, offset: offsets[i] ?? 0 } as const;
      this.symbols.push({ name: names[content], place, sizeBytes: 0, binding: "local", type: "none" });
    });
  }

  private hasShort(section: UnitSection, layout: SectionLayout): boolean {
    return section.items.some(
      (item, i) =>
        item.kind === "instruction" &&
        (item.variants[layout.chosen[i] ?? 0] ?? []).some((step) => step.instruction.encoding.bits === 16),
    );
  }

  private padding(item: Extract<Item, { kind: "align" }>, bytes: Uint8Array, offset: number): void {
    const count = paddingAt(item, offset);
    if (item.fill !== null) {
      bytes.fill(item.fill, offset, offset + count);
      return;
    }
    // Odd bytes and short instructions come first, so that the long ones are aligned.
    let at = offset + count;
    for (const { word, bytes: length } of this.target.padding) {
      while (at - offset >= length) {
        at -= length;
        writeWord(bytes, at, word, length);
      }
    }
  }

  private instruction(item: InstructionItem, chosen: number, bytes: Uint8Array, start: Place): Relocation[] {
    const relocations: Relocation[] = [];
    let { offset } = start;
    for (const step of item.variants[chosen] ?? []) {
      const place = { section: start.section, offset };
      const filled = step.fix === null ? { value: null, relocation: null } : this.fill(step, step.fix, place);
      if (filled.relocation !== null) relocations.push(filled.relocation);
      const values =
        step.fix === null ? step.values : { ...step.values, [step.fix.operand]: filled.value ?? 0 };
      const encoded = encodeInstruction(this.target.isa, step.instruction, values);
      const length = step.instruction.encoding.bits / 8;
      if (encoded.ok) writeWord(bytes, offset, encoded.word, length);
      else this.reportRange(step, item, encoded.value);
      offset += length;
    }
    return relocations;
  }

  private reportRange(step: Step, item: InstructionItem, value: number): void {
    const operand = step.instruction.operands.find((o) => o.name === step.fix?.operand);
    if (operand === undefined) return;
    const { min, max } = operandRange(this.target.isa, step.instruction, operand);
    const name = step.instruction.mnemonic;
    if (operand.kind.kind === "target") {
      this.diagnostics.push(diagnose("A0010", item.span, { name, min, max, distance: value }));
      return;
    }
    const range = `from ${String(min)} to ${String(max)}`;
    this.diagnostics.push(
      diagnose("A0008", item.span, { operand: operand.name, name, range, found: String(value) }),
    );
  }

  private reportSymbolic(step: Step, operand: Operand, fix: Fix): void {
    const range = rangeText(this.target.isa, step.instruction, operand);
    const found = "an address that only the linker knows";
    const name = step.instruction.mnemonic;
    const help = this.target.addressHelp;
    const parameters = { operand: operand.name, name, range, found };
    this.diagnostics.push(diagnose("A0008", fix.value.span, parameters, { help }));
  }

  // The operand's value, or the relocation that stands for it.
  private fill(step: Step, fix: Fix, place: Place): { value: number | null; relocation: Relocation | null } {
    const result = evaluateExpression(fix.value, this.scope);
    if (!result.ok) {
      this.diagnostics.push(result.diagnostic);
      return { value: null, relocation: null };
    }
    const operand = step.instruction.operands.find((o) => o.name === fix.operand);
    const operator = fix.operator === null ? null : this.target.operators[fix.operator];
    const { plus, minus, addend } = result.value;
    if (operand?.kind.kind === "target") {
      const distance = localDistance(step, place, this.unit, this.scope);
      if (distance !== null) return { value: distance, relocation: null };
    }
    if (plus === null && minus === null) {
      const own = operand === undefined ? null : operandOfNumber(operand.kind, addend);
      return { value: operator?.ofNumber?.(addend) ?? own ?? Number(addend), relocation: null };
    }
    const isPlain = operator === null || operator === undefined;
    if (isPlain && operand !== undefined && operand.kind.kind !== "target") {
      this.reportSymbolic(step, operand, fix);
      return { value: null, relocation: null };
    }
    const type = isPlain
      ? this.target.branchRelocation(step.instruction)
      : operand === undefined
        ? null
        : operator.relocation(operand, step.instruction);
    if (type === null) {
      const parameters = { operator: fix.operator ?? "", place: operator?.place ?? "" };
      this.diagnostics.push(diagnose("A0015", fix.value.span, parameters));
      return { value: null, relocation: null };
    }
    if (plus === null || minus !== null) {
      this.diagnostics.push(diagnose("A0005", fix.value.span));
      return { value: null, relocation: null };
    }
    const relocation = { offset: place.offset, type, symbol: this.symbolIndex(plus), addend };
    return { value: 0, relocation };
  }

  private data(item: DataItem, bytes: Uint8Array, place: Place): Relocation[] {
    const result = evaluateExpression(item.value, this.scope);
    if (!result.ok) {
      this.diagnostics.push(result.diagnostic);
      return [];
    }
    const { plus, minus, addend } = result.value;
    if (plus === null && minus === null) {
      this.number(item, addend, bytes, place.offset);
      return [];
    }
    const relocations = this.dataRelocations(item, result.value, place);
    if (relocations === null) this.diagnostics.push(diagnose("A0005", item.span));
    return relocations ?? [];
  }

  private number(item: DataItem, value: bigint, bytes: Uint8Array, offset: number): void {
    const bits = item.bytes * 8;
    // Either spelling of the bits is fine: 0xff and -1 for a byte.
    if (value !== BigInt.asIntN(bits, value) && value !== BigInt.asUintN(bits, value)) {
      this.diagnostics.push(diagnose("A0020", item.span, { value: String(value), bytes: item.bytes }));
    }
    for (let i = 0; i < item.bytes; i += 1) {
      bytes[offset + i] = Number((BigInt.asUintN(bits, value) >> BigInt(8 * i)) & 255n);
    }
  }

  private dataRelocations(item: DataItem, value: SymbolicValue, place: Place): Relocation[] | null {
    const types = this.target.dataRelocations[item.bytes];
    const { plus, minus, addend } = value;
    if (plus === null) return null;
    const { offset } = place;
    const symbol = this.symbolIndex(plus);
    if (minus === null)
      return types.absolute === null ? null : [{ offset, type: types.absolute, symbol, addend }];
    const base = this.scope.place(minus);
    if (base?.section === place.section && types.relative !== null) {
      return [{ offset, type: types.relative, symbol, addend: addend + BigInt(offset - base.offset) }];
    }
    if (types.difference === null) return null;
    return [
      { offset, type: types.difference.add, symbol, addend },
      { offset, type: types.difference.subtract, symbol: this.symbolIndex(minus), addend: 0n },
    ];
  }
}

// What an item is made of; padding is what stands before it.
function contentOf(item: Item): "code" | "data" | null {
  if (item.kind === "instruction" || (item.kind === "bytes" && item.isCode === true)) return "code";
  if (item.kind === "align") return null;
  return "data";
}

function undefinedSymbol(name: string): ObjectSymbol {
  return { name, place: { kind: "undefined" }, sizeBytes: 0, binding: "global", type: "none" };
}

function writeWord(bytes: Uint8Array, offset: number, word: number, length: number): void {
  for (let i = 0; i < length; i += 1) bytes[offset + i] = (word >>> (8 * i)) & 255;
}

/** Makes the object file of a laid-out unit. */
export function emitObject(
  unit: AssemblyUnit,
  target: AssemblerTarget,
  layouts: readonly SectionLayout[],
  label: ObjectLabel,
): { readonly value: ObjectFile; readonly diagnostics: readonly Diagnostic[] } {
  const emitter = new ObjectEmitter(unit, target, layouts);
  return { value: emitter.emit(label), diagnostics: emitter.diagnostics };
}
