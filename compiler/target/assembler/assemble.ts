/**
 * assemble: GNU-style assembly text → object file. The assembler's only entry.
 *
 * Reads statements, lays sections out so that branches reach, and emits bytes, relocations and symbols.
 *
 * Needs:       text of one file (no preprocessor); a target such as riscv64Target.
 * Guarantees:  always an object and all diagnostics; the object is to be used only if none is an error.
 * Cost:        linear, times the number of rounds in which branches grow (few).
 */

import type { ObjectFile } from "../../object/object-file.ts";
import type { Checked, Diagnostic } from "../../source/diagnostic.ts";
import { diagnose } from "../../source/diagnostic.ts";
import { nearest } from "../../source/near-miss.ts";
import type { AssemblerTarget } from "./assembler-target.ts";
import type { AssemblyUnit } from "./assembly-unit.ts";
import { assembleDirective, assignSymbol, directiveNames } from "./directives.ts";
import { emitObject } from "./emit-object.ts";
import { assembleInstruction } from "./instructions.ts";
import { layOut } from "./layout.ts";
import { spanOf, splitSource } from "./source-lines.ts";
import type { Statement } from "./source-lines.ts";
import { UnitBuilder } from "./unit-builder.ts";

export interface AssembleOptions {
  /** How messages and line tables call the file. */
  readonly name: string;
  /** Names of spec/isa groups that may be used (`"I"`, `"Zba"`); null: all. */
  readonly extensions: readonly string[] | null;
  /** Start with `.option rvc`: choose 16-bit forms where they fit. */
  readonly compress: boolean;
  /** Record the source line of every instruction. */
  readonly lines: boolean;
  /** Added to the header's flags (floating-point ABI). */
  readonly flags: number;
  /** Architecture string of the object, null for none. */
  readonly architecture: string | null;
}

const DEFAULT_ASSEMBLY: AssembleOptions = {
  name: "assembly",
  extensions: null,
  compress: true,
  lines: false,
  flags: 0,
  architecture: null,
};

/** Assembles `text`. Spans of the diagnostics count in `text`. */
export function assemble(
  text: string,
  target: AssemblerTarget,
  options: Partial<AssembleOptions> = {},
): Checked<ObjectFile> {
  const settings = { ...DEFAULT_ASSEMBLY, ...options };
  const unit = new UnitBuilder(settings.compress);
  const { statements, diagnostics } = splitSource(text, target.hash);
  unit.report(...diagnostics);
  const extensions = settings.extensions === null ? null : new Set(settings.extensions);
  for (const statement of statements) assembleStatement(statement, { unit, target, extensions });
  unit.placeAllLiterals();
  return finish(unit, target, settings);
}

interface Reading {
  readonly unit: UnitBuilder;
  readonly target: AssemblerTarget;
  readonly extensions: ReadonlySet<string> | null;
}

function assembleStatement(statement: Statement, { unit, target, extensions }: Reading): void {
  const { labels, assigned, word, operands, span, line } = statement;
  for (const label of labels) unit.defineLabel(label);
  if (assigned !== null) assignSymbol(unit, assigned, operands);
  else if (word === null) {
    if (operands.text !== "") unit.report(diagnose("A0014", spanOf(operands), { found: operands.text }));
  } else if (!word.text.startsWith(".")) {
    assembleInstruction(word, operands, {
      unit,
      target,
      extensions,
      span,
      line,
      compress: true,
      places: null,
    });
  } else if (!assembleDirective(word, operands, { unit, target })) {
    const near = nearest(word.text, directiveNames(target));
    const help = near === null ? {} : { help: `did you mean \`${near}\`?` };
    unit.report(diagnose("A0009", spanOf(word), { name: word.text }, help));
  }
}

function finish(
  builder: UnitBuilder,
  target: AssemblerTarget,
  options: AssembleOptions,
): Checked<ObjectFile> {
  const unit: AssemblyUnit = builder;
  const layouts = layOut(unit, target);
  const { name, architecture, lines } = options;
  const flags = options.flags | target.flags(options.compress);
  const { value, diagnostics } = emitObject(unit, target, layouts, { name, flags, architecture, lines });
  return { value, diagnostics: inOrder([...builder.diagnostics, ...diagnostics]) };
}

// By place; the same remark about the same place once.
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Map(diagnostics.map((d) => [`${d.code} ${String(d.span.start)}`, d]));
  return [...seen.values()].sort((a, b) => a.span.start - b.span.start);
}
