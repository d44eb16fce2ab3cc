// A listing of the code in an ELF file of any type: symbols, source places and instructions in order.
// Relies on images/elf-file.ts, line-table.ts and the disassembler. Guarantees: every byte of every executable section is
// in exactly one line; nothing is printed here.

import { SHF, SHT, STT } from "../../spec/abi/elf.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import { createDisassembler, type DisassembledLine, type Disassembler } from "../isa/disassembler.ts";
import type { Problem } from "../problem.ts";
import { architectureOf } from "../user/architecture.ts";
import {
  isProblem,
  readElf,
  readSymbols,
  type ElfFile,
  type Section,
  type Symbol,
} from "../images/elf-file.ts";
import { readLines } from "../user/program-symbols.ts";
import type { SourcePlace } from "./line-table.ts";

/** symbol: a label or section heading; place: the source line of what follows; code: one instruction. */
export type ListingLine =
  | { readonly kind: "symbol"; readonly text: string }
  | ({ readonly kind: "place" } & SourcePlace)
  | { readonly kind: "code"; readonly text: string };

export type Listing =
  | { readonly kind: "listing"; readonly lines: readonly ListingLine[] }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

export interface ListingOptions {
  /** Write `ret` and hide compressed forms; false names the exact encodings. */
  readonly aliases: boolean;
}

/** Lists `bytes`, called `name` in the heading. Problems: R0001 to R0004. */
export function listObject(bytes: Uint8Array, name: string, options: ListingOptions): Listing {
  const elf = readElf(bytes);
  if (isProblem(elf)) return { kind: "problems", problems: [elf] };
  const architecture = architectureOf(elf);
  if (isProblem(architecture)) return { kind: "problems", problems: [architecture] };
  const lines: ListingLine[] = [{ kind: "symbol", text: `${name}:` }];
  const all = readSymbols(elf).filter((s) => s.name !== "");
  elf.sections.forEach((section, index) => {
    if (!isCode(section)) return;
    const own = all.filter((s) => s.section === index && s.type !== STT.section && s.type !== STT.file);
    const symbols = own.filter((s) => !s.name.startsWith("$"));
    const parts = partsOf(section, own);
    const disassembler = makeDisassembler(architecture.binding.isa, symbols, options);
    lines.push(...listSection(elf, section, { symbols, parts, disassembler }));
  });
  return { kind: "listing", lines };
}

function isCode(section: Section): boolean {
  return (
    section.type === SHT.PROGBITS &&
    (section.flags & BigInt(SHF.EXECINSTR)) !== 0n &&
    section.bytes.length > 0
  );
}

/** A run of bytes of a section that are all instructions or all data. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly isData: boolean;
}

// Assemblers mark where data (`$d`) and instructions (`$x`) begin; without marks everything is instructions.
function partsOf(section: Section, symbols: readonly Symbol[]): Part[] {
  const marks = symbols
    .filter((s) => /^\$[xd](\.|$)/.test(s.name))
    .map((s) => ({ start: Number(s.value - section.address), isData: s.name.startsWith("$d") }))
    .filter(({ start }) => start >= 0 && start < section.bytes.length)
    .sort((a, b) => a.start - b.start);
  const parts: Part[] = [];
  let last = { start: 0, isData: false };
  for (const mark of [...marks, { start: section.bytes.length, isData: false }]) {
    if (mark.start > last.start) parts.push({ ...last, end: mark.start });
    last = mark;
  }
  return parts;
}

interface SectionContext {
  readonly symbols: readonly Symbol[];
  readonly parts: readonly Part[];
  readonly disassembler: Disassembler;
}

function listSection(elf: ElfFile, section: Section, context: SectionContext): ListingLine[] {
  const table = readLines(elf);
  const labelsAt = new Map<bigint, string[]>();
  for (const { value, name } of context.symbols) labelsAt.set(value, [...(labelsAt.get(value) ?? []), name]);
  const lines: ListingLine[] = [{ kind: "symbol", text: `section ${section.name}` }];
  let last: SourcePlace | null = null;
  for (const line of context.parts.flatMap((part) => listPart(section, part, context.disassembler))) {
    for (const name of labelsAt.get(line.address) ?? []) lines.push({ kind: "symbol", text: `${name}:` });
    const place = table.at(line.address);
    if (place !== null && (place.file !== last?.file || place.line !== last.line)) {
      lines.push({ kind: "place", ...place });
      last = place;
    }
    const bits = line.word
      .toString(16)
      .padStart(2 * line.lengthBytes, "0")
      .padEnd(8);
    lines.push({ kind: "code", text: `${line.address.toString(16).padStart(8)}:  ${bits}  ${line.text}` });
  }
  return lines;
}

function listPart(section: Section, part: Part, disassembler: Disassembler): DisassembledLine[] {
  const bytes = section.bytes.subarray(part.start, part.end);
  const address = section.address + BigInt(part.start);
  return part.isData ? disassembler.data(bytes, address) : disassembler.listing(bytes, address);
}

function makeDisassembler(isa: Isa, symbols: readonly Symbol[], options: ListingOptions): Disassembler {
  const names = new Map(symbols.map((s) => [s.value, s.name]));
  const symbolAt = (address: bigint): string => {
    const name = names.get(address);
    const shown = `0x${address.toString(16)}`;
    return name === undefined ? shown : `${shown} <${name}>`;
  };
  return createDisassembler(isa, { aliases: options.aliases, symbolAt });
}
