// Applies relocations by the rules in spec/abi. Relies on layout.ts for addresses and on spec/isa for where the bits of
// an operand are. Guarantees: a value that does not fit is a diagnostic, never silently cut.

import type {
  FieldPart,
  RelocationPlace,
  RelocationRule,
  RelocationValue,
} from "../../../spec/abi/elf-relocation.ts";
import type { Field, Instruction } from "../../../spec/isa/schema.ts";
import { bug } from "../../source/bug.ts";
import { diagnose, type Diagnostic } from "../../source/diagnostic.ts";
import { NO_SPAN } from "../../source/span.ts";
import type { MachineFormat } from "../machine/machine-format.ts";
import type { Relocation } from "../object-file.ts";
import type { Layout } from "./layout.ts";
import { placeText, type InputSection, type LinkInput, type Target } from "./link-input.ts";

/** Everything that filling in places needs. */
export interface RelocationContext {
  readonly input: LinkInput;
  readonly layout: Layout;
  readonly machine: MachineFormat;
  /** Entry number in the table of addresses, by symbol identity (`gotKey`). */
  readonly gotEntries: ReadonlyMap<string, number>;
  readonly diagnostics: Diagnostic[];
}

/** Bytes of an entry of the table of addresses. */
export const GOT_ENTRY_BYTES = 8;

const gotValues: ReadonlySet<RelocationValue> = new Set([
  "got",
  "gotRelative",
  "gotPageRelative",
  "gotOffset",
]);

/** True if a rule needs the target's entry in the table of addresses. */
export function needsGotEntry(rule: RelocationRule | undefined): boolean {
  return rule !== undefined && gotValues.has(rule.value);
}

/** One identity for all symbols that mean the same place. */
export function gotKey(target: Target, addend: bigint): string {
  const tail = `+${String(addend)}`;
  if (target.kind === "section") return `${String(target.section)}:${String(target.offset)}${tail}`;
  if (target.kind === "absolute") return `=${String(target.value)}${tail}`;
  return `${target.name}${tail}`;
}

/** The address that a target stands for; in sections that were dropped, the offset. */
export function addressOf(target: Target, layout: Layout): bigint {
  switch (target.kind) {
    case "section":
      return (layout.addresses.get(target.section) ?? 0n) + BigInt(target.offset);
    case "absolute":
      return target.value;
    case "boundary":
      return layout.boundaries[target.name];
    case "undefined":
      return 0n;
  }
}

/** Fills in all relocations of `section`, whose contents `bytes` will stand at `address`. */
export function relocateSection(
  context: RelocationContext,
  section: InputSection,
  bytes: Uint8Array,
  address: bigint,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const partners = new Map<number, Relocation>();
  for (const relocation of section.section.relocations) {
    const rule = context.machine.relocations.get(relocation.type);
    if (rule?.places.some((p) => p.kind === "field" && p.part === "high20") === true) {
      partners.set(relocation.offset, relocation);
    }
  }
  for (const relocation of section.section.relocations) {
    const site = { context, section, view, address, partners };
    if (!buryDropped(site, relocation)) applyOne(site, relocation);
  }
}

// An address of code that was dropped, in a table for tools: 0, or 1 where a pair of zeros would end a list.
// What GNU ld writes, so debuggers know it.
function buryDropped(site: Site, relocation: Relocation): boolean {
  const { context, section, view } = site;
  const target = context.input.targets[section.object]?.[relocation.symbol];
  if (target?.kind !== "section" || context.layout.addresses.has(target.section)) return false;
  const place = context.machine.relocations.get(relocation.type)?.places[0];
  if (place?.kind !== "data" || place.bytes !== 8 || place.change !== "set") return false;
  const isList = section.section.name === ".debug_ranges" || section.section.name === ".debug_loc";
  view.setBigUint64(relocation.offset, isList ? 1n : 0n, true);
  return true;
}

interface Site {
  readonly context: RelocationContext;
  readonly section: InputSection;
  readonly view: DataView;
  readonly address: bigint;
  /** Relocations of upper halves by offset. */
  readonly partners: ReadonlyMap<number, Relocation>;
}

function applyOne(site: Site, relocation: Relocation): void {
  const { context, section } = site;
  const rule = context.machine.relocations.get(relocation.type);
  if (rule === undefined) {
    const name = context.machine.otherRelocations[relocation.type] ?? `number ${String(relocation.type)}`;
    const where = placeText(context.input, section, relocation.offset);
    context.diagnostics.push(diagnose("L0108", relocation.origin ?? NO_SPAN, { relocation: name, where }));
    return;
  }
  const value = valueOf(site, relocation, rule);
  if (value === null) {
    const where = placeText(context.input, section, relocation.offset);
    context.diagnostics.push(diagnose("L0109", NO_SPAN, { relocation: rule.name, where }));
    return;
  }
  for (const place of rule.places) {
    const at = relocation.offset + (place.kind === "field" ? place.at : 0);
    if (at + placeBytes(context, place) > site.view.byteLength || !fill(site, place, at, value)) {
      tooFar(site, relocation, { rule, value });
      return;
    }
  }
}

function tooFar(
  site: Site,
  relocation: Relocation,
  what: { readonly rule: RelocationRule; readonly value: bigint },
): void {
  const { context, section } = site;
  const symbol = context.input.objects[section.object]?.symbols[relocation.symbol]?.name ?? "";
  const where = placeText(context.input, section, relocation.offset);
  const parameters = { symbol, where, relocation: what.rule.name, distance: String(what.value) };
  context.diagnostics.push(diagnose("L0204", relocation.origin ?? NO_SPAN, parameters));
}

interface Addresses {
  /** S + A */
  readonly target: bigint;
  readonly place: bigint;
  /** The table of addresses and the target's entry in it. */
  readonly table: bigint;
  readonly entry: bigint;
  /** True for a weak symbol that nobody defines. */
  readonly isNowhere: boolean;
}

const page = (address: bigint): bigint => address & -0x1000n;
const distance = (to: bigint, from: bigint): bigint => BigInt.asIntN(64, to - from);
const NEXT_INSTRUCTION = 4n;

const formulas: Readonly<Record<Exclude<RelocationValue, "partner">, (at: Addresses) => bigint>> = {
  none: () => 0n,
  absolute: ({ target }) => target,
  relative: ({ target, place }) => distance(target, place),
  branch: ({ target, place, isNowhere }) => (isNowhere ? NEXT_INSTRUCTION : distance(target, place)),
  pageRelative: ({ target, place }) => distance(page(target), page(place)),
  got: ({ entry }) => entry,
  gotRelative: ({ entry, place }) => distance(entry, place),
  gotPageRelative: ({ entry, place }) => distance(page(entry), page(place)),
  gotOffset: ({ entry, table }) => entry - page(table),
};

// The value by the rule; null if a lower half has no upper half to go with.
function valueOf(site: Site, relocation: Relocation, rule: RelocationRule): bigint | null {
  const { context, section } = site;
  const target = context.input.targets[section.object]?.[relocation.symbol];
  if (target === undefined) return null;
  if (rule.value === "partner") {
    if (target.kind !== "section" || target.section !== section.number) return null;
    const upper = site.partners.get(target.offset);
    const upperRule = upper === undefined ? undefined : context.machine.relocations.get(upper.type);
    return upper === undefined || upperRule === undefined ? null : valueOf(site, upper, upperRule);
  }
  const table = context.layout.gotAddress;
  const entry = context.gotEntries.get(gotKey(target, relocation.addend)) ?? 0;
  return formulas[rule.value]({
    target: addressOf(target, context.layout) + relocation.addend,
    place: site.address + BigInt(relocation.offset),
    table,
    entry: table + BigInt(entry * GOT_ENTRY_BYTES),
    isNowhere: target.kind === "undefined",
  });
}

type FieldPlace = Extract<RelocationPlace, { kind: "field" }>;

function instructionOf(context: RelocationContext, place: FieldPlace): Instruction {
  return context.machine.isa.instruction(place.instruction);
}

function fieldOf(context: RelocationContext, place: FieldPlace): Field {
  const field = instructionOf(context, place).encoding.fields.find((f) => f.name === place.operand);
  if (field === undefined) bug(`${place.instruction} has no field ${place.operand}`);
  return field;
}

function placeBytes(context: RelocationContext, place: RelocationPlace): number {
  if (place.kind === "data") return place.bytes;
  if (place.kind !== "field") return 1;
  return instructionOf(context, place).encoding.bits / 8;
}

// False: the value does not fit.
function fill(site: Site, place: RelocationPlace, at: number, value: bigint): boolean {
  switch (place.kind) {
    case "data":
      return fillData(site.view, place, at, value);
    case "low6": {
      const old = site.view.getUint8(at);
      const six = place.change === "subtract" ? BigInt(old & 63) - value : value;
      site.view.setUint8(at, (old & 0xc0) + Number(BigInt.asUintN(6, six)));
      return true;
    }
    case "uleb":
      fillUleb(site.view, at, place.change === "subtract" ? readUleb(site.view, at) - value : value);
      return true;
    case "field":
      return fillField(site, place, at, value);
  }
}

function fitsData(value: bigint, bits: number, isSigned: boolean): boolean {
  return value === BigInt.asIntN(bits, value) || (!isSigned && value === BigInt.asUintN(bits, value));
}

function fillData(
  view: DataView,
  place: Extract<RelocationPlace, { kind: "data" }>,
  at: number,
  value: bigint,
): boolean {
  const bits = place.bytes * 8;
  let old = 0n;
  for (let i = place.bytes - 1; i >= 0; i -= 1) old = old * 256n + BigInt(view.getUint8(at + i));
  let next = value;
  if (place.change === "add") next = old + value;
  else if (place.change === "subtract") next = old - value;
  // A difference is allowed to pass through values that do not fit; an address is not.
  else if (place.change !== "begin" && !fitsData(value, bits, place.change === "setSigned")) return false;
  let rest = BigInt.asUintN(bits, next);
  for (let i = 0; i < place.bytes; i += 1) {
    view.setUint8(at + i, Number(rest & 0xffn));
    rest >>= 8n;
  }
  return true;
}

function readUleb(view: DataView, start: number): bigint {
  let value = 0n;
  for (let at = start, shift = 0n; at < view.byteLength; at += 1, shift += 7n) {
    const byte = view.getUint8(at);
    value += BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

// Keeps the number's length, so that nothing after it moves: both steps of a difference count modulo that length.
function fillUleb(view: DataView, start: number, value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  for (let at = start; at < view.byteLength; at += 1) {
    const more = view.getUint8(at) >= 0x80;
    view.setUint8(at, Number(rest & 0x7fn) + (more ? 0x80 : 0));
    rest >>= 7n;
    if (!more) return;
  }
}

function fillField(site: Site, place: FieldPlace, at: number, value: bigint): boolean {
  const field = fieldOf(site.context, place);
  const raw = fieldValue(field, place.part, value);
  if (raw === null) return false;
  const isShort = placeBytes(site.context, place) === 2;
  let word = isShort ? site.view.getUint16(at, true) : site.view.getUint32(at, true);
  for (const { wordLow, valueLow, bits } of field.pieces) {
    const mask = 2 ** bits - 1;
    const part = Number((raw >> BigInt(valueLow)) & BigInt(mask));
    word = ((word & ~(mask << wordLow)) | (part << wordLow)) >>> 0;
  }
  if (isShort) site.view.setUint16(at, word, true);
  else site.view.setUint32(at, word, true);
  return true;
}

const ROUND = 0x800n;

// The bits for the field, null if the value does not fit.
function fieldValue(field: Field, part: FieldPart, value: bigint): bigint | null {
  if (part === "high20") {
    const rounded = BigInt.asIntN(64, value) + ROUND;
    return rounded === BigInt.asIntN(32, rounded) ? BigInt.asUintN(20, rounded >> 12n) : null;
  }
  if (BigInt.asUintN(field.low, value) !== 0n) return null;
  if (part === "low12") return BigInt.asUintN(12, value);
  if (part === "wrapped") return BigInt.asUintN(field.width, value);
  if (part === "whole") {
    return value === BigInt.asIntN(field.width, value) ? BigInt.asUintN(field.width, value) : null;
  }
  const upper = value >> BigInt(part.from);
  const bits = BigInt.asUintN(field.width, upper);
  return part.checked && bits !== upper ? null : bits;
}
