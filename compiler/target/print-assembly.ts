// GNU assembly of a Lab program: what `-S` writes, and the body of `pancake cake`.
//
// Relies on the same items and layout as lab-to-object, so that GNU as makes the same bytes (test/oracle/object).
// Guarantees: names of ours cannot clash with names of users; the text is harmless to the C preprocessor.

import { printOperand } from "../../spec/isa/operand-text.ts";
import type { SyntaxPiece } from "../../spec/isa/schema.ts";
import { printWithAliases, READABLE } from "../../spec/isa/syntax.ts";
import type * as lab from "../lang/lab/ast.ts";
import { mapCode } from "../object/dwarf/code-map.ts";
import type { ObjectFile } from "../object/object-file.ts";
import type { CompileOptions } from "../options.ts";
import type { Span } from "../source/span.ts";
import type { CodeStep, Destination, FrameChange } from "./code-item.ts";
import { environmentOf, type Environment } from "./environment.ts";
import { emissionOf, type Emission } from "./emission.ts";
import { expandSection, paramWordsOf } from "./expand-section.ts";
import { layOutCode, type PlacedItem } from "./layout-code.ts";
import { reservedNames } from "./reserved-names.ts";
import { printDataSections, printDebugSections } from "./print-sections.ts";

// Where a span is in the user's files; counts from 1. Null for a span that no source text has.
type Locate = (
  span: Span,
) => { readonly file: string; readonly line: number; readonly column: number } | null;

/** A line of assembly and the source that it came from. Lines count from 1, columns from 1. */
export interface AssemblyMapping {
  readonly assemblyLine: number;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Assembly {
  readonly text: string;
  readonly mappings: readonly AssemblyMapping[];
}

export interface AssemblyContext {
  readonly options: CompileOptions;
  readonly locate: Locate;
  /** The object of the same program with its debugging sections: data and tables are printed from it. */
  readonly object: ObjectFile;
  /** Put `.loc` and frame directives into the code. */
  readonly debug: boolean;
}

const INDENT = "    ";

/** The whole program as text. */
export function printAssembly(program: lab.Program, context: AssemblyContext): Assembly {
  const printer = new AssemblyPrinter(program, context);
  printer.head(program);
  const near = emissionOf(context.options).fitsNear(program);
  for (const section of program.sections) printer.function(section, near, program.entry === section.name);
  printer.lines(...printDataSections(context.object));
  if (context.debug) printer.lines(...printDebugSections(context.object));
  printer.lines(`${INDENT}.section .note.GNU-stack,"",@progbits`);
  return printer.finish();
}

class AssemblyPrinter {
  readonly #emission: Emission;
  readonly #environment: Environment;
  readonly #context: AssemblyContext;
  readonly #lines: string[] = [];
  readonly #mappings: AssemblyMapping[] = [];
  readonly #taken: ReadonlyMap<string, string>;
  readonly #files = new Map<string, number>();
  readonly #paramWords: (callee: string) => number;

  constructor(program: lab.Program, context: AssemblyContext) {
    this.#emission = emissionOf(context.options);
    this.#environment = environmentOf(context.options);
    this.#taken = reservedNames(program, context.options);
    this.#context = context;
    this.#paramWords = paramWordsOf(program);
    // The numbers that `.debug_info` uses.
    for (const file of mapCode(context.object).files) this.#files.set(file, this.#files.size + 1);
  }

  lines(...lines: readonly string[]): void {
    this.#lines.push(...lines);
  }

  #directive(text: string): void {
    this.#lines.push(INDENT + text);
  }

  finish(): Assembly {
    return { text: `${this.#lines.join("\n")}\n`, mappings: this.#mappings };
  }

  head(program: lab.Program): void {
    const { object, debug } = this.#context;
    this.#directive(`.file ${JSON.stringify(object.name)}`);
    for (const line of this.#emission.assemblyHead(program)) this.#directive(line);
    if (!debug) return;
    this.#directive(".cfi_sections .debug_frame");
    for (const [file, number] of this.#files)
      this.#directive(`.file ${String(number)} ${JSON.stringify(file)}`);
  }

  function(section: lab.Section, near: boolean, isEntry: boolean): void {
    const { compress, isa, codeAlignment } = this.#emission;
    const environment = this.#environment;
    const paramWords = this.#paramWords;
    const items = expandSection(section, { environment, compress, near, paramWords }, this.#emission);
    const layout = layOutCode(isa, items);
    const symbol = environment.functionSymbol(section.name);
    const names = [symbol, ...this.#publicNames(section, isEntry)];
    this.#directive(`.section .text.${symbol},"ax",@progbits`);
    this.#directive(`.balign ${String(codeAlignment)}`);
    for (const name of names.slice(1)) this.#directive(`.globl ${name}`);
    for (const name of names) this.#directive(`.type ${name}, @function`);
    for (const name of names) this.#lines.push(`${name}:`);
    if (this.#context.debug) this.#directive(".cfi_startproc");
    this.#place(section.span);
    let frame: FrameChange = { cfaOffset: 0, saved: [] };
    for (const item of layout.items) {
      this.#item(item);
      if (item.kind === "code" && item.frame !== null) {
        if (this.#context.debug) this.#frame(item.frame, frame);
        frame = item.frame;
      }
    }
    if (this.#context.debug) this.#directive(".cfi_endproc");
    for (const name of names) this.#directive(`.size ${name}, . - ${symbol}`);
  }

  #publicNames(section: lab.Section, isEntry: boolean): readonly string[] {
    const { exportsDirectly, entrySymbol } = this.#environment;
    const isTaken = this.#taken.has(section.name);
    const own = section.exported && exportsDirectly && !isTaken ? [section.name] : [];
    return isEntry && entrySymbol !== null ? [...own, entrySymbol] : own;
  }

  // A `.loc` directive where the place changes, and the mapping of the following line.
  #place(span: Span): void {
    const place = span.start < 0 ? null : this.#context.locate(span);
    if (place === null) return;
    const last = this.#mappings.at(-1);
    const same = last?.file === place.file && last.line === place.line && last.column === place.column;
    if (this.#context.debug && !same) {
      const known = this.#files.get(place.file);
      const number = known ?? this.#files.size + 1;
      if (known === undefined) {
        this.#files.set(place.file, number);
        this.#directive(`.file ${String(number)} ${JSON.stringify(place.file)}`);
      }
      this.#directive(`.loc ${String(number)} ${String(place.line)} ${String(place.column)}`);
    }
    this.#mappings.push({ assemblyLine: this.#lines.length + 1, ...place });
  }

  #item(item: PlacedItem): void {
    if (item.kind === "label") {
      this.#lines.push(`${item.label}:`);
      return;
    }
    this.#place(item.span);
    const { steps, spelling } = item.form;
    if (spelling?.kind === "lines") for (const line of spelling.lines) this.#directive(line);
    else for (const step of spelling === null ? steps : [spelling.step]) this.#step(step);
  }

  #step(step: CodeStep): void {
    if (step.label !== null) this.#lines.push(`${step.label}:`);
    this.#directive(stepText(step, this.#emission));
  }

  #frame(frame: FrameChange, before: FrameChange): void {
    const { isa } = this.#emission;
    const name = (register: number): string => isa.classes[0]?.names[register] ?? String(register);
    if (frame.cfaOffset !== before.cfaOffset)
      this.#directive(`.cfi_def_cfa_offset ${String(frame.cfaOffset)}`);
    for (const { register, cfaOffset } of frame.saved) {
      if (before.saved.some((s) => s.register === register && s.cfaOffset === cfaOffset)) continue;
      this.#directive(`.cfi_offset ${name(register)}, ${String(cfaOffset)}`);
    }
    for (const { register } of before.saved) {
      if (!frame.saved.some((s) => s.register === register))
        this.#directive(`.cfi_restore ${name(register)}`);
    }
  }
}

/** One instruction; an open operand is written as the symbol with the operator of its relocation. */
function stepText(step: CodeStep, emission: Emission): string {
  const { isa } = emission;
  const { instruction, values, open } = step;
  if (open === null) return printWithAliases(isa, instruction, values);
  const text = destinationText(open.to, emission);
  const operand = instruction.operands.find((o) => o.name === open.name);
  if (operand?.kind.kind === "target") {
    return printWithAliases(isa, instruction, values, { ...READABLE, target: () => text });
  }
  const pieces = instruction.syntax.filter(isWritten(step)).map((piece) => {
    if (piece.kind === "text") return piece.text === "," ? ", " : piece.text;
    const kind = isa.operandKinds[piece.name];
    if (piece.name === open.name || kind === undefined) return text;
    return printOperand(isa, kind, values[piece.name] ?? 0);
  });
  return `${instruction.mnemonic} ${pieces.join("")}`;
}

// Parts that may be left out are, but for that with the open operand.
function isWritten({ instruction, open }: CodeStep): (piece: SyntaxPiece) => boolean {
  const isOpenOptional = instruction.syntax.some(
    (p) => p.kind === "operand" && p.name === open?.name && p.optional,
  );
  return (piece) => !piece.optional || isOpenOptional;
}

function destinationText(to: Destination, emission: Emission): string {
  if (to.kind === "label") return to.label;
  const sum = to.addend === 0n ? to.symbol : `${to.symbol}${to.addend < 0n ? "" : "+"}${String(to.addend)}`;
  return emission.symbolText(to.relocation, sum);
}
