// A listing of the code in an ELF file of any type: symbols, source places and instructions in order.
// Relies on user/elf-file.ts, line-table.ts and the disassembler. Guarantees: every byte of every executable section is
// in exactly one line; nothing is printed here.

import { ELF_MACHINES, SHF, SHT, STT } from "../../spec/abi/elf.ts";
import { riscv64 } from "../../spec/isa/riscv64/riscv64.ts";
import { createDisassembler, type Disassembler } from "../isa/disassembler.ts";
import { problem, type Problem } from "../problem.ts";
import {
  isProblem,
  readElf,
  readSymbols,
  type ElfFile,
  type Section,
  type Symbol,
} from "../user/elf-file.ts";
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
  const machine = Number(elf.header.machine);
  if (machine !== ELF_MACHINES.riscv64) {
    const found = `machine number ${String(machine)}`;
    return { kind: "problems", problems: [problem("R0004", { expected: "riscv64", found })] };
  }
  const lines: ListingLine[] = [{ kind: "symbol", text: `${name}:` }];
  const symbols = readSymbols(elf).filter((s) => s.name !== "" && !s.name.startsWith("$"));
  elf.sections.forEach((section, index) => {
    if (!isCode(section)) return;
    const own = symbols.filter((s) => s.section === index && s.type !== STT.section && s.type !== STT.file);
    lines.push(...listSection(elf, section, { symbols: own, options }));
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

interface SectionContext {
  readonly symbols: readonly Symbol[];
  readonly options: ListingOptions;
}

function listSection(elf: ElfFile, section: Section, context: SectionContext): ListingLine[] {
  const disassembler = makeDisassembler(context);
  const table = readLines(elf);
  const labelsAt = new Map<bigint, string[]>();
  for (const { value, name } of context.symbols) labelsAt.set(value, [...(labelsAt.get(value) ?? []), name]);
  const lines: ListingLine[] = [{ kind: "symbol", text: `section ${section.name}` }];
  let last: SourcePlace | null = null;
  for (const line of disassembler.listing(section.bytes, section.address)) {
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

function makeDisassembler({ symbols, options }: SectionContext): Disassembler {
  const names = new Map(symbols.map((s) => [s.value, s.name]));
  const symbolAt = (address: bigint): string => {
    const name = names.get(address);
    const shown = `0x${address.toString(16)}`;
    return name === undefined ? shown : `${shown} <${name}>`;
  };
  return createDisassembler(riscv64, { aliases: options.aliases, symbolAt });
}
