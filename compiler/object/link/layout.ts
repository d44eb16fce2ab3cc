// Puts live sections into output sections and gives everything an address. Relies on link-input.ts.
//
//   first address  .text (the entry's section first), other code     read, execute
//   next page      .rodata, other constants, notes                   read
//   next page      .init_array ..., .data, other data, .got          read, write
//                  .bss (zeros that the file does not hold)
//
// Sections for tools (debugging tables) are joined by name outside memory; their "addresses" are offsets.
// Guarantees: every live section that is part of the program has an address that fits its alignment.

import type { ObjectSection } from "../object-file.ts";
import type { BoundaryName, InputSection, LinkInput } from "./link-input.ts";

export type SegmentName = "code" | "constants" | "data" | "tools";

export interface OutputSection {
  readonly name: string;
  readonly segment: SegmentName;
  /** True: zeros that the file does not hold. */
  readonly isZero: boolean;
  readonly alignment: number;
  readonly address: bigint;
  readonly sizeBytes: number;
  /** The inputs in order, with their offsets in this section. */
  readonly inputs: readonly { readonly input: InputSection; readonly offset: number }[];
}

export interface Layout {
  readonly sections: readonly OutputSection[];
  readonly tools: readonly OutputSection[];
  /** Address by section number of the input (offset for tools' sections); undefined for dropped sections. */
  readonly addresses: ReadonlyMap<number, bigint>;
  /** The address of the table of addresses; its entries are 8 bytes each. */
  readonly gotAddress: bigint;
  readonly boundaries: Readonly<Record<BoundaryName, bigint>>;
}

export interface LayoutRequest {
  readonly baseAddress: bigint;
  /** Section number of the entry, which comes first. */
  readonly entrySection: number;
  readonly gotBytes: number;
  /** Segments start on different pages of this size. */
  readonly pageBytes: number;
}

interface OutputKind {
  readonly name: string;
  readonly segment: SegmentName;
  readonly accepts: (section: ObjectSection) => boolean;
}

const startsWith =
  (...prefixes: readonly string[]) =>
  (section: ObjectSection): boolean =>
    prefixes.some((p) => section.name === p || section.name.startsWith(`${p}.`));

function isStored(section: ObjectSection): boolean {
  return section.kind !== "nobits";
}

// First match wins; the order is the order in memory.
// prettier-ignore
const outputKinds: readonly OutputKind[] = [
  { name: ".text",          segment: "code",      accepts: (s) => isStored(s) && s.flags.exec },
  { name: ".rodata",        segment: "constants", accepts: (s) => isStored(s) && !s.flags.write && startsWith(".rodata", ".srodata")(s) },
  { name: ".eh_frame",      segment: "constants", accepts: startsWith(".eh_frame") },
  { name: ".constants",     segment: "constants", accepts: (s) => isStored(s) && !s.flags.write },
  { name: ".preinit_array", segment: "data",      accepts: (s) => s.kind === "preinitArray" },
  { name: ".init_array",    segment: "data",      accepts: (s) => s.kind === "initArray" },
  { name: ".fini_array",    segment: "data",      accepts: (s) => s.kind === "finiArray" },
  { name: ".data",          segment: "data",      accepts: isStored },
  { name: ".bss",           segment: "data",      accepts: () => true },
];

const GOT = ".got";
const SMALL_PAGE_BYTES = 0x1000;

/** Places the sections that `live` marks. */
export function layOut(input: LinkInput, live: readonly boolean[], request: LayoutRequest): Layout {
  const groups = groupSections(input, live, request.entrySection);
  const tools = joinTools(input, live);
  const sections: OutputSection[] = [];
  const addresses = new Map<number, bigint>();
  let address = request.baseAddress;
  let segment: SegmentName = "code";
  let gotAddress = 0n;
  const isZero = (name: string): boolean => name === ".bss";
  const names = [...groups.keys()].filter((n) => n !== ".bss");
  if (request.gotBytes > 0) names.push(GOT);
  if (groups.has(".bss")) names.push(".bss");
  for (const name of names) {
    const inputs = groups.get(name) ?? [];
    const own = outputKinds.find((kind) => kind.name === name)?.segment ?? "data";
    if (own !== segment && sections.length > 0) address = nextPage(address, request.pageBytes, isZero(name));
    segment = own;
    const alignment = Math.max(name === GOT ? 8 : 1, ...inputs.map((i) => i.section.alignment));
    address = alignUp(address, alignment);
    if (name === GOT) gotAddress = address;
    const placed = placeInputs(inputs);
    const sizeBytes = name === GOT ? request.gotBytes : placed.sizeBytes;
    for (const { input: from, offset } of placed.inputs) addresses.set(from.number, address + BigInt(offset));
    sections.push({
      name,
      segment,
      isZero: isZero(name),
      alignment,
      address,
      sizeBytes,
      inputs: placed.inputs,
    });
    address += BigInt(sizeBytes);
  }
  for (const { input: from, offset } of tools.flatMap((t) => t.inputs))
    addresses.set(from.number, BigInt(offset));
  return { sections, tools, addresses, gotAddress, boundaries: boundariesOf(sections, request.baseAddress) };
}

function groupSections(
  input: LinkInput,
  live: readonly boolean[],
  entrySection: number,
): ReadonlyMap<string, readonly InputSection[]> {
  const groups = new Map<string, InputSection[]>(outputKinds.map((kind) => [kind.name, []]));
  const entry = input.sections[entrySection];
  const order = entry === undefined ? input.sections : [entry, ...input.sections.filter((s) => s !== entry)];
  for (const section of order) {
    if (live[section.number] !== true || !section.section.flags.alloc) continue;
    const kind = outputKinds.find((k) => k.accepts(section.section));
    groups.get(kind?.name ?? ".bss")?.push(section);
  }
  for (const [name, list] of groups) if (list.length === 0) groups.delete(name);
  // Small things first, so that a large heap does not put the others out of reach.
  groups.get(".bss")?.sort((a, b) => a.section.sizeBytes - b.section.sizeBytes);
  return groups;
}

function joinTools(input: LinkInput, live: readonly boolean[]): readonly OutputSection[] {
  const groups = new Map<string, InputSection[]>();
  for (const section of input.sections) {
    if (live[section.number] !== true || section.section.flags.alloc) continue;
    const list = groups.get(section.section.name);
    if (list === undefined) groups.set(section.section.name, [section]);
    else list.push(section);
  }
  return [...groups].map(([name, inputs]) => {
    const alignment = Math.max(...inputs.map((i) => i.section.alignment));
    return { name, segment: "tools", isZero: false, alignment, address: 0n, ...placeInputs(inputs) };
  });
}

function placeInputs(inputs: readonly InputSection[]): {
  readonly inputs: OutputSection["inputs"];
  readonly sizeBytes: number;
} {
  let offset = 0;
  const placed = inputs.map((input) => {
    offset = Math.ceil(offset / input.section.alignment) * input.section.alignment;
    const at = offset;
    offset += input.section.sizeBytes;
    return { input, offset: at };
  });
  return { inputs: placed, sizeBytes: offset };
}

// The start of the next page; of large pages the same place in it, so that the file needs no room between segments.
// Zeros alone are not in the file, and Linux maps them only from the start of a page.
function nextPage(address: bigint, pageBytes: number, isZero: boolean): bigint {
  const start = alignUp(address, pageBytes);
  return isZero || pageBytes <= SMALL_PAGE_BYTES ? start : start + (address % BigInt(pageBytes));
}

function alignUp(address: bigint, alignment: number): bigint {
  const a = BigInt(alignment);
  return ((address + a - 1n) / a) * a;
}

// An empty array or segment has its start and end where the one before it ends.
function boundariesOf(
  sections: readonly OutputSection[],
  base: bigint,
): Readonly<Record<BoundaryName, bigint>> {
  const end = (s: OutputSection | undefined): bigint =>
    s === undefined ? base : s.address + BigInt(s.sizeBytes);
  const range = (name: string): readonly [bigint, bigint] => {
    const found = sections.find((s) => s.name === name);
    return found === undefined ? [base, base] : [found.address, end(found)];
  };
  const data = sections.find((s) => s.segment === "data");
  const bss = sections.find((s) => s.name === ".bss");
  const dataEnd = bss?.address ?? end(sections.at(-1));
  const codeEnd = end(sections.findLast((s) => s.segment === "code"));
  const [initStart, initEnd] = range(".init_array");
  const [finiStart, finiEnd] = range(".fini_array");
  const [preinitStart, preinitEnd] = range(".preinit_array");
  return {
    __executable_start: base,
    etext: codeEnd,
    _etext: codeEnd,
    __init_array_start: initStart,
    __init_array_end: initEnd,
    __fini_array_start: finiStart,
    __fini_array_end: finiEnd,
    __preinit_array_start: preinitStart,
    __preinit_array_end: preinitEnd,
    __data_start: data?.address ?? dataEnd,
    edata: dataEnd,
    _edata: dataEnd,
    __bss_start: dataEnd,
    _end: end(sections.at(-1)),
    end: end(sections.at(-1)),
    // The psABI's choice: reach 2 KiB to both sides of the start of small data.
    __global_pointer$: (data?.address ?? dataEnd) + 0x800n,
    _GLOBAL_OFFSET_TABLE_: sections.find((s) => s.name === GOT)?.address ?? dataEnd,
  };
}
