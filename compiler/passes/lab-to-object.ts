/**
 * lab-to-object: LabLang → ObjectFile.  Upstream: lab_to_targetScript.sml (which makes bytes without an object file).
 *
 * Chooses encodings and lengths, gives every function a section and symbols, and leaves what it cannot know to the
 * linker as relocations. Line rows and frame rules go with the code.
 *
 * Needs:       machine instructions of the target with operands in range (lab check).
 * Establishes: every label is resolved; relocations only to symbols of the object (compiler/object/object-file.ts).
 * Keeps:       the order and effect of instructions; spans, as line rows and as origins of relocations.
 * Cost:        linear, times the rounds of branch relaxation (two or three in practice).
 */

import { encodeInstruction } from "../../spec/isa/encoding.ts";
import type { Isa } from "../../spec/isa/schema.ts";
import type * as lab from "../lang/lab/ast.ts";
import { ByteWriter } from "../object/byte-writer.ts";
import { machineNamed } from "../object/machine/machine-named.ts";
import {
  plainSection,
  SECTION_FLAGS,
  zeroSection,
  type FrameTable,
  type LineRow,
  type ObjectFile,
  type ObjectMachine,
  type ObjectSection,
  type ObjectSymbol,
  type Relocation,
} from "../object/object-file.ts";
import type { CompileOptions } from "../options.ts";
import { bug } from "../source/bug.ts";
import type { Span } from "../source/span.ts";
import type { CodeStep, Destination } from "../target/code-item.ts";
import { environmentOf, SYMBOLS, type Environment } from "../target/environment.ts";
import { expandSection, paramWordsOf } from "../target/expand-section.ts";
import { layOutCode, type CodeLayout } from "../target/layout-code.ts";
import { emissionOf, type Emission } from "../target/emission.ts";
import { reservedNames } from "../target/reserved-names.ts";

// Where a span is in the user's files: line and column count from 1.
interface SourcePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Locate = (span: Span) => SourcePlace | null;

export interface ObjectContext {
  readonly options: CompileOptions;
  /** Null for a span that no source text has. */
  readonly locate: Locate;
  /** How messages call the object: the first source file's name. */
  readonly name: string;
}

/**
 * The object of a whole program. An exported function whose name is taken (compiler/target/reserved-names.ts tells the
 * user) gets no symbol of its own.
 */
export function labToObject(program: lab.Program, context: ObjectContext): ObjectFile {
  const taken = reservedNames(program, context.options);
  const environment = environmentOf(context.options);
  const emission = emissionOf(context.options);
  const draft = new ObjectDraft(emission.isa, context.locate);
  const near = emission.fitsNear(program);
  const paramWords = paramWordsOf(program);
  for (const own of program.sections) {
    const section = taken.has(own.name) ? { ...own, exported: false } : own;
    const items = expandSection(
      section,
      { environment, compress: emission.compress, near, paramWords },
      emission,
    );
    draft.addFunction(section, layOutCode(emission.isa, items), { emission, environment });
  }
  addEntry(draft, program.entry, environment);
  for (const data of dataSections(program, context.options, environment)) draft.addData(data);
  return draft.finish({ name: context.name, emission });
}

function addEntry(draft: ObjectDraft, entry: string, environment: Environment): void {
  const symbol = environment.entrySymbol;
  if (symbol === null) return;
  const own = draft.place(environment.functionSymbol(entry)) ?? bug(`no section for the entry ${entry}`);
  draft.define({ ...own, name: symbol, binding: "global" });
}

/** A zeroed section with the symbols in it, by offset. */
interface DataSection {
  readonly section: ObjectSection;
  readonly symbols: readonly { readonly name: string; readonly offset: number; readonly global: boolean }[];
}

// Bytes of local memory that a program gets: a multiple of a word.
function heapBytes(options: CompileOptions): number {
  return Math.ceil(options.heapBytes / 8) * 8;
}

function dataSections(
  program: lab.Program,
  options: CompileOptions,
  environment: Environment,
): readonly DataSection[] {
  const globals: DataSection = {
    section: zeroSection(".bss.pancake.globals", program.globalWords * 8, 8),
    symbols: [{ name: SYMBOLS.globals, offset: 0, global: false }],
  };
  const own = program.globalWords === 0 ? [] : [globals];
  if (environment.places.heapBase.kind === "pointer") return own;
  const bytes = heapBytes(options);
  const heap: DataSection = {
    section: zeroSection(".bss.pancake_heap", bytes, 16),
    symbols: [
      { name: SYMBOLS.heap, offset: 0, global: true },
      { name: SYMBOLS.heapEnd, offset: bytes, global: true },
    ],
  };
  const limit: DataSection = {
    section: zeroSection(".bss.pancake_stack_limit", 8, 8),
    symbols: [{ name: SYMBOLS.stackLimit, offset: 0, global: true }],
  };
  return [...own, limit, heap];
}

// An object being made: sections and symbols in order, references by name.
class ObjectDraft {
  readonly #isa: Isa;
  readonly #locate: Locate;
  readonly #sections: ObjectSection[] = [];
  readonly #symbols: ObjectSymbol[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(isa: Isa, locate: Locate) {
    this.#isa = isa;
    this.#locate = locate;
  }

  define(symbol: ObjectSymbol): void {
    const known = this.#numbers.get(symbol.name);
    if (known === undefined) {
      this.#numbers.set(symbol.name, this.#symbols.length);
      this.#symbols.push(symbol);
    } else {
      if (this.#symbols[known]?.place.kind !== "undefined") bug(`symbol ${symbol.name} is defined twice`);
      this.#symbols[known] = symbol;
    }
  }

  place(name: string): ObjectSymbol | undefined {
    const number = this.#numbers.get(name);
    return number === undefined ? undefined : this.#symbols[number];
  }

  #reference(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const place = { kind: "undefined" } as const;
    this.define({ name, place, sizeBytes: 0, binding: "global", type: "none" });
    return this.#symbols.length - 1;
  }

  addData(data: DataSection): void {
    const section = this.#sections.length;
    this.#sections.push(data.section);
    for (const { name, offset, global } of data.symbols) {
      const place = { kind: "section", section, offset } as const;
      const sizeBytes = data.section.sizeBytes - offset;
      this.define({ name, place, sizeBytes, binding: global ? "global" : "local", type: "object" });
    }
  }

  addFunction(
    section: lab.Section,
    layout: CodeLayout,
    to: { readonly emission: Emission; readonly environment: Environment },
  ): void {
    const place = { kind: "section", section: this.#sections.length, offset: 0 } as const;
    const declared = section.span.start < 0 ? null : this.#locate(section.span);
    const rest = {
      place,
      sizeBytes: layout.sizeBytes,
      type: "function",
      sourceName: section.name,
      ...(declared === null ? {} : { declared }),
    } as const;
    const symbol = to.environment.functionSymbol(section.name);
    this.define({ name: symbol, binding: "local", ...rest });
    if (section.exported && to.environment.exportsDirectly) {
      this.define({ name: section.name, binding: "global", ...rest });
    }
    const relocations: Relocation[] = [];
    const bytes = this.#encode(layout, place.section, { relocations, emission: to.emission });
    this.#sections.push({
      ...plainSection(`.text.${symbol}`, SECTION_FLAGS.text, bytes, to.emission.codeAlignment),
      relocations,
      lines: lineRows(layout, section.span, this.#locate),
      frames: [frameTable(layout, to.emission)],
    });
  }

  #encode(
    layout: CodeLayout,
    section: number,
    to: { readonly relocations: Relocation[]; readonly emission: Emission },
  ): Uint8Array {
    const out = new ByteWriter();
    for (const item of layout.items) {
      if (item.kind === "label") continue;
      for (const step of item.form.steps) {
        if (step.label !== null) this.#defineLabel(step.label, section, out.length);
        if (step.open?.to.kind === "symbol")
          to.relocations.push(this.#relocation(step.open.to, out.length, item.span));
        writeStep(this.#isa, out, step);
      }
    }
    while (out.length % to.emission.codeAlignment !== 0) out.u16(to.emission.padding);
    return out.finish();
  }

  #defineLabel(name: string, section: number, offset: number): void {
    const place = { kind: "section", section, offset } as const;
    this.define({ name, place, sizeBytes: 0, binding: "local", type: "none" });
  }

  #relocation(to: Extract<Destination, { kind: "symbol" }>, offset: number, span: Span): Relocation {
    const symbol = this.#reference(to.symbol);
    return { offset, type: to.relocation, symbol, addend: to.addend, origin: span.start < 0 ? null : span };
  }

  // Sections of code hold nothing but code.
  #codeMarks(machine: ObjectMachine): readonly ObjectSymbol[] {
    const names = machineNamed(machine).mappingSymbols;
    if (names === null) return [];
    return this.#sections.flatMap((section, index): readonly ObjectSymbol[] => {
      const place = { kind: "section", section: index, offset: 0 } as const;
      const isCode = section.flags.exec && section.sizeBytes > 0;
      return isCode ? [{ name: names.code, place, sizeBytes: 0, binding: "local", type: "none" }] : [];
    });
  }

  finish(about: { readonly name: string; readonly emission: Emission }): ObjectFile {
    const { name, emission } = about;
    const { machine, flags, architecture } = emission;
    const stackNote = plainSection(".note.GNU-stack", SECTION_FLAGS.tool, new Uint8Array(0));
    return {
      name,
      machine,
      flags,
      architecture,
      sections: [...this.#sections, stackNote],
      symbols: [...this.#symbols, ...this.#codeMarks(machine)],
    };
  }
}

function writeStep(isa: Isa, out: ByteWriter, step: CodeStep): void {
  const result = encodeInstruction(isa, step.instruction, step.values);
  if (!result.ok)
    bug(`${step.instruction.name}: operand ${result.operand} cannot be ${String(result.value)}`);
  if (step.instruction.encoding.bits === 16) out.u16(result.word);
  else out.u32(result.word);
}

// One row where the place changes; code that no text has continues the row before it. A function's first row is its own
// line, even where a statement begins at the same address: gdb takes such a pair as "no prologue", and would otherwise
// skip the statement when it breaks by name.
function lineRows(layout: CodeLayout, start: Span, locate: Locate): readonly LineRow[] {
  const rows: LineRow[] = [];
  const add = (offset: number, span: Span): void => {
    const place = span.start < 0 ? null : locate(span);
    const last = rows.at(-1);
    if (
      place === null ||
      (last?.file === place.file && last.line === place.line && last.column === place.column)
    ) {
      return;
    }
    if (last?.offset === offset && rows.length > 1) rows.pop();
    rows.push({ offset, ...place });
  };
  add(0, start);
  for (const item of layout.items) if (item.kind === "code") add(item.offset, item.span);
  return rows;
}

function frameTable(layout: CodeLayout, emission: Emission): FrameTable {
  const rows = [
    {
      offset: 0,
      cfaRegister: emission.stackPointer,
      cfaOffset: 0,
      saved: [] as FrameTable["rows"][number]["saved"],
    },
  ];
  layout.items.forEach((item, i) => {
    if (item.kind === "label" || item.frame === null) return;
    const offset = layout.items[i + 1]?.offset ?? layout.sizeBytes;
    rows.push({ offset, cfaRegister: emission.stackPointer, ...item.frame });
  });
  return { start: 0, size: layout.sizeBytes, rows: rows.filter((row) => row.offset < layout.sizeBytes) };
}
