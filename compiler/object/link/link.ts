// The static linker: objects in, the bytes of an ELF program out.
//
// Steps: resolve names, keep what the entry reaches, lay out, fill in relocations, write. Relies on the files beside it.
// Guarantees: with no error among the diagnostics the bytes are a complete program; mistakes of the inputs (unknown
// names, values out of reach) are all reported, not only the first.

import { ET, PF, PT, SHF, SHN, SHT } from "../../../spec/abi/elf.ts";
import { bug } from "../../source/bug.ts";
import { diagnose, hasErrors, type Checked, type Diagnostic } from "../../source/diagnostic.ts";
import { NO_SPAN } from "../../source/span.ts";
import { symbolTable, type ElfSymbol } from "../elf/symbol-table.ts";
import { elfSection, type ElfSection } from "../elf/elf-section.ts";
import { writeElf, type ElfSegment } from "../elf/write-elf.ts";
import { fillPadding, type MachineFormat } from "../machine/machine-format.ts";
import { machineNamed } from "../machine/machine-named.ts";
import { pullMembers } from "../archive/pull-members.ts";
import type { Archive } from "../archive/read-archive.ts";
import type { ObjectFile, ObjectSymbol } from "../object-file.ts";
import { alignCode } from "./align-code.ts";
import { collectLive } from "./collect.ts";
import { layOut, type Layout, type OutputSection, type SegmentName } from "./layout.ts";
import type { LinkInput, Target } from "./link-input.ts";
import {
  addressOf,
  GOT_ENTRY_BYTES,
  gotKey,
  needsGotEntry,
  relocateSection,
  type RelocationContext,
} from "./relocate.ts";
import { resolve } from "./resolve.ts";
import { undefinedNames } from "./undefined.ts";

export interface LinkOptions {
  /** The symbol at which the program starts. */
  readonly entry: string;
  /** The address of the first byte; a multiple of 4096. */
  readonly baseAddress: bigint;
  /** Static libraries, of which the members that are needed become part of the program. */
  readonly archives?: readonly Archive[];
}

/** Links `objects`, which must all be for one machine. With errors the bytes are empty. */
export function link(objects: readonly ObjectFile[], options: LinkOptions): Checked<Uint8Array> {
  const nothing = new Uint8Array(0);
  const first = objects[0] ?? bug("nothing to link");
  const machine = machineNamed(first.machine);
  const pulled = pullMembers(objects, options.archives ?? [], first.machine);
  if (hasErrors(pulled.diagnostics)) return { value: nothing, diagnostics: pulled.diagnostics };
  const resolved = resolve([...objects, ...pulled.value].map((object) => alignCode(object, machine)));
  const input = resolved.value;
  const entrySection = sectionOf(input, options.entry);
  if (entrySection === null) {
    const problem = diagnose("L0205", NO_SPAN, { symbol: options.entry });
    return { value: nothing, diagnostics: [...resolved.diagnostics, problem] };
  }
  const live = collectLive(input, [entrySection]);
  const diagnostics: Diagnostic[] = [...resolved.diagnostics, ...undefinedNames(input, live)];
  if (hasErrors(diagnostics)) return { value: nothing, diagnostics };

  const gotEntries = collectGot(input, live, machine);
  const layout = layOut(input, live, {
    baseAddress: options.baseAddress,
    entrySection,
    gotBytes: gotEntries.size * GOT_ENTRY_BYTES,
    pageBytes: machine.pageBytes,
  });
  const context: RelocationContext = { input, layout, machine, gotEntries: new Map(), diagnostics };
  const filled = { ...context, gotEntries: new Map([...gotEntries.keys()].map((key, i) => [key, i])) };
  const got = gotBytes([...gotEntries.values()], layout);
  const contents = [...layout.sections, ...layout.tools].map((s) =>
    s.name === ".got" ? got : contentsOf(filled, s),
  );
  if (hasErrors(diagnostics)) return { value: nothing, diagnostics };
  return { value: writeProgram(filled, contents, options.entry), diagnostics };
}

function sectionOf(input: LinkInput, name: string): number | null {
  for (const [index, object] of input.objects.entries()) {
    const at = object.symbols.findIndex((s) => s.name === name && s.binding !== "local");
    const target = at < 0 ? undefined : input.targets[index]?.[at];
    if (target?.kind === "section") return target.section;
  }
  return null;
}

interface GotEntry {
  readonly object: number;
  readonly symbol: number;
  readonly addend: bigint;
}

function collectGot(
  input: LinkInput,
  live: readonly boolean[],
  machine: MachineFormat,
): ReadonlyMap<string, { readonly entry: GotEntry; readonly input: LinkInput }> {
  const entries = new Map<string, { readonly entry: GotEntry; readonly input: LinkInput }>();
  for (const section of input.sections) {
    if (live[section.number] !== true || !section.section.flags.alloc) continue;
    for (const { type, symbol, addend } of section.section.relocations) {
      if (!needsGotEntry(machine.relocations.get(type))) continue;
      const target = input.targets[section.object]?.[symbol];
      if (target === undefined) continue;
      const key = gotKey(target, addend);
      if (!entries.has(key)) entries.set(key, { entry: { object: section.object, symbol, addend }, input });
    }
  }
  return entries;
}

function gotBytes(
  entries: readonly { readonly entry: GotEntry; readonly input: LinkInput }[],
  layout: Layout,
): Uint8Array {
  const bytes = new Uint8Array(entries.length * GOT_ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  entries.forEach(({ entry, input }, i) => {
    const target = input.targets[entry.object]?.[entry.symbol];
    if (target === undefined) return;
    view.setBigUint64(
      i * GOT_ENTRY_BYTES,
      BigInt.asUintN(64, addressOf(target, layout) + entry.addend),
      true,
    );
  });
  return bytes;
}

function contentsOf(context: RelocationContext, output: OutputSection): Uint8Array {
  if (output.isZero) return new Uint8Array(0);
  const bytes = new Uint8Array(output.sizeBytes);
  // Instructions between functions, the shortest ones, so that listings of the gaps are readable.
  if (output.segment === "code") fillPadding(bytes, context.machine.padding.slice(-1));
  for (const { input, offset } of output.inputs) {
    const part = bytes.subarray(offset, offset + input.section.sizeBytes);
    part.fill(0);
    part.set(input.section.bytes);
    relocateSection(context, input, part, output.address + BigInt(offset));
  }
  return bytes;
}

const segmentFlags: Readonly<Record<SegmentName, number>> = {
  code: PF.R + PF.X,
  constants: PF.R,
  data: PF.R + PF.W,
  tools: 0,
};
const sectionFlags: Readonly<Record<SegmentName, number>> = {
  code: SHF.ALLOC + SHF.EXECINSTR,
  constants: SHF.ALLOC,
  data: SHF.ALLOC + SHF.WRITE,
  tools: 0,
};
const arrayTypes: Readonly<Record<string, number>> = {
  ".init_array": SHT.INIT_ARRAY,
  ".fini_array": SHT.FINI_ARRAY,
  ".preinit_array": SHT.PREINIT_ARRAY,
};

function writeProgram(
  context: RelocationContext,
  contents: readonly Uint8Array[],
  entry: string,
): Uint8Array {
  const { layout, input } = context;
  const outputs = [...layout.sections, ...layout.tools];
  const sections = outputs.map((output, i): ElfSection => {
    const type = output.isZero ? SHT.NOBITS : (arrayTypes[output.name] ?? SHT.PROGBITS);
    return elfSection(output.name, type, contents[i] ?? new Uint8Array(0), {
      flags: sectionFlags[output.segment],
      address: output.address,
      sizeBytes: output.sizeBytes,
      alignment: output.alignment,
    });
  });
  sections.push(...attributeSections(context));
  const symbols = programSymbols(context);
  const start = symbols.find((s) => s.name === entry && s.binding !== "local");
  const table = symbolTable(symbols, sections.length + 1);
  return writeElf({
    type: ET.EXEC,
    machine: context.machine.elfMachine,
    flags: context.machine.mergeFlags(input.objects.map((o) => o.flags)),
    entry: start?.value ?? 0n,
    sections: [...sections, ...table.sections],
    segments: segmentsOf(layout.sections),
    pageBytes: context.machine.pageBytes,
  });
}

function segmentsOf(sections: readonly OutputSection[]): readonly ElfSegment[] {
  const segments: ElfSegment[] = [];
  sections.forEach((section, i) => {
    const before = segments.at(-1);
    const flags = segmentFlags[section.segment];
    if (before?.flags === flags) segments[segments.length - 1] = { ...before, last: i + 1 };
    else segments.push({ type: PT.LOAD, flags, first: i + 1, last: i + 1 });
  });
  return [...segments, { type: PT.GNU_STACK, flags: PF.R + PF.W, first: 0, last: 0 }];
}

// All symbols of the program but the assembler's own labels and those of dropped sections.
function programSymbols(context: RelocationContext): readonly ElfSymbol[] {
  const { input, layout } = context;
  const numberOf = new Map(
    layout.sections.flatMap((s, i) => s.inputs.map(({ input: from }) => [from.number, i + 1])),
  );
  return input.objects.flatMap((object, index) =>
    object.symbols.flatMap((symbol, i): readonly ElfSymbol[] => {
      const target = input.targets[index]?.[i];
      const isOwn = symbol.place.kind === "section" || symbol.place.kind === "absolute";
      if (!isOwn || symbol.type === "section" || symbol.name === "" || symbol.name.startsWith(".L"))
        return [];
      if (target?.kind !== "section" && target?.kind !== "absolute") return [];
      if (!isDefinedBy(symbol, target, input.firstSection[index] ?? 0)) return [];
      const section = target.kind === "section" ? numberOf.get(target.section) : SHN.ABS;
      if (section === undefined) return [];
      const { name, sizeBytes, binding, type } = symbol;
      const value = addressOf(target, layout);
      return [
        {
          name,
          sizeBytes,
          binding,
          type,
          value,
          section,
          special: target.kind === "absolute",
          hidden: false,
        },
      ];
    }),
  );
}

// False for a weak definition that gave way to another object's.
function isDefinedBy(symbol: ObjectSymbol, target: Target, firstSection: number): boolean {
  if (symbol.place.kind !== "section") return true;
  return target.kind === "section" && target.section === firstSection + symbol.place.section;
}

function attributeSections({ input, machine }: RelocationContext): readonly ElfSection[] {
  const architectures = input.objects.flatMap((o) => (o.architecture === null ? [] : [o.architecture]));
  const { attributes } = machine;
  const merged = attributes?.merge(architectures) ?? null;
  if (attributes === null || merged === null) return [];
  return [elfSection(attributes.section, attributes.type, attributes.write(merged))];
}
